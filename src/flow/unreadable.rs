//! What was accepted but could not be read is kept, sealed, counted and listed, until somebody
//! mends the preset and has it read again, or gives it up, or it expires.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::context::{Flow, Unavailable};
use super::inquiry::{Answer, Caller, Received, Settled};
use super::workspace::Workspace;
use crate::capture::{self, Captured, Method, Request, RowProblem, Source};
use crate::domain::{
    Claim, Commit, CommitOutcome, Index, IndexChange, Inquiry, InquiryId, JournalRow, Key, Name,
    Read, Status, Stored, Submission, Timestamp, Write,
};
use crate::identify::{self, Hints};
use crate::telemetry::Fact;

/// A body as it is kept: secrets already removed.
#[derive(Debug, Clone, Default)]
pub struct RawBody {
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
    /// One row of a batch, not a whole request.
    pub batch: bool,
}

/// What the store keeps under [`Key::Body`], as JSON. The body itself is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    pub source: Name,
    /// Why it could not be read: a fixed word.
    pub reason: Name,
    pub received_at: Timestamp,
    /// How often the very same body came.
    pub count: u32,
    /// Given back to a caller who can correct it (422), rather than kept for an operator.
    pub returned: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(default)]
    pub batch: bool,
    /// Sealed by the keyring, bound to the inquiry id; base64.
    sealed: String,
}

/// A kept body, opened for somebody with the right to see it.
#[derive(Debug, Clone)]
pub struct KeptBody {
    pub kept: Kept,
    pub body: Vec<u8>,
}

impl Flow {
    /// Keeps a body that could not be read, and says so to the caller.
    ///
    /// # Errors
    /// If the store does not answer: then nothing was acknowledged.
    pub async fn keep(
        &self,
        workspace: &Workspace,
        source: &Source,
        reason: Name,
        raw: RawBody,
        caller: &Caller,
    ) -> Result<Answer, Unavailable> {
        let now = self.now();
        let id = self.ids().inquiry();
        // Callers who can correct the body get it back (422); a vendor's machine cannot.
        let returned = caller.api_key.is_some() || source.is_public();
        let ttl = if returned { workspace.returned_ttl } else { workspace.unreadable_ttl };
        let until = now.after(ttl);
        // The configuration is part of the key: after the preset was mended, a retry is read anew.
        let parts: [&[u8]; 3] =
            [source.name().as_str().as_bytes(), workspace.hash.as_bytes(), &raw.bytes];
        let hash = self.pepper.hash("body", &parts);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        let sealed = self
            .keyring
            .seal(&self.nonce(), id.as_bytes(), &raw.bytes)
            .map_err(|_| Unavailable::Corrupt)?;
        let kept = Kept {
            source: source.name().clone(),
            reason: reason.clone(),
            received_at: now,
            count: 1,
            returned,
            content_type: raw.content_type,
            batch: raw.batch,
            sealed: BASE64.encode(sealed),
        };
        let list = if returned { Index::Returned } else { Index::Unreadable };
        let mut expiry = vec![list.encode()[1]];
        expiry.extend_from_slice(id.as_bytes());
        let row = JournalRow {
            at: now,
            fact: name("body_kept"),
            inquiry: Some(id),
            lead: None,
            source: Some(source.name().clone()),
            status: Some(Status::Unreadable),
            outcomes: Vec::new(),
            rule: None,
            actor: None,
            reason: Some(reason.clone()),
        };
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: Some(Claim { key, fingerprint: [0; 8], inquiry: id, until }),
            reads: vec![Read { key: Key::Body(id), version: 0 }],
            writes: vec![Write::Put {
                key: Key::Body(id),
                version: 1,
                with_receipt: false,
                body: json(&kept)?,
                until: Some(until),
            }],
            indexes: vec![
                change(list, id.as_bytes(), Some(now)),
                change(Index::Expiry, &expiry, Some(until)),
            ],
            branches: Vec::new(),
            journal: json(&row)?,
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        let first = match outcome.map_err(|error| self.troubled("keep", error))? {
            CommitOutcome::Duplicate { inquiry } | CommitOutcome::Conflict { inquiry }
                if inquiry != id =>
            {
                self.count_again(workspace, inquiry).await?;
                inquiry
            }
            CommitOutcome::Stale(_) => return Err(Unavailable::Contention),
            _ => id,
        };
        Ok(Answer { reason: Some(reason), ..Answer::plain(Status::Unreadable, Some(first)) })
    }

