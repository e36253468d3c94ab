//! Who inquired lately, as this process committed it: facts for the first attempt when the same person inquires
//! again soon, as people do who correct a form or fill in the next one. The commit reads every version again, so a
//! memory that is no longer right costs the round it would have saved, and nothing else.
//!
//! Only the simple case is remembered: an open lead under keys that nobody else has. At most [`LEADS_MAX`] leads
//! twice over, in memory only; the older half goes when the younger is full or [`KEPT`] old, and all of it when
//! somebody is erased: by this process at once, by another one as soon as that is seen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ahash::AHashMap;

use super::context::{Flow, Unavailable};
use super::inquiry::read_lead;
use crate::domain::ports::LATEST;
use crate::domain::{
    Decision, Facts, Index, IndexKey, Key, KeySet, Known, LeadId, Name, Receipt, Stored, Timestamp,
    Write, packing,
};
use crate::identify::IndexedBy;

/// Leads in either half.
const LEADS_MAX: usize = 512;
/// A half takes no more after this time.
const KEPT: Duration = Duration::from_mins(10);

/// One half.
#[derive(Debug)]
struct Half {
    began: Timestamp,
    /// By workspace and key: version of the key's set, and the one lead in it.
    keys: AHashMap<(Name, IndexKey), (u64, LeadId)>,
    /// As the store has them.
    leads: AHashMap<LeadId, Arc<Stored>>,
}

impl Half {
    fn new(began: Timestamp) -> Self {
        Self { began, keys: AHashMap::new(), leads: AHashMap::new() }
    }
}

impl Default for Half {
    fn default() -> Self {
        Self::new(Timestamp::EPOCH)
    }
}

/// The newest erasure of a workspace: whose, and when.
type Newest = Option<(Vec<u8>, i64)>;

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The younger half, the older one.
    halves: Mutex<[Half; 2]>,
    /// The newest erasure that was seen, by workspace.
    erased: Mutex<AHashMap<Name, Newest>>,
}

impl Flow {
    /// What is known for a first attempt: the overlay, and what this process remembers.
    pub(super) async fn first_facts(
        &self,
        workspace: &Name,
        keys: &[IndexedBy],
        account: Option<IndexKey>,
    ) -> Result<Facts, Unavailable> {
        let known = self.roster(workspace).await?;
        let remembered = account.and_then(|key| self.accounts.remembered(workspace, key));
        let (overlay, roster) = (known.version, known.value.clone());
        let mut facts = Facts { overlay, remembered, roster, ..Facts::default() };
        self.recent.recall(workspace, keys, account, &mut facts);
        Ok(facts)
    }

    /// Forgets who inquired lately if another process has erased somebody since this was last asked.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn forget_with_others(&self, workspace: &Name) -> Result<(), Unavailable> {
        let newest = self.store.list(workspace, &Index::Erasures, 0, LATEST, true, 1).await;
        let newest = newest.map_err(|error| self.troubled("list", error))?.into_iter().next();
        if self.recent.saw_erased(workspace, &newest) {
            self.recent.clear();
        }
        Ok(())
    }

    /// Remembers what was committed about somebody who inquired.
    pub(super) fn remember(
        &self,
        decision: &Decision,
        keys: &[IndexedBy],
        facts: &Facts,
        receipt: &Receipt,
    ) {
        let workspace = &decision.commit.workspace;
        self.accounts.committed(workspace, decision, receipt);
        self.recent.committed(workspace, decision, keys, facts, receipt);
    }
}

