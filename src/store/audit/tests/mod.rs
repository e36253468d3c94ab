//! A small store in good order has no findings; each way of breaking it has one.

mod pools;

use crate::domain::ports::{ClaimJobs, Redrive, Settle, Store};
use crate::domain::{
    Assignment, Branch, BranchOutcome, Candidate, Category, Channel, Claim, Commit, CommitOutcome,
    Company, Contact, DeadKind, DeliveryId, Index, IndexChange, IndexKey, Inquiry, InquiryEntry,
    InquiryId, JobOutcome, JournalRow, Key, KeySet, Lead, LeadId, Lease, Method, Name, NewJob,
    PoolPick, Qualification, Record, Route, Skip, Stage, Status, Timestamp, Write,
};
use crate::identify::merge;
use crate::store::memory::MemoryStore;
use crate::store::step::{Chain, JobValue, expire};

use super::audit;

const NOW: Timestamp = Timestamp::from_millis(1_772_000_000_000);

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn inquiry_id(number: u8) -> InquiryId {
    InquiryId::from_bytes([number; 16])
}

fn lead_id(number: u8) -> LeadId {
    LeadId::from_bytes([0x10 + number; 16])
}

fn job_id(number: u8) -> DeliveryId {
    DeliveryId::from_bytes([0x20 + number; 16])
}

fn index_key(number: u8) -> IndexKey {
    IndexKey::new([0x30 + number; 16], false)
}

fn commit() -> Commit {
    Commit {
        workspace: name("acme"),
        now: NOW,
        claim: None,
        reads: Vec::new(),
        writes: Vec::new(),
        indexes: Vec::new(),
        branches: Vec::new(),
        journal: Vec::new(),
        lease: None,
    }
}

fn put(key: Key, body: Vec<u8>) -> Write {
    Write::Put { key, version: 1, with_receipt: true, body, until: None }
}

fn listed(index: Index, member: &[u8], score: i64) -> IndexChange {
    IndexChange { index, member: member.to_vec(), score: Some(score) }
}

fn inquiry(number: u8) -> Inquiry {
    Inquiry {
        id: inquiry_id(number),
        source: name("form"),
        channel: Channel::Website,
        received_at: NOW,
        occurred_at: NOW,
        event_id: None,
        is_test: false,
        filtered: false,
        filtered_by: None,
        contact: Contact::default(),
        company: Company::default(),
        answers: Vec::new(),
        consents: Vec::new(),
        attribution: std::collections::BTreeMap::default(),
        referrer: None,
        flags: Vec::new(),
    }
}

fn outcome(status: Status, queue: &str) -> BranchOutcome {
    BranchOutcome {
        status,
        stage: Stage::Lead,
        category: Category::Sell,
        queue: name(queue),
        pool: None,
        wait: None,
        opens_at: None,
        clock: None,
        counted: false,
    }
}

fn entry(
    number: u8,
    lead: Option<LeadId>,
    status: Option<Status>,
    out: &BranchOutcome,
) -> InquiryEntry {
    InquiryEntry {
        inquiry: inquiry(number),
        lead,
        record: Record {
            config: "0".repeat(32),
            overlay: 0,
            status,
            qualification: Qualification {
                score: 0,
                lines: Vec::new(),
                floor: 0,
                completeness: 0,
                grade: None,
                category: Category::Sell,
                ask: false,
                open: Vec::new(),
                ineligible: None,
                errors: Vec::new(),
                expected: None,
            },
            rules: String::new(),
            rule: None,
            row: None,
            owners: Vec::new(),
            matched_on: Vec::new(),
            refused: Vec::new(),
            merged: Vec::new(),
            account_owner: None,
            ruled_out: Vec::new(),
        },
        assignment: Assignment::Pending(vec![out.clone()]),
    }
}

fn row(number: u8, fact: &str, status: Option<Status>) -> Vec<u8> {
    let row = JournalRow {
        inquiry: Some(inquiry_id(number)),
        status,
        ..JournalRow::new(NOW, name(fact))
    };
    serde_json::to_vec(&row).unwrap()
}

