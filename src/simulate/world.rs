//! One business in memory: inquiries go in, decisions come out and are committed by the store's own step.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::given::{Given, Taken};
use super::outcome::Outcome;
use crate::capture::Source;
use crate::decide::{Action, Configuration, Input, Order, Refusal, decide, in_words, operate};
use crate::domain::ports::StoreError;
use crate::domain::{
    Assignment, Claim, CommitOutcome, Decision, Facts, IdBlock, Inquiry, InquiryEntry, InquiryId,
    Key, KeySet, Known, Lead, LeadId, Name, Receipt, Roster, SettingProblem, Status, Stored,
    Timestamp,
};
use crate::identify::{IndexedBy, Pepper, account, keys, least, referrer};
use crate::rules::Subject;
use crate::store::space::Space;
use crate::store::step::{self, Memory, Tx as _, look};

/// Facts change only by our own commits, so the second round always holds.
const ROUNDS_MAX: u32 = 3;
/// Nothing leaves this world, so nothing is to be hidden.
static PEPPER: LazyLock<Pepper> = LazyLock::new(|| Pepper::new([0; 32]));

/// What a world is about.
#[derive(Debug, Clone, Copy)]
pub struct Business<'a> {
    pub configuration: &'a Configuration,
    pub sources: &'a BTreeMap<Name, Source>,
}

/// Why an inquiry could not be taken: a mistake in this program, never in a configuration.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the facts never held still")]
    Contention,
    #[error("what was stored cannot be read")]
    Corrupt,
    #[error("what people are said to have done cannot be taken: {0}")]
    Refused(#[from] Refusal),
}

/// A store in memory with a configuration. The same inquiries in the same order give the same outcomes.
#[derive(Debug, Clone)]
pub struct World<'a> {
    pub(super) business: Business<'a>,
    /// What is decided by: nobody is there to confirm an address, so nobody is asked to.
    decides: Cow<'a, Configuration>,
    memory: Memory,
    minted: u64,
}

impl<'a> World<'a> {
    /// A world in which nobody is known.
    #[must_use]
    pub fn new(business: Business<'a>) -> Self {
        let decides = if business.configuration.confirmations.is_empty() {
            Cow::Borrowed(business.configuration)
        } else {
            let confirmations = BTreeMap::new();
            Cow::Owned(Configuration { confirmations, ..business.configuration.clone() })
        };
        Self { business, decides, memory: Memory::default(), minted: 0 }
    }

