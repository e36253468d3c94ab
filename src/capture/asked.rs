//! What a source asks of others, and lets others ask: the vendor's API for what stands behind references, the provider of a
//! form's challenge, the person; how often may be posted.

use crate::domain::{ConfirmationTerms, Job, Name, SettingProblem};

use super::challenge::Challenge;
use super::preset::PresetSettings;
use super::retrieval::Retrieval;
use super::settings::{RateSettings, SourceSettings};
use super::source::Source;

impl Source {
    /// How the data are fetched that its vendor posts only references to; none without a token.
    #[must_use]
    pub fn retrieval(&self) -> Option<&Retrieval> {
        self.retrieval.as_ref()
    }

    /// What tells its visitors from robots.
    #[must_use]
    pub fn challenge(&self) -> Option<&Challenge> {
        self.challenge.as_ref()
    }

    /// How often may be posted.
    #[must_use]
    pub fn rates(&self) -> RateSettings {
        self.rates
    }
}

/// What it fetches references with, if it says so.
pub(super) fn retrieval(
    name: &Name,
    settings: &SourceSettings,
    preset: &PresetSettings,
    problems: &mut Vec<SettingProblem>,
) -> Option<Retrieval> {
    let own = settings.retrieval.as_ref()?;
    let Some(of_preset) = &preset.retrieval else {
        problems.push(SettingProblem::new(
            "retrieval",
            "the preset posts whole data: nothing is fetched",
        ));
        return None;
    };
    if Job::retrieval_queue(name).is_none() {
        problems
            .push(SettingProblem::new("retrieval", "the source's name is too long to fetch for"));
    }
    let compiled = Retrieval::compile(of_preset, own);
    let below = |wrong: SettingProblem| wrong.below("retrieval");
    compiled.map_err(|wrong| problems.extend(wrong.into_iter().map(below))).ok()
}

/// What tells its visitors from robots, if it says so.
pub(super) fn challenge(
    settings: &SourceSettings,
    problems: &mut Vec<SettingProblem>,
) -> Option<Challenge> {
    let compiled = settings.challenge.as_ref().map(Challenge::compile).transpose();
    compiled.unwrap_or_else(|wrong| {
        problems.push(wrong.below("challenge"));
        None
    })
}

/// How it has addresses confirmed, if it says so.
pub(super) fn confirmation(
    settings: &SourceSettings,
    problems: &mut Vec<SettingProblem>,
) -> Option<ConfirmationTerms> {
    let compiled = settings.confirmation.as_ref()?.compile();
    let below = |wrong: SettingProblem| wrong.below("confirmation");
    compiled.map_err(|wrong| problems.extend(wrong.into_iter().map(below))).ok()
}
