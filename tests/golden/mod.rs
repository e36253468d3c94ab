//! The golden set: inquiries and the decisions made on them, reviewed by eye, byte for byte the same
//! on every engine and at every run. After a wanted change: `UPDATE_GOLDEN=1 cargo test golden`,
//! then read the difference.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use lead_router::capture::{Captured, Request, capture};
use lead_router::domain::InquiryId;
use lead_router::domain::ports::Store;
use lead_router::flow::{Answer, Caller, Flow, RawBody, Received, Workspace};
use lead_router::store::embedded::Embedded;
use lead_router::store::memory::MemoryStore;
use lead_router::telemetry::Telemetry;

use crate::harness::flow::{SteppingClock, demo_workspace, flow_on};

const CASES: &str = include_str!("cases.tsv");

/// Runs all cases on one store; gives the text that is compared.
async fn decisions(store: Arc<dyn Store>) -> String {
    let workspace = demo_workspace();
    let clock = Arc::new(SteppingClock::default());
    let flow = flow_on(store, Arc::clone(&clock), Telemetry::new());
    let mut text = String::new();
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.splitn(3, '\t');
        let (name, source, body) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        clock.step(60_000);
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
        batch,
        caller_known: batch,
        ..Request::post(Some(content_type), body.as_bytes())
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
    let Some((record, _)) = flow.record(workspace, id).await.unwrap() else {
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