fn job(number: u8, lead: u8) -> NewJob {
    NewJob {
        id: job_id(number),
        lead: Some(lead_id(lead)),
        route: Route { queue: name("crm"), permits: 1, lease_ms: 1000, pace: None },
        fallback: None,
        resets_handover: false,
        due: NOW,
        priority: 5,
        coalesces: false,
        inquiry: None,
        body: b"{}".to_vec(),
    }
}

/// A decided inquiry of a new lead: number of both, status, queue, jobs.
fn arrival(number: u8, status: Status, queue: &str, jobs: Vec<NewJob>) -> Commit {
    let out = outcome(status, queue);
    let id = lead_id(number);
    let mut lead = merge(None, id, &inquiry(number), &[], NOW);
    lead.keys = vec![index_key(number)];
    lead.assignment = Assignment::Pending(vec![out.clone()]);
    let candidate = Candidate { member: name("ann"), weight: 1, caps: Vec::new() };
    let pick = PoolPick {
        pool: name("team"),
        method: Method::RoundRobin,
        skip: Skip::KeepTurn,
        candidates: vec![candidate],
        beside: Vec::new(),
    };
    let indexes = match queue {
        "triage" => vec![listed(Index::Triage, id.as_bytes(), 1)],
        _ => Vec::new(),
    };
    Commit {
        claim: Some(Claim {
            key: [number; 16],
            fingerprint: [0; 8],
            inquiry: inquiry_id(number),
            until: NOW.after(std::time::Duration::from_mins(1)),
        }),
        writes: vec![
            put(Key::Lead(id), serde_json::to_vec(&lead).unwrap()),
            put(
                Key::Inquiry(inquiry_id(number)),
                serde_json::to_vec(&entry(number, Some(id), None, &out)).unwrap(),
            ),
            put(Key::Identity(index_key(number)), KeySet::Leads(vec![id]).encode()),
        ],
        branches: vec![Branch { pick: Some(pick), jobs, indexes }],
        journal: row(number, "inquiry_decided", None),
        lease: Some(Lease { incarnation: name("r1") }),
        ..commit()
    }
}

/// Kept in a worklist that expires.
fn aside(number: u8, index: &Index) -> Commit {
    let id = inquiry_id(number);
    let ends = expire::member(index, id, None).unwrap();
    let indexes = vec![listed(index.clone(), id.as_bytes(), 1), listed(Index::Expiry, &ends, 9)];
    let status = (*index == Index::Tests).then_some(Status::Test);
    let (write, row) = if let Some(status) = status {
        let entry = entry(number, None, Some(status), &outcome(Status::Routed, "sales"));
        let write = put(Key::Inquiry(id), serde_json::to_vec(&entry).unwrap());
        (write, row(number, "inquiry_decided", Some(status)))
    } else {
        (put(Key::Body(id), b"{}".to_vec()), row(number, "body_kept", None))
    };
    Commit { writes: vec![write], indexes, journal: row, ..commit() }
}

async fn run(store: &MemoryStore, commit: &Commit) {
    let outcome = store.commit(commit).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
}

/// Lead 1 with a delivery in hand and one waiting; 2 with one ready; 3 in triage; 4 with a dead
/// letter; inquiry 5 unreadable, 6 returned, 7 a test.
async fn in_good_order() -> MemoryStore {
    let store = MemoryStore::default();
    run(&store, &arrival(4, Status::Routed, "sales", vec![job(4, 4)])).await;
    let settle = Settle {
        workspace: name("acme"),
        queue: name("crm"),
        now: NOW,
        incarnation: name("r1"),
        job: job_id(4),
        lead: Some(lead_id(4)),
        outcome: JobOutcome::Dead,
        state: Vec::new(),
        pause: None,
        permits: 1,
        lease_ms: 1000,
        pace: None,
        take: 0,
    };
    store.settle(&settle).await.unwrap();
    run(&store, &arrival(1, Status::Routed, "sales", vec![job(1, 1), job(11, 1)])).await;
    run(&store, &arrival(2, Status::Routed, "sales", vec![job(2, 2)])).await;
    run(&store, &arrival(3, Status::Held, "triage", Vec::new())).await;
    run(&store, &aside(5, &Index::Unreadable)).await;
    run(&store, &aside(6, &Index::Returned)).await;
    run(&store, &aside(7, &Index::Tests)).await;
    store
}

