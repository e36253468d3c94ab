//! `nurture:` of `follow-up.yaml` as written.

use std::time::Duration;

use serde::Deserialize;

use crate::domain::Period;

/// How leads are watched that are not for sales yet, or no more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NurtureSettings {
    /// So long after a lead was passed back, what the person does alone does not bring it back to sales; an inquiry
    /// does. At most `365d`.
    pub cool_down: Period,
    /// What stops when a person wants no more messages.
    pub unsubscribe_stops: Stops,
}

impl Default for NurtureSettings {
    fn default() -> Self {
        Self {
            cool_down: Period(Duration::from_hours(14 * 24)),
            unsubscribe_stops: Stops::Everything,
        }
    }
}

/// What stops when a person wants no more messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stops {
    /// Whatever is going on, sales too.
    Everything,
    /// Nurture; whoever is being sold to stays with sales.
    Nurture,
}
