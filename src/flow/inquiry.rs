//! An inquiry comes in: normalise, decide on what is known, commit; if the facts were stale, decide
//! again with all current ones. Nothing is answered before the commit.

use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::unreadable::{RawBody, normalised};
use super::workspace::Workspace;
use crate::capture::Source;
use crate::decide::{Input, decide};
use crate::domain::{
    Assignment, Category, Claim, CommitOutcome, Decision, Facts, Flag, IdBlock, Inquiry,
    InquiryEntry, InquiryId, Key, KeySet, Known, Lead, LeadId, Millipoints, Name, Receipt, Stage,
    Status, Stored, Submission, Trace,
};
use crate::identify::{self, IndexedBy};
use crate::telemetry::Fact;

/// After so many stale commits in a row the caller is asked to come again. Within a process the
/// gate keeps commits about one person apart; two processes that take turns at one person lose every
/// second round, and the slower one of them lost eight in a row in a test of a hundred posts at once.
const ROUNDS_MAX: u32 = 32;

/// Who is calling, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The name of the API key, if one was presented: such callers get the real status.
    pub api_key: Option<Name>,
    /// `Idempotency-Key` or `webhook-id`, as sent.
    pub idempotency_key: Option<String>,
    /// A row of a batch, which is remembered longer than a form's answers.
    pub batch_row: bool,
    /// The very same request would be proved again for so long: it is known by its content at least until then.
    pub proof_holds_for: Duration,
    /// The request, to be told to the outbound call.
    pub trace: Option<Trace>,
}

/// One understood inquiry, and a way to the body it was read from (secrets removed), which is asked
/// for only if nobody can be reached by what was understood.
pub struct Received<'a> {
    pub submission: Submission,
    pub raw: &'a (dyn Fn() -> RawBody + Sync),
}

impl std::fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Received").field("submission", &self.submission).finish_non_exhaustive()
    }
}

/// What the caller may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// For a duplicate: the original's.
    pub status: Status,
    /// The same event came before; this is the original answer again.
    pub duplicate: bool,
    /// Why, for failures: a fixed word.
    pub reason: Option<Name>,
    pub inquiry: Option<InquiryId>,
    /// For callers with an API key.
    pub detail: Option<Detail>,
}

/// What callers with an API key see of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    pub lead: Option<LeadId>,
    pub stage: Stage,
    pub category: Category,
    pub score: Millipoints,
    pub queue: Name,
    pub owner: Option<Name>,
    pub matched_on: Vec<String>,
    /// The person is known, and the source's policy is to reject: nothing followed from it.
    pub rejected: bool,
    pub rules_version: String,
}

impl Answer {
    /// An answer without more to say.
    #[must_use]
    pub fn plain(status: Status, inquiry: Option<InquiryId>) -> Self {
        Self { status, duplicate: false, reason: None, inquiry, detail: None }
    }

    fn of_entry(entry: &InquiryEntry) -> Self {
        let detail = entry.assignment.outcome().map(|outcome| Detail {
            lead: entry.lead,
            stage: outcome.stage,
            category: outcome.category,
            score: entry.record.qualification.score,
            queue: outcome.queue.clone(),
            owner: entry.assignment.owner().cloned(),
            matched_on: entry.record.matched_on.clone(),
            rejected: entry.record.status == Some(Status::Repeat)
                && entry.inquiry.flags.contains(&Flag::KnownPerson),
            rules_version: entry.record.config.clone(),
        });
        Self { detail, ..Self::plain(entry.status(), Some(entry.inquiry.id)) }
    }
}

