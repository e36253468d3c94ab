//! What was concluded about one inquiry, and why.

use serde::{Deserialize, Serialize};

use super::{
    AccountOwner, Assignment, Commit, Inquiry, Lead, LeadId, Name, PoolPick, Qualification, Status,
};

/// Why a decision came out as it did, compact: indexes into the configuration named by `config`,
/// expanded to names and prose on read. Kept with the inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Content hash of the configuration bundle, 32 hexadecimal digits.
    pub config: String,
    /// Revision of the overlay.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub overlay: u64,
    /// Set where the status does not depend on the branch: filtered, test, repeat, unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    pub qualification: Qualification,
    /// What each routing rule up to the winner said, in order: `y` match, `n` no match, `m` a field
    /// was missing, `e` error, `-` not asked because it does not ask for the category of what is to be
    /// discarded. Rules after the winner were not evaluated.
    pub rules: String,
    /// The rule that won; `None` = the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Name>,
    /// By which index keys a known person was found: `email`, `phone_name`, `external_id` …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_on: Vec<String>,
    /// Leads that share a key but were judged to be somebody else, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<(LeadId, String)>,
    /// Other records of the same person, which this inquiry showed to be one: they went up in the lead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<LeadId>,
    /// Who owns the company's account, as far as that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_owner: Option<AccountOwner>,
    /// Members that were not candidates, with the reason (`paused`, `previous_owner` …).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<(Name, String)>,
}

/// What `decide` returns: the conclusion and the commit that makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub inquiry: Inquiry,
    /// As it will be stored, assignment pending. None for filtered ones.
    pub lead: Option<Lead>,
    /// Whether the lead was known before.
    pub known: bool,
    pub record: Record,
    pub assignment: Assignment,
    /// For showing, where the commit picks nobody: what the plan would pick from, per branch.
    pub picks: Vec<Option<PoolPick>>,
    pub commit: Commit,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
