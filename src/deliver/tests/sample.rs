//! Invented leads, and the ports as tables. Also for the tests of the loop.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::super::{Destination, Directory, Lines};
use crate::domain::ports::{
    Clock, Mint, OutboundAnswer, OutboundError, OutboundRequest, Store, Transport,
};
use crate::domain::*;
use crate::store::memory::MemoryStore;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const NOW: i64 = 1_772_366_400_000; // 2026-03-01T12:00:00Z

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

pub(crate) fn lead_id(n: u8) -> LeadId {
    LeadId::from_bytes([n; 16])
}

pub(crate) fn inquiry_id(n: u8) -> InquiryId {
    InquiryId::from_bytes([n; 16])
}

pub(crate) fn outcome(status: Status, queue: &str) -> BranchOutcome {
    BranchOutcome {
        status,
        stage: Stage::Lead,
        category: Category::Sell,
        queue: name(queue),
        pool: Some(name("dach")),
        wait: None,
        opens_at: None,
        clock: None,
        counted: false,
    }
}

pub(crate) fn answer(key: &str, value: &str) -> Answer {
    Answer { key: key.to_owned(), value: value.into() }
}

pub(crate) fn inquiry(n: u8) -> Inquiry {
    Inquiry {
        id: inquiry_id(n),
        source: name("web-form"),
        channel: Channel::Website,
        received_at: now(),
        occurred_at: now(),
        event_id: None,
        is_test: false,
        filtered: false,
        filtered_by: None,
        contact: contact(),
        company: Company::default(),
        answers: vec![
            answer("need.message", "Could you quote for forty of the large pumps?"),
            answer("need.timeline", "this quarter"),
        ],
        consents: vec![],
        attribution: [("utm_source".to_owned(), "fair".to_owned())].into(),
        referrer: None,
        flags: vec![],
    }
}

fn contact() -> Contact {
    Contact {
        email: Some(Checked::valid("Ida@Mill.example", "ida@mill.example")),
        phone: Some(Checked::valid("030 23125 017", "+493023125017")),
        full_name: Some("Ida Zanzotter".into()),
        country: Some(Checked::valid("Germany", "DE")),
        others: vec![(Field::Phone, "+493023125018".into())],
        ..Contact::default()
    }
}

pub(crate) fn lead(n: u8) -> Lead {
    let touch = Touch {
        inquiry: inquiry_id(n),
        at: now(),
        source: name("web-form"),
        channel: Channel::Website,
    };
    Lead {
        id: lead_id(n),
        created_at: now(),
        updated_at: now(),
        cycle: 1,
        score: 62_500,
        worth: 0,
        completeness: 755,
        contact: contact(),
        company: Company {
            name: Some("Mill AG".into()),
            domain: Some("mill.example".into()),
            employees: Some(40),
            ..Company::default()
        },
        answers: vec![answer("need.message", "Could you quote?")],
        consents: vec![Consent {
            purpose: "marketing".into(),
            channel: "email".into(),
            granted: true,
            text: Some("Yes, write to me".into()),
            at: now(),
        }],
        attribution: Attribution::new(),
        first_touch: touch.clone(),
        earliest_known: None,
        touches: vec![touch],
        inquiries: 1,
        keys: vec![],
        seen: vec![],
        assignment: Assignment::Pending(vec![outcome(Status::Routed, "sales")]),
        findings: crate::domain::Findings::default(),
        tries: None,
        look_again: None,
        clocks: None,
        said: None,
        nurture: None,
        confirmation: None,
        merged_into: None,
        merged_away: None,
        account: None,
        referrer: None,
        absorbed: Vec::new(),
        apart: Vec::new(),
        linked: Vec::new(),
    }
}

pub(crate) fn entry(n: u8) -> InquiryEntry {
    let line = |line, group, points| ScoreLine {
        line,
        group,
        answer: Known3::Yes,
        points,
        by_person: false,
        until: None,
    };
    let record = Record {
        config: "0123456789abcdef0123456789abcdef".into(),
        overlay: 0,
        status: None,
        qualification: Qualification {
            score: 62_500,
            lines: vec![
                line(0, Criterion::Budget, 20_000),
                line(1, Criterion::Need, 42_500),
                line(2, Criterion::Approach, 0),
            ],
            floor: 0,
            completeness: 755,
            grade: None,
            category: Category::Sell,
            ask: false,
            open: vec![name("authority")],
            ineligible: None,
            errors: vec![],
            expected: None,
        },
        rules: "ny".into(),
        rule: Some(name("dach")),
        row: None,
        owners: Vec::new(),
        matched_on: vec!["email".into()],
        refused: vec![],
        merged: vec![],
        account_owner: None,
        ruled_out: vec![],
    };
    InquiryEntry {
        inquiry: inquiry(n),
        lead: Some(lead_id(n)),
        record,
        assignment: Assignment::Pending(vec![outcome(Status::Routed, "sales")]),
    }
}

pub(crate) fn event(kind: EventType, n: u8) -> EventRow {
    EventRow {
        id: EventId::from_bytes([n; 16]),
        kind,
        at: now(),
        lead: Some(lead_id(n)),
        inquiry: Some(inquiry_id(n)),
        merged: matches!(kind, EventType::LeadMerged | EventType::LeadUnmerged).then(|| lead_id(9)),
        outcome: Some(outcome(Status::Routed, "sales")),
        score: 62_500,
        cycle: 1,
        is_test: false,
        detail: clock(kind),
    }
}

