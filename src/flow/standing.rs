//! Who stands for which account, as this process last saw it. Whoever's company is known would need two rounds, the
//! first of which only learns who stands for it; remembered, that is a fact of the first attempt. The commit reads
//! both versions, so a memory that is no longer right costs the round it would have saved, and nothing else.
//!
//! There are places for [`SLOTS`] accounts, about 100 bytes each, all of them from the start, so that memory does not grow
//! with how many were seen; of two in one place the later one stays.
//! Nothing about a person is kept: keyed hashes, ids, the owner's name.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::{
    AccountStanding, Decision, Facts, IndexKey, Key, KeySet, Known, Name, Receipt, Remembered,
    Write,
};

/// Places.
const SLOTS: usize = 32_768;

/// What is remembered of an account, and in which workspace.
type Place = Option<(Name, Remembered)>;

/// What is remembered, by place.
#[derive(Debug)]
pub(super) struct Accounts(Mutex<Box<[Place]>>);

impl Default for Accounts {
    fn default() -> Self {
        Self(Mutex::new(std::iter::repeat_n(None, SLOTS).collect()))
    }
}

impl Accounts {
    /// Who stood for an account when it was last seen.
    pub(super) fn remembered(&self, workspace: &Name, account: IndexKey) -> Option<Remembered> {
        let held = self.held();
        let (of, remembered) = held[slot(account)].as_ref()?;
        (of == workspace && remembered.account == account).then(|| remembered.clone())
    }

    /// Takes over what the store said about an account.
    pub(super) fn saw(&self, workspace: &Name, account: IndexKey, facts: &Facts) {
        let (version, stood) = facts.account(account);
        match stood.and_then(|id| facts.lead(id)) {
            Some(Known { version: own, value: lead }) if lead.merged_into.is_none() => {
                let value = AccountStanding::of(lead, &lead.assignment);
                let standing = Known { version: *own, value };
                self.keep(workspace, Remembered { account, version, standing });
            }
            _ => self.forget(workspace, account),
        }
    }

    /// Takes over what a decision made of an account: its lead stands for it now, or stood for it and changed.
    pub(super) fn committed(&self, workspace: &Name, decision: &Decision, receipt: &Receipt) {
        let Some(lead) = &decision.lead else { return };
        let Some(account) = lead.account else { return };
        let put = |wanted: Key| {
            decision.commit.writes.iter().find_map(|write| match write {
                Write::Put { key, version, body, .. } if *key == wanted => Some((*version, body)),
                _ => None,
            })
        };
        let stands = put(Key::Identity(account))
            .map(|(version, body)| (version, KeySet::decode(body)))
            .or_else(|| {
                let it = self.remembered(workspace, account)?;
                Some((it.version, Some(KeySet::Leads(vec![it.standing.value.lead]))))
            });
        let Some((version, Some(KeySet::Leads(ids)))) = stands else { return };
        if ids != [lead.id] {
            if put(Key::Identity(account)).is_some() {
                self.forget(workspace, account);
            }
            return;
        }
        let Some((own, _)) = put(Key::Lead(lead.id)) else { return };
        let assignment = decision.assignment.clone().settle(Some(receipt));
        let standing = Known { version: own, value: AccountStanding::of(lead, &assignment) };
        self.keep(workspace, Remembered { account, version, standing });
    }

    fn keep(&self, workspace: &Name, remembered: Remembered) {
        let account = remembered.account;
        if remembered.standing.value.closed {
            return self.forget(workspace, account);
        }
        self.held()[slot(account)] = Some((workspace.clone(), remembered));
    }

    fn forget(&self, workspace: &Name, account: IndexKey) {
        let place = &mut self.held()[slot(account)];
        let _ = place.take_if(|(of, it)| of == workspace && it.account == account);
    }

    fn held(&self) -> MutexGuard<'_, Box<[Place]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys are hashes: any two bytes will do, but for those that say what kind of key it is.
fn slot(account: IndexKey) -> usize {
    usize::from(u16::from_be_bytes([account.0[14], account.0[15]])) % SLOTS
}