    /// Ids that count.
    pub(super) fn ids(&mut self) -> IdBlock {
        self.minted += 1;
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&self.minted.to_be_bytes());
        IdBlock::new(seed)
    }

    /// An inquiry's id that was not used before.
    pub fn inquiry_id(&mut self) -> InquiryId {
        self.ids().inquiry()
    }

    /// Reads an inquiry as this world's sources would.
    ///
    /// # Errors
    /// See [`Given::read`].
    pub fn read(
        &mut self,
        given: &Given,
        now: Timestamp,
    ) -> Result<Vec<Taken>, Vec<SettingProblem>> {
        let business = self.business;
        given.read(&business, now, || self.inquiry_id())
    }

    /// Takes one inquiry to its committed decision.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn inquire(&mut self, inquiry: &Inquiry, now: Timestamp) -> Result<Outcome, Fault> {
        self.take(inquiry, None, now)
    }

    /// The same as a sender would have it taken: an event that came before, by the sender's own id, is a duplicate.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn receive(&mut self, inquiry: &Inquiry, now: Timestamp) -> Result<Outcome, Fault> {
        let claim = inquiry.event_id.as_ref().filter(|_| !inquiry.is_test).map(|event| {
            let parts = [inquiry.source.as_str().as_bytes(), event.as_bytes()];
            let hash = PEPPER.hash("claim", &parts);
            let mut key = [0; 16];
            key.copy_from_slice(&hash[..16]);
            let until = now.after(self.business.configuration.claim_ttl);
            Claim { key, fingerprint: [0; 8], inquiry: inquiry.id, until }
        });
        self.take(inquiry, claim.as_ref(), now)
    }

    fn take(
        &mut self,
        inquiry: &Inquiry,
        claim: Option<&Claim>,
        now: Timestamp,
    ) -> Result<Outcome, Fault> {
        if !inquiry.filtered && !least(inquiry) {
            return Ok(Outcome::unreadable(inquiry.id, Name::fixed("no_contact")));
        }
        let ids = self.ids();
        let keys =
            if inquiry.is_test || inquiry.filtered { Vec::new() } else { keys(inquiry, &PEPPER) };
        let account = account(inquiry, &PEPPER);
        let referrer = referrer(inquiry, &PEPPER);
        let mut facts = Facts::default();
        for _ in 0..ROUNDS_MAX {
            let input = Input {
                inquiry,
                keys: &keys,
                account,
                referrer,
                facts: &facts,
                claim: claim.cloned(),
                lease: None,
                trace: None,
                now,
            };
            let decision = decide(&self.decides, input, &mut ids.clone());
            match step::commit(&mut self.memory, &decision.commit)? {
                CommitOutcome::Committed(committed) => {
                    return Ok(self.outcome(decision, &committed.receipt, now));
                }
                CommitOutcome::Stale(current) => facts = self.collected(&keys, current)?,
                CommitOutcome::Duplicate { inquiry } => return self.again(inquiry),
                CommitOutcome::Conflict { .. } => return Err(Fault::Contention),
            }
        }
        Err(Fault::Contention)
    }

    /// What is answered when an event comes again: what it became the first time, and nothing follows.
    fn again(&self, first: InquiryId) -> Result<Outcome, Fault> {
        let entry = self.entry(first)?.ok_or(Fault::Corrupt)?.value;
        let rules = self.business.configuration.router.rules();
        let sentences = vec!["It is the same event again: nothing follows from it.".to_owned()];
        let outcome = Outcome::of(&entry, rules, Vec::new(), None, &[], sentences);
        Ok(Outcome { status: Status::Duplicate, ..outcome })
    }

    /// Has people do something with a lead.
    ///
    /// # Errors
    /// See [`Fault`].
    pub(super) fn act(
        &mut self,
        lead: LeadId,
        action: &Action,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let person = Name::fixed("person");
        let mut account = Facts::default();
        for _ in 0..ROUNDS_MAX {
            let known = self.lead(self.survivor(lead)?)?.ok_or(Fault::Corrupt)?;
            let last = known.value.touches.last().unwrap_or(&known.value.first_touch).inquiry;
            let entry = self.entry(last)?;
            let order = Order {
                action: action.clone(),
                actor: &person,
                lead: &known,
                inquiry: entry.as_ref(),
                account: &account,
                claim: None,
                lease: None,
                roster: &Roster::default(),
                overlay: 0,
                told: &[],
                now,
            };
            let operation = operate(self.business.configuration, &order, &mut self.ids())?;
            match step::commit(&mut self.memory, &operation.commit)? {
                CommitOutcome::Committed(_) => return Ok(()),
                CommitOutcome::Stale(current) => account = self.collected(&[], current)?,
                CommitOutcome::Duplicate { .. } | CommitOutcome::Conflict { .. } => break,
            }
        }
        Err(Fault::Contention)
    }

    fn outcome(&self, decision: Decision, receipt: &Receipt, now: Timestamp) -> Outcome {
        let configuration = self.business.configuration;
        let (known, taken) = (decision.known, usize::from(receipt.branch));
        let pick = decision.pick(taken).cloned();
        let criteria = decision.lead.as_ref().map_or_else(Vec::new, |lead| {
            let inquiry = &decision.inquiry;
            let subject = Subject { inquiry, lead, known, now, qualification: None };
            configuration.qualifier.answers(&subject)
        });
        let entry = InquiryEntry {
            lead: decision.lead.as_ref().map(|lead| lead.id),
            assignment: decision.assignment.settle(Some(receipt)),
            inquiry: decision.inquiry,
            record: decision.record,
        };
        let sentences = in_words(configuration, &entry, Some(receipt));
        let jobs = decision.commit.branches.get(taken).map_or(&[][..], |branch| &branch.jobs);
        let rules = configuration.router.rules();
        Outcome::of(&entry, rules, criteria, pick.as_ref(), jobs, sentences)
    }

    /// A lead as stored, with its version.
    pub(super) fn lead(&self, id: LeadId) -> Result<Option<Known<Lead>>, Fault> {
        self.stored(Key::Lead(id))?.as_ref().map(known_lead).transpose()
    }

    /// The lead that stands for this one: itself, unless it went up in another.
    pub(super) fn survivor(&self, id: LeadId) -> Result<LeadId, Fault> {
        let mut id = id;
        while let Some(next) = self.lead(id)?.and_then(|known| known.value.merged_into) {
            id = next;
        }
        Ok(id)
    }

    fn entry(&self, id: InquiryId) -> Result<Option<Known<InquiryEntry>>, Fault> {
        self.stored(Key::Inquiry(id))?.as_ref().map(known_entry).transpose()
    }

    fn stored(&self, key: Key) -> Result<Option<Stored>, Fault> {
        let workspace = &self.business.configuration.workspace;
        Ok(look::read(&self.memory, workspace, &[key])?.into_iter().next().flatten())
    }

    /// What a stale commit brought back, in the order in which decisions read facts, with the survivors of merged
    /// leads.
    fn collected(
        &self,
        keys: &[IndexedBy],
        current: Vec<(Key, Option<Stored>)>,
    ) -> Result<Facts, Fault> {
        let mut facts = Facts::default();
        for (key, stored) in current {
            let Some(stored) = stored else { continue };
            match key {
                Key::Identity(index) => {
                    let value = KeySet::decode(&stored.body).ok_or(Fault::Corrupt)?;
                    facts.keys.push((index, Known { version: stored.version, value }));
                }
                Key::Lead(id) => facts.leads.push((id, known_lead(&stored)?)),
                _ => {}
            }
        }
        let gone = |(_, known): &(LeadId, Known<Lead>)| known.value.merged_into;
        let mut merged: Vec<LeadId> = facts.leads.iter().filter_map(gone).collect();
        while let Some(id) = merged.pop() {
            if facts.lead(id).is_none()
                && let Some(known) = self.lead(id)?
            {
                merged.extend(known.value.merged_into);
                facts.leads.push((id, known));
            }
        }
        let position = |key| keys.iter().position(|by| by.key == key).unwrap_or(usize::MAX);
        facts.keys.sort_by_key(|(key, _)| position(*key));
        facts.leads.sort_by_key(|(id, _)| *id);
        Ok(facts)
    }

    /// Writes a lead as people would have left it.
    pub(super) fn rewrite(&mut self, version: u64, lead: &Lead) -> Result<(), Fault> {
        let body = serde_json::to_vec(lead).map_err(|_| Fault::Corrupt)?;
        let key = Space::new(&self.business.configuration.workspace).key(&Key::Lead(lead.id));
        self.memory.put(&key, &Stored::encode(version + 1, "", &body), None)?;
        Ok(())
    }
}

fn known_lead(stored: &Stored) -> Result<Known<Lead>, Fault> {
    let mut lead: Lead = serde_json::from_slice(&stored.body).map_err(|_| Fault::Corrupt)?;
    let pending = std::mem::replace(&mut lead.assignment, Assignment::Pending(Vec::new()));
    lead.assignment = pending.settle(stored.receipt.as_ref());
    Ok(Known { version: stored.version, value: lead })
}

fn known_entry(stored: &Stored) -> Result<Known<InquiryEntry>, Fault> {
    let mut entry: InquiryEntry =
        serde_json::from_slice(&stored.body).map_err(|_| Fault::Corrupt)?;
    let pending = std::mem::replace(&mut entry.assignment, Assignment::Pending(Vec::new()));
    entry.assignment = pending.settle(stored.receipt.as_ref());
    Ok(Known { version: stored.version, value: entry })
}