impl Flow {
    /// Takes one understood inquiry to its committed decision.
    ///
    /// # Errors
    /// If the store does not answer or the facts never held still; the caller may send again.
    pub async fn inquire(
        &self,
        workspace: &Workspace,
        source: &Source,
        mut received: Received<'_>,
        caller: &Caller,
    ) -> Result<Answer, Unavailable> {
        let now = self.now();
        let trace = caller.trace.as_ref();
        let mut ids = self.ids();
        let id = ids.inquiry();
        let claim = self.claim_for((workspace, source), &received.submission, caller, id, now);
        let content = std::mem::take(&mut received.submission.content);
        if received.submission.erases {
            return self.revoke(workspace, source, received, caller).await;
        }
        let reference = std::mem::take(&mut received.submission.reference);
        if !reference.is_empty() {
            let posted = (reference, (received.raw)());
            return self.take_reference(workspace, source, posted, claim).await;
        }
        let mut inquiry = normalised(source, received.submission, id, now);
        if !inquiry.filtered && !identify::least(&inquiry) {
            return self.keep_without_contact(workspace, source, (received.raw)(), caller).await;
        }
        match self.settle_inquiry(workspace, &inquiry, Some(claim), trace, &ids).await? {
            Settled::Decided(answer) => Ok(answer),
            Settled::Duplicate(first) => self.answer_again(workspace, first).await,
            Settled::Conflict(_) if caller.api_key.is_some() => Ok(Answer {
                reason: Name::parse("key_reused").ok(),
                ..Answer::plain(Status::Malformed, None)
            }),
            Settled::Conflict(_) => {
                // From somebody who cannot be told: a new inquiry, marked, known again by its content.
                inquiry.flags.push(Flag::KeyReused);
                let claim = self.claim_of_content((workspace, source), &content, id, now);
                match self.settle_inquiry(workspace, &inquiry, Some(claim), trace, &ids).await? {
                    Settled::Decided(answer) => Ok(answer),
                    Settled::Duplicate(first) | Settled::Conflict(first) => {
                        self.answer_again(workspace, first).await
                    }
                }
            }
        }
    }

    /// Decides and commits until the facts hold still.
    pub(super) async fn settle_inquiry(
        &self,
        workspace: &Workspace,
        inquiry: &Inquiry,
        claim: Option<Claim>,
        trace: Option<&Trace>,
        ids: &IdBlock,
    ) -> Result<Settled, Unavailable> {
        let keys = identify::keys(inquiry, &self.pepper);
        let account = identify::account(inquiry, &self.pepper);
        let referrer = identify::referrer(inquiry, &self.pepper);
        let _turn = self.gate.enter(keys.iter().map(|by| by.key)).await;
        let mut facts = self.first_facts(&workspace.name, &keys, account).await?;
        for round in 1..=ROUNDS_MAX {
            let input = Input {
                inquiry,
                keys: &keys,
                account,
                referrer,
                facts: &facts,
                claim: claim.clone(),
                lease: Some(self.lease.clone()),
                trace,
                now: self.now(),
            };
            let decision = decide(&workspace.decide, input, &mut ids.clone());
            let outcome = self.store.commit(&decision.commit).await;
            match outcome.map_err(|error| self.troubled("commit", error))? {
                CommitOutcome::Committed(committed) => {
                    self.hand_out(&decision.commit, committed.leased);
                    let receipt = &committed.receipt;
                    self.remember(&decision, &keys, &facts, receipt);
                    let answer = self.committed(workspace, decision, receipt, round);
                    return Ok(Settled::Decided(answer));
                }
                CommitOutcome::Duplicate { inquiry: first } if first == inquiry.id => {
                    // Our own commit, whose reply was lost. Its leases lapse by themselves.
                    let entry = self.entry(&workspace.name, first).await?;
                    let answer = entry.as_ref().map(Answer::of_entry);
                    return Ok(Settled::Decided(
                        answer.unwrap_or_else(|| Answer::plain(Status::Duplicate, Some(first))),
                    ));
                }
                CommitOutcome::Duplicate { inquiry: first } => {
                    return Ok(Settled::Duplicate(first));
                }
                CommitOutcome::Conflict { inquiry: first } => return Ok(Settled::Conflict(first)),
                CommitOutcome::Stale(current) => {
                    self.recent.forget(&workspace.name, &keys);
                    facts = self.facts(workspace, &keys, current).await?;
                    if let Some(account) = account {
                        self.accounts.saw(&workspace.name, account, &facts);
                    }
                    self.find_successor(&workspace.name, account, &mut facts).await?;
                }
            }
        }
        Err(Unavailable::Contention)
    }

