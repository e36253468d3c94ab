//! Many clocks run out in the same minute while one of two processes is killed: each says so once, and each lead goes to
//! one other member. How late they say it is printed.
//!
//! 300 by default; `make faults` sets `FAULTS_CLOCKS=10000`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::harness::wait::eventually;
use crate::scenarios::processes::{On, Stage, post};

const FOLLOW_UP: &str = "
sla:
  - { name: first-call, first_touch_within: 30m, on_breach: { reassign: 1 } }
";
const ASSIGNED: &str = "2026-03-02T09:00:00Z";
const DUE: &str = "2026-03-02T09:30:00Z";
const POSTERS: usize = 8;
/// Longer than all of them take, and what the other process waits for the dead one's leases.
const PATIENCE: Duration = Duration::from_mins(8);

fn wanted() -> usize {
    std::env::var("FAULTS_CLOCKS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// So many people inquire at the same instant.
async fn inquire(stage: &Stage, count: usize) {
    let mut posters = JoinSet::new();
    for poster in 0..POSTERS {
        let services: Vec<_> = stage.services.iter().map(|service| service.public).collect();
        posters.spawn(async move {
            for number in (poster..count).step_by(POSTERS) {
                let email = format!("visitor{number}@fjordlund.example");
                let answer = post(services[number % services.len()], &[("email", &email)]).await;
                assert_eq!(answer.text("status"), "routed", "{answer:?}");
            }
        });
    }
    while let Some(ended) = posters.join_next().await {
        ended.unwrap();
    }
}

/// By lead, the ids of its events of a type, and how late their clocks were.
fn told(stage: &Stage, kind: &str) -> BTreeMap<String, (BTreeSet<String>, u64)> {
    let mut all: BTreeMap<String, (BTreeSet<String>, u64)> = BTreeMap::new();
    for event in stage.receiver.arrived().into_iter().filter(|event| event.kind == kind) {
        let of_lead = all.entry(event.text("/data/lead/id").to_owned()).or_default();
        of_lead.1 = event.body["data"]["clock"]["late_seconds"].as_u64().unwrap_or(0);
        of_lead.0.insert(event.id);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_due_in_the_same_minute_each_say_so_once() {
    let count = wanted();
    let mut stage = Stage::begin(On::Redis, ASSIGNED, &[("follow-up.yaml", FOLLOW_UP)]).await;
    inquire(&stage, count).await;
    let began = Instant::now();
    stage.runs_from(DUE);
    eventually("a third of them", PATIENCE, async || {
        (told(&stage, "lead.sla_breached").len() > count / 3).then_some(())
    })
    .await;
    stage.services[1].kill();
    for kind in ["lead.sla_breached", "lead.reassigned"] {
        eventually(kind, PATIENCE, async || (told(&stage, kind).len() == count).then_some(()))
            .await;
    }
    let took = began.elapsed();
    stage.services[1].spawn();
    stage.services[1].ready().await;
    let breached = told(&stage, "lead.sla_breached");
    for by_lead in [&breached, &told(&stage, "lead.reassigned")] {
        let twice = by_lead.iter().find(|(_, (ids, _))| ids.len() != 1);
        assert!(twice.is_none(), "{twice:?}");
    }
    let arrived = stage.receiver.arrived().into_iter();
    let requests = arrived.filter(|event| event.kind == "lead.sla_breached").count();
    let mut late: Vec<u64> = breached.values().map(|(_, late)| *late).collect();
    late.sort_unstable();
    println!(
        "clocks: {count} due in the same instant, one of two processes killed after a third: {} told, {} requests again; late: median {} s, p99 {} s, last {} s; all delivered after {:.0} s",
        late.len(),
        requests - count,
        late[count / 2],
        late[count * 99 / 100],
        late[count - 1],
        took.as_secs_f64(),
    );
    for lead in breached.keys().step_by(count / 20 + 1) {
        let clock = stage.lead(lead).await["clock"].clone();
        assert_eq!(
            (&clock["breaches"], &clock["reassignments"]),
            (&1.into(), &1.into()),
            "{clock}"
        );
        assert_eq!(clock["previous_owners"].as_array().unwrap().len(), 1);
    }
    stage.ends_clean().await;
}
