//! Times as senders write them: Unix seconds and milliseconds, RFC 3339, and the dates of spreadsheets with
//! and without a zone.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use crate::domain::Timestamp;

use super::month_names;
use super::settings::DateOrder;

/// How long before the upload a device's clock is believed.
pub(super) const BEFORE_MAX: Duration = Duration::from_hours(30 * 24);
/// How far ahead it may be without anybody hearing of it.
const AHEAD_MAX: Duration = Duration::from_mins(5);

/// A time read from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) at: Timestamp,
    /// It had no zone; the source's was taken.
    pub(super) zone_assumed: bool,
}

/// Reads a time. `zone` and `order` stand in for what the text does not say. `None` if it is none.
pub(super) fn read(text: &str, zone: &TimeZone, order: DateOrder) -> Option<Stated> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text, zone);
    }
    if let Some(at) = Timestamp::parse(text).or_else(|| rfc_2822(text)) {
        return Some(Stated { at, zone_assumed: false });
    }
    let numbered = month_names::numbered(text);
    let text = numbered.as_deref().unwrap_or(text);
    let (day, rest) = match text.split_once([' ', 'T', ',']) {
        Some((day, rest)) => (day, rest.trim_start_matches([',', ' '])),
        None => (text, ""),
    };
    let (time, stated_zone) = time_of_day(rest)?;
    let zoned = date(day, order)?
        .to_datetime(time)
        .to_zoned(stated_zone.clone().unwrap_or_else(|| zone.clone()))
        .ok()?;
    let at = Timestamp::from_millis(zoned.timestamp().as_millisecond());
    Some(Stated { at, zone_assumed: stated_zone.is_none() })
}

/// Whether a text says a day but no time of day.
pub(super) fn is_date_only(text: &str) -> bool {
    let numbered = month_names::numbered(text);
    let text = numbered.as_deref().unwrap_or(text).trim();
    !text.contains([':', 'T', ' ']) && text.len() <= 10 && text.bytes().any(|b| !b.is_ascii_digit())
        || text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A time zone by IANA name or offset.
pub(super) fn zone(text: &str) -> Option<TimeZone> {
    let text = text.trim();
    if matches!(text, "Z" | "z")
        || text.eq_ignore_ascii_case("utc")
        || text.eq_ignore_ascii_case("gmt")
    {
        return Some(TimeZone::UTC);
    }
    offset(text).map(TimeZone::fixed).or_else(|| TimeZone::get(text).ok())
}

/// Into the window from 30 days before `now` to `now`. The second value says whether that changed it by
/// more than a clock's usual error.
pub(super) fn clamped(at: Timestamp, now: Timestamp) -> (Timestamp, bool) {
    let earliest = now.before(BEFORE_MAX);
    if at < earliest {
        (earliest, true)
    } else if at > now {
        (now, at > now.after(AHEAD_MAX))
    } else {
        (at, false)
    }
}

/// Numbers are told apart by their size: seconds, milliseconds, microseconds, or a date written together.
fn digits(text: &str, zone: &TimeZone) -> Option<Stated> {
    let number: i64 = text.parse().ok()?;
    let unix = |millis| Some(Stated { at: Timestamp::from_millis(millis), zone_assumed: false });
    match text.len() {
        9 | 10 => unix(number.checked_mul(1000)?),
        12 | 13 => unix(number),
        16 => unix(number / 1000),
        8 | 14 => {
            let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i8>().ok();
            let date = Date::new(text.get(..4)?.parse().ok()?, part(4..6)?, part(6..8)?).ok()?;
            let time = if text.len() == 14 {
                Time::new(part(8..10)?, part(10..12)?, part(12..14)?, 0).ok()?
            } else {
                Time::midnight()
            };
            let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
            let at = Timestamp::from_millis(zoned.timestamp().as_millisecond());
            Some(Stated { at, zone_assumed: true })
        }
        _ => None,
    }
}

fn rfc_2822(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// `2026-03-04`, `2026/3/4`, `4.3.2026`, `04/03/26`. Numbers that fit only the other order are read in it.
fn date(text: &str, order: DateOrder) -> Option<Date> {
    let mut numbers = text.split(['-', '/', '.']).filter(|part| !part.is_empty());
    let (a, b, c) = (numbers.next()?, numbers.next()?, numbers.next()?);
    if numbers.next().is_some() {
        return None;
    }
    let (first, second, third): (i16, i16, i16) =
        (a.parse().ok()?, b.parse().ok()?, c.parse().ok()?);
    let new = |year: i16, month: i16, day: i16| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    if a.len() == 4 {
        return new(first, second, third);
    }
    let year = match c.len() {
        2 => 2000 + third,
        4 => third,
        _ => return None,
    };
    let (dmy, mdy) = (|| new(year, second, first), || new(year, first, second));
    match order {
        DateOrder::Dmy => dmy().or_else(mdy),
        DateOrder::Mdy => mdy().or_else(dmy),
    }
}

/// `9:30`, `09:30:15.250`, `04:17 PM UTC`, `9.30 Uhr`, nothing (midnight); with the zone if one is named.
fn time_of_day(text: &str) -> Option<(Time, Option<TimeZone>)> {
    if text.is_empty() {
        return Some((Time::midnight(), None));
    }
    let end =
        text.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut parts = clock.split([':', '.']);
    let number = |part: Option<&str>| part.map_or(Some(0), |part| part.parse::<i8>().ok());
    let (mut hour, minute, second) =
        (parts.next()?.parse::<i8>().ok()?, number(parts.next())?, number(parts.next())?);
    let mut named = None;
    for word in rest.split_whitespace() {
        let letters = word.replace('.', "").to_ascii_lowercase();
        match letters.as_str() {
            "am" if hour == 12 => hour = 0,
            "pm" if hour < 12 => hour += 12,
            "am" | "pm" | "uhr" | "h" => {}
            _ => named = zone(word.trim_matches(['(', ')'])).or(named),
        }
    }
    Some((Time::new(hour, minute, second, 0).ok()?, named))
}

/// `+01:00`, `+0100`, `-5`.
fn offset(text: &str) -> Option<Offset> {
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let number = text.get(1..)?.replace(':', "");
    let (hours, minutes) = match number.len() {
        1 | 2 => (number.parse::<i32>().ok()?, 0),
        4 => (number[..2].parse().ok()?, number[2..].parse().ok()?),
        _ => return None,
    };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}
