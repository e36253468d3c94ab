//! What was accepted but could not be read is kept, sealed, counted and listed, until somebody
//! mends the preset and has it read again, or gives it up, or it expires.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::context::{Flow, Unavailable};
use super::inquiry::{Answer, Caller};
use super::workspace::Workspace;
use crate::capture::Source;
use crate::domain::{
    Claim, Commit, CommitOutcome, DeliveryId, Index, IndexChange, Inquiry, InquiryId, JournalRow,
    Key, Name, Read, Status, Stored, Submission, Timestamp, Write,
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
    /// What it refers to is being fetched: the one job that may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieval: Option<DeliveryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(default)]
    pub batch: bool,
    /// Sealed by the keyring, bound to the inquiry id; base64.
    pub(super) sealed: String,
}

impl Kept {
    /// The worklist it stands on.
    #[must_use]
    pub fn list(&self) -> Index {
        match (self.retrieval.is_some(), self.returned) {
            (true, _) => Index::Retrieving,
            (false, true) => Index::Returned,
            (false, false) => Index::Unreadable,
        }
    }

    /// What became of the request that brought it.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.retrieval.is_some() { Status::Retrieving } else { Status::Unreadable }
    }

    /// Its worklist, and its member of the expiry index (what is being fetched has none).
    pub(super) fn listed(&self, id: InquiryId) -> (Index, Vec<u8>) {
        let list = self.list();
        let mut expiry = vec![list.encode()[1]];
        expiry.extend_from_slice(id.as_bytes());
        (list, expiry)
    }
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
        let key = self.body_key(workspace, source, &raw.bytes);
        let sealed = self.sealed(id, &raw.bytes)?;
        let kept = Kept {
            source: source.name().clone(),
            reason: reason.clone(),
            received_at: now,
            count: 1,
            returned,
            retrieval: None,
            content_type: raw.content_type,
            batch: raw.batch,
            sealed,
        };
        let (list, expiry) = kept.listed(id);
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(source.name().clone()),
            status: Some(Status::Unreadable),
            reason: Some(reason.clone()),
            ..JournalRow::new(now, name("body_kept"))
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
                // It may have been read since, by a person's doing: then that is the answer.
                if self.entry(&workspace.name, inquiry).await?.is_some() {
                    return self.answer_again(workspace, inquiry).await;
                }
                self.count_again(workspace, inquiry).await?;
                inquiry
            }
            CommitOutcome::Stale(_) => return Err(Unavailable::Contention),
            _ => id,
        };
        Ok(Answer { reason: Some(reason), ..Answer::plain(Status::Unreadable, Some(first)) })
    }

    /// What the very same body is recognised by. The configuration is part of it: after the preset
    /// was mended, a retry is read anew.
    fn body_key(&self, workspace: &Workspace, source: &Source, body: &[u8]) -> [u8; 16] {
        let parts: [&[u8]; 3] =
            [source.name().as_str().as_bytes(), workspace.hash.as_bytes(), body];
        let hash = self.pepper.hash("body", &parts);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        key
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
        let body = self.opened(id, &kept).ok_or(Unavailable::Corrupt)?;
        Ok(Some(KeptBody { kept, body }))
    }

    /// A body as it is kept.
    pub(super) fn sealed(&self, id: InquiryId, body: &[u8]) -> Result<String, Unavailable> {
        let sealed = self.keyring.seal(&self.nonce(), id.as_bytes(), body);
        sealed.map(|sealed| BASE64.encode(sealed)).map_err(|_| Unavailable::Corrupt)
    }

    /// The body, unsealed; `None` if it does not open.
    pub(super) fn opened(&self, id: InquiryId, kept: &Kept) -> Option<Vec<u8>> {
        let sealed = BASE64.decode(&kept.sealed).ok()?;
        self.keyring.open(id.as_bytes(), &sealed).ok()
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

    /// Takes a kept body off its list. `false` = there is none, or somebody was faster.
    pub(super) async fn forget(
        &self,
        workspace: &Workspace,
        id: InquiryId,
        actor: &Name,
        fact: &'static str,
    ) -> Result<bool, Unavailable> {
        let Some((version, kept)) = self.kept(&workspace.name, id).await? else {
            return Ok(false);
        };
        let (list, expiry) = kept.listed(id);
        let now = self.now();
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(kept.source),
            actor: Some(actor.clone()),
            ..JournalRow::new(now, name(fact))
        };
        let journal = json(&row)?;
        let mut indexes = row.listed(&journal);
        indexes.push(change(list, id.as_bytes(), None));
        indexes.push(change(Index::Expiry, &expiry, None));
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Body(id), version }],
            writes: vec![Write::Delete { key: Key::Body(id) }],
            indexes,
            branches: Vec::new(),
            journal,
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