/// What a clock said, where that is what happened.
fn clock(kind: EventType) -> Option<serde_json::Value> {
    let part = match kind {
        EventType::LeadSlaWarning => Some(800),
        EventType::LeadSlaBreached => None,
        _ => return None,
    };
    let told = ClockTold {
        clock: Some(name("sales")),
        awaited: Awaited::FirstTouch,
        owner: Some(name("anna")),
        assigned_at: now(),
        due_at: now(),
        part,
        late_ms: 1500,
        reassignments: 1,
    };
    serde_json::to_value(told).ok()
}

pub(crate) fn delivery(n: u8, destination: &str) -> Delivery {
    Delivery {
        id: DeliveryId::from_bytes([n; 16]),
        destination: name(destination),
        event: event(EventType::LeadRouted, n),
        since: now(),
        instead_of: None,
        carried: None,
    }
}

/// A commit that stores lead `n` and its inquiry and orders one delivery.
pub(crate) fn commit(n: u8, route: Route, lease: Option<Lease>, at: Timestamp) -> Commit {
    let put = |key, body| Write::Put { key, version: 1, with_receipt: true, body, until: None };
    let mut delivery = delivery(n, route.queue.as_str());
    delivery.since = at;
    let job = NewJob {
        id: delivery.id,
        lead: Some(lead_id(n)),
        route,
        fallback: None,
        resets_handover: false,
        due: at,
        priority: 0,
        coalesces: false,
        inquiry: None,
        body: serde_json::to_vec(&Job::Deliver(delivery)).unwrap(),
    };
    Commit {
        workspace: name("demo"),
        now: at,
        claim: None,
        reads: vec![],
        writes: vec![
            put(Key::Lead(lead_id(n)), serde_json::to_vec(&lead(n)).unwrap()),
            put(Key::Inquiry(inquiry_id(n)), serde_json::to_vec(&entry(n)).unwrap()),
        ],
        indexes: vec![],
        branches: vec![
            Branch {
                pick: Some(PoolPick {
                    pool: name("dach"),
                    method: Method::RoundRobin,
                    skip: Skip::KeepTurn,
                    candidates: vec![Candidate { member: name("anna"), weight: 1, caps: vec![] }],
                    beside: vec![],
                }),
                jobs: vec![job],
                indexes: vec![],
            },
            Branch { pick: None, jobs: vec![], indexes: vec![] },
        ],
        journal: vec![],
        lease,
    }
}

/// A store with leads 1 to 9 in it.
pub(crate) async fn store() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::default());
    for n in 1..10 {
        let mut commit = commit(n, destination("none", json!({})).route(), None, now());
        commit.branches[0].jobs.clear();
        store.commit(&commit).await.unwrap();
    }
    store
}

/// A destination with defaults, and what `more` says.
#[expect(clippy::needless_pass_by_value, reason = "it is written in place")]
pub(crate) fn destination(own: &str, more: Value) -> Destination {
    let mut value = json!({"url": "https://crm.example/hook", "secrets": [SECRET]});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Destination::compile(&name(own), &serde_json::from_value(value).unwrap()).unwrap()
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct Stopped(AtomicI64);

impl Stopped {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW)))
    }

    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count up.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

impl Mint for Counting {
    fn mint(&self) -> [u8; 16] {
        let n = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        let mut bytes = [0xee; 16];
        bytes[8..].copy_from_slice(&n.to_be_bytes());
        bytes
    }
}

/// Destinations as a table, to be changed while it runs.
#[derive(Default)]
pub(crate) struct Book(
    pub(crate) Mutex<BTreeMap<Name, Arc<Destination>>>,
    pub(crate) Mutex<GivenIds>,
);

impl Book {
    pub(crate) fn of(all: Vec<Destination>) -> Arc<Self> {
        let all = all.into_iter().map(|d| (d.name.clone(), Arc::new(d))).collect();
        Arc::new(Self(Mutex::new(all), Mutex::default()))
    }
}

#[async_trait]
impl Directory for Book {
    fn destination(&self, _workspace: &Name, queue: &Name) -> Option<Arc<Destination>> {
        self.0.lock().unwrap().get(queue).cloned()
    }

    async fn lines(&self, _workspace: &Name, _config: &str) -> Lines {
        Box::new(|line| (line == 1).then(|| "needs pumps".to_owned()))
    }

    async fn given(
        &self,
        _workspace: &Name,
        _lead: LeadId,
        destination: &Name,
        ids: &BTreeMap<String, String>,
    ) {
        self.1.lock().unwrap().insert(destination.clone(), ids.clone());
    }

    fn record_url(&self, workspace: &Name, inquiry: InquiryId) -> Option<String> {
        Some(format!("https://leads.example/v1/{workspace}/inquiries/{inquiry}/record"))
    }
}

/// A transport that answers from a list and keeps what was sent.
#[derive(Default)]
pub(crate) struct Scripted {
    pub(crate) answers: Mutex<Vec<Result<OutboundAnswer, OutboundError>>>,
    pub(crate) sent: Mutex<Vec<OutboundRequest>>,
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside errors in scripts")]
pub(crate) fn status(status: u16) -> Result<OutboundAnswer, OutboundError> {
    Ok(OutboundAnswer { status, retry_after: None, headers: Vec::new(), body: bytes::Bytes::new() })
}

#[async_trait]
impl Transport for Scripted {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        self.sent.lock().unwrap().push(request);
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() { status(200) } else { answers.remove(0) }
    }
}
