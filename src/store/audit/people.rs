//! Inquiries, leads, key sets, worklists and the journal agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::assign::{QUALIFY, TRIAGE};
use crate::domain::{
    Assignment, Claim, Index, InquiryEntry, InquiryId, JournalRow, KeySet, Lead, LeadId, Status,
};
use crate::store::step::expire::member as expiry_member;

use super::content::Content;
use super::report::{Report, Violation, find};

/// The journal's word for an inquiry that was decided.
const DECIDED: &str = "inquiry_decided";

pub(super) fn check(content: &Content, report: &mut Report) {
    let violations = &mut report.violations;
    let decided = decided(content, violations);
    for (id, entry) in &content.entries {
        entry_stands(content, *id, entry, &decided, violations);
    }
    let erased: BTreeSet<InquiryId> =
        content.erased.values().flat_map(|erased| erased.inquiries.iter().copied()).collect();
    for id in decided.keys().filter(|id| !content.entries.contains_key(id)) {
        let kept_short = decided.get(id).is_some_and(|(_, row)| served(row));
        if !kept_short && !erased.contains(id) {
            find(violations, "inquiry_lost", format_args!("{id} was decided and is gone"));
        }
    }
    kept_aside(content, violations);
    claims(content, &decided, violations);
    let inquiries = inquiries_of(content);
    for (id, lead) in &content.leads {
        lead_stands(content, *id, lead, inquiries.get(id).copied().unwrap_or(0), violations);
    }
    for id in content.erased.keys().filter(|id| content.leads.contains_key(id)) {
        find(violations, "not_erased", format_args!("{id} was erased and is there"));
    }
    for id in erased.iter().filter(|id| content.entries.contains_key(id)) {
        find(violations, "not_erased", format_args!("{id} was erased and is there"));
    }
    key_sets(content, violations);
    worklists(content, violations);
}

/// How often each inquiry was decided, with its row. Once is right.
fn decided<'c>(
    content: &'c Content,
    violations: &mut Vec<Violation>,
) -> BTreeMap<InquiryId, (u32, &'c JournalRow)> {
    let mut decided = BTreeMap::new();
    for (_, row) in content.rows.iter().filter(|(_, row)| row.fact.as_str() == DECIDED) {
        if let Some(inquiry) = row.inquiry {
            decided.entry(inquiry).or_insert((0, row)).0 += 1;
        }
    }
    for (id, (times, _)) in decided.iter().filter(|(_, (times, _))| *times > 1) {
        find(violations, "inquiry_twice", format_args!("{id} was decided {times} times"));
    }
    decided
}

/// Tests and filtered ones go after a while.
fn served(row: &JournalRow) -> bool {
    matches!(row.status, Some(Status::Test | Status::Filtered))
}

fn entry_stands(
    content: &Content,
    id: InquiryId,
    entry: &InquiryEntry,
    decided: &BTreeMap<InquiryId, (u32, &JournalRow)>,
    violations: &mut Vec<Violation>,
) {
    if entry.inquiry.id != id {
        find(violations, "wrong_key", format_args!("{id} holds {}", entry.inquiry.id));
    }
    if !decided.contains_key(&id) {
        find(violations, "no_journal_row", id);
    }
    let kept_short = matches!(entry.record.status, Some(Status::Test | Status::Filtered));
    if matches!(entry.assignment, Assignment::Pending(_))
        && entry.record.status != Some(Status::Filtered)
    {
        find(violations, "not_settled", format_args!("{id} has no receipt for its plan"));
    }
    match entry.lead {
        Some(lead) if !content.leads.contains_key(&lead) => {
            find(violations, "lead_lost", format_args!("{id} belongs to {lead}, which is gone"));
        }
        None if !kept_short => find(violations, "no_lead", id),
        _ => {}
    }
    for (worklist, status) in [(Index::Tests, Status::Test), (Index::Filtered, Status::Filtered)] {
        let listed = content.index(&worklist).contains_key(id.as_bytes().as_slice());
        if listed != (entry.record.status == Some(status)) {
            find(violations, "worklist", format_args!("{id}: {} against its list", entry.status()));
        }
    }
    for worklist in [Index::Unreadable, Index::Retrieving, Index::Returned] {
        if content.index(&worklist).contains_key(id.as_bytes().as_slice()) {
            find(violations, "two_states", format_args!("{id} was decided and is kept as unread"));
        }
    }
}

