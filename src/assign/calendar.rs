//! The windows that caps count in: minutes, hours, days, weeks and months of a time zone, or of that length.

use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

use crate::domain::Timestamp;

/// A window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Window {
    Minute,
    Hour,
    Day,
    /// Monday to Sunday.
    Week,
    Month,
}

impl Window {
    /// All, shortest first.
    pub(super) const ALL: [Self; 5] =
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word in settings and counter names.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Of a rolling one: in how many parts it is counted, and how long each is, in milliseconds.
    pub(super) fn parts(self) -> (u8, i64) {
        const MINUTE: i64 = 60_000;
        const HOUR: i64 = 60 * MINUTE;
        match self {
            Self::Minute => (12, MINUTE / 12),
            Self::Hour => (12, HOUR / 12),
            Self::Day => (24, HOUR),
            Self::Week => (28, 6 * HOUR),
            Self::Month => (30, 24 * HOUR),
        }
    }
}

/// A zone by its IANA name, from the database in the binary: every machine knows the same rules.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

/// The names of all zones, for suggestions.
pub(super) fn zone_names() -> Vec<String> {
    jiff::tz::TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}

/// One window at one time: how counters name it, and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// `20260228T2300Z`: its start in UTC.
    pub(super) start: String,
    /// The first moment after it.
    pub(super) end: Timestamp,
}

/// The windows that one moment lies in, each worked out once: the members of a pool mostly share them.
#[derive(Debug)]
pub(super) struct Spans {
    pub(super) now: Timestamp,
    known: Vec<(Window, TimeZone, Span)>,
}

impl Spans {
    pub(super) fn at(now: Timestamp) -> Self {
        Self { now, known: Vec::new() }
    }

    /// As [`span`] says.
    pub(super) fn of(&mut self, window: Window, zone: &TimeZone) -> &Span {
        let same = |one: &(Window, TimeZone, Span)| one.0 == window && one.1 == *zone;
        let place = self.known.iter().position(same).unwrap_or_else(|| {
            self.known.push((window, zone.clone(), span(window, zone, self.now)));
            self.known.len() - 1
        });
        &self.known[place].2
    }
}

/// The window that `now` lies in. Days begin when the zone's clocks say so: one may last 23 or 25 hours.
pub(super) fn span(window: Window, zone: &TimeZone, now: Timestamp) -> Span {
    let (start, end) = bounds(window, zone, now).unwrap_or_else(|| {
        // Only outside the years that a calendar knows: the window's usual length since the epoch.
        let minutes = match window {
            Window::Minute => 1,
            Window::Hour => 60,
            Window::Day => 24 * 60,
            Window::Week => 7 * 24 * 60,
            Window::Month => 30 * 24 * 60,
        };
        let length = Duration::from_secs(minutes * 60);
        let into = now.as_millis().rem_euclid(i64::try_from(length.as_millis()).unwrap_or(1));
        let start = Timestamp::from_millis(now.as_millis().saturating_sub(into));
        (start, start.after(length))
    });
    let text = jiff::Timestamp::from_millisecond(start.as_millis()).map_or_else(
        |_| start.as_millis().to_string(),
        |at| at.strftime("%Y%m%dT%H%MZ").to_string(),
    );
    Span { start: text, end }
}

fn bounds(window: Window, zone: &TimeZone, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let at = jiff::Timestamp::from_millisecond(now.as_millis()).ok()?.to_zoned(zone.clone());
    let (start, end): (Zoned, Zoned) = match window {
        Window::Minute => {
            let start = at.with().second(0).subsec_nanosecond(0).build().ok()?;
            let end = start.checked_add(1.minute()).ok()?;
            (start, end)
        }
        Window::Hour => {
            // Keeps the offset where clocks are set back and the hour comes twice.
            let start = at.with().minute(0).second(0).subsec_nanosecond(0).build().ok()?;
            let end = start.checked_add(1.hour()).ok()?;
            (start, end)
        }
        Window::Day => {
            let start = at.start_of_day().ok()?;
            let end = at.tomorrow().ok()?.start_of_day().ok()?;
            (start, end)
        }
        Window::Week => {
            let since_monday = at.weekday().since(Weekday::Monday);
            let monday = at.date().checked_sub(i64::from(since_monday).days()).ok()?;
            let next = monday.checked_add(1.week()).ok()?;
            (monday.to_zoned(zone.clone()).ok()?, next.to_zoned(zone.clone()).ok()?)
        }
        Window::Month => {
            let first = at.date().first_of_month();
            let next = first.checked_add(1.month()).ok()?;
            (first.to_zoned(zone.clone()).ok()?, next.to_zoned(zone.clone()).ok()?)
        }
    };
    let millis = |at: &Zoned| Timestamp::from_millis(at.timestamp().as_millisecond());
    Some((millis(&start), millis(&end)))
}
