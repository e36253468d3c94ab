//! The PII-free list of facts: one row per commit.

use serde::{Deserialize, Serialize};

use super::{
    BranchOutcome, Channel, ClockTold, DeliveryId, Disposition, Index, IndexChange, InquiryId,
    Label, LeadId, Money, Name, Stage, Status, Timestamp,
};

/// How soon a person dealt with a lead, on the row of the first time somebody did. Whole seconds, rounded down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TouchTimes {
    /// From the inquiry to the first touch, by the clock on the wall.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub raw: Option<u32>,
    /// The same in business time.
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    pub business: Option<u32>,
    /// From the first assignment to the first touch, by the clock on the wall; absent without a clock.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub sla_raw: Option<u32>,
    /// The same in business time.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub sla: Option<u32>,
    /// Whether that was within what was agreed; absent where nothing was agreed.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
}

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
    /// When it happened, if that is another time than when it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<Timestamp>,
    /// Which way through of the lead it belongs to; 0 = the row is not about one, or an old one.
    #[serde(rename = "cy", default, skip_serializing_if = "is_usual_cycle")]
    pub cycle: u32,
    /// Of an inquiry: the kind of place it came from.
    #[serde(rename = "ch", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Of an inquiry: its campaign.
    #[serde(rename = "ca", default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Label>,
    /// Of an inquiry: the medium.
    #[serde(rename = "me", default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Label>,
    /// The configuration that decided: the first [`JournalRow::VERSION_DIGITS`] digits of its hash.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The score it was decided by, in whole points.
    #[serde(rename = "sc", default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// Of an inquiry: what it cost by itself.
    #[serde(rename = "co", default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Of an inquiry: what is owed once it is first-level qualified.
    #[serde(rename = "fee", default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Money>,
    /// The stage before, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Stage>,
    /// Whose it was before, where it was given to somebody else.
    #[serde(rename = "was", default, skip_serializing_if = "Option::is_none")]
    pub previous_owner: Option<Name>,
    /// What was said of the lead.
    #[serde(rename = "said", default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// What they bought for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// On the row of the first touch by a person in a cycle.
    #[serde(rename = "touch", default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<TouchTimes>,
    /// What clocks said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockTold>,
}

/// The first way through is the usual one, and not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_usual_cycle(cycle: &u32) -> bool {
    *cycle <= 1
}

impl JournalRow {
    /// Enough to tell a workspace's versions apart.
    pub const VERSION_DIGITS: usize = 8;

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
            happened_at: None,
            cycle: 0,
            channel: None,
            campaign: None,
            medium: None,
            version: None,
            score: None,
            cost: None,
            fee: None,
            from: None,
            previous_owner: None,
            disposition: None,
            amount: None,
            touched: None,
            clocks: Vec::new(),
        }
    }

    /// When what it tells of happened.
    #[must_use]
    pub fn event_time(&self) -> Timestamp {
        self.happened_at.unwrap_or(self.at)
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
