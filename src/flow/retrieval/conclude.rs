//! What was fetched becomes the inquiry that its sender was promised, or is kept where a person sees it.

use super::accept::put;
use crate::capture::{self, Captured, Request, RowProblem, Source};
use crate::decide::{Input, decide};
use crate::domain::{
    Claim, Commit, CommitOutcome, Facts, Index, Inquiry, InquiryId, JournalRow, Key, Name, Read,
    Status, Submission, Write,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::inquiry::{Answer, Caller, Received, Settled};
use crate::flow::unreadable::{Kept, RawBody, change, json, name, normalised};
use crate::flow::workspace::Workspace;
use crate::identify;

/// After so many stale commits in a row it is tried again later.
const ROUNDS_MAX: u32 = 16;
const JSON: &str = "application/json";

impl Flow {
    /// Reads what was fetched as if it had been posted. One inquiry in it has the id that was answered; further
    /// ones have their own.
    pub(super) async fn fetched(
        &self,
        workspace: &Workspace,
        source: &Source,
        id: InquiryId,
        kept: (u64, Kept),
        document: Vec<u8>,
    ) -> Result<(), Unavailable> {
        let request = Request {
            // What it refers to was proved; this came from the vendor itself.
            caller_known: true,
            ..Request::post(Some(JSON), &document)
        };
        let rows = match capture::capture(source, &request, kept.1.received_at) {
            Ok(Captured::Inquiry { submission, .. }) => vec![Ok(*submission)],
            Ok(Captured::Batch(rows)) => rows,
            Ok(Captured::Unreadable(unreadable)) => {
                let body = Some(unreadable.body_redacted);
                return self.set_aside(workspace, id, kept, unreadable.reason, body).await;
            }
            Ok(Captured::Ping | Captured::Handshake(_)) | Err(_) => Vec::new(),
        };
        let pieces = capture::redacted_rows(source, &request);
        let own = self.take_others(workspace, source, rows, pieces).await?;
        let own = own.filter(|submission| submission.reference.is_empty());
        let Some(submission) = own else {
            let reason = name("nothing_fetched");
            return self.set_aside(workspace, id, kept, reason, Some(document)).await;
        };
        // By its own id it may have come before, or not yet: then it is known by both from now on.
        let claim = submission.event_id.is_some().then(|| {
            let caller = Caller::default();
            self.claim_for((workspace, source), &submission, &caller, id, self.now())
        });
        let inquiry = normalised(source, submission, id, kept.1.received_at);
        if !inquiry.filtered && !identify::least(&inquiry) {
            return self.set_aside(workspace, id, kept, name("no_contact"), Some(document)).await;
        }
        match self.settle_kept(workspace, &inquiry, claim, &kept).await? {
            Settled::Decided(_) => Ok(()),
            Settled::Duplicate(_) | Settled::Conflict(_) => self.let_go(workspace, id, kept).await,
        }
    }

    /// What was fetched had come before, under another id: the reference goes.
    async fn let_go(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        (version, kept): (u64, Kept),
    ) -> Result<(), Unavailable> {
        let now = self.now();
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(kept.source.clone()),
            status: Some(Status::Duplicate),
            ..JournalRow::new(now, name("reference_known"))
        };
        let mut commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: json(&row)?,
            lease: None,
        };
        instead(&mut commit, id, version, &kept);
        let outcome = self.store.commit(&commit).await;
        match outcome.map_err(|error| self.troubled("fetch", error))? {
            CommitOutcome::Stale(_) => Err(Unavailable::Contention),
            _ => Ok(()),
        }
    }

    /// Takes all but the first, each for itself; gives that one.
    async fn take_others(
        &self,
        workspace: &Workspace,
        source: &Source,
        rows: Vec<Result<Submission, RowProblem>>,
        pieces: Vec<Vec<u8>>,
    ) -> Result<Option<Submission>, Unavailable> {
        let caller = Caller { batch_row: true, ..Caller::default() };
        let mut own = None;
        let mut pieces = pieces.into_iter();
        for taken in rows {
            let bytes = pieces.next().unwrap_or_default();
            match taken {
                Ok(submission) if own.is_none() => own = Some(submission),
                Ok(submission) => {
                    let raw = move || piece(bytes.clone());
                    let received = Received { submission, raw: &raw };
                    self.inquire(workspace, source, received, &caller).await?;
                }
                Err(problem) => {
                    let raw = piece(problem.row_redacted);
                    self.keep(workspace, source, problem.reason, raw, &caller).await?;
                }
            }
        }
        Ok(own)
    }

    /// Decides an inquiry whose id a kept body holds until then: the one goes in the step in which the other comes.
    pub(in crate::flow) async fn settle_kept(
        &self,
        workspace: &Workspace,
        inquiry: &Inquiry,
        mut claim: Option<Claim>,
        (version, kept): &(u64, Kept),
    ) -> Result<Settled, Unavailable> {
        let keys = identify::keys(inquiry, &self.pepper);
        let account = identify::account(inquiry, &self.pepper);
        let referrer = identify::referrer(inquiry, &self.pepper);
        let _turn = self.gate.enter(keys.iter().map(|by| by.key)).await;
        let known = self.roster(&workspace.name).await?;
        let ids = self.ids();
        let roster = known.value.clone();
        let mut facts = Facts { overlay: known.version, roster, ..Facts::default() };
        for round in 1..=ROUNDS_MAX {
            let input = Input {
                inquiry,
                keys: &keys,
                account,
                referrer,
                facts: &facts,
                claim: claim.clone(),
                trace: None,
                lease: Some(self.lease.clone()),
                now: self.now(),
            };
            let mut decision = decide(&workspace.decide, input, &mut ids.clone());
            instead(&mut decision.commit, inquiry.id, *version, kept);
            let outcome = self.store.commit(&decision.commit).await;
            match outcome.map_err(|error| self.troubled("commit", error))? {
                CommitOutcome::Committed(committed) => {
                    self.hand_out(&decision.commit, committed.leased);
                    let answer = self.committed(workspace, decision, &committed.receipt, round);
                    return Ok(Settled::Decided(answer));
                }
                // It was claimed when it was first kept.
                CommitOutcome::Duplicate { inquiry: first }
                | CommitOutcome::Conflict { inquiry: first }
                    if first == inquiry.id =>
                {
                    claim = None;
                }
                CommitOutcome::Duplicate { inquiry } => return Ok(Settled::Duplicate(inquiry)),
                CommitOutcome::Conflict { inquiry } => return Ok(Settled::Conflict(inquiry)),
                CommitOutcome::Stale(current) => {
                    let ours = |key: &Key| *key == Key::Body(inquiry.id);
                    if current.iter().any(|(key, stored)| ours(key) && stored.is_none()) {
                        // Somebody was faster; or it was our own commit, whose reply was lost.
                        let answer = self.answer_again(workspace, inquiry.id).await?;
                        return Ok(Settled::Decided(Answer { duplicate: false, ..answer }));
                    }
                    facts = self.facts(workspace, &keys, current).await?;
                    self.find_successor(&workspace.name, account, &mut facts).await?;
                }
            }
        }
        Err(Unavailable::Contention)
    }

    /// What was fetched, or was to be, goes on the list of what could not be read.
    pub(super) async fn set_aside(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        (version, kept): (u64, Kept),
        reason: Name,
        document: Option<Vec<u8>>,
    ) -> Result<(), Unavailable> {
        let now = self.now();
        let until = now.after(workspace.unreadable_ttl);
        let before = kept.list();
        let mut kept = Kept { reason: reason.clone(), retrieval: None, ..kept };
        if let Some(document) = document {
            kept.sealed = self.sealed(id, &document)?;
            kept.content_type = Some(JSON.to_owned());
            kept.batch = false;
        }
        let (list, expiry) = kept.listed(id);
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(kept.source.clone()),
            status: Some(Status::Unreadable),
            reason: Some(reason),
            ..JournalRow::new(now, name("body_kept"))
        };
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Body(id), version }],
            writes: vec![put(id, version + 1, &kept, Some(until))?],
            indexes: vec![
                change(before, id.as_bytes(), None),
                change(list, id.as_bytes(), Some(now)),
                change(Index::Expiry, &expiry, Some(until)),
            ],
            branches: Vec::new(),
            journal: json(&row)?,
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        match outcome.map_err(|error| self.troubled("keep", error))? {
            CommitOutcome::Stale(_) => Err(Unavailable::Contention),
            _ => Ok(()),
        }
    }
}

/// One of several, as a delivery of its own.
pub(super) fn piece(bytes: Vec<u8>) -> RawBody {
    RawBody { content_type: Some(JSON.to_owned()), bytes, batch: false }
}

/// The commit of a new inquiry takes the place of what was kept under its id.
fn instead(commit: &mut Commit, id: InquiryId, version: u64, kept: &Kept) {
    let (list, expiry) = kept.listed(id);
    commit.reads.push(Read { key: Key::Body(id), version });
    commit.writes.push(Write::Delete { key: Key::Body(id) });
    let gone = [change(list, id.as_bytes(), None), change(Index::Expiry, &expiry, None)];
    commit.indexes.splice(0..0, gone);
}
