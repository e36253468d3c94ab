//! A reference comes in, or is taken up again: it is kept, and a job fetches what it stands for.

use super::fetch::retrieval_route;
use crate::capture::Source;
use crate::domain::{
    Branch, Claim, Commit, CommitOutcome, DeliveryId, InquiryId, Job, JournalRow, Key, Name,
    NewJob, Read, Reference, Retrieve, Status, Timestamp, Write,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::inquiry::Answer;
use crate::flow::unreadable::{Kept, RawBody, change, json, name};
use crate::flow::workspace::Workspace;

/// The reason of what is being fetched.
const RETRIEVING: &str = "retrieving";
/// Fetches are younger than most of what waits.
const PRIORITY: u8 = 3;

impl Flow {
    /// Keeps a reference; what it stands for is fetched at once, by a job.
    pub(in crate::flow) async fn take_reference(
        &self,
        workspace: &Workspace,
        source: &Source,
        (reference, raw): (Reference, RawBody),
        claim: Claim,
    ) -> Result<Answer, Unavailable> {
        let (now, id) = (self.now(), claim.inquiry);
        let job = self.ids().delivery();
        let kept = Kept {
            source: source.name().clone(),
            reason: name(RETRIEVING),
            received_at: now,
            count: 1,
            returned: false,
            retrieval: Some(job),
            content_type: raw.content_type,
            batch: raw.batch,
            sealed: self.sealed(id, &raw.bytes)?,
        };
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(source.name().clone()),
            status: Some(Status::Retrieving),
            ..JournalRow::new(now, name("reference_kept"))
        };
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: Some(claim),
            reads: vec![Read { key: Key::Body(id), version: 0 }],
            writes: vec![put(id, 1, &kept, None)?],
            indexes: vec![change(kept.list(), id.as_bytes(), Some(now))],
            branches: vec![fetching(source, id, job, reference, now)?],
            journal: json(&row)?,
            lease: Some(self.lease.clone()),
        };
        let outcome = self.store.commit(&commit).await;
        match outcome.map_err(|error| self.troubled("keep", error))? {
            CommitOutcome::Committed(committed) => {
                self.hand_out(&commit, committed.leased);
                Ok(Answer::plain(Status::Retrieving, Some(id)))
            }
            CommitOutcome::Duplicate { inquiry } | CommitOutcome::Conflict { inquiry }
                if inquiry != id =>
            {
                self.answer_again(workspace, inquiry).await
            }
            // Our own commit, whose reply was lost.
            CommitOutcome::Duplicate { .. } | CommitOutcome::Conflict { .. } => {
                Ok(Answer::plain(Status::Retrieving, Some(id)))
            }
            CommitOutcome::Stale(_) => Err(Unavailable::Contention),
        }
    }

    /// Fetches what a kept body refers to, from now on by a new job: a person wants it tried again.
    pub(in crate::flow) async fn fetch_anew(
        &self,
        workspace: &Workspace,
        source: &Source,
        (id, reference): (InquiryId, Reference),
        actor: &Name,
    ) -> Result<Option<Answer>, Unavailable> {
        let Some((version, kept)) = self.kept(&workspace.name, id).await? else { return Ok(None) };
        let (now, job) = (self.now(), self.ids().delivery());
        let (list, expiry) = kept.listed(id);
        let since = kept.received_at;
        let kept = Kept { reason: name(RETRIEVING), returned: false, retrieval: Some(job), ..kept };
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(source.name().clone()),
            status: Some(Status::Retrieving),
            actor: Some(actor.clone()),
            ..JournalRow::new(now, name("retrieval_begun_anew"))
        };
        let journal = json(&row)?;
        let mut indexes = row.listed(&journal);
        indexes.push(change(list, id.as_bytes(), None));
        indexes.push(change(crate::domain::Index::Expiry, &expiry, None));
        indexes.push(change(kept.list(), id.as_bytes(), Some(since)));
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Body(id), version }],
            writes: vec![put(id, version + 1, &kept, None)?],
            indexes,
            branches: vec![fetching(source, id, job, reference, now)?],
            journal,
            lease: Some(self.lease.clone()),
        };
        if let Some(queue) = Job::retrieval_queue(source.name()) {
            let resumed = self.store.pause(&workspace.name, &queue, now, None).await;
            resumed.map_err(|error| self.troubled("resume", error))?;
        }
        let outcome = self.store.commit(&commit).await;
        match outcome.map_err(|error| self.troubled("fetch", error))? {
            CommitOutcome::Committed(committed) => {
                self.hand_out(&commit, committed.leased);
                self.acted(workspace, actor, "retrieval_begun_anew", &id.to_string());
                Ok(Some(Answer::plain(Status::Retrieving, Some(id))))
            }
            _ => Err(Unavailable::Contention),
        }
    }
}

/// A kept body as it is to be from now on.
pub(super) fn put(
    id: InquiryId,
    version: u64,
    kept: &Kept,
    until: Option<Timestamp>,
) -> Result<Write, Unavailable> {
    let (key, body) = (Key::Body(id), json(kept)?);
    Ok(Write::Put { key, version, with_receipt: false, body, until })
}

/// The job, as a commit orders it.
fn fetching(
    source: &Source,
    inquiry: InquiryId,
    id: DeliveryId,
    reference: Reference,
    due: Timestamp,
) -> Result<Branch, Unavailable> {
    let route = retrieval_route(source).ok_or(Unavailable::Corrupt)?;
    let body = Job::Retrieve(Retrieve { id, inquiry, source: source.name().clone(), reference });
    let job = NewJob {
        id,
        lead: None,
        route,
        fallback: None,
        resets_handover: false,
        due,
        priority: PRIORITY,
        coalesces: false,
        inquiry: None,
        body: json(&body)?,
    };
    Ok(Branch { pick: None, jobs: vec![job], indexes: Vec::new() })
}
