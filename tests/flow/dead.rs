//! More dead deliveries than one request looks through.

use std::sync::Arc;

use lead_router::domain::{JobOutcome, Verdict};
use lead_router::flow::Which;
use lead_router::telemetry::Telemetry;

use crate::contract::bench::{Bench, job_id, lone, tried};
use crate::contract::engines;
use crate::harness::flow::{SteppingClock, demo_workspace, flow_on};

/// A request looks through five thousand.
const OTHERS: u32 = 5_050;

async fn gives_up(bench: &Bench, number: u32, verdict: Verdict, status: u16) {
    let ms = i64::from(number);
    let leased = bench.enqueue(ms, vec![lone(number)]).await;
    let mut settle = bench.settling(&leased[0], None, ms, JobOutcome::Dead);
    settle.state = tried(1, verdict, status);
    bench.settle(&settle).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_behind_thousands_of_others_is_found_on_the_next_page() {
    let workspace = demo_workspace();
    let mut bench = engines::memory().await;
    bench.workspace = workspace.name.clone();
    gives_up(&bench, 1, Verdict::Invalid, 422).await;
    for number in 2..=OTHERS {
        gives_up(&bench, number, Verdict::Retriable, 503).await;
    }
    let clock = Arc::new(SteppingClock::default());
    let flow = flow_on(Arc::clone(&bench.store), clock, Telemetry::new());
    let refused = Which { verdict: Some(Verdict::Invalid), ..Which::default() };

    let page = flow.dead(&workspace.name, &refused, None, 10).await.unwrap();
    assert!(page.items.is_empty(), "it is older than all that was looked through");
    assert!(page.next.is_some(), "it says that there is more");
    let page = flow.dead(&workspace.name, &refused, page.next, 10).await.unwrap();
    let found: Vec<_> = page.items.iter().map(|(view, _)| view.id).collect();
    assert_eq!((found, page.next.is_none()), (vec![job_id(1)], true));

    let run = flow.would_replay(&workspace, &Which::default()).await.unwrap();
    assert_eq!((run.count, run.more), (5_000, true), "bounded, and it says so");

    let mut before = None;
    let mut all = 0;
    loop {
        let page = flow.dead(&workspace.name, &Which::default(), before, 1_000).await.unwrap();
        all += page.items.len();
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(all, OTHERS as usize, "each once");
}
