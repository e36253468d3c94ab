//! What a source says about having addresses confirmed.

use serde::Deserialize;

use super::source::Source;
use crate::domain::{ConfirmationTerms, Name, Period, SettingProblem, Unconfirmed};

/// Double opt-in: an inquiry is kept, and waits until the person confirms the address by a link in a mail.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmationSettings {
    /// The destination that owns mail. It gets `lead.awaiting_confirmation` with the link, and writes to the person.
    pub destination: Name,
    /// So long the link is good: `3d`; at most 30 days.
    #[serde(default = "within")]
    #[cfg_attr(test, schemars(with = "String", extend("default" = "3d")))]
    pub within: Period,
    /// Whoever inquires again while it waits gets another mail only after this: `15m`.
    #[serde(default = "again_after")]
    #[cfg_attr(test, schemars(with = "String", extend("default" = "15m")))]
    pub again_after: Period,
    /// What becomes of those whom nobody confirmed: `keep` (discarded, for the reason `unconfirmed`) or `erase`.
    #[serde(default = "keep")]
    #[cfg_attr(test, schemars(extend("default" = "keep")))]
    pub unconfirmed: Unconfirmed,
    /// The page a browser is sent to once it is confirmed: a whole URL. Without it a small page of our own says thanks.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = ["https://www.example.com/confirmed"])))]
    pub page: Option<String>,
}

impl ConfirmationSettings {
    /// The terms.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn compile(&self) -> Result<ConfirmationTerms, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let day = std::time::Duration::from_hours(24);
        if self.within.0.is_zero() || self.within.0 > day * 30 {
            problems.push(SettingProblem::new("within", "must be above zero and at most 30d"));
        }
        if self.again_after.0 >= self.within.0 {
            problems.push(SettingProblem::new("again_after", "must be less than `within`"));
        }
        let whole = |page: &String| {
            url::Url::parse(page).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        };
        if !self.page.iter().all(whole) {
            problems.push(SettingProblem::new("page", "must be a whole http(s) URL"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(ConfirmationTerms {
            destination: self.destination.clone(),
            within: self.within.0,
            again_after: self.again_after.0,
            unconfirmed: self.unconfirmed,
            page: self.page.clone(),
        })
    }
}

impl Source {
    /// How it has addresses confirmed, if it does.
    #[must_use]
    pub fn confirmation(&self) -> Option<&ConfirmationTerms> {
        self.confirmation.as_ref()
    }
}

fn within() -> Period {
    Period(std::time::Duration::from_hours(72))
}

fn again_after() -> Period {
    Period(std::time::Duration::from_mins(15))
}

fn keep() -> Unconfirmed {
    Unconfirmed::Keep
}
