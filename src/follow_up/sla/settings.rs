//! `sla:` of `follow-up.yaml` as written.

use serde::Deserialize;

use crate::domain::BusinessTime;
use crate::rules::ConditionSource;

/// One clock. It runs for leads that people are to act on: routed ones and those about whom people ask, not what waits in
/// triage or is nurtured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClockSettings {
    /// The clock's name in events, records and reports.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub name: String,
    /// Only for leads that come into these queues.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<crate::domain::Name>", extend("examples" = [["sales"]])))]
    pub queues: Vec<String>,
    /// Only for these leads, by category, source, channel or whatever rules can ask; absent = for all.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    /// Business time until whoever gets the lead says that they have it, or acts.
    #[serde(default)]
    pub acknowledge_within: Option<BusinessTime>,
    /// Business time until whoever gets the lead first gets in touch with the person.
    #[serde(default)]
    pub first_touch_within: Option<BusinessTime>,
    /// By whose hours and days off business time counts.
    #[serde(default)]
    pub calendar: WhoseCalendar,
    /// Parts of the time after which the queue's destinations are warned (`lead.sla_warning`): above 0, below 1.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = [[0.5, 0.8]])))]
    pub warn_at: Vec<f64>,
    /// What happens when the time is over.
    #[serde(default)]
    pub on_breach: OnBreachSettings,
}

/// By whose hours and days off a clock counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub enum WhoseCalendar {
    /// Those of whoever has the lead; the pool's, if nobody has it.
    #[default]
    Member,
    /// Those of the pool, although whoever has the lead is off.
    Pool,
}

/// What happens when a clock's time is over, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OnBreachSettings {
    /// The queue's destinations, and the one of operators' alerts, are told (`lead.sla_breached`).
    pub notify: bool,
    /// So many times the lead goes to somebody else as the rules say, never to anybody who had it in this cycle.
    #[cfg_attr(test, schemars(range(min = 0, max = 20)))]
    pub reassign: u32,
    /// After that, or if nobody else is there: into this queue.
    #[cfg_attr(test, schemars(with = "Option<crate::domain::Name>"))]
    pub escalate: Option<String>,
}

impl Default for OnBreachSettings {
    fn default() -> Self {
        Self { notify: true, reassign: 0, escalate: None }
    }
}
