//! Days as reports count them: they begin at midnight in the workspace's zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};

use crate::domain::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;

/// A calendar day, by its number since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// A text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a day such as 2026-02-28")]
pub struct ParseDayError;

impl Day {
    /// By its number.
    #[must_use]
    pub fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0
    }

    /// So many days later (or earlier).
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The days from this one to another one, both included; none if that is earlier.
    pub fn to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// How many days its month has.
    #[must_use]
    pub fn month_days(self) -> i64 {
        self.date().map_or(30, |date| i64::from(date.days_in_month()))
    }

    fn date(self) -> Option<Date> {
        let days: Span = i64::from(self.0).days();
        jiff::civil::date(1970, 1, 1).checked_add(days).ok()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => date.fmt(f),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl FromStr for Day {
    type Err = ParseDayError;

    fn from_str(text: &str) -> Result<Self, ParseDayError> {
        let date: Date = text.parse().map_err(|_| ParseDayError)?;
        let begins = date.to_zoned(TimeZone::UTC).map_err(|_| ParseDayError)?;
        let days = begins.timestamp().as_second().div_euclid(DAY_MILLIS / 1000);
        i32::try_from(days).map(Self).map_err(|_| ParseDayError)
    }
}

/// The zone whose midnights begin the days.
#[derive(Debug, Clone)]
pub struct Calendar(TimeZone);

impl Calendar {
    /// In that zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// The day on which something happened.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Day {
        let offset = jiff::Timestamp::from_millisecond(at.as_millis())
            .map_or(0, |at| self.0.to_offset(at).seconds());
        let local = at.as_millis().saturating_add(i64::from(offset) * 1000);
        Day(i32::try_from(local.div_euclid(DAY_MILLIS)).unwrap_or(i32::MAX))
    }

    /// What names the zone: sums of another one are other sums.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_in_the_zone() {
        let berlin = Calendar::new(TimeZone::get("Europe/Berlin").unwrap());
        let day = |text: &str| berlin.day(Timestamp::parse(text).unwrap()).to_string();
        assert_eq!(day("2026-02-27T22:59:59.999Z"), "2026-02-27");
        assert_eq!(day("2026-02-27T23:00:00Z"), "2026-02-28");
        assert_eq!(day("2026-07-31T22:00:00Z"), "2026-08-01", "in summer an hour earlier");
        for text in ["2026-02-28", "1969-12-31", "2024-02-29"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for bad in ["", "2026-02-30", "28.02.2026", "2026"] {
            assert_eq!(bad.parse::<Day>(), Err(ParseDayError), "{bad}");
        }
    }
}
