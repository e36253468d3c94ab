//! What goes out: one row per thing that happened, frozen at the commit.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{BranchOutcome, ClockTold, EventId, InquiryId, LeadId, Millipoints, Timestamp};

closed_list! {
    /// The type of an outbound event, as on the wire.
    EventType {
        LeadRouted = "lead.routed",
        LeadNurtured = "lead.nurtured",
        LeadQualifying = "lead.qualifying",
        LeadHeld = "lead.held",
        LeadAwaitingConfirmation = "lead.awaiting_confirmation",
        LeadInquiredAgain = "lead.inquired_again",
        LeadPromoted = "lead.promoted",
        LeadReassigned = "lead.reassigned",
        LeadRecycled = "lead.recycled",
        LeadUnsubscribed = "lead.unsubscribed",
        LeadSlaWarning = "lead.sla_warning",
        LeadSlaBreached = "lead.sla_breached",
        LeadMerged = "lead.merged",
        LeadUnmerged = "lead.unmerged",
        LeadDiscarded = "lead.discarded",
        LeadErased = "lead.erased",
        AlertDestinationDead = "alert.destination_dead",
        AlertOldestUndelivered = "alert.oldest_undelivered",
        AlertSourceSilent = "alert.source_silent",
        AlertRuleFailed = "alert.rule_failed",
        AlertCredentialsBroken = "alert.credentials_broken",
    }
}

/// What ties the request that brought an inquiry to the calls that follow from it. Goes along in
/// [`EventRow::detail`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// W3C trace context.
    pub traceparent: String,
    /// The request's id, as in the log and in `x-request-id`.
    pub request_id: String,
}

/// One event, frozen: type, stage, category, score, queue and owner (through the receipt).
/// Contact data is not in it; it is read at each attempt, so corrections and erasure reach retries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    pub id: EventId,
    #[serde(rename = "type")]
    pub kind: EventType,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<InquiryId>,
    /// With `lead.merged`: the lead that went up in `lead`; with `lead.unmerged`: the one that `lead` was
    /// parted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<LeadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<BranchOutcome>,
    #[serde(default)]
    pub score: Millipoints,
    #[serde(default)]
    pub cycle: u32,
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub is_test: bool,
    /// Details of an operators' alert, what a clock said ([`super::ClockTold`]), or the [`Trace`] of what brought the
    /// event about: PII-free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}

impl EventRow {
    /// What a clock said, if that is what happened.
    #[must_use]
    pub fn clock(&self) -> Option<ClockTold> {
        if !matches!(self.kind, EventType::LeadSlaWarning | EventType::LeadSlaBreached) {
            return None;
        }
        serde_json::from_value(self.detail.clone()?).ok()
    }
}
