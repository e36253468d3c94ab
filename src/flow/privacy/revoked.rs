//! A sender says that what it sent is to be forgotten, as LinkedIn does when somebody deletes what they gave.

use super::erase::{Erasure, REMEMBERED};
use crate::capture::Source;
use crate::domain::{Claim, Commit, CommitOutcome, InquiryId, JournalRow, Status};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::find::Asked;
use crate::flow::inquiry::{Answer, Caller, Received};
use crate::flow::operate::ActionError;
use crate::flow::unreadable::{json, name};
use crate::flow::workspace::Workspace;

/// The reason in the journal, and on the list of what people see to.
const REQUESTED: &str = "erasure_requested";

impl Flow {
    /// Forgets what a sender refers to, if the request is signed and the person came by this source alone. Whoever came by other
    /// ways too gave us that themselves: people judge it, on the list of what could not be read. Safe to repeat; what it is
    /// about may even come later, and is known then.
    pub(in crate::flow) async fn revoke(
        &self,
        workspace: &Workspace,
        source: &Source,
        received: Received<'_>,
        caller: &Caller,
    ) -> Result<Answer, Unavailable> {
        let signed = source.is_signed() && caller.api_key.is_none() && source.tells_of_erasures();
        if let Some(event) = received.submission.event_id.as_deref().filter(|_| signed)
            && self.forget_event(workspace, source, event).await?
        {
            return self.remember_revoked(workspace, source, event).await;
        }
        self.keep(workspace, source, name(REQUESTED), (received.raw)(), caller).await
    }

    /// Forgets whoever came with an event. `false` = that is for people to judge.
    async fn forget_event(
        &self,
        workspace: &Workspace,
        source: &Source,
        event: &str,
    ) -> Result<bool, Unavailable> {
        for id in self.inquiries_called(workspace, &[source.name()], event).await? {
            if !self.came_by_it_alone(workspace, source, id).await? {
                return Ok(false);
            }
            let erasure = Erasure {
                asked: Asked::Inquiry(id),
                reason: Some(name(REQUESTED)),
                all: false,
                dry_run: false,
            };
            match self.erase(workspace, &erasure, source.name()).await {
                Ok(_) | Err(ActionError::NoLead) => {}
                Err(ActionError::Unavailable(unavailable)) => return Err(unavailable),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Whether whoever an inquiry is about never came by another source.
    async fn came_by_it_alone(
        &self,
        workspace: &Workspace,
        source: &Source,
        id: InquiryId,
    ) -> Result<bool, Unavailable> {
        let entry = self.entry(&workspace.name, id).await?;
        let Some(lead) = entry.and_then(|entry| entry.lead) else { return Ok(true) };
        let Some(held) = self.held(workspace, lead).await? else { return Ok(true) };
        Ok(held.entries.values().all(|known| known.value.inquiry.source == *source.name()))
    }

    /// Remembers an event that is to be forgotten, so that it brings nobody back and nobody at all if it comes only now.
    async fn remember_revoked(
        &self,
        workspace: &Workspace,
        source: &Source,
        event: &str,
    ) -> Result<Answer, Unavailable> {
        let (now, id) = (self.now(), self.ids().inquiry());
        let [key, ..] = self.claims_of(source.name(), event);
        let until = now.after(REMEMBERED);
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(source.name().clone()),
            status: Some(Status::Erased),
            reason: Some(name(REQUESTED)),
            ..JournalRow::new(now, name("erasure_noted"))
        };
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: Some(Claim { key, fingerprint: [0; 8], inquiry: id, until }),
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: json(&row)?,
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        let first = match outcome.map_err(|error| self.troubled("erase", error))? {
            // It came, and was claimed then; or it was told before.
            CommitOutcome::Duplicate { inquiry } | CommitOutcome::Conflict { inquiry } => inquiry,
            CommitOutcome::Committed(_) => id,
            CommitOutcome::Stale(_) => return Err(Unavailable::Contention),
        };
        Ok(Answer::plain(Status::Erased, Some(first)))
    }
}
