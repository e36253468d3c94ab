//! Amounts of money, exact.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency: three letters of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads three letters, small or capital.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 3] = text.trim().as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The three capital letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII letters come in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("expected three letters of ISO 4217, such as EUR")
        })
    }
}

/// An amount in a currency. Thousandths hold every currency's smallest coin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    pub thousandths: i64,
    pub currency: Currency,
}

impl Money {
    /// No amount is larger: sums of a million of them are still exact.
    pub const UNITS_MAX: i64 = 9_000_000_000;

    /// Reads `1250`, `1250.5` or `1250.50`: digits, at most three behind a point, at most [`Money::UNITS_MAX`]. `None` for
    /// everything else: a comma may mean thousands or cents.
    #[must_use]
    pub fn parse(amount: &str, currency: Currency) -> Option<Self> {
        let (whole, rest) = amount.trim().split_once('.').unwrap_or((amount.trim(), ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 10 || rest.len() > 3 || !digits(whole) || !digits(rest)
        {
            return None;
        }
        let units: i64 = whole.parse().ok()?;
        let part: i64 = format!("{rest:0<3}").parse().ok()?;
        let thousandths = units * 1000 + part;
        (units < Self::UNITS_MAX).then_some(Self { thousandths, currency })
    }

    /// The amount as it is written: `1250.50`, `1250`, `0.125`.
    #[must_use]
    pub fn amount(&self) -> String {
        let (units, part) = (self.thousandths / 1000, self.thousandths % 1000);
        match (part, part % 10) {
            (0, _) => units.to_string(),
            (_, 0) => format!("{units}.{:02}", part / 10),
            _ => format!("{units}.{part:03}"),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_written_as_people_write_them() {
        let euro = Currency::parse("eur").unwrap();
        for (text, thousandths, shown) in [
            ("1250", 1_250_000, "1250 EUR"),
            ("1250.5", 1_250_500, "1250.50 EUR"),
            (" 0.125 ", 125, "0.125 EUR"),
            ("8999999999.999", 8_999_999_999_999, "8999999999.999 EUR"),
        ] {
            let money = Money::parse(text, euro).unwrap();
            assert_eq!((money.thousandths, money.to_string()), (thousandths, shown.to_owned()));
        }
        for bad in
            ["", ".5", "-1", "1,5", "1.234.5", "1.2345", "1e5", "9000000000", "12345678901", "€5"]
        {
            assert_eq!(Money::parse(bad, euro), None, "{bad}");
        }
        for bad in ["", "EU", "EURO", "€", "E1R"] {
            assert_eq!(Currency::parse(bad), None, "{bad}");
        }
    }
}