    pub(super) async fn keep_without_contact(
        &self,
        workspace: &Workspace,
        source: &Source,
        raw: RawBody,
        caller: &Caller,
    ) -> Result<Answer, Unavailable> {
        self.keep(workspace, source, name("no_contact"), raw, caller).await
    }

    /// One more of the very same body. Losing a count to a race is repaired by nobody and harms nobody.
    async fn count_again(&self, workspace: &Workspace, id: InquiryId) -> Result<(), Unavailable> {
        let Some((version, mut kept)) = self.kept(&workspace.name, id).await? else {
            return Ok(());
        };
        kept.count = kept.count.saturating_add(1);
        let ttl = if kept.returned { workspace.returned_ttl } else { workspace.unreadable_ttl };
        let commit = Commit {
            workspace: workspace.name.clone(),
            now: self.now(),
            claim: None,
            reads: vec![Read { key: Key::Body(id), version }],
            writes: vec![Write::Put {
                key: Key::Body(id),
                version: version + 1,
                with_receipt: false,
                body: json(&kept)?,
                until: Some(kept.received_at.after(ttl)),
            }],
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        self.store.commit(&commit).await.map_err(|error| self.troubled("keep", error))?;
        Ok(())
    }

    /// What is kept under an inquiry's id, without its body.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn kept(
        &self,
        workspace: &Name,
        id: InquiryId,
    ) -> Result<Option<(u64, Kept)>, Unavailable> {
        let Some(stored) = self.read_one(workspace, Key::Body(id)).await? else { return Ok(None) };
        let kept = serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
        Ok(Some((stored.version, kept)))
    }

    /// The kept body itself: personal data, for callers with the right to read leads.
    ///
    /// # Errors
    /// If the store does not answer or the body does not open.
    pub async fn kept_body(
        &self,
        workspace: &Name,
        id: InquiryId,
    ) -> Result<Option<KeptBody>, Unavailable> {
        let Some((_, kept)) = self.kept(workspace, id).await? else { return Ok(None) };
        let sealed = BASE64.decode(&kept.sealed).map_err(|_| Unavailable::Corrupt)?;
        let body = self.keyring.open(id.as_bytes(), &sealed).map_err(|_| Unavailable::Corrupt)?;
        Ok(Some(KeptBody { kept, body }))
    }

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
        let Some(KeptBody { kept, body }) = self.kept_body(&workspace.name, id).await? else {
            return Ok(None);
        };
        let Some(source) = workspace.sources.get(&kept.source) else {
            return Ok(Some(Answer {
                reason: Some(name("source_gone")),
                ..Answer::plain(Status::Unreadable, Some(id))
            }));
        };
        let submission = match read_again(source, &kept, &body) {
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
        let claim = self.claim_for(&submission, &caller, id, self.now());
        let inquiry = normalised(source, submission, id, kept.received_at);
        if !inquiry.filtered && !identify::least(&inquiry) {
            return Ok(Some(Answer {
                reason: Some(name("no_contact")),
                ..Answer::plain(Status::Unreadable, Some(id))
            }));
        }
        // The seed differs from the first reading's: lead and event ids are new, the inquiry's is not.
        let ids = self.ids();
        let settled = self.settle_inquiry(workspace, inquiry, Some(claim), None, &ids).await?;
        let answer = match settled {
            Settled::Decided(answer) => answer,
            Settled::Duplicate(first) | Settled::Conflict(first) => {
                self.answer_again(workspace, first).await?
            }
        };
        self.forget(workspace, id, actor, "body_reprocessed").await?;
        Ok(Some(answer))
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
        self.forget(workspace, id, actor, "body_reprocessed").await?;
        Ok(first.unwrap_or_else(|| Answer::plain(Status::Unreadable, Some(id))))
    }