/// Unreadable, returned, filtered and test inquiries: listed once, kept, and with an end.
fn kept_aside(content: &Content, violations: &mut Vec<Violation>) {
    let expiry = content.index(&Index::Expiry);
    for worklist in [Index::Unreadable, Index::Returned, Index::Filtered, Index::Tests] {
        let read = matches!(worklist, Index::Filtered | Index::Tests);
        for member in content.index(&worklist).keys() {
            let Ok(id) = <[u8; 16]>::try_from(member.as_slice()).map(InquiryId::from_bytes) else {
                find(
                    violations,
                    "worklist",
                    format_args!("{worklist:?} has a member that is no id"),
                );
                continue;
            };
            let there = if read {
                content.entries.contains_key(&id)
            } else {
                content.bodies.contains_key(&id)
            };
            if !there {
                find(violations, "worklist", format_args!("{id} is in {worklist:?} but gone"));
            }
            let ends = expiry_member(&worklist, id, None)
                .is_some_and(|head| expiry.keys().any(|member| member.starts_with(&head)));
            if !ends {
                find(violations, "no_end", format_args!("{id} is in {worklist:?} for ever"));
            }
        }
    }
    for (id, retrieval) in &content.bodies {
        let listed = |index: &Index| content.index(index).contains_key(id.as_bytes().as_slice());
        let lists =
            [Index::Unreadable, Index::Retrieving, Index::Returned].iter().filter(|i| listed(i));
        if lists.count() != 1 || listed(&Index::Retrieving) != retrieval.is_some() {
            find(violations, "body_not_listed", format_args!("{id} is kept but nobody sees it"));
        }
        let job = retrieval.map(|job| content.jobs.get(&job));
        if job.is_some_and(|job| job.is_none_or(|job| job.ended || job.dead)) {
            find(
                violations,
                "not_fetched",
                format_args!("{id} waits for data that no job fetches"),
            );
        }
    }
}

/// What a sender's retry would be answered with exists, or did.
fn claims(
    content: &Content,
    decided: &BTreeMap<InquiryId, (u32, &JournalRow)>,
    violations: &mut Vec<Violation>,
) {
    let mentioned: BTreeSet<InquiryId> =
        content.rows.iter().filter_map(|(_, row)| row.inquiry).collect();
    for id in &content.claims {
        let known = *id == Claim::NO_INQUIRY
            || content.entries.contains_key(id)
            || content.bodies.contains_key(id)
            || decided.contains_key(id)
            || mentioned.contains(id);
        if !known {
            find(violations, "claim_of_nothing", id);
        }
    }
}

fn inquiries_of(content: &Content) -> BTreeMap<LeadId, usize> {
    let mut count = BTreeMap::new();
    for lead in content.entries.values().filter_map(|entry| entry.lead) {
        *count.entry(survivor(content, lead)).or_insert(0) += 1;
    }
    count
}

/// The lead in which this one went up, at last.
fn survivor(content: &Content, lead: LeadId) -> LeadId {
    let mut id = lead;
    for _ in 0..content.leads.len() {
        match content.leads.get(&id).and_then(|lead| lead.merged_into) {
            Some(next) => id = next,
            None => break,
        }
    }
    id
}

fn lead_stands(
    content: &Content,
    id: LeadId,
    lead: &Lead,
    inquiries: usize,
    violations: &mut Vec<Violation>,
) {
    if lead.id != id {
        find(violations, "wrong_key", format_args!("{id} holds {}", lead.id));
    }
    if usize::try_from(lead.inquiries) != Ok(inquiries) && lead.merged_into.is_none() {
        find(
            violations,
            "inquiry_count",
            format_args!("{id} says {} inquiries, {inquiries} are kept", lead.inquiries),
        );
    }
    for touch in lead.touches.iter().filter(|t| !content.entries.contains_key(&t.inquiry)) {
        find(violations, "inquiry_lost", format_args!("{} of {id} is gone", touch.inquiry));
    }
    if lead.merged_into.is_some_and(|into| !content.leads.contains_key(&into)) {
        find(violations, "lead_lost", format_args!("{id} went up in a lead that is gone"));
    }
    keys_stand(content, id, lead, violations);
    match &lead.assignment {
        Assignment::Pending(_) => {
            find(violations, "not_settled", format_args!("{id} has no receipt for its plan"));
        }
        Assignment::Settled { outcome, .. } if outcome.status == Status::Routed => {
            let told = content.chains.get(&id).is_some_and(|chain| !chain.jobs.is_empty());
            if !told {
                find(violations, "nobody_told", format_args!("{id} is routed without a delivery"));
            }
        }
        Assignment::Settled { .. } => {}
    }
}

