//! A person is forgotten: every record that holds anything about them goes in one commit, whoever was told of
//! the lead is told that, and only the ids stay.

use super::configuration::Configuration;
use super::consequence::freed;
use super::pairs::settled;
use super::record::{json, put_entry, row};
use crate::domain::{
    Branch, Claim, Commit, Delivery, DeliveryId, Erased, EventRow, EventType, Facts, IdBlock,
    Index, IndexChange, IndexKey, InquiryEntry, InquiryId, Job, JournalRow, Key, KeySet, Known,
    Lead, LeadId, Lease, Millipoints, Name, NewJob, Read, Timestamp, Write,
};

/// Before everything else that waits.
const PRIORITY: u8 = 0;
/// Worklists that a lead may stand on.
const LISTS: [Index; 5] =
    [Index::Held, Index::Triage, Index::Qualify, Index::Unconfirmed, Index::Waits];

/// What is kept of one person, and how it goes.
#[derive(Debug, Clone)]
pub struct Erasing<'a> {
    /// The record that stands for the person, then every one that went up in it.
    pub leads: &'a [Known<Lead>],
    /// Their inquiries, and the versions in which they were seen.
    pub inquiries: &'a [(InquiryId, u64)],
    /// The key sets in which they stand.
    pub sets: &'a Facts,
    /// Who stands for the account from now on, if one of them did.
    pub heir: Option<LeadId>,
    /// With whom one of them is a pair that people look at.
    pub pairs: &'a [(LeadId, LeadId)],
    /// Under which ids of receivers they are found.
    pub found_by: &'a [(IndexKey, LeadId)],
    /// Inquiries of others who named the person as whoever referred them.
    pub named_in: &'a [Known<InquiryEntry>],
    /// Destinations that were told of them.
    pub told: &'a [Name],
    /// So that a late retry does not bring the person back.
    pub claims: &'a [Claim],
    /// Their deliveries that ended.
    pub deliveries: &'a [DeliveryId],
    /// The name of the key used.
    pub actor: &'a Name,
    /// Why: one word.
    pub reason: Option<Name>,
    pub lease: Option<Lease>,
    pub now: Timestamp,
}

/// The one commit that does it; stale if anything of it changed meanwhile. `None` = there is nobody.
///
/// The deliveries that wait find nobody and end; `lead.erased` stands in no line behind them.
pub fn erase(
    configuration: &Configuration,
    erasing: &Erasing<'_>,
    ids: &mut IdBlock,
) -> Option<Commit> {
    let survivor = &erasing.leads.first()?.value;
    let (now, gone) = (erasing.now, erasing.lead_ids());
    let mut reads: Vec<Read> = erasing.leads.iter().map(read).collect();
    let inquiries = erasing.inquiries.iter();
    reads.extend(inquiries.map(|(id, version)| Read { key: Key::Inquiry(*id), version: *version }));
    let erased = Erased {
        at: now,
        lead: survivor.id,
        inquiries: erasing.inquiries.iter().map(|(id, _)| *id).collect(),
        by: erasing.actor.clone(),
    };
    let mut writes: Vec<Write> = Vec::new();
    for known in erasing.leads {
        let lead = &known.value;
        writes.push(Write::Delete { key: Key::Lead(lead.id) });
        writes.push(Write::Delete { key: Key::Given(lead.id) });
        writes.push(put(Key::Erased(lead.id), 1, json(&erased)));
        // One that went up in another was taken off then.
        writes.extend(freed(lead).filter(|_| lead.merged_into.is_none()));
    }
    for (id, _) in erasing.inquiries {
        writes.push(Write::Delete { key: Key::Inquiry(*id) });
        writes.push(Write::Delete { key: Key::Body(*id) });
    }
    writes.extend(erasing.deliveries.iter().map(|id| Write::Delete { key: Key::Job(*id) }));
    for known in erasing.named_in {
        let mut entry = known.value.clone();
        entry.inquiry.referrer = None;
        reads.push(Read { key: Key::Inquiry(entry.inquiry.id), version: known.version });
        writes.push(put_entry(&entry, known.version + 1, None));
    }
    writes.extend(erasing.claims.iter().cloned().map(Write::Remember));
    let (sets, mut indexes) = erasing.leave_sets(&gone);
    reads.extend(sets.reads);
    writes.extend(sets.writes);
    indexes.extend(erasing.leave_lists(now));
    let journal = JournalRow {
        lead: Some(survivor.id),
        merged: gone[1..].to_vec(),
        actor: Some(erasing.actor.clone()),
        reason: erasing.reason.clone(),
        ..row(now, "lead_erased")
    };
    let row = json(&journal);
    indexes.extend(journal.listed(&row));
    Some(Commit {
        workspace: configuration.workspace.clone(),
        now,
        claim: None,
        reads,
        writes,
        indexes,
        branches: vec![Branch {
            pick: None,
            jobs: erasing.jobs(configuration, survivor, ids),
            indexes: Vec::new(),
        }],
        journal: row,
        lease: erasing.lease.clone(),
    })
}

