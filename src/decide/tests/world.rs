//! People who inquire, and a store on maps that does what the step does: it checks the whole read set, picks, writes, and
//! files jobs and worklists.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use super::business::configuration;
use super::{Person, name};
use crate::assign::{give_back, pick_branch};
use crate::decide::{Action, Configuration, Operation, Order, Refusal, decide, operate};
use crate::domain::{
    Assignment, Commit, Decision, Facts, IdBlock, Index, IndexKey, Inquiry, InquiryEntry,
    InquiryId, Job, JournalRow, Key, KeySet, Known, Lead, LeadId, Lease, Name, NewJob, PoolState,
    Receipt, Roster, Stored, Timestamp, Write, packing,
};
use crate::identify::{Hints, IndexedBy, Pepper, account, keys, normalise};

/// What one commit did.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub decision: Decision,
    pub receipt: Receipt,
    pub assignment: Assignment,
    /// `destination type` of the jobs of the branch taken.
    pub told: Vec<String>,
    pub jobs: Vec<NewJob>,
}

impl Done {
    /// `status queue owner stage | jobs`
    pub(super) fn text(&self) -> String {
        let status = self.decision.record.status.unwrap_or_else(|| self.assignment.status());
        outline(&format!("{status}"), &self.assignment, &self.told)
    }

    pub(super) fn lead(&self) -> LeadId {
        self.decision.lead.as_ref().unwrap().id
    }
}

pub(super) fn outline(first: &str, assignment: &Assignment, told: &[String]) -> String {
    let outcome = assignment.outcome().unwrap();
    let owner = assignment.owner().map_or("-", Name::as_str);
    format!(
        "{first}: {} {} {owner} {} | {}",
        outcome.status,
        outcome.queue,
        outcome.stage,
        told.join(", ")
    )
}

