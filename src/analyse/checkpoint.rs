//! How far a journal is folded.

use serde::{Deserialize, Serialize};

use super::{Calendar, Day};

/// How far the journal is folded, and by what. Written in the same step as the sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The way in which sums are made.
    pub format: u32,
    /// Days begin at its midnight.
    pub zone: String,
    /// The last row that is folded.
    pub position: (u64, u64),
    /// How many rows were folded.
    pub rows: u64,
    /// The first and the last day that has sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<(i32, i32)>,
    /// All is to be made anew: as far as what was made is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearing: Option<(u64, u64)>,
}

impl Checkpoint {
    /// The way of now: where another one stands, all is made anew.
    pub const FORMAT: u32 = 2;

    /// Whether what was folded was folded as it would be now.
    #[must_use]
    pub fn fits(&self, calendar: &Calendar) -> bool {
        self.format == Self::FORMAT && self.zone == calendar.zone()
    }

    /// There are sums of that day.
    pub fn has(&mut self, day: Day) {
        let day = day.number();
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    /// The days within some time that may have sums.
    pub fn days_within(&self, first: Day, last: Day) -> impl Iterator<Item = Day> + use<> {
        let (begin, end) = self.days.unwrap_or((1, 0));
        first.max(Day::from_number(begin)).to(last.min(Day::from_number(end)))
    }
}