#[tokio::test]
async fn good_order_has_no_findings() {
    let store = in_good_order().await;
    let report = audit(&store, &name("acme")).await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.inquiries, report.unreadable, report.leads), (5, 2, 4));
    assert_eq!((report.jobs, report.rows), (4, 7));
    store.redrive(&name("acme"), job_id(4), NOW, Redrive::Replay).await.unwrap();
    let claim = ClaimJobs {
        workspace: name("acme"),
        queue: name("crm"),
        now: NOW,
        incarnation: name("r2"),
        lapsed: vec![name("r1")],
        permits: 9,
        lease_ms: 1000,
        pace: None,
        take: 9,
    };
    assert_eq!(store.claim(&claim).await.unwrap().jobs.len(), 3);
    let report = audit(&store, &name("acme")).await.unwrap();
    assert!(report.is_clean(), "{report}");
}

/// What one kind of damage is found as.
async fn broken(damage: &Commit) -> Vec<&'static str> {
    let store = in_good_order().await;
    run(&store, damage).await;
    let report = audit(&store, &name("acme")).await.unwrap();
    assert!(report.to_string().contains("violations"));
    report.violations.iter().map(|violation| violation.rule).collect()
}

fn deleted(key: Key) -> Commit {
    Commit { writes: vec![Write::Delete { key }], ..commit() }
}

fn unlisted(index: Index, member: &[u8]) -> Commit {
    let change = IndexChange { index, member: member.to_vec(), score: None };
    Commit { indexes: vec![change], ..commit() }
}

#[tokio::test]
async fn missing_people_are_found() {
    let gone = broken(&deleted(Key::Inquiry(inquiry_id(2)))).await;
    assert_eq!(gone, ["inquiry_lost", "inquiry_count", "inquiry_lost"]);
    assert_eq!(broken(&deleted(Key::Lead(lead_id(3)))).await, ["lead_lost", "key_set", "worklist"]);
    assert_eq!(broken(&deleted(Key::Identity(index_key(1)))).await, ["key_set"]);
    assert_eq!(broken(&deleted(Key::Body(inquiry_id(5)))).await, ["worklist"]);
    assert_eq!(broken(&deleted(Key::Inquiry(inquiry_id(7)))).await, ["worklist"]);
}

#[tokio::test]
async fn wrong_lists_are_found() {
    let id = inquiry_id(5);
    assert_eq!(broken(&unlisted(Index::Triage, lead_id(3).as_bytes())).await, ["worklist"]);
    assert_eq!(broken(&unlisted(Index::Unreadable, id.as_bytes())).await, ["body_not_listed"]);
    assert_eq!(broken(&unlisted(Index::Tests, inquiry_id(7).as_bytes())).await, ["worklist"]);
    let end = expire::member(&Index::Unreadable, id, None).unwrap();
    assert_eq!(broken(&unlisted(Index::Expiry, &end)).await, ["no_end"]);
    let add = |index, member: &[u8]| Commit { indexes: vec![listed(index, member, 1)], ..commit() };
    assert_eq!(broken(&add(Index::Held, lead_id(1).as_bytes())).await, ["worklist"]);
    assert_eq!(broken(&add(Index::Held, lead_id(9).as_bytes())).await, ["worklist"]);
    let pair = [*lead_id(1).as_bytes(), *lead_id(2).as_bytes()].concat();
    assert_eq!(broken(&add(Index::Refused, &pair)).await, ["worklist", "worklist"]);
    assert_eq!(broken(&add(Index::Review, lead_id(1).as_bytes())).await, ["worklist"]);
    let beside = add(Index::PairsOf(lead_id(1)), lead_id(2).as_bytes());
    assert_eq!(broken(&beside).await, ["worklist"]);
    let both = broken(&add(Index::Returned, inquiry_id(1).as_bytes())).await;
    assert_eq!(both, ["two_states", "worklist", "no_end"]);
}

