//! What a source says of the cost of its inquiries.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use crate::domain::{Currency, InquiryCost, Money, SettingProblem};

/// What every inquiry costs, beside what is spent on the source as a whole.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CostSettings {
    /// Of every inquiry, as some list and ad vendors charge it: `2.50`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<f64>"))]
    pub per_inquiry: Option<Amount>,
    /// Of every inquiry that becomes a lead: what a spotter is paid.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<f64>"))]
    pub per_lead: Option<Amount>,
    /// Three letters of ISO 4217, such as `EUR`.
    pub currency: String,
}

impl CostSettings {
    /// The amounts.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn compile(&self) -> Result<InquiryCost, Vec<SettingProblem>> {
        let Some(currency) = Currency::parse(&self.currency) else {
            let message = "expected three letters of ISO 4217, such as EUR";
            return Err(vec![SettingProblem::new("currency", message)]);
        };
        let mut problems = Vec::new();
        let mut money = |name: &str, amount: &Option<Amount>| {
            let amount = amount.as_ref()?;
            let money = Money::parse(&amount.0, currency);
            if money.is_none() {
                let message =
                    "expected an amount such as 2.50, at most three digits behind the point";
                problems.push(SettingProblem::new(name, message));
            }
            money
        };
        let cost = InquiryCost {
            per_inquiry: money("per_inquiry", &self.per_inquiry),
            per_lead: money("per_lead", &self.per_lead),
        };
        if problems.is_empty() { Ok(cost) } else { Err(problems) }
    }
}

/// An amount as somebody writes it: a number or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount(String);

impl Amount {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsWritten;
        impl Visitor<'_> for AsWritten {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount such as 2.50")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Amount, E> {
                Ok(Amount(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Amount, E> {
                Ok(Amount(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Amount, E> {
                Ok(Amount(number.to_string()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Amount, E> {
                Ok(Amount(text.to_owned()))
            }
        }
        deserializer.deserialize_any(AsWritten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(json: &str) -> Result<InquiryCost, Vec<String>> {
        let settings: CostSettings = serde_json::from_str(json).unwrap();
        settings.compile().map_err(|all| all.into_iter().map(|one| one.path).collect())
    }

    #[test]
    fn amounts_are_read_as_written() {
        let cost =
            compiled(r#"{"per_inquiry": 2.50, "per_lead": "40", "currency": "eur"}"#).unwrap();
        let shown = |money: Option<Money>| money.map(|money| money.to_string());
        assert_eq!(shown(cost.per_inquiry).as_deref(), Some("2.50 EUR"));
        assert_eq!(shown(cost.per_lead).as_deref(), Some("40 EUR"));
        let wrong = compiled(r#"{"per_inquiry": -1, "per_lead": "1,5", "currency": "EUR"}"#);
        assert_eq!(wrong, Err(vec!["per_inquiry".to_owned(), "per_lead".to_owned()]));
        assert_eq!(compiled(r#"{"currency": "euro"}"#), Err(vec!["currency".to_owned()]));
    }
}
