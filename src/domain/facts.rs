//! What the store knew when a decision was made.

use serde::{Deserialize, Serialize};

use super::{Assignment, IndexKey, KeySet, Lead, LeadId, Name, Roster, Status, Timestamp};

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

/// The lead that stands for an account, as far as decisions about the account's other people ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStanding {
    pub lead: LeadId,
    pub created_at: Timestamp,
    pub owner: Option<Name>,
    pub closed: bool,
    /// It is held until its owner has room.
    pub waits: bool,
}

impl AccountStanding {
    /// What a lead with this assignment is to the others of its account.
    #[must_use]
    pub fn of(lead: &Lead, assignment: &Assignment) -> Self {
        Self {
            lead: lead.id,
            created_at: lead.created_at,
            owner: assignment.owner().cloned(),
            closed: assignment.outcome().is_some_and(|outcome| outcome.stage.is_closed()),
            waits: assignment.status() == Status::Held,
        }
    }
}

/// Who stood for an account when this process last saw it: facts for a first attempt. The commit reads both
/// versions, so what is no longer so is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    pub account: IndexKey,
    /// Version of the account's key set.
    pub version: u64,
    /// Never one that is closed or was merged: what follows from those takes more facts.
    pub standing: Known<AccountStanding>,
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
    /// What a first attempt knows of the account.
    pub remembered: Option<Remembered>,
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

    /// The key set of an account: its version (0 = none), and the lead in it.
    #[must_use]
    pub fn account(&self, account: IndexKey) -> (u64, Option<LeadId>) {
        if let Some(it) = self.remembered_of(account) {
            return (it.version, Some(it.standing.value.lead));
        }
        let Some(known) = self.key(account) else { return (0, None) };
        let stood = match &known.value {
            KeySet::Leads(ids) => ids.first().copied(),
            KeySet::Shared(_) => None,
        };
        (known.version, stood)
    }

    /// The lead that stands for an account: the set behind an account's key holds one id. It changes only
    /// when that lead is closed, or when it has no owner and another one of the account gets one; the
    /// account's people are in [`super::Index::Account`], which is in nobody's read set.
    #[must_use]
    pub fn standing(&self, account: IndexKey) -> Option<AccountStanding> {
        if let Some(it) = self.remembered_of(account) {
            return Some(it.standing.value.clone());
        }
        let (_, stood) = self.account(account);
        let lead = &self.survivor(self.lead(stood?)?).value;
        Some(AccountStanding::of(lead, &lead.assignment))
    }

    /// When a lead of the account was created, as far as the facts know it.
    #[must_use]
    pub fn created_at(&self, account: IndexKey, lead: LeadId) -> Option<Timestamp> {
        let remembered = self.remembered_of(account).map(|it| &it.standing.value);
        let remembered = remembered.filter(|it| it.lead == lead).map(|it| it.created_at);
        remembered.or_else(|| Some(self.lead(lead)?.value.created_at))
    }

    fn remembered_of(&self, account: IndexKey) -> Option<&Remembered> {
        self.remembered.as_ref().filter(|it| it.account == account)
    }

    /// Who owns an account: the owner of the open lead that stands for it, and that lead.
    #[must_use]
    pub fn account_owner(&self, account: IndexKey) -> Option<AccountOwner> {
        let successor = || {
            let lead = &self.lead(self.successor?)?.value;
            Some(AccountStanding::of(lead, &lead.assignment))
        };
        [self.standing(account), successor()].into_iter().flatten().find_map(|it| {
            let member = it.owner.filter(|_| !it.closed)?;
            Some(AccountOwner { member, lead: Some(it.lead) })
        })
    }
}
