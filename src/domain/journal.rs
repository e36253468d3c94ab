//! The PII-free list of facts: one row per commit.

use serde::{Deserialize, Serialize};

use super::{
    BranchOutcome, DeliveryId, Index, IndexChange, InquiryId, LeadId, Name, Status, Timestamp,
};

/// One row. The receipt stands beside it in the store, so `outcomes` has one entry per branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    pub at: Timestamp,
    /// What happened, in the past tense: `inquiry_decided`, `lead_assigned`, `body_kept` …
    pub fact: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<InquiryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Name>,
    /// Set where it does not depend on the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<BranchOutcome>,
    /// Leads that went up in this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<LeadId>,
    /// The rule that decided the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Name>,
    /// Who did it, for operators' actions: the name of the key used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Name>,
    /// Why, as an operator said it: one word of the operator's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Name>,
    /// The delivery that somebody acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// The member of whom somebody said something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Name>,
    /// The destination that somebody acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Name>,
}

impl JournalRow {
    /// A row that says only when and what.
    #[must_use]
    pub fn new(at: Timestamp, fact: Name) -> Self {
        Self {
            at,
            fact,
            inquiry: None,
            lead: None,
            source: None,
            status: None,
            outcomes: Vec::new(),
            merged: Vec::new(),
            rule: None,
            actor: None,
            reason: None,
            delivery: None,
            member: None,
            destination: None,
        }
    }

    /// Where a person's action is listed: among all actions, and among those on its lead. `row` is
    /// this row as the journal has it; it is the member itself, so that reading the list is enough.
    /// Empty for what nobody did.
    #[must_use]
    pub fn listed(&self, row: &[u8]) -> Vec<IndexChange> {
        if self.actor.is_none() {
            return Vec::new();
        }
        let entry =
            |index| IndexChange { index, member: row.to_vec(), score: Some(self.at.as_millis()) };
        std::iter::once(Index::Acts).chain(self.lead.map(Index::ActsOn)).map(entry).collect()
    }
}