    /// Reads what a stale commit brought back; fetches the survivors of merged leads.
    pub(super) async fn facts(
        &self,
        workspace: &Workspace,
        keys: &[IndexedBy],
        current: Vec<(Key, Option<Stored>)>,
    ) -> Result<Facts, Unavailable> {
        let mut known = self.roster(&workspace.name).await?;
        let mut facts = Facts::default();
        for (key, stored) in current {
            let Some(stored) = stored else { continue };
            match key {
                Key::Identity(index) => {
                    let value = KeySet::decode(&stored.body).ok_or(Unavailable::Corrupt)?;
                    facts.keys.push((index, Known { version: stored.version, value }));
                }
                Key::Lead(id) => {
                    let version = stored.version;
                    facts.leads.push((id, Known { version, value: read_lead(&stored)? }));
                }
                Key::Overlay => known = self.saw_roster(&workspace.name, Some(&stored))?,
                _ => {}
            }
        }
        (facts.overlay, facts.roster) = (known.version, known.value.clone());
        self.complete(workspace, &mut facts).await?;
        let position = |key| keys.iter().position(|by| by.key == key).unwrap_or(usize::MAX);
        facts.keys.sort_by_key(|(key, _)| position(*key));
        Ok(facts)
    }

    pub(super) fn committed(
        &self,
        workspace: &Workspace,
        decision: Decision,
        receipt: &Receipt,
        rounds: u32,
    ) -> Answer {
        let rule_errors = self.note_failed(workspace, &decision.record);
        for &flag in &decision.inquiry.flags {
            let source = &decision.inquiry.source;
            self.telemetry.record(&Fact::InquiryFlagged {
                workspace: &workspace.name,
                source,
                flag,
            });
        }
        let entry = InquiryEntry {
            lead: decision.lead.as_ref().map(|lead| lead.id),
            assignment: decision.assignment.settle(Some(receipt)),
            inquiry: decision.inquiry,
            record: decision.record,
        };
        self.telemetry.record(&Fact::InquiryCommitted {
            workspace: &workspace.name,
            inquiry: entry.inquiry.id,
            lead: entry.lead,
            status: entry.status(),
            rounds,
            rule_errors,
        });
        Answer::of_entry(&entry)
    }

    /// The original answer again. After an erasure only the id is left to say.
    pub(super) async fn answer_again(
        &self,
        workspace: &Workspace,
        first: InquiryId,
    ) -> Result<Answer, Unavailable> {
        let answer = match self.entry(&workspace.name, first).await? {
            Some(entry) => Answer::of_entry(&entry),
            // It may still be fetched, or could not be had.
            None => match self.kept(&workspace.name, first).await? {
                Some((_, kept)) => Answer::plain(kept.status(), Some(first)),
                None => Answer::plain(Status::Duplicate, Some(first)),
            },
        };
        Ok(Answer { duplicate: true, ..answer })
    }
}

/// How settling one inquiry ended.
#[derive(Debug)]
pub(super) enum Settled {
    Decided(Answer),
    Duplicate(InquiryId),
    Conflict(InquiryId),
}

/// A lead as stored, its assignment settled.
pub(super) fn read_lead(stored: &Stored) -> Result<Lead, Unavailable> {
    let mut lead: Lead = serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
    let pending = std::mem::replace(&mut lead.assignment, Assignment::Pending(Vec::new()));
    lead.assignment = pending.settle(stored.receipt.as_ref());
    Ok(lead)
}

/// An inquiry's entry as stored, its assignment settled.
pub(super) fn read_entry(stored: &Stored) -> Result<InquiryEntry, Unavailable> {
    let mut entry: InquiryEntry =
        serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
    let pending = std::mem::replace(&mut entry.assignment, Assignment::Pending(Vec::new()));
    entry.assignment = pending.settle(stored.receipt.as_ref());
    Ok(entry)
}
