//! Held leads after a change of the configuration: the new one may know somebody for them, so it is tried at once, not
//! only when their next look comes.
//!
//! A lead that was last decided by another configuration than the one in force is tried once by this one, whatever the
//! number of replicas: its record says by which it was decided. One replica at a time goes through them, some in each
//! round, the better ones first; whoever dies is followed by another.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::context::{Flow, Unavailable};
use super::inquiry::read_entry;
use super::workspace::Workspace;
use crate::domain::{Index, Key, Lead, Name};

/// So many are looked at in one round, and so many of them are tried.
const LOOKED_AT: u32 = 1000;
const TRIED: usize = 100;

/// How far this process is: by workspace the configuration, and from where on the list is to be looked at; `None` = it
/// was gone through.
#[derive(Debug, Default)]
pub(super) struct GoneThrough(Mutex<BTreeMap<Name, (String, Option<i64>)>>);

impl GoneThrough {
    fn from(&self, workspace: &Workspace) -> Option<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&workspace.name) {
            Some((hash, from)) if *hash == workspace.hash => *from,
            _ => Some(0),
        }
    }

    fn reached(&self, workspace: &Workspace, from: Option<i64>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(workspace.name.clone(), (workspace.hash.clone(), from));
    }
}

impl Flow {
    /// Tries again for held leads that another configuration than this one has held. Gives how many were tried.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn retry_reloaded(&self, workspace: &Workspace) -> Result<u32, Unavailable> {
        let Some(from) = self.gone_through.from(workspace) else { return Ok(0) };
        let (name, to) = (&workspace.name, i64::MAX >> 11);
        let listed = self.store.list(name, &Index::Held, from, to, false, LOOKED_AT).await;
        let listed = listed.map_err(|error| self.troubled("list", error))?;
        // As many as there are at once: those after them come next.
        let last = listed.last().filter(|_| listed.len() >= LOOKED_AT as usize);
        let next = last.map(|(_, at)| (*at).max(from.saturating_add(1)));
        let leads = self.decided_by_others(workspace, listed).await?;
        if !leads.is_empty() && !self.takes_turn(workspace, self.now()).await? {
            return Ok(0);
        }
        if leads.len() <= TRIED {
            self.gone_through.reached(workspace, next);
        }
        self.retry(workspace, leads, TRIED).await
    }

    /// Those that another configuration decided last.
    async fn decided_by_others(
        &self,
        workspace: &Workspace,
        listed: Vec<(Vec<u8>, i64)>,
    ) -> Result<Vec<Lead>, Unavailable> {
        let leads = self.listed_leads(workspace, listed).await?;
        let last = |lead: &Lead| lead.touches.last().unwrap_or(&lead.first_touch).inquiry;
        let keys: Vec<Key> = leads.iter().map(last).map(Key::Inquiry).collect();
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        let mut others = Vec::new();
        for (lead, stored) in leads.into_iter().zip(stored) {
            let entry = stored.as_ref().map(read_entry).transpose()?;
            if entry.is_some_and(|entry| entry.record.config != workspace.hash) {
                others.push(lead);
            }
        }
        Ok(others)
    }
}
