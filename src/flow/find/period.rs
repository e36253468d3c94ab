//! Times as people say them: `yesterday`, `14:30`, `2h`, `2026-03-01`, `09:00..11:00`.

use std::time::Duration;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::domain::Timestamp;

/// From one time to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// So much before and after a single moment is asked for with it.
const AROUND: Duration = Duration::from_mins(10);

/// A moment, or a stretch of time, as it was said.
#[derive(Debug, Clone, Copy)]
struct Said {
    from: Timestamp,
    to: Timestamp,
    moment: bool,
}

impl Period {
    /// This long before `now`, until then.
    #[must_use]
    pub fn last(now: Timestamp, long: Duration) -> Self {
        Self { from: now.before(long), to: now }
    }

    /// This long before and after a moment.
    #[must_use]
    pub fn around(at: Timestamp, long: Duration) -> Self {
        Self { from: at.before(long), to: at.after(long) }
    }

    /// Reads what was said; days and clock times are those of the zone. A moment means some minutes around
    /// it, a day the whole of it, `2h` the last two hours, `A..B` from the beginning of A to the end of B.
    #[must_use]
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let text = text.trim();
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (said(from, now, zone)?, said(to, now, zone)?);
            return (from.from <= to.to).then_some(Self { from: from.from, to: to.to });
        }
        let said = said(text, now, zone)?;
        Some(if said.moment {
            Self::around(said.from, AROUND)
        } else {
            Self { from: said.from, to: said.to }
        })
    }

    /// The beginning of what was said, for `--from`.
    #[must_use]
    pub fn beginning(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        said(text, now, zone).map(|said| said.from)
    }

    /// The end of what was said, for `--to`.
    #[must_use]
    pub fn end(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        said(text, now, zone).map(|said| if said.moment { said.from } else { said.to })
    }
}

fn said(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Said> {
    let text = text.trim();
    let at = |at: Timestamp| Some(Said { from: at, to: at, moment: true });
    let here = jiff::Timestamp::from_millisecond(now.as_millis()).ok()?.to_zoned(zone.clone());
    let local = |time: civil::DateTime| {
        let zoned = time.to_zoned(zone.clone()).ok()?;
        Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
    };
    let day = |day: civil::Date| {
        let (from, next) =
            (local(day.at(0, 0, 0, 0))?, local(day.tomorrow().ok()?.at(0, 0, 0, 0))?);
        Some(Said { from, to: next.before(Duration::from_millis(1)), moment: false })
    };
    match text {
        "now" => return at(now),
        "today" => return day(here.date()),
        "yesterday" => return day(here.date().yesterday().ok()?),
        _ => {}
    }
    if let Some(long) = how_long(text) {
        return Some(Said { from: now.before(long), to: now, moment: false });
    }
    if let Some(instant) = Timestamp::parse(text) {
        return at(instant);
    }
    // Only what looks like it: `civil` reads more than people mean (`20260301` is a phone number here).
    let dashed = text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-');
    if dashed && text.len() == 10 {
        return day(text.parse().ok()?);
    }
    if dashed {
        return at(local(text.parse().ok()?)?);
    }
    if !text.contains(':') || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    let time: civil::Time = padded.parse().ok()?;
    let today = local(here.date().to_datetime(time))?;
    // A clock time that is still to come was yesterday's.
    at(if today > now { local(here.date().yesterday().ok()?.to_datetime(time))? } else { today })
}

/// `90s`, `15m`, `2h`, `3d`, `1w`, also with ` ago` behind it.
fn how_long(text: &str) -> Option<Duration> {
    let text = text.strip_suffix("ago").map_or(text, str::trim_end);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text.get(..digits)?.parse().ok()?;
    let seconds = match text.get(digits..)?.trim() {
        "s" | "sec" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).filter(|seconds| *seconds < 1 << 32).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(String, String)> {
        let now = Timestamp::parse("2026-03-02T10:15:00Z").unwrap();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let period = Period::parse(text, now, &zone)?;
        Some((period.from.to_string(), period.to.to_string()))
    }

    #[test]
    fn times_are_read_as_people_say_them() {
        for (text, from, to) in [
            ("2026-03-01T12:00:00Z", "2026-03-01T11:50:00.000Z", "2026-03-01T12:10:00.000Z"),
            ("2026-03-01T12:00", "2026-03-01T10:50:00.000Z", "2026-03-01T11:10:00.000Z"),
            ("2026-03-01 12:00", "2026-03-01T10:50:00.000Z", "2026-03-01T11:10:00.000Z"),
            ("2026-03-01", "2026-02-28T23:00:00.000Z", "2026-03-01T22:59:59.999Z"),
            ("yesterday", "2026-02-28T23:00:00.000Z", "2026-03-01T22:59:59.999Z"),
            ("today", "2026-03-01T23:00:00.000Z", "2026-03-02T22:59:59.999Z"),
            ("09:30", "2026-03-02T08:20:00.000Z", "2026-03-02T08:40:00.000Z"),
            // Still to come: yesterday's.
            ("14:30", "2026-03-01T13:20:00.000Z", "2026-03-01T13:40:00.000Z"),
            ("2h", "2026-03-02T08:15:00.000Z", "2026-03-02T10:15:00.000Z"),
            ("15 min ago", "2026-03-02T10:00:00.000Z", "2026-03-02T10:15:00.000Z"),
            ("9:00..11:00", "2026-03-02T08:00:00.000Z", "2026-03-02T10:00:00.000Z"),
            ("2026-02-01..yesterday", "2026-01-31T23:00:00.000Z", "2026-03-01T22:59:59.999Z"),
            ("3d..1h", "2026-02-27T10:15:00.000Z", "2026-03-02T10:15:00.000Z"),
        ] {
            assert_eq!(parsed(text), Some((from.to_owned(), to.to_owned())), "{text}");
        }
        for bad in [
            "",
            "20260301",
            "030 23125111",
            "soon",
            "25:00",
            "2026-13-01",
            "today..2026-01-01",
            "5x",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