impl Recent {
    /// Adds what is remembered behind these keys to the facts of a first attempt.
    pub(super) fn recall(
        &self,
        workspace: &Name,
        keys: &[IndexedBy],
        account: Option<IndexKey>,
        facts: &mut Facts,
    ) {
        let held = self.held();
        let find = |key: IndexKey| {
            let key = (workspace.clone(), key);
            held.iter().find_map(|half| half.keys.get(&key).copied())
        };
        let mut leads: Vec<(LeadId, Arc<Stored>)> = Vec::new();
        for key in keys.iter().map(|by| by.key) {
            let Some((version, id)) = find(key) else { continue };
            if leads.iter().all(|(known, _)| *known != id) {
                let lead = held.iter().find_map(|half| half.leads.get(&id).cloned());
                let Some(lead) = lead else { continue };
                leads.push((id, lead));
            }
            facts.keys.push((key, Known { version, value: KeySet::Leads(vec![id]) }));
        }
        drop(held);
        // The person may be the one who stands for the account: one lead is one fact.
        let stands = facts.remembered.take_if(|it| {
            account == Some(it.account) && leads.iter().any(|(id, _)| *id == it.standing.value.lead)
        });
        if let Some(it) = stands {
            let value = KeySet::Leads(vec![it.standing.value.lead]);
            facts.keys.push((it.account, Known { version: it.version, value }));
        }
        for (id, stored) in leads {
            // What this process wrote it can read.
            let body = packing::unpack(stored.body.clone()).unwrap_or_default();
            let stored = Stored { body, ..Stored::clone(&stored) };
            let Ok(value) = read_lead(&stored) else { continue };
            facts.leads.push((id, Known { version: stored.version, value }));
        }
        facts.leads.sort_by_key(|(id, _)| *id);
    }

    /// Takes over what a decision made of a lead.
    pub(super) fn committed(
        &self,
        workspace: &Name,
        decision: &Decision,
        keys: &[IndexedBy],
        facts: &Facts,
        receipt: &Receipt,
    ) {
        let Some(lead) = &decision.lead else { return };
        let assignment = decision.assignment.clone().settle(Some(receipt));
        let open = assignment.outcome().is_some_and(|outcome| !outcome.stage.is_closed());
        if !open || keys.is_empty() || !decision.record.merged.is_empty() {
            return;
        }
        let (mut stored, mut sets) = (None, Vec::with_capacity(keys.len()));
        for write in &decision.commit.writes {
            match write {
                Write::Put { key: Key::Lead(id), version, body, .. } if *id == lead.id => {
                    let (version, receipt) = (*version, Some(receipt.clone()));
                    stored = Some(Stored { version, receipt, body: body.clone() });
                }
                Write::Put { key: Key::Identity(key), version, body, .. }
                    if body[..] == lead.id.as_bytes()[..] =>
                {
                    sets.push((*key, *version));
                }
                _ => {}
            }
        }
        let Some(stored) = stored else { return };
        for (key, known) in &facts.keys {
            let only = matches!(&known.value, KeySet::Leads(ids) if ids[..] == [lead.id]);
            if only && sets.iter().all(|(written, _)| written != key) {
                sets.push((*key, known.version));
            }
        }
        sets.retain(|(key, _)| keys.iter().any(|by| by.key == *key));
        let mut held = self.held();
        let now = decision.commit.now;
        if held[0].leads.len() >= LEADS_MAX || held[0].began.after(KEPT) <= now {
            held.swap(0, 1);
            held[0] = Half::new(now);
        }
        let young = &mut held[0];
        young.leads.insert(lead.id, Arc::new(stored));
        young
            .keys
            .extend(sets.iter().map(|(key, set)| ((workspace.clone(), *key), (*set, lead.id))));
    }

    /// Forgets what proved wrong.
    pub(super) fn forget(&self, workspace: &Name, keys: &[IndexedBy]) {
        let mut held = self.held();
        for half in held.iter_mut() {
            for by in keys {
                half.keys.remove(&(workspace.clone(), by.key));
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        *self.held() = <[Half; 2]>::default();
    }

    /// Whether the newest erasure of a workspace is another one than was last seen.
    fn saw_erased(&self, workspace: &Name, newest: &Newest) -> bool {
        let mut erased = self.erased.lock().unwrap_or_else(PoisonError::into_inner);
        erased.insert(workspace.clone(), newest.clone()).unwrap_or_default() != *newest
    }

    fn held(&self) -> MutexGuard<'_, [Half; 2]> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
