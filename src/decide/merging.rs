//! People say which records are one person's and which are not: merge, unmerge, tell apart. Each is one
//! commit; merging destroys nothing, and what was merged can be parted.

use std::collections::BTreeMap;

use super::configuration::Configuration;
use super::consequence::{Cause, Happening};
use super::identity::identity;
use super::inquiry::judged;
use super::joining::{Joining, gone, leaves, lists};
use super::look_again::{Stands, schedule};
use super::operate::Refusal;
use super::pairs::settled;
use super::record::{json, put_entry, put_lead, row};
use crate::domain::{
    Assignment, Branch, Commit, EventType, Facts, IdBlock, Index, IndexChange, InquiryEntry,
    InquiryId, JournalRow, Key, Known, Lead, LeadId, Lease, Name, NewJob, Qualification, Read,
    Roster, Timestamp, Write,
};
use crate::identify::{IndexedBy, Since, absorb, part, set_apart};

/// What all of these need to know.
#[derive(Debug, Clone)]
pub struct Said<'a> {
    /// The name of the key used.
    pub actor: &'a Name,
    /// Entries of inquiries of the leads concerned, as stored: at least of the newest of each.
    pub entries: &'a BTreeMap<InquiryId, Known<InquiryEntry>>,
    pub lease: Option<Lease>,
    pub now: Timestamp,
}

/// Two records and the commit that made them so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    pub survivor: Lead,
    pub back: Lead,
    pub commit: Commit,
}

/// Merges one lead into another, which keeps its queue and its owner.
///
/// # Errors
/// If they are one already, or if somebody works on the one that would go and nobody on the other.
pub fn merge_leads(
    configuration: &Configuration,
    (from, into): (&Known<Lead>, &Known<Lead>),
    said: &Said<'_>,
    ids: &mut IdBlock,
) -> Result<(Lead, Commit), Refusal> {
    if from.value.id == into.value.id {
        return Err(Refusal::SameLead);
    }
    if let Some(survivor) = [from, into].iter().find_map(|known| known.value.merged_into) {
        return Err(Refusal::Merged(survivor));
    }
    if into.value.stage().is_closed() && !from.value.stage().is_closed() {
        return Err(Refusal::IntoClosed);
    }
    let mut lead = absorb(&into.value, &from.value, said.now);
    let judged = rejudge(configuration, &mut lead, said);
    let gone = gone(&from.value, &into.value, said.now);
    let told = happening(&lead, from, said, ids);
    let mut jobs = lead.assignment.outcome().map_or_else(Vec::new, |outcome| {
        told.jobs(configuration, EventType::LeadMerged, outcome, ids)
    });
    look_again(configuration, &mut lead, judged.as_ref(), &mut jobs, said.now, ids);
    let journal = JournalRow { merged: vec![gone.id], ..journal_row("leads_merged", &lead, said) };
    let Joining { writes, indexes: listed } = leaves(&from.value, lead.id);
    let records =
        [put_lead(&lead, into.version + 1, None), put_lead(&gone, from.version + 1, None)];
    let writes = records.into_iter().chain(writes).collect();
    let reads = vec![read(into), read(from)];
    let parts = Parts { reads, writes, jobs, listed, journal, gone: gone.id };
    Ok((lead, parts.commit(configuration, said)))
}

