//! A person is forgotten: what is held of them goes, in one commit per lead.

use std::collections::BTreeSet;
use std::time::Duration;

use super::held::{Held, Meant};
use crate::decide::{Erasing, erase};
use crate::domain::ports::{LATEST, Redrive};
use crate::domain::{
    Claim, Commit, CommitOutcome, DeliveryId, Erased, Index, IndexKey, InquiryEntry, InquiryId,
    JournalRow, Key, Known, Lead, LeadId, Name, Read, Status, Write,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::find::Asked;
use crate::flow::operate::{ActionError, ROUNDS_MAX};
use crate::flow::unreadable::{change, json, name};
use crate::flow::workspace::Workspace;

/// For so long a retry or a backfill of an erased inquiry is known: three years.
pub(in crate::flow) const REMEMBERED: Duration = Duration::from_hours(3 * 365 * 24);
/// Pairs of one lead that people look at: more than its keys can lead to.
const PAIRS_MAX: u32 = 10_000;
/// People whom somebody brought, looked through by key.
const REFERRED_MAX: u32 = 1_000;
/// Leads of an account looked at for one that stands for it.
const ACCOUNT_MAX: u32 = 100;

/// Whom to forget.
#[derive(Debug, Clone)]
pub struct Erasure {
    pub asked: Asked,
    /// Why: one word, kept in the journal.
    pub reason: Option<Name>,
    /// Everybody who is found, if they are several (a mailbox that people share).
    pub all: bool,
    /// Only say what would go.
    pub dry_run: bool,
}

/// What went, or would go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub leads: Vec<LeadId>,
    /// Inquiries of these leads.
    pub inquiries: usize,
    /// Filtered inquiries and tests.
    pub set_aside: usize,
    /// Bodies that nobody could read.
    pub bodies: usize,
    /// Destinations that had been told of the leads.
    pub told: Vec<Name>,
}

impl Flow {
    /// Forgets everything that is held of a person. Safe to repeat: what is left goes then.
    ///
    /// # Errors
    /// [`ActionError::NoLead`] if nothing is held, [`ActionError::Several`] if it may be several people's, or if the
    /// store does not answer.
    pub async fn erase(
        &self,
        workspace: &Workspace,
        erasure: &Erasure,
        actor: &Name,
    ) -> Result<Forgotten, ActionError> {
        let Meant { leads, aside, bodies } = self.meant(workspace, &erasure.asked).await?;
        if leads.is_empty() && aside.is_empty() && bodies.is_empty() {
            return Err(ActionError::NoLead);
        }
        if leads.len() > 1 && !erasure.all {
            return Err(ActionError::Several(leads));
        }
        let mut done =
            Forgotten { set_aside: aside.len(), bodies: bodies.len(), ..Forgotten::default() };
        for lead in leads {
            self.erase_lead(workspace, (lead, &|_| true), erasure, actor, &mut done).await?;
        }
        if erasure.dry_run {
            return Ok(done);
        }
        self.recent.clear();
        for entry in aside {
            self.erase_aside(workspace, &entry, actor).await?;
        }
        for body in bodies {
            self.forget(workspace, body, actor, "body_erased").await?;
        }
        Ok(done)
    }

