//! A delivery and its attempts.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ports::JobView;
use crate::domain::{Attempt, Timestamp};
use crate::flow::{delivery_of, died_at};

/// One event on its way to one destination. Nothing about the person is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    #[schema(example = "dlv_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub id: String,
    /// `waiting`, `delivered`, `dead`, `handed_over`, `dropped` …
    #[schema(example = "waiting")]
    pub state: String,
    /// Of one that was given up: `fault` (it could not be told) or `refusal` (the receiver said no).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "fault")]
    pub kind: Option<&'static str>,
    /// Of one that was given up: what the newest attempt met, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "http_503")]
    pub problem: Option<String>,
    /// Why it waits without being tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The queue it stands in, if another one than its destination's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The type of the event, while its body is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<&'static str>,
    /// Goes out as `webhook-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<String>,
    /// Counts per lead and destination from 1.
    pub sequence: u64,
    /// How many later inquiries it tells of.
    #[serde(skip_serializing_if = "is_zero")]
    pub absorbed: u32,
    /// The destination whose place this one takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub replayed_at: Option<String>,
    /// When it may run next, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<String>,
    /// How many attempts there were.
    pub tried: u32,
    /// The newest twenty, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Ids that the receiver gave: of the record it made, and the like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
}

/// One HTTP try.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptView {
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    /// `delivered`, `retriable`, `refused`, `gone`, `blocked`, `invalid` or `credentials`.
    #[schema(example = "retriable")]
    pub verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// A fixed word for what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Of a destination with several requests: the one that it ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The receiver's own code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    pub took_ms: u32,
    /// When the next one was due then; absent after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next: Option<String>,
}

impl DeliveryView {
    /// As the store has it.
    pub fn of(view: &JobView) -> Self {
        let (state, delivery) = (&view.state, delivery_of(view));
        let event = delivery.map(|delivery| &delivery.event);
        let destination =
            delivery.map(|delivery| &delivery.destination).or(state.destination.as_ref());
        let lead = event.and_then(|event| event.lead).or(state.lead);
        Self {
            id: view.id.to_string(),
            state: state.ended.clone().unwrap_or_else(|| "waiting".to_owned()),
            kind: state.is_dead().then(|| state.kind().as_str()),
            problem: state.is_dead().then(|| state.problem()),
            waiting_for: state.waiting.clone(),
            destination: destination.map(ToString::to_string),
            queue: died_at(view).filter(|at| Some(*at) != destination).map(ToString::to_string),
            event_type: event.map(|event| event.kind.as_str()),
            event: event.map(|event| event.id).or(state.event).map(|id| id.to_string()),
            lead: lead.map(|id| id.to_string()),
            inquiry: event.and_then(|event| event.inquiry).map(|id| id.to_string()),
            sequence: view.sequence,
            absorbed: view.absorbed,
            instead_of: delivery.and_then(|d| d.instead_of.as_ref()).map(ToString::to_string),
            since: delivery.map(|delivery| delivery.since.to_string()),
            ended_at: state.ended_at.map(text),
            replayed_at: state.replayed_at.map(text),
            due: state.ended.is_none().then(|| text(view.due)),
            tried: state.count,
            attempts: state.attempts.iter().map(AttemptView::of).collect(),
            kept: state.kept.clone(),
        }
    }
}

/// As it stands in a queue of that name.
pub fn in_queue(queue: &crate::domain::Name, view: &JobView) -> DeliveryView {
    let mut seen = DeliveryView::of(view);
    seen.queue = Some(queue.to_string()).filter(|queue| seen.destination.as_ref() != Some(queue));
    seen
}

impl AttemptView {
    fn of(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id.to_string(),
            at: attempt.at.to_string(),
            verdict: attempt.verdict.as_str(),
            http_status: attempt.http_status,
            error: attempt.error.clone(),
            step: attempt.step.clone(),
            said: attempt.said.clone(),
            took_ms: attempt.took_ms,
            next: attempt.next.map(text),
        }
    }
}

fn text(at: Timestamp) -> String {
    at.to_string()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