/// A compound key has a set only once its bare one is shared; a set that is full takes nobody more.
fn keys_stand(content: &Content, id: LeadId, lead: &Lead, violations: &mut Vec<Violation>) {
    let mut shared = false;
    for key in &lead.keys {
        let set = content.sets.get(key);
        let held = match set {
            _ if key.is_compound() && !shared => true,
            Some(KeySet::Leads(ids)) => ids.contains(&id) || ids.len() >= KeySet::IDS_MAX,
            Some(KeySet::Shared(_)) => true,
            None => false,
        };
        if !key.is_compound() {
            shared = matches!(set, Some(KeySet::Shared(_)));
        }
        if !held {
            find(violations, "key_set", format_args!("{id} does not stand under its {key:?}"));
        }
    }
}

fn key_sets(content: &Content, violations: &mut Vec<Violation>) {
    for (key, set) in &content.sets {
        let KeySet::Leads(ids) = set else { continue };
        if ids.len() > KeySet::IDS_MAX {
            find(violations, "key_set", format_args!("{key:?} holds {} leads", ids.len()));
        }
        let mut seen = BTreeSet::new();
        for id in ids {
            let knows = |lead: &Lead| lead.keys.contains(key) || lead.account == Some(*key);
            let stands = content.leads.get(id).is_some_and(knows);
            if !stands {
                find(
                    violations,
                    "key_set",
                    format_args!("{key:?} holds {id}, which knows nothing of it"),
                );
            }
            if !seen.insert(id) {
                find(violations, "key_set", format_args!("{key:?} holds {id} twice"));
            }
        }
    }
}

/// Where people look for a lead with its outcome.
fn worklist(lead: &Lead) -> Option<Index> {
    let outcome = lead.assignment.outcome().filter(|outcome| !outcome.stage.is_closed())?;
    match (outcome.queue.as_str(), &outcome.pool) {
        (TRIAGE, Some(_)) => Some(Index::Held),
        (TRIAGE, None) => Some(Index::Triage),
        (QUALIFY, _) => Some(Index::Qualify),
        _ if outcome.status == Status::AwaitingConfirmation => Some(Index::Unconfirmed),
        _ => None,
    }
}

fn worklists(content: &Content, violations: &mut Vec<Violation>) {
    for index in [Index::Held, Index::Triage, Index::Qualify, Index::Unconfirmed] {
        for member in content.index(&index).keys() {
            let lead = <[u8; 16]>::try_from(member.as_slice()).map(LeadId::from_bytes);
            let lead = lead.ok().and_then(|id| content.leads.get(&id));
            match lead {
                None => find(
                    violations,
                    "worklist",
                    format_args!("{index:?} lists a lead that is gone"),
                ),
                Some(lead) if worklist(lead).as_ref() != Some(&index) => {
                    find(
                        violations,
                        "worklist",
                        format_args!("{} is in {index:?} wrongly", lead.id),
                    );
                }
                Some(_) => {}
            }
        }
    }
    let next = |lead: &Lead| Some(lead.assignment.outcome()?.wait.as_ref()?.next.as_millis());
    for (member, at) in content.index(&Index::Waits) {
        let lead = <[u8; 16]>::try_from(member.as_slice()).map(LeadId::from_bytes);
        let lead = lead.ok().and_then(|id| content.leads.get(&id));
        if lead.is_none_or(|lead| next(lead) != Some(*at) || lead.merged_into.is_some()) {
            find(violations, "worklist", "somebody is to be tried again who does not wait");
        }
    }
    // A test's lead waits for nobody: it stands on the tests' list, by its inquiry.
    let tests: BTreeSet<LeadId> = content
        .entries
        .values()
        .filter(|entry| entry.status() == Status::Test)
        .filter_map(|entry| entry.lead)
        .collect();
    let real = |id: &LeadId, lead: &Lead| lead.merged_into.is_none() && !tests.contains(id);
    for (id, lead) in content.leads.iter().filter(|(id, lead)| real(id, lead)) {
        if let Some(index) = worklist(lead)
            && !content.index(&index).contains_key(id.as_bytes().as_slice())
        {
            find(violations, "worklist", format_args!("{id} waits in no list: not in {index:?}"));
        }
        let listed = content.index(&Index::Waits).get(id.as_bytes().as_slice()).copied();
        if listed != next(lead) {
            find(violations, "worklist", format_args!("{id} is tried again at a wrong time"));
        }
    }
}