    /// That a lead was erased, and when.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn erased(
        &self,
        workspace: &Name,
        lead: LeadId,
    ) -> Result<Option<Erased>, Unavailable> {
        let stored = self.read_one(workspace, Key::Erased(lead)).await?;
        let read = |stored: crate::domain::Stored| {
            serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)
        };
        stored.map(read).transpose()
    }

    /// Erases one lead and all that went up in it, if it is meant still when it is looked at.
    pub(super) async fn erase_lead(
        &self,
        workspace: &Workspace,
        (lead, meant): (LeadId, &(dyn Fn(&Lead) -> bool + Sync)),
        erasure: &Erasure,
        actor: &Name,
        done: &mut Forgotten,
    ) -> Result<(), ActionError> {
        for _ in 0..ROUNDS_MAX {
            let Some(held) = self.held(workspace, lead).await? else { return Ok(()) };
            if !held.leads.first().is_some_and(|known| meant(&known.value)) {
                return Ok(());
            }
            let told = self.to_be_told(workspace, &held).await?;
            if !erasure.dry_run {
                let keys = keys(&held);
                let _turn = self.gate.enter(keys.iter().copied()).await;
                let sets = self.facts_behind(workspace, keys).await?;
                let inquiries: Vec<(InquiryId, u64)> =
                    held.entries.iter().map(|(id, known)| (*id, known.version)).collect();
                let erasing = Erasing {
                    leads: &held.leads,
                    inquiries: &inquiries,
                    sets: &sets,
                    heir: self.heir(workspace, &held).await?,
                    pairs: &self.pairs_of(workspace, &held).await?,
                    found_by: &self.found_by(workspace, &held).await?,
                    named_in: &self.named_in(workspace, &held).await?,
                    told: &told,
                    claims: &self.tombstones(workspace, &held).await?,
                    deliveries: &self.ended_of(workspace, &held).await?,
                    actor,
                    reason: erasure.reason.clone(),
                    lease: Some(self.lease.clone()),
                    now: self.now(),
                };
                let Some(commit) = erase(&workspace.decide, &erasing, &mut self.ids()) else {
                    return Ok(());
                };
                if !self.committed_by(workspace, &commit, actor, "erase", lead).await? {
                    continue;
                }
            }
            done.leads.extend(held.leads.iter().map(|known| known.value.id));
            done.inquiries += held.entries.len();
            let new = told.into_iter().filter(|name| !done.told.contains(name));
            let new: Vec<Name> = new.collect();
            done.told.extend(new);
            return Ok(());
        }
        Err(Unavailable::Contention.into())
    }

    /// Destinations that were told of one of them, or are those of its queue.
    async fn to_be_told(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Vec<Name>, Unavailable> {
        let mut told: Vec<Name> = Vec::new();
        for known in &held.leads {
            let had = self.told_of(&workspace.name, known.value.id).await?;
            let queue =
                known.value.queue().map(|queue| workspace.decide.router.destinations(queue));
            for name in had.into_iter().chain(queue.into_iter().flatten().cloned()) {
                if !told.contains(&name) {
                    told.push(name);
                }
            }
        }
        Ok(told)
    }

    /// Their deliveries that ended, with all that was noted of them. What was given up is dropped first, so that nobody
    /// runs it again meanwhile.
    async fn ended_of(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Vec<DeliveryId>, Unavailable> {
        let (name, mut ended) = (&workspace.name, Vec::new());
        for known in &held.leads {
            let jobs = self.store.jobs_of(name, known.value.id).await;
            for (_, job) in jobs.map_err(|error| self.troubled("read", error))? {
                let view = self.store.job(name, job).await;
                let view = view.map_err(|error| self.troubled("read", error))?;
                let is_over = match view.map(|view| view.state) {
                    Some(state) if state.is_dead() => {
                        let now = self.now();
                        let how = Redrive::Drop { until: now };
                        let dropped = self.store.redrive(name, job, now, how).await;
                        dropped.map_err(|error| self.troubled("redrive", error))?
                    }
                    state => state.is_some_and(|state| state.ended.is_some()),
                };
                ended.extend(is_over.then_some(job));
            }
        }
        Ok(ended)
    }

    /// The oldest other lead of the account, to stand for it.
    async fn heir(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Option<LeadId>, Unavailable> {
        let Some(account) = held.leads.iter().find_map(|known| known.value.account) else {
            return Ok(None);
        };
        let index = Index::Account(account);
        let listed = self.store.list(&workspace.name, &index, 0, LATEST, false, ACCOUNT_MAX).await;
        let listed = listed.map_err(|error| self.troubled("list", error))?;
        let others = listed.into_iter().filter_map(|(id, _)| id.try_into().ok());
        let others = others.map(LeadId::from_bytes);
        Ok(others.into_iter().find(|id| held.leads.iter().all(|known| known.value.id != *id)))
    }

    async fn pairs_of(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Vec<(LeadId, LeadId)>, Unavailable> {
        let mut pairs = Vec::new();
        for known in &held.leads {
            let lead = known.value.id;
            let index = Index::PairsOf(lead);
            let others =
                self.store.list(&workspace.name, &index, 0, LATEST, false, PAIRS_MAX).await;
            let others = others.map_err(|error| self.troubled("list", error))?;
            let others = others.into_iter().filter_map(|(id, _)| id.try_into().ok());
            pairs.extend(others.map(|other| (lead, LeadId::from_bytes(other))));
        }
        Ok(pairs)
    }

    /// Where the ids stand that receivers gave their records.
    async fn found_by(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Vec<(IndexKey, LeadId)>, Unavailable> {
        let mut found = Vec::new();
        for known in &held.leads {
            let lead = known.value.id;
            for (destination, ids) in self.given(&workspace.name, lead).await? {
                let keys = ids.values().map(|id| self.pepper.kept(&destination, id));
                found.extend(keys.map(|key| (key, lead)));
            }
        }
        Ok(found)
    }

    /// Inquiries in which others said that the person referred them.
    async fn named_in(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Vec<Known<InquiryEntry>>, Unavailable> {
        let mut brought: Vec<LeadId> = Vec::new();
        for key in keys(held) {
            let index = Index::Referred(key);
            let listed =
                self.store.list(&workspace.name, &index, 0, LATEST, false, REFERRED_MAX).await;
            let listed = listed.map_err(|error| self.troubled("list", error))?;
            let ids = listed.into_iter().filter_map(|(id, _)| id.try_into().ok());
            brought.extend(ids.map(LeadId::from_bytes));
        }
        brought.sort_unstable();
        brought.dedup();
        brought.retain(|id| held.leads.iter().all(|known| known.value.id != *id));
        let leads = self.leads_of(&workspace.name, brought).await?;
        let touches = leads
            .iter()
            .flat_map(|(_, known)| known.value.touches.iter().chain([&known.value.first_touch]));
        let inquiries: Vec<InquiryId> = touches.map(|touch| touch.inquiry).collect();
        let entries = self.entries_of(workspace, inquiries).await?;
        let named = entries.into_values().filter(|known| known.value.inquiry.referrer.is_some());
        Ok(named.collect())
    }

    /// The idempotency entries of inquiries that their senders numbered, to be remembered for longer.
    async fn tombstones(
        &self,
        workspace: &Workspace,
        held: &Held,
    ) -> Result<Vec<Claim>, Unavailable> {
        let until = self.now().after(REMEMBERED);
        let mut claims = Vec::new();
        for (id, known) in &held.entries {
            let inquiry = &known.value.inquiry;
            let Some(event) = &inquiry.event_id else { continue };
            let names = self.claims_of(&inquiry.source, event);
            let keys = names.map(Key::Claim);
            let stored = self.store.read(&workspace.name, &keys).await;
            let stored = stored.map_err(|error| self.troubled("read", error))?;
            for (at, (key, stored)) in names.into_iter().zip(stored).enumerate() {
                let body = stored.as_ref().map(|stored| stored.body.as_slice());
                let ours = body.and_then(|body| body.get(8..24)) == Some(id.as_bytes().as_slice());
                // The first is the event's own, which may have lapsed.
                if ours || (at == 0 && body.is_none()) {
                    let mut fingerprint = [0; 8];
                    let kept = body.and_then(|body| body.get(..8)).unwrap_or(&[0; 8]);
                    fingerprint.copy_from_slice(kept);
                    claims.push(Claim { key, fingerprint, inquiry: *id, until });
                }
            }
        }
        Ok(claims)
    }

    /// A filtered inquiry or a test, before its time.
    async fn erase_aside(
        &self,
        workspace: &Workspace,
        entry: &InquiryEntry,
        actor: &Name,
    ) -> Result<(), ActionError> {
        let id = entry.inquiry.id;
        let entries = self.entries_of(workspace, [id]).await?;
        let Some(known) = entries.get(&id) else { return Ok(()) };
        let lead = entry.lead.filter(|_| entry.record.status == Some(Status::Test));
        let list = if lead.is_some() { Index::Tests } else { Index::Filtered };
        let now = self.now();
        let row = JournalRow {
            inquiry: Some(id),
            source: Some(entry.inquiry.source.clone()),
            status: entry.record.status,
            actor: Some(actor.clone()),
            ..JournalRow::new(now, name("inquiry_erased"))
        };
        let journal = json(&row)?;
        let mut expiry = vec![list.encode()[1]];
        expiry.extend_from_slice(id.as_bytes());
        expiry.extend(lead.iter().flat_map(|lead| *lead.as_bytes()));
        let mut indexes = row.listed(&journal);
        indexes.push(change(list, id.as_bytes(), None));
        indexes.push(change(Index::Expiry, &expiry, None));
        let records = lead.map(Key::Lead).into_iter().chain([Key::Inquiry(id), Key::Body(id)]);
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: None,
            reads: vec![Read { key: Key::Inquiry(id), version: known.version }],
            writes: records.map(|key| Write::Delete { key }).collect(),
            indexes,
            branches: Vec::new(),
            journal,
            lease: None,
        };
        let outcome = self.store.commit(&commit).await;
        match outcome.map_err(|error| self.troubled("erase", error))? {
            CommitOutcome::Committed(_) => {
                self.acted(workspace, actor, "erase", &id.to_string());
                Ok(())
            }
            _ => Err(Unavailable::Contention.into()),
        }
    }
}

/// Every key set in which one of them may stand.
fn keys(held: &Held) -> BTreeSet<IndexKey> {
    let leads = held.leads.iter().map(|known| &known.value);
    leads.flat_map(|lead| lead.keys.iter().chain(&lead.account)).copied().collect()
}
