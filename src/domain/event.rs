//! What goes out: one row per thing that happened, frozen at the commit.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{BranchOutcome, EventId, InquiryId, LeadId, Millipoints, Timestamp};

closed_list! {
    /// The type of an outbound event, as on the wire.
    EventType {
        LeadRouted = "lead.routed",
        LeadNurtured = "lead.nurtured",
        LeadQualifying = "lead.qualifying",
        LeadHeld = "lead.held",
        LeadInquiredAgain = "lead.inquired_again",
        LeadPromoted = "lead.promoted",
        LeadReassigned = "lead.reassigned",
        LeadDiscarded = "lead.discarded",
        LeadErased = "lead.erased",
        AlertDestinationDead = "alert.destination_dead",
        AlertOldestUndelivered = "alert.oldest_undelivered",
        AlertSourceSilent = "alert.source_silent",
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<BranchOutcome>,
    #[serde(default)]
    pub score: Millipoints,
    #[serde(default)]
    pub cycle: u32,
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub is_test: bool,
    /// Details of an operators' alert: PII-free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}
