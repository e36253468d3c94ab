//! Reading a kept body again, after the preset was mended.

use super::context::{Flow, Unavailable};
use super::inquiry::{Answer, Caller, Received, Settled};
use super::unreadable::{Kept, RawBody, json, name, normalised};
use super::workspace::Workspace;
use crate::capture::{self, Captured, Request, RowProblem, Source};
use crate::domain::{Commit, Inquiry, InquiryId, JournalRow, Name, Status, Submission};
use crate::identify;

/// What a person did with a body that was read again.
const REPROCESSED: &str = "body_reprocessed";

impl Flow {
    /// Reads a kept body again with the configuration of now. If it is understood, it becomes the
    /// inquiry that its sender was promised under this very id, and leaves the list.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn reprocess(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        actor: &Name,
    ) -> Result<Option<Answer>, Unavailable> {
        let Some((version, kept)) = self.kept(&workspace.name, id).await? else {
            return Ok(None);
        };
        let body = self.opened(id, &kept).ok_or(Unavailable::Corrupt)?;
        let Some(source) = workspace.sources.get(&kept.source) else {
            return Ok(Some(Answer {
                reason: Some(name("source_gone")),
                ..Answer::plain(Status::Unreadable, Some(id))
            }));
        };
        let submission = match read_again(source, &kept, &body) {
            Ok(Reading::One(submission)) if !submission.reference.is_empty() => {
                let reference = (id, submission.reference);
                return self.fetch_anew(workspace, source, reference, actor).await;
            }
            // The body is no inquiry, whoever reads it: the person it is about is forgotten by hand, if anybody is.
            Ok(Reading::One(submission)) if submission.erases => {
                return Ok(Some(Answer {
                    reason: Some(kept.reason),
                    ..Answer::plain(Status::Unreadable, Some(id))
                }));
            }
            Ok(Reading::One(submission)) => *submission,
            Ok(Reading::Rows(rows)) => {
                return self.reprocess_rows(workspace, source, id, rows, actor).await.map(Some);
            }
            Err(reason) => {
                return Ok(Some(Answer {
                    reason: Some(reason),
                    ..Answer::plain(Status::Unreadable, Some(id))
                }));
            }
        };
        let caller = Caller { batch_row: kept.batch, ..Caller::default() };
        let claim = self.claim_for((workspace, source), &submission, &caller, id, self.now());
        let inquiry = normalised(source, submission, id, kept.received_at);
        if !inquiry.filtered && !identify::least(&inquiry) {
            return Ok(Some(Answer {
                reason: Some(name("no_contact")),
                ..Answer::plain(Status::Unreadable, Some(id))
            }));
        }
        let settled = self.settle_kept(workspace, &inquiry, Some(claim), &(version, kept)).await?;
        let answer = match settled {
            Settled::Decided(answer) => {
                self.note_read_again(workspace, &inquiry, actor).await?;
                answer
            }
            Settled::Duplicate(first) | Settled::Conflict(first) => {
                self.forget(workspace, id, actor, REPROCESSED).await?;
                self.answer_again(workspace, first).await?
            }
        };
        Ok(Some(answer))
    }

    /// Notes who had it read; the body went when the inquiry came.
    async fn note_read_again(
        &self,
        workspace: &Workspace,
        inquiry: &Inquiry,
        actor: &Name,
    ) -> Result<(), Unavailable> {
        let now = self.now();
        let row = JournalRow {
            inquiry: Some(inquiry.id),
            source: Some(inquiry.source.clone()),
            actor: Some(actor.clone()),
            ..JournalRow::new(now, name(REPROCESSED))
        };
        let journal = json(&row)?;
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: row.listed(&journal),
            branches: Vec::new(),
            journal,
            lease: None,
        };
        self.store.commit(&commit).await.map_err(|error| self.troubled("forget", error))?;
        self.acted(workspace, actor, REPROCESSED, &inquiry.id.to_string());
        Ok(())
    }

    /// A whole upload that can be read now: each row is an inquiry of its own, rows that still cannot
    /// be read are kept each for itself, and the upload leaves the list. Safe to repeat.
    async fn reprocess_rows(
        &self,
        workspace: &Workspace,
        source: &Source,
        id: InquiryId,
        rows: Vec<Result<Submission, RowProblem>>,
        actor: &Name,
    ) -> Result<Answer, Unavailable> {
        let caller = Caller { batch_row: true, ..Caller::default() };
        let row_body = |bytes| RawBody {
            content_type: Some("application/x-ndjson".to_owned()),
            bytes,
            batch: true,
        };
        let mut first = None;
        for row in rows {
            let answer = match row {
                Ok(submission) => {
                    let bytes = json(&submission)?;
                    let raw = move || row_body(bytes.clone());
                    let received = Received { submission, raw: &raw };
                    self.inquire(workspace, source, received, &caller).await?
                }
                Err(problem) => {
                    let raw = row_body(problem.row_redacted);
                    self.keep(workspace, source, problem.reason, raw, &caller).await?
                }
            };
            first.get_or_insert(answer);
        }
        self.forget(workspace, id, actor, REPROCESSED).await?;
        Ok(first.unwrap_or_else(|| Answer::plain(Status::Unreadable, Some(id))))
    }
}

/// What a kept body turned out to be.
enum Reading {
    One(Box<Submission>),
    /// A whole upload.
    Rows(Vec<Result<Submission, RowProblem>>),
}

fn read_again(source: &Source, kept: &Kept, body: &[u8]) -> Result<Reading, Name> {
    let request = Request {
        // Proved when it first came; its secrets are gone since.
        batch: kept.batch,
        caller_known: true,
        ..Request::post(kept.content_type.as_deref(), body)
    };
    match capture::capture(source, &request, kept.received_at) {
        Ok(Captured::Inquiry { submission, .. }) => Ok(Reading::One(submission)),
        Ok(Captured::Unreadable(unreadable)) => Err(unreadable.reason),
        Ok(Captured::Batch(mut rows)) => match rows.pop() {
            Some(Ok(only)) if rows.is_empty() => Ok(Reading::One(Box::new(only))),
            Some(Err(problem)) if rows.is_empty() => Err(problem.reason),
            Some(last) => {
                rows.push(last);
                Ok(Reading::Rows(rows))
            }
            None => Err(name("empty")),
        },
        Ok(Captured::Ping | Captured::Handshake(_)) => Err(name("empty")),
        Err(refused) => Err(refused.code),
    }
}
