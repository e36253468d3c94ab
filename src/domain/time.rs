//! A point in time. Nothing in the pure rooms asks for it: `now` is always an argument.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::packing::{self, Packed};

/// Milliseconds since 1970-01-01T00:00:00Z. Written outside as RFC 3339 with milliseconds, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest time there is here.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This much later; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// This much earlier.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads RFC 3339 with any offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }
}

/// What the years 1970 to 9999 take: `2026-02-28T12:34:56.789Z`.
const TEXT_BYTES: usize = 24;
/// The last time that the calendar knows, in the evening of 9999-12-30.
const LAST: i64 = 253_402_207_200_000;

impl Timestamp {
    /// The usual text, in a place on the stack; `None` before 1970 and after 9999.
    fn write_to(self, place: &mut [u8; TEXT_BYTES]) -> Option<&str> {
        if !(0..=LAST).contains(&self.0) {
            return None;
        }
        let (days, of_day) = (self.0 / 86_400_000, self.0 % 86_400_000);
        // Civil date from days, by counting years from March (Howard Hinnant's algorithm).
        let days = days + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        *place = *b"0000-00-00T00:00:00.000Z";
        let mut put = |end: usize, digits: usize, number: i64| {
            let mut rest = number;
            for at in (end - digits..end).rev() {
                place[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
        };
        put(4, 4, year);
        put(7, 2, month);
        put(10, 2, day);
        put(13, 2, of_day / 3_600_000);
        put(16, 2, of_day / 60_000 % 60);
        put(19, 2, of_day / 1000 % 60);
        put(23, 3, of_day % 1000);
        std::str::from_utf8(place).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.write_to(&mut [0; TEXT_BYTES]) {
            return f.write_str(text);
        }
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at:.3}"),
            Err(_) => write!(f, "@{}ms", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text where people read it, bytes of a number of milliseconds where it is packed.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() && (0..=LAST).contains(&self.0) {
            let bytes = self.0.to_be_bytes();
            return serializer.serialize_newtype_struct(packing::MILLIS, &Packed(&bytes[2..]));
        }
        match self.write_to(&mut [0; TEXT_BYTES]) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected an RFC 3339 time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_writes_what_the_calendar_says() {
        let by_calendar =
            |millis| format!("{:.3}", jiff::Timestamp::from_millisecond(millis).unwrap());
        let mut millis = -100_000_000_000_i64;
        while millis < LAST + 100_000_000_000 {
            if let Ok(text) = jiff::Timestamp::from_millisecond(millis) {
                assert_eq!(Timestamp::from_millis(millis).to_string(), format!("{text:.3}"));
            }
            millis += 86_399_999 * 3;
        }
        for edge in [0, 1, 951_782_399_999, 951_782_400_000, 951_868_800_000, LAST] {
            assert_eq!(Timestamp::from_millis(edge).to_string(), by_calendar(edge));
            let json = serde_json::to_string(&Timestamp::from_millis(edge)).unwrap();
            assert_eq!(json, format!("\"{}\"", by_calendar(edge)));
        }
    }
}
