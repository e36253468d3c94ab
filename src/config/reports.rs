//! What a workspace says about its reports: the section `reports` of `workspace.yaml`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::Period;
use crate::analyse::report::{Goals, Rate, Rates, Terms};
use crate::capture::Amount;
use crate::domain::{Currency, SettingProblem};

/// Currencies and goals of reports, and what counts as followed up in time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReportSettings {
    /// The currency that others are converted into, by `rates`: three letters of ISO 4217. Without it, every currency is
    /// reported by itself.
    #[cfg_attr(test, schemars(extend("examples" = ["EUR"])))]
    pub currency: Option<String>,
    /// How much of `currency` one unit of another one is: `USD: 0.93`. Those that are not here stay by themselves.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, f64>"))]
    pub rates: BTreeMap<String, Amount>,
    /// What is to be reached in a calendar month: `inquiries`, `leads`, `accepted`, `prospects`, `won`, and `revenue`
    /// in whole units of `currency`. Reports show the part that falls on their days.
    pub goals: BTreeMap<String, u32>,
    /// A lead counts as followed up if a person dealt with it within this time of its inquiry.
    pub followed_up_within: Period,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self {
            currency: None,
            rates: BTreeMap::new(),
            goals: BTreeMap::new(),
            followed_up_within: Period(Duration::from_hours(24)),
        }
    }
}

impl ReportSettings {
    /// What reports go by.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn compile(&self) -> Result<Terms, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let mut wrong = |path: String, message: &str| {
            problems.push(SettingProblem::new(path, message));
        };
        let letters = "expected three letters of ISO 4217, such as EUR";
        let currency = self.currency.as_ref().and_then(|text| {
            let currency = Currency::parse(text);
            if currency.is_none() {
                wrong("currency".to_owned(), letters);
            }
            currency
        });
        if self.currency.is_none() && !self.rates.is_empty() {
            wrong("rates".to_owned(), "they are of no use without `currency`");
        }
        let mut rates = BTreeMap::new();
        for (name, rate) in &self.rates {
            match (Currency::parse(name), Rate::parse(rate.as_str())) {
                (Some(of), Some(rate)) => {
                    rates.insert(of, rate);
                }
                (None, _) => wrong(format!("rates.{name}"), letters),
                (_, None) => wrong(
                    format!("rates.{name}"),
                    "expected a number above 0 such as 0.93, at most six digits behind the point",
                ),
            }
        }
        for name in self.goals.keys().filter(|name| !Goals::NAMES.contains(&name.as_str())) {
            wrong(
                format!("goals.{name}"),
                "expected inquiries, leads, accepted, prospects, won or revenue",
            );
        }
        let seconds = self.followed_up_within.0.as_secs();
        if !(60..=90 * 86_400).contains(&seconds) {
            wrong("followed_up_within".to_owned(), "expected between 1m and 90d");
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Terms {
            rates: Rates { currency, of: rates },
            goals: Goals(self.goals.clone()),
            follow_up: u32::try_from(seconds).unwrap_or(u32::MAX),
        })
    }
}
