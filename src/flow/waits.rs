//! Held leads whose time has come: somebody begins, a cap's window ended, or they waited long enough.
//!
//! They stand in an index by when they are tried again, so nothing is lost with a process, and each is moved by a
//! commit that depends on the lead as it was: once, whatever the number of replicas. When members are scarce, the
//! better score (or expected value) goes first, then who waits longer.

use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::inquiry::read_lead;
use super::operate::{Action, ActionError};
use super::workspace::Workspace;
use crate::domain::{Claim, Commit, CommitOutcome, Index, Key, Lead, LeadId, Name, Timestamp};

/// So many are looked at in one round.
const ROUND_MAX: u32 = 1000;
/// One replica at a time goes through them; if it dies, the next one goes on after this time.
const TURN: Duration = Duration::from_secs(3);
/// Who did it, in logs: nobody.
const CLOCK: &str = "clock";

impl Flow {
    /// Tries again for every held lead whose time has come. Gives how many were tried.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn retry_due(&self, workspace: &Workspace) -> Result<u32, Unavailable> {
        let now = self.now();
        let to = now.as_millis();
        let due = self.store.list(&workspace.name, &Index::Waits, 0, to, false, ROUND_MAX).await;
        let due = due.map_err(|error| self.troubled("list", error))?;
        if due.is_empty() || !self.takes_turn(workspace, now).await? {
            return Ok(0);
        }
        let mut leads = self.listed_leads(workspace, due).await?;
        leads.retain(|lead| {
            let wait = lead.assignment.outcome().and_then(|outcome| outcome.wait.as_ref());
            wait.is_some_and(|wait| wait.next <= now)
        });
        self.retry(workspace, leads, usize::MAX).await
    }

    /// Tries again for every held lead, because somebody may be there who was not.
    pub(super) async fn retry_held(&self, workspace: &Workspace) -> Result<u32, Unavailable> {
        let all =
            self.store.list(&workspace.name, &Index::Held, 0, i64::MAX >> 11, false, ROUND_MAX);
        let all = all.await.map_err(|error| self.troubled("list", error))?;
        let leads = self.listed_leads(workspace, all).await?;
        self.retry(workspace, leads, usize::MAX).await
    }

    /// The leads that are listed, as far as they are there.
    pub(super) async fn listed_leads(
        &self,
        workspace: &Workspace,
        members: Vec<(Vec<u8>, i64)>,
    ) -> Result<Vec<Lead>, Unavailable> {
        let ids = members.into_iter().filter_map(|(member, _)| member.try_into().ok());
        let keys: Vec<Key> = ids.map(LeadId::from_bytes).map(Key::Lead).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, &keys).await;
        let stored = stored.map_err(|error| self.troubled("read", error))?;
        stored.iter().flatten().map(read_lead).collect()
    }

    /// Tries again for the first of these leads.
    pub(super) async fn retry(
        &self,
        workspace: &Workspace,
        mut leads: Vec<Lead>,
        most: usize,
    ) -> Result<u32, Unavailable> {
        let since = |lead: &Lead| {
            let wait = lead.assignment.outcome().and_then(|outcome| outcome.wait.as_ref());
            wait.map_or(lead.updated_at, |wait| wait.since)
        };
        let router = &workspace.decide.router;
        leads.sort_by_key(|lead| (std::cmp::Reverse(router.rank(lead)), since(lead), lead.id));
        let mut tried = 0;
        for lead in leads.into_iter().take(most) {
            let nobody = Name::fixed(CLOCK);
            match self.act(workspace, lead.id, Action::Retry, &nobody, None).await {
                Err(ActionError::Unavailable(error)) => return Err(error),
                // Somebody else was faster: it waits no more.
                Ok(_) | Err(_) => tried += 1,
            }
        }
        Ok(tried)
    }

    /// Whether this process may go through them now.
    pub(super) async fn takes_turn(
        &self,
        workspace: &Workspace,
        now: Timestamp,
    ) -> Result<bool, Unavailable> {
        let hash = self.pepper.hash("turn", &[b"waits", workspace.name.as_str().as_bytes()]);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&self.mint.mint()[8..]);
        let inquiry = Claim::NO_INQUIRY;
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: Some(Claim { key, fingerprint, inquiry, until: now.after(TURN) }),
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        let outcome = outcome.map_err(|error| self.troubled("turn", error))?;
        Ok(matches!(outcome, CommitOutcome::Committed(_)))
    }
}