#[tokio::test]
async fn a_wrong_journal_is_found() {
    let journal = |journal| Commit { journal, ..commit() };
    assert_eq!(broken(&journal(row(1, "inquiry_decided", None))).await, ["inquiry_twice"]);
    assert_eq!(broken(&journal(row(9, "inquiry_decided", None))).await, ["inquiry_lost"]);
    assert_eq!(broken(&journal(b"{".to_vec())).await, ["unreadable"]);
    let mut silent = arrival(8, Status::Nurtured, "nurture", Vec::new());
    silent.journal.clear();
    assert_eq!(broken(&silent).await, ["no_journal_row"]);
    let untold = arrival(8, Status::Routed, "sales", Vec::new());
    assert_eq!(broken(&untold).await, ["nobody_told"]);
    let claim =
        Some(Claim { key: [9; 16], fingerprint: [0; 8], inquiry: inquiry_id(9), until: NOW });
    assert_eq!(broken(&Commit { claim, ..commit() }).await, ["claim_of_nothing"]);
}

#[tokio::test]
async fn an_unsettled_lead_and_a_stranger_under_a_key_are_found() {
    let mut lead: Lead = merge(None, lead_id(3), &inquiry(3), &[], NOW);
    lead.keys = vec![index_key(3)];
    let unsettled = Write::Put {
        key: Key::Lead(lead_id(3)),
        version: 2,
        with_receipt: false,
        body: serde_json::to_vec(&lead).unwrap(),
        until: None,
    };
    let found = broken(&Commit { writes: vec![unsettled], ..commit() }).await;
    assert_eq!(found, ["not_settled", "worklist"]);
    let set = KeySet::Leads(vec![lead_id(1), lead_id(2), lead_id(1)]).encode();
    let stranger = Commit { writes: vec![put(Key::Identity(index_key(1)), set)], ..commit() };
    assert_eq!(broken(&stranger).await, ["key_set", "key_set"]);
}

#[tokio::test]
async fn jobs_adrift_are_found() {
    let crm = || name("crm");
    assert_eq!(broken(&deleted(Key::Job(job_id(2)))).await, ["job_lost", "job_lost"]);
    assert_eq!(broken(&deleted(Key::Job(job_id(11)))).await, ["job_lost"]);
    assert_eq!(broken(&deleted(Key::Job(job_id(4)))).await, ["dead"]);
    let out = broken(&unlisted(Index::Ready(crm()), job_id(2).as_bytes())).await;
    assert_eq!(out, ["chain"]);
    let apart = |kind| Index::DeadOf(kind, name("crm"));
    for index in [Index::Dead, apart(DeadKind::Fault)] {
        assert_eq!(broken(&unlisted(index, job_id(4).as_bytes())).await, ["dead", "dead"]);
    }
    let add = |index, member: &[u8]| Commit { indexes: vec![listed(index, member, 1)], ..commit() };
    let twice = add(apart(DeadKind::Refusal), job_id(4).as_bytes());
    assert_eq!(broken(&twice).await, ["dead"]);
    let waiting = broken(&add(Index::Delayed(crm()), job_id(11).as_bytes())).await;
    assert_eq!(waiting, ["chain", "chain", "queue", "due"]);
    let twice = broken(&add(Index::Leased(name("erp")), job_id(2).as_bytes())).await;
    assert_eq!(twice, ["job_adrift", "chain", "queue", "due"]);
    let unchained = broken(&deleted(Key::Chain(lead_id(1)))).await;
    assert_eq!(unchained, ["nobody_told", "job_adrift", "chain", "job_adrift"]);
    let state = crate::domain::Stored::encode(1, "", b"x");
    assert!(JobValue::decode(&state).is_none() && Chain::decode(&state).is_none());
}