/// What becomes of the key sets.
#[derive(Debug, Default)]
struct Sets {
    reads: Vec<Read>,
    writes: Vec<Write>,
}

impl Erasing<'_> {
    fn lead_ids(&self) -> Vec<LeadId> {
        self.leads.iter().map(|known| known.value.id).collect()
    }

    /// Out of every key set and out of the account. Shared keys only count, and do not count down.
    fn leave_sets(&self, gone: &[LeadId]) -> (Sets, Vec<IndexChange>) {
        let (mut sets, mut indexes) = (Sets::default(), Vec::new());
        let accounts: Vec<IndexKey> =
            self.leads.iter().filter_map(|known| known.value.account).collect();
        for (key, known) in &self.sets.keys {
            sets.reads.push(Read { key: Key::Identity(*key), version: known.version });
            let KeySet::Leads(ids) = &known.value else { continue };
            let mut left: Vec<LeadId> =
                ids.iter().copied().filter(|id| !gone.contains(id)).collect();
            if left.len() == ids.len() {
                continue;
            }
            if accounts.contains(key) && left.is_empty() {
                left.extend(self.heir);
                indexes.extend(self.heir.map(|heir| off(Index::Account(*key), heir)));
            }
            let name = Key::Identity(*key);
            sets.writes.push(if left.is_empty() {
                Write::Delete { key: name }
            } else {
                put(name, known.version + 1, KeySet::Leads(left).encode())
            });
        }
        for Known { value: lead, .. } in self.leads {
            indexes.extend(lead.account.map(|key| off(Index::Account(key), lead.id)));
            indexes.extend(lead.referrer.map(|key| off(Index::Referred(key), lead.id)));
        }
        indexes.extend(self.found_by.iter().map(|(key, lead)| off(Index::Kept(*key), *lead)));
        (sets, indexes)
    }

    fn leave_lists(&self, now: Timestamp) -> Vec<IndexChange> {
        let leads = self.leads.iter().map(|known| known.value.id);
        let listed = leads.flat_map(|lead| {
            let erased = IndexChange {
                index: Index::Erasures,
                member: lead.as_bytes().to_vec(),
                score: Some(now.as_millis()),
            };
            LISTS.into_iter().map(move |index| off(index, lead)).chain([erased])
        });
        let pairs = self.pairs.iter().flat_map(|(lead, other)| settled(*lead, *other));
        listed.chain(pairs).collect()
    }

    /// One for each destination that was told of the lead and takes erasures.
    fn jobs(&self, configuration: &Configuration, lead: &Lead, ids: &mut IdBlock) -> Vec<NewJob> {
        let event = EventRow {
            id: ids.event(),
            kind: EventType::LeadErased,
            at: self.now,
            lead: Some(lead.id),
            inquiry: None,
            merged: None,
            outcome: None,
            score: Millipoints::default(),
            cycle: lead.cycle,
            is_test: false,
            detail: None,
        };
        let mut jobs = Vec::new();
        for name in self.told {
            let Some(destination) = configuration.destinations.get(name) else { continue };
            if !destination.events.admits(EventType::LeadErased) {
                continue;
            }
            let id = ids.delivery();
            jobs.push(NewJob {
                id,
                lead: None,
                route: destination.route.clone(),
                fallback: None,
                resets_handover: false,
                due: self.now,
                priority: PRIORITY,
                coalesces: false,
                inquiry: None,
                body: json(&Job::Deliver(Delivery {
                    id,
                    destination: name.clone(),
                    event: event.clone(),
                    since: self.now,
                    instead_of: None,
                    carried: None,
                })),
            });
        }
        jobs
    }
}

fn read(known: &Known<Lead>) -> Read {
    Read { key: Key::Lead(known.value.id), version: known.version }
}

fn put(key: Key, version: u64, body: Vec<u8>) -> Write {
    Write::Put { key, version, with_receipt: false, body, until: None }
}

fn off(index: Index, lead: LeadId) -> IndexChange {
    IndexChange { index, member: lead.as_bytes().to_vec(), score: None }
}