pub(super) struct World {
    pub configuration: Configuration,
    pub now: Timestamp,
    pub values: BTreeMap<Key, Stored>,
    pub indexes: BTreeMap<Index, BTreeMap<Vec<u8>, i64>>,
    pub pools: BTreeMap<Name, PoolState>,
    pub counters: BTreeMap<String, u32>,
    pub journal: Vec<JournalRow>,
    minted: u8,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            configuration: configuration(),
            now: Timestamp::parse("2026-03-04T09:00:00+01:00").unwrap(),
            values: BTreeMap::new(),
            indexes: BTreeMap::new(),
            pools: BTreeMap::new(),
            counters: BTreeMap::new(),
            journal: Vec::new(),
            minted: 0,
        }
    }

    pub(super) fn ids(&mut self) -> IdBlock {
        self.minted += 1;
        let mut seed = [self.minted; 16];
        seed[0] = 1;
        IdBlock::new(seed)
    }

    /// A person inquires: decided on nothing first, then on all facts, as the flow does it.
    pub(super) fn inquire(&mut self, person: Person) -> Done {
        self.now = self.now.after(Duration::from_mins(10));
        let mut ids = self.ids();
        let (inquiry, keys) = self.arrived(person, ids.inquiry());
        let mut facts = Facts::default();
        loop {
            let decision = self.decide(&inquiry, &keys, &facts, &mut ids.clone());
            let account = account(&inquiry, &Pepper::new([7; 32]));
            if let Some(done) = self.apply(&decision.commit) {
                let (receipt, jobs) = done;
                let assignment = decision.assignment.clone().settle(Some(&receipt));
                return Done { told: told(&jobs), receipt, assignment, jobs, decision };
            }
            assert!(facts.keys.is_empty(), "current facts are not stale");
            facts = self.facts(&keys);
            self.add_account(&mut facts, account);
        }
    }

    /// The lead that stands for an account; if it is closed, the oldest open one that somebody owns.
    pub(super) fn add_account(&self, facts: &mut Facts, account: Option<IndexKey>) {
        let Some(account) = account else { return };
        let Some(stored) = self.values.get(&Key::Identity(account)) else { return };
        let value = KeySet::decode(&stored.body).unwrap();
        let KeySet::Leads(ids) = &value else { panic!("accounts are never shared") };
        let mut needed = ids.clone();
        if ids.iter().all(|id| self.lead(*id).value.stage().is_closed()) {
            let listed = self.indexes.get(&Index::Account(account)).cloned().unwrap_or_default();
            let mut listed: Vec<(i64, Vec<u8>)> =
                listed.into_iter().map(|(id, at)| (at, id)).collect();
            listed.sort();
            let ids = listed.into_iter().map(|(_, id)| LeadId::from_bytes(id.try_into().unwrap()));
            let open = |lead: &Lead| lead.assignment.owner().is_some() && !lead.stage().is_closed();
            facts.successor = ids.into_iter().find(|id| open(&self.lead(*id).value));
            needed.extend(facts.successor);
        }
        for id in needed {
            if facts.lead(id).is_none() {
                facts.leads.push((id, self.lead(id)));
            }
        }
        facts.keys.push((account, Known { version: stored.version, value }));
        facts.leads.sort_by_key(|(id, _)| *id);
    }

    /// What a person writes, normalised, with its keys.
    pub(super) fn arrived(&self, person: Person, id: InquiryId) -> (Inquiry, Vec<IndexedBy>) {
        let inquiry = normalise(person.submission(), &Hints::default(), id, self.now);
        let keys = keys(&inquiry, &Pepper::new([7; 32]));
        (inquiry, keys)
    }

    pub(super) fn decide(
        &self,
        inquiry: &Inquiry,
        keys: &[IndexedBy],
        facts: &Facts,
        ids: &mut IdBlock,
    ) -> Decision {
        let lease = Some(Lease { incarnation: name("r1") });
        let input = crate::decide::Input {
            inquiry,
            keys,
            account: account(inquiry, &Pepper::new([7; 32])),
            referrer: crate::identify::referrer(inquiry, &Pepper::new([7; 32])),
            facts,
            claim: None,
            lease,
            trace: None,
            now: self.now,
        };
        let decision = decide(&self.configuration, input.clone(), &mut ids.clone());
        let again = decide(&self.configuration, input, ids);
        assert_eq!(
            format!("{decision:?}"),
            format!("{again:?}"),
            "the same arguments, the same bytes"
        );
        decision
    }

    pub(super) fn facts(&self, keys: &[IndexedBy]) -> Facts {
        let mut facts = Facts::default();
        for by in keys {
            let Some(stored) = self.values.get(&Key::Identity(by.key)) else { continue };
            let value = KeySet::decode(&stored.body).unwrap();
            if let KeySet::Leads(ids) = &value {
                for id in ids {
                    if facts.lead(*id).is_none() {
                        facts.leads.push((*id, self.lead(*id)));
                    }
                }
            }
            facts.keys.push((by.key, Known { version: stored.version, value }));
        }
        facts.leads.sort_by_key(|(id, _)| *id);
        facts
    }

    pub(super) fn lead(&self, id: LeadId) -> Known<Lead> {
        let stored = &self.values[&Key::Lead(id)];
        let mut lead: Lead = packing::read(&stored.body).unwrap();
        lead.assignment = lead.assignment.settle(stored.receipt.as_ref());
        Known { version: stored.version, value: lead }
    }

    pub(super) fn entry(&self, id: InquiryId) -> Known<InquiryEntry> {
        let stored = &self.values[&Key::Inquiry(id)];
        let mut entry: InquiryEntry = packing::read(&stored.body).unwrap();
        entry.assignment = entry.assignment.settle(stored.receipt.as_ref());
        Known { version: stored.version, value: entry }
    }

    /// Writes a lead as some other action left it.
    pub(super) fn change(&mut self, id: LeadId, change: impl FnOnce(&mut Lead)) {
        let mut known = self.lead(id);
        change(&mut known.value);
        let body = serde_json::to_vec(&known.value).unwrap();
        let stored = Stored { version: known.version + 1, receipt: None, body };
        self.values.insert(Key::Lead(id), stored);
    }

    pub(super) fn operate(
        &mut self,
        lead: LeadId,
        action: Action,
    ) -> Result<(String, Operation), Refusal> {
        self.now = self.now.after(Duration::from_mins(10));
        let mut ids = self.ids();
        let known = self.lead(lead);
        let last = known.value.touches.last().map(|touch| self.entry(touch.inquiry));
        let mut account = Facts::default();
        self.add_account(&mut account, known.value.account);
        let order = Order {
            action,
            actor: &name("ops-key"),
            lead: &known,
            inquiry: last.as_ref(),
            account: &account,
            claim: None,
            lease: None,
            roster: &Roster::default(),
            overlay: 0,
            now: self.now,
            told: &[],
        };
        let operation = operate(&self.configuration, &order, &mut ids)?;
        let (receipt, jobs) = self.apply(&operation.commit).unwrap();
        let assignment = operation.lead.assignment.clone().settle(Some(&receipt));
        assert_eq!(self.lead(lead).value.assignment, assignment);
        let cycle = format!("cycle {}", operation.lead.cycle);
        Ok((outline(&cycle, &assignment, &told(&jobs)), operation))
    }

    /// Carries a commit out; `None` = something in its read set changed.
    pub(super) fn apply(&mut self, commit: &Commit) -> Option<(Receipt, Vec<NewJob>)> {
        let version = |key: &Key| self.values.get(key).map_or(0, |stored| stored.version);
        if commit.reads.iter().any(|read| version(&read.key) != read.version) {
            return None;
        }
        let chosen = pick_branch(
            commit.branches.iter().map(|branch| branch.pick.as_ref()),
            commit.now,
            |pool| Ok::<_, Infallible>(self.pools.get(pool).cloned().unwrap_or_default()),
            |counter| Ok(self.counters.get(counter).copied().unwrap_or(0)),
        );
        let Ok(chosen) = chosen;
        for cap in chosen.bump {
            *self.counters.entry(cap.counter.clone()).or_default() += 1;
        }
        self.pools.extend(chosen.pool);
        let receipt = chosen.receipt;
        for write in &commit.writes {
            self.write(write, &receipt);
        }
        let branch = commit.branches.get(usize::from(receipt.branch));
        let changes = commit.indexes.iter().chain(branch.iter().flat_map(|branch| &branch.indexes));
        for change in changes {
            let members = self.indexes.entry(change.index.clone()).or_default();
            match change.score {
                Some(score) => members.insert(change.member.clone(), score),
                None => members.remove(&change.member),
            };
        }
        self.journal.push(packing::read(&commit.journal).unwrap());
        Some((receipt, branch.map_or_else(Vec::new, |branch| branch.jobs.clone())))
    }

    fn write(&mut self, write: &Write, receipt: &Receipt) {
        match write {
            Write::Put { key, version, with_receipt, body, .. } => {
                let before = self.values.get(key).map_or(0, |stored| stored.version);
                assert_eq!(*version, before + 1, "{key:?}");
                let receipt = with_receipt.then(|| receipt.clone());
                let stored = Stored { version: *version, receipt, body: body.clone() };
                self.values.insert(key.clone(), stored);
            }
            Write::Delete { key } => {
                self.values.remove(key);
            }
            Write::CountShared { key } => {
                let stored = self.values.get_mut(&Key::Identity(*key)).unwrap();
                let Some(KeySet::Shared(count)) = KeySet::decode(&stored.body) else {
                    panic!("not shared")
                };
                stored.body = KeySet::Shared(count + 1).encode();
            }
            // This world knows no idempotency entries.
            Write::Remember(_) => {}
            Write::Credit { pool, member, by } => {
                give_back(self.pools.entry(pool.clone()).or_default(), member, *by);
            }
            Write::Lower { counter, by } => {
                let count = self.counters.entry(counter.clone()).or_default();
                *count = count.saturating_sub(*by);
            }
        }
    }

    /// Which worklists a lead stands in.
    pub(super) fn worklists(&self, lead: LeadId) -> Vec<Index> {
        let holds =
            |members: &BTreeMap<Vec<u8>, i64>| members.contains_key(lead.as_bytes().as_slice());
        self.indexes
            .iter()
            .filter(|(index, members)| Index::WORKLISTS.contains(index) && holds(members))
            .map(|(index, _)| index.clone())
            .collect()
    }
}

fn told(jobs: &[NewJob]) -> Vec<String> {
    jobs.iter()
        .filter_map(|job| {
            let Job::Deliver(delivery) = packing::read(&job.body).unwrap() else {
                return None;
            };
            assert_eq!((delivery.id, &delivery.destination), (job.id, &job.route.queue));
            assert_eq!(delivery.since, job.due);
            assert_eq!(delivery.event.lead, job.lead);
            Some(format!("{} {}", delivery.destination, delivery.event.kind))
        })
        .collect()
}
