//! `follow-up.yaml` as written.

use serde::Deserialize;

use super::dispositions::DispositionSettings;
use super::nurture::NurtureSettings;
use super::sla::ClockSettings;

/// `follow-up.yaml`: what is done about leads after they were handed over. All of it is optional, and so is the
/// file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FollowUpSettings {
    /// What people and tools may say back about a lead.
    pub dispositions: DispositionSettings,
    /// Clocks that run until somebody acts, from narrow to broad: the first one that is for a lead runs for it.
    pub sla: Vec<ClockSettings>,
    /// How leads that are not for sales yet, or no more, are watched.
    pub nurture: NurtureSettings,
}