/// Parts a record from the one in which it went up. Both are open to be worked on as they were; they are never
/// joined again by themselves.
///
/// `since`: what came to the survivor after the merge, in order; `sets`: the key sets of those inquiries.
///
/// # Errors
/// If it was not merged, or the one in which it went up was itself merged since.
pub fn unmerge_lead(
    configuration: &Configuration,
    (gone, survivor): (&Known<Lead>, &Known<Lead>),
    (since, others, sets): (&[Since<'_>], &[Known<Lead>], &Facts),
    said: &Said<'_>,
    ids: &mut IdBlock,
) -> Result<Parting, Refusal> {
    if let Some(next) = survivor.value.merged_into {
        return Err(Refusal::MergedFurther(next));
    }
    let parted = part(&survivor.value, &gone.value, since, said.now).ok_or(Refusal::NotMerged)?;
    let (mut stays, mut back) = (parted.survivor, parted.back);
    // It was taken off its owner's open leads when it was merged, and does not come among them again.
    if let Assignment::Settled { outcome, .. } = &mut back.assignment {
        outcome.counted = false;
    }
    let judged =
        [rejudge(configuration, &mut stays, said), rejudge(configuration, &mut back, said)];
    let mut reads: Vec<Read> = [survivor, gone].into_iter().chain(others).map(read).collect();
    let mut writes = Vec::new();
    for id in &parted.moved {
        let Some(known) = said.entries.get(id) else { continue };
        let entry = InquiryEntry { lead: Some(back.id), ..known.value.clone() };
        reads.push(Read { key: Key::Inquiry(*id), version: known.version });
        writes.push(put_entry(&entry, known.version + 1, None));
    }
    let keys = keys_of(since, &parted.moved);
    let identity = identity(&keys, sets, back.id, &gone.value.keys);
    reads.extend(identity.reads);
    let mut jobs = Vec::new();
    for (lead, other) in [(&stays, gone), (&back, survivor)] {
        let told = happening(lead, other, said, ids);
        if let Some(outcome) = lead.assignment.outcome() {
            jobs.extend(told.jobs(configuration, EventType::LeadUnmerged, outcome, ids));
        }
    }
    for (lead, judged) in [&mut stays, &mut back].into_iter().zip(&judged) {
        look_again(configuration, lead, judged.as_ref(), &mut jobs, said.now, ids);
    }
    writes.push(put_lead(&stays, survivor.version + 1, None));
    writes.push(put_lead(&back, gone.version + 1, None));
    writes.extend(identity.writes);
    let journal =
        JournalRow { merged: vec![back.id], ..journal_row("leads_unmerged", &stays, said) };
    let listed = lists(&back, Some(said.now));
    let parts = Parts { reads, writes, jobs, listed, journal, gone: back.id };
    let commit = parts.commit(configuration, said);
    Ok(Parting { survivor: stays, back, commit })
}

/// Two leads are not the same person: they are never joined by themselves, and nobody is asked again.
///
/// # Errors
/// If they are one already.
pub fn distinguish(
    configuration: &Configuration,
    (a, b): (&Known<Lead>, &Known<Lead>),
    said: &Said<'_>,
) -> Result<Commit, Refusal> {
    if a.value.id == b.value.id {
        return Err(Refusal::SameLead);
    }
    if let Some(survivor) = [a, b].iter().find_map(|known| known.value.merged_into) {
        return Err(Refusal::Merged(survivor));
    }
    let (mut one, mut other) = (a.value.clone(), b.value.clone());
    set_apart(&mut one, &mut other);
    one.updated_at = said.now;
    other.updated_at = said.now;
    let journal = journal_row("leads_distinguished", &one, said);
    let parts = Parts {
        reads: vec![read(a), read(b)],
        writes: vec![put_lead(&one, a.version + 1, None), put_lead(&other, b.version + 1, None)],
        jobs: Vec::new(),
        listed: settled(one.id, other.id).to_vec(),
        journal,
        gone: other.id,
    };
    Ok(parts.commit(configuration, said))
}

fn read(known: &Known<Lead>) -> Read {
    Read { key: Key::Lead(known.value.id), version: known.version }
}

/// Recomputes the score, by the newest inquiry that is known.
fn rejudge(
    configuration: &Configuration,
    lead: &mut Lead,
    said: &Said<'_>,
) -> Option<Qualification> {
    let newest = lead.touches.last().unwrap_or(&lead.first_touch).inquiry;
    let known = said.entries.get(&newest)?;
    let repeated = lead.inquiries > 1;
    Some(judged(configuration, &known.value.inquiry, lead, repeated, said.now))
}

/// When time alone takes it out of sales, it is looked at again.
fn look_again(
    configuration: &Configuration,
    lead: &mut Lead,
    judged: Option<&Qualification>,
    jobs: &mut Vec<NewJob>,
    now: Timestamp,
    ids: &mut IdBlock,
) {
    let Some(outcome) = lead.assignment.outcome().cloned() else { return };
    let kept = lead.assignment.clone();
    let mut branch = Branch { pick: None, jobs: std::mem::take(jobs), indexes: Vec::new() };
    let branches = std::slice::from_mut(&mut branch);
    let (outcomes, roster) = (std::slice::from_ref(&outcome), &Roster::default());
    let stands = Stands { outcomes, keeps: Some(&kept), judged, roster };
    schedule(configuration, lead, stands, branches, now, ids);
    *jobs = branch.jobs;
}

/// The keys of inquiries that go to the record that comes back.
fn keys_of(since: &[Since<'_>], moved: &[InquiryId]) -> Vec<IndexedBy> {
    let mut keys: Vec<IndexedBy> = Vec::new();
    for one in since {
        if let Since::Inquiry(inquiry, theirs) = one
            && moved.contains(&inquiry.id)
        {
            let new = theirs.iter().filter(|by| keys.iter().all(|known| known.key != by.key));
            let new: Vec<IndexedBy> = new.copied().collect();
            keys.extend(new);
        }
    }
    keys
}

fn happening<'a>(
    lead: &Lead,
    other: &'a Known<Lead>,
    said: &Said<'_>,
    ids: &mut IdBlock,
) -> Happening<'a> {
    Happening {
        cause: Cause::Operator,
        event: ids.event(),
        lead: Some(lead.id),
        inquiry: Some(lead.touches.last().unwrap_or(&lead.first_touch).inquiry),
        merged: Some(other.value.id),
        score: lead.score,
        worth: lead.worth,
        cycle: lead.cycle,
        is_test: false,
        before: other.value.assignment.outcome(),
        trace: None,
        told: &[],
        clock: None,
        now: said.now,
    }
}

fn journal_row(fact: &'static str, lead: &Lead, said: &Said<'_>) -> JournalRow {
    JournalRow {
        lead: Some(lead.id),
        outcomes: lead.assignment.outcome().into_iter().cloned().collect(),
        actor: Some(said.actor.clone()),
        ..row(said.now, fact)
    }
}

/// The parts of a commit that concerns two leads.
struct Parts {
    reads: Vec<Read>,
    writes: Vec<Write>,
    jobs: Vec<NewJob>,
    listed: Vec<IndexChange>,
    journal: JournalRow,
    /// The other lead: what was done is told on its page too.
    gone: LeadId,
}

impl Parts {
    fn commit(self, configuration: &Configuration, said: &Said<'_>) -> Commit {
        let row = json(&self.journal);
        let mut indexes = self.journal.listed(&row);
        indexes.push(IndexChange {
            index: Index::ActsOn(self.gone),
            member: row.clone(),
            score: Some(said.now.as_millis()),
        });
        indexes.extend(self.listed);
        Commit {
            workspace: configuration.workspace.clone(),
            now: said.now,
            claim: None,
            reads: self.reads,
            writes: self.writes,
            indexes,
            branches: vec![Branch { pick: None, jobs: self.jobs, indexes: Vec::new() }],
            journal: row,
            lease: said.lease.clone(),
        }
    }
}
