//! A lead's clocks as people with a key see them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::follow_up::sla::Shown;

/// How long a lead waits for people, in its present cycle.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// The clock's name in `follow-up.yaml`; absent where none runs any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: String,
    /// When it came to whoever has it now.
    #[schema(value_type = String, format = DateTime)]
    pub assigned_at: String,
    /// When somebody is to say that they have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledge_due_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<String>,
    /// When somebody is to get in touch with the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_touch_due_at: Option<String>,
    /// When whoever has it now did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub touched_at: Option<String>,
    /// When anybody first did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_touch_at: Option<String>,
    /// Business time since it was first assigned, up to the first touch or until now.
    pub waited_business_seconds: u64,
    /// What is waited for although its time is over: `acknowledge`, `first_touch`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<&'static str>,
    pub breaches: u32,
    /// How often it was given to somebody else because of one.
    pub reassignments: u32,
    /// Who had it before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous_owners: Vec<String>,
}

impl ClockView {
    /// When what is waited for first was, or is, to happen; `None` = nothing is waited for.
    pub fn next_due_at(&self) -> Option<&str> {
        let touched = self.touched_at.is_some();
        let acknowledged = touched || self.acknowledged_at.is_some();
        let acknowledge = self.acknowledge_due_at.as_deref().filter(|_| !acknowledged);
        acknowledge.or(self.first_touch_due_at.as_deref().filter(|_| !touched))
    }

    /// As it stands.
    pub fn of(shown: &Shown) -> Self {
        let clocks = &shown.clocks;
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            name: shown.name.as_ref().map(ToString::to_string),
            received_at: clocks.received_at.to_string(),
            assigned_at: clocks.assigned_at.to_string(),
            acknowledge_due_at: time(shown.acknowledge_due_at),
            acknowledged_at: time(clocks.acknowledged_at),
            first_touch_due_at: time(shown.first_touch_due_at),
            touched_at: time(clocks.touched_at),
            first_touch_at: time(clocks.first_touch_at),
            waited_business_seconds: shown.waited.as_secs(),
            overdue: shown.overdue.iter().map(|awaited| awaited.as_str()).collect(),
            breaches: clocks.breaches,
            reassignments: clocks.reassigned,
            previous_owners: clocks.previous.iter().map(ToString::to_string).collect(),
        }
    }
}
