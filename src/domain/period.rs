//! Lengths of time as people write them.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// A length of time: a whole number and one of `ms`, `s`, `m`, `h`, `d` (`500ms`, `60s`, `30d`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl Period {
    /// Reads one; `None` if it is not of that form or longer than ten thousand years.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = text[..digits].parse().ok()?;
        let millis = match text[digits..].trim_start() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let millis = number.checked_mul(millis)?;
        (millis < 10_000 * 366 * 86_400_000).then(|| Self(Duration::from_millis(millis)))
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("expected a length of time such as 500ms, 60s, 30m, 2h or 7d")
        })
    }
}