    /// Gives a kept body up. `false` = there is none.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn discard_kept(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        actor: &Name,
    ) -> Result<bool, Unavailable> {
        self.forget(workspace, id, actor, "body_discarded").await
    }

    async fn forget(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        actor: &Name,
        fact: &'static str,
    ) -> Result<bool, Unavailable> {
        let Some((version, kept)) = self.kept(&workspace.name, id).await? else {
            return Ok(false);
        };
        let list = if kept.returned { Index::Returned } else { Index::Unreadable };
        let mut expiry = vec![list.encode()[1]];
        expiry.extend_from_slice(id.as_bytes());
        let now = self.now();
        let row = JournalRow {
            at: now,
            fact: name(fact),
            inquiry: Some(id),
            lead: None,
            source: Some(kept.source),
            status: None,
            outcomes: Vec::new(),
            rule: None,
            actor: Some(actor.clone()),
            reason: None,
        };
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Body(id), version }],
            writes: vec![Write::Delete { key: Key::Body(id) }],
            indexes: vec![change(list, id.as_bytes(), None), change(Index::Expiry, &expiry, None)],
            branches: Vec::new(),
            journal: json(&row)?,
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        let outcome = outcome.map_err(|error| self.troubled("forget", error))?;
        let on = id.to_string();
        self.telemetry.record(&Fact::OperatorActed {
            workspace: &workspace.name,
            actor: actor.as_str(),
            action: fact,
            on: &on,
        });
        Ok(!matches!(outcome, CommitOutcome::Stale(_)))
    }

    pub(super) async fn read_one(
        &self,
        workspace: &Name,
        key: Key,
    ) -> Result<Option<Stored>, Unavailable> {
        let read = self.store.read(workspace, &[key]).await;
        Ok(read.map_err(|error| self.troubled("read", error))?.into_iter().next().flatten())
    }
}

/// Normalises with the source's hints.
pub(super) fn normalised(
    source: &Source,
    submission: Submission,
    id: InquiryId,
    received_at: Timestamp,
) -> Inquiry {
    let hints = Hints {
        country: source.country().map(str::to_owned),
        language: source.language().map(str::to_owned),
    };
    identify::normalise(submission, &hints, id, received_at)
}

/// What a kept body turned out to be.
enum Reading {
    One(Box<Submission>),
    /// A whole upload.
    Rows(Vec<Result<Submission, RowProblem>>),
}

fn read_again(source: &Source, kept: &Kept, body: &[u8]) -> Result<Reading, Name> {
    let request = Request {
        method: Method::Post,
        batch: kept.batch,
        // Proved when it first came; its secrets are gone since.
        caller_known: true,
        content_type: kept.content_type.as_deref(),
        headers: &[],
        query: None,
        path_secret: None,
        body,
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
        Ok(Captured::Ping) => Err(name("empty")),
        Err(refused) => Err(refused.code),
    }
}

/// An index change.
pub(super) fn change(index: Index, member: &[u8], score: Option<Timestamp>) -> IndexChange {
    IndexChange { index, member: member.to_vec(), score: score.map(Timestamp::as_millis) }
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Unavailable> {
    serde_json::to_vec(value).map_err(|_| Unavailable::Corrupt)
}

/// A name that stands in this code.
#[expect(
    clippy::expect_used,
    reason = "literals of this crate, each covered by a test that runs it"
)]
pub(super) fn name(text: &'static str) -> Name {
    Name::parse(text).expect("a literal name is well formed")
}
