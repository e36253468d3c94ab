//! The golden set: inquiries and the decisions made on them, reviewed by eye, byte for byte the same
//! on every engine and at every run. After a wanted change: `UPDATE_GOLDEN=1 cargo test golden`,
//! then read the difference.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lead_router::app::active;
use lead_router::capture::{Captured, Method, Request, capture};
use lead_router::config::{DemoValues, Place, Reloader};
use lead_router::domain::ports::{Clock, Mint, Store};
use lead_router::domain::{InquiryId, Lease, Name, Timestamp};
use lead_router::flow::{Answer, Caller, Flow, RawBody, Received, Workspace};
use lead_router::keyring::Keyring;
use lead_router::store::embedded::Embedded;
use lead_router::store::memory::MemoryStore;
use lead_router::telemetry::Telemetry;

const CASES: &str = include_str!("cases.tsv");

/// Ids that count.
#[derive(Default)]
struct CountingMint(AtomicU64);

impl Mint for CountingMint {
    fn mint(&self) -> [u8; 16] {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    }
}

/// A minute later at each inquiry.
#[derive(Default)]
struct SteppingClock(AtomicU64);

impl SteppingClock {
    fn step(&self) {
        self.0.fetch_add(60_000, Ordering::Relaxed);
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::parse("2026-03-02T09:00:00Z").unwrap();
        Timestamp::from_millis(
            start.as_millis() + i64::try_from(self.0.load(Ordering::Relaxed)).unwrap(),
        )
    }
}

fn demo_workspace() -> Arc<Workspace> {
    let values = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    let reloader = Reloader::start(Place::Demo, Box::new(move |name| values.get(name))).unwrap();
    let loaded = reloader.current().load_full();
    let workspaces = active(&loaded, "lrk_unused").workspaces;
    Arc::clone(workspaces.values().next().unwrap())
}

/// Runs all cases on one store; gives the text that is compared.
async fn decisions(store: Arc<dyn Store>) -> String {
    let workspace = demo_workspace();
    let clock = Arc::new(SteppingClock::default());
    let flow = Flow::new(
        store,
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(CountingMint::default()),
        Arc::new(Keyring::derive(&[7; 32])),
        Telemetry::new(),
        Lease { incarnation: Name::parse("golden").unwrap() },
        Box::new(|_, _| {}),
    );
    let mut text = String::new();
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.splitn(3, '\t');
        let (name, source, body) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        clock.step();
        let answer = take(&flow, &workspace, source, body).await;
        describe(&flow, &workspace, name, source, &answer, &mut text).await;
    }
    text
}

async fn take(flow: &Flow, workspace: &Workspace, source: &str, body: &str) -> Answer {
    let body = body.replace("LONG", &"long ".repeat(5000));
    let source = &workspace.sources[source];
    let (content_type, batch) = match source.name().as_str() {
        "form" => ("application/x-www-form-urlencoded", false),
        "scanner" => ("application/x-ndjson", true),
        _ => ("application/json", false),
    };
    let request = Request {
        method: Method::Post,
        batch,
        caller_known: batch,
        content_type: Some(content_type),
        headers: &[],
        query: None,
        path_secret: None,
        body: body.as_bytes(),
    };
    let submission = match capture(source, &request, flow.now()).unwrap() {
        Captured::Inquiry { submission, .. } => *submission,
        Captured::Batch(rows) => rows.into_iter().next().unwrap().unwrap(),
        other => panic!("{other:?}"),
    };
    let raw = || RawBody { bytes: body.clone().into_bytes(), ..RawBody::default() };
    let caller = Caller { batch_row: batch, ..Caller::default() };
    flow.inquire(workspace, source, Received { submission, raw: &raw }, &caller).await.unwrap()
}

async fn describe(
    flow: &Flow,
    workspace: &Workspace,
    name: &str,
    source: &str,
    answer: &Answer,
    text: &mut String,
) {
    let id: InquiryId = answer.inquiry.unwrap();
    let again = if answer.duplicate { " (duplicate)" } else { "" };
    writeln!(text, "## {name}\nsource {source}: {}{again}", answer.status).unwrap();
    if let Some(reason) = &answer.reason {
        writeln!(text, "reason {reason}").unwrap();
    }
    let Some(record) = flow.record(workspace, id).await.unwrap() else {
        text.push('\n');
        return;
    };
    for sentence in &record.sentences {
        writeln!(text, "- {sentence}").unwrap();
    }
    let entry = &record.entry;
    writeln!(text, "lead {}", entry.lead.map_or("none".to_owned(), |lead| lead.to_string()))
        .unwrap();
    writeln!(text, "flags {:?}", entry.inquiry.flags).unwrap();
    writeln!(text, "record {}\n", serde_json::to_string(&entry.record).unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_are_as_reviewed_on_every_engine() {
    let expected_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/decisions.txt");
    let memory = decisions(Arc::new(MemoryStore::default())).await;
    let again = decisions(Arc::new(MemoryStore::default())).await;
    assert_eq!(memory, again, "a second run came out differently");
    let folder = tempfile::tempdir().unwrap();
    let embedded = decisions(Arc::new(Embedded::open(folder.path()).unwrap())).await;
    assert!(memory == embedded, "the embedded engine came out differently");
    let server = crate::harness::redis::Server::start();
    let redis = lead_router::store::redis::Redis::connect(&server.url()).await.unwrap();
    assert!(memory == decisions(Arc::new(redis)).await, "Redis came out differently");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&expected_path, &memory).unwrap();
    }
    let expected = std::fs::read_to_string(&expected_path).unwrap();
    let line = memory.lines().zip(expected.lines()).position(|(a, b)| a != b);
    assert!(memory == expected, "differs from decisions.txt, first in line {line:?}");
}

#[test]
fn there_are_enough_cases() {
    let names: Vec<&str> = CASES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert!(names.len() >= 60 && distinct.len() == names.len(), "{}", names.len());
}
