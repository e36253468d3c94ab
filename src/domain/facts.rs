//! What the store knew when a decision was made.

use serde::{Deserialize, Serialize};

use super::{IndexKey, KeySet, Lead, LeadId, Name, Roster};

/// A versioned value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    pub version: u64,
    pub value: T,
}

/// Who owns the account that a lead belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOwner {
    pub member: Name,
    /// The account's open lead that the member owns; `None` = the list of named accounts says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
}

/// All current facts behind the index keys of one inquiry. Empty for a first attempt: absent keys
/// are read as "must be absent".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Key sets that exist, in the order of the inquiry's keys.
    pub keys: Vec<(IndexKey, Known<KeySet>)>,
    /// Every lead behind them, assignments settled, sorted by id; merged ones and their survivors both.
    pub leads: Vec<(LeadId, Known<Lead>)>,
    /// Version of the overlay; 0 = none.
    pub overlay: u64,
    /// The oldest open lead of the account that somebody owns; looked for only where the lead that stood
    /// for the account is closed.
    pub successor: Option<LeadId>,
    /// The overlay: who is away, as people said.
    pub roster: Roster,
}

impl Facts {
    /// The key set behind a key.
    #[must_use]
    pub fn key(&self, key: IndexKey) -> Option<&Known<KeySet>> {
        self.keys.iter().find(|(k, _)| *k == key).map(|(_, known)| known)
    }

    /// The lead of that id.
    #[must_use]
    pub fn lead(&self, id: LeadId) -> Option<&Known<Lead>> {
        self.leads.iter().find(|(l, _)| *l == id).map(|(_, known)| known)
    }

    /// Follows `merged_into` as far as the facts reach.
    #[must_use]
    pub fn survivor<'f>(&'f self, lead: &'f Known<Lead>) -> &'f Known<Lead> {
        let mut lead = lead;
        // A chain is never longer than the number of leads; a loop would be.
        for _ in 0..self.leads.len() {
            match lead.value.merged_into.and_then(|id| self.lead(id)) {
                Some(next) => lead = next,
                None => break,
            }
        }
        lead
    }

    /// The lead that stands for an account: the set behind an account's key holds one id. It changes only
    /// when that lead is closed, or when it has no owner and another one of the account gets one; the
    /// account's people are in [`super::Index::Account`], which is in nobody's read set.
    #[must_use]
    pub fn standing(&self, account: IndexKey) -> Option<&Known<Lead>> {
        let KeySet::Leads(ids) = &self.key(account)?.value else { return None };
        Some(self.survivor(self.lead(*ids.first()?)?))
    }

    /// Who owns an account: the owner of the open lead that stands for it, and that lead.
    #[must_use]
    pub fn account_owner(&self, account: IndexKey) -> Option<AccountOwner> {
        let successor = || self.lead(self.successor?);
        [self.standing(account), successor()].into_iter().flatten().find_map(|known| {
            let lead = &known.value;
            let member = lead.assignment.owner().filter(|_| !lead.stage().is_closed())?;
            Some(AccountOwner { member: member.clone(), lead: Some(lead.id) })
        })
    }
}
