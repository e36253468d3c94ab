//! Operators hear of what nobody else would notice, once an hour over all replicas.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lead_router::domain::ports::{ClaimJobs, Settle, Store};
use lead_router::domain::{EventType, Job, JobOutcome, LeasedJob, Name, Timestamp};
use lead_router::flow::{Caller, Flow, RawBody, Received, Watch, Workspace};
use lead_router::store::memory::MemoryStore;
use lead_router::telemetry::{Metric, Telemetry};
use serde_json::json;

use crate::harness::flow::{SteppingClock, demo_workspace, flow_on};

/// One replica with its own watcher, on a store that others may share.
struct Replica {
    flow: Flow,
    watch: Watch,
    telemetry: Telemetry,
}

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<SteppingClock>,
    workspace: Arc<Workspace>,
}

impl World {
    fn new() -> Self {
        Self { store: Arc::default(), clock: Arc::default(), workspace: demo_workspace() }
    }

    fn replica(&self) -> Replica {
        let telemetry = Telemetry::new();
        let store = Arc::clone(&self.store) as Arc<dyn Store>;
        let flow = flow_on(store, Arc::clone(&self.clock), telemetry.clone());
        Replica { flow, watch: Watch::new(), telemetry }
    }

    /// A lead for sales, so that something is on its way to `crm`.
    async fn route_one(&self, flow: &Flow) {
        let source = &self.workspace.sources["form"];
        let body =
            b"name=Frida+Fjordlund&email=frida@fjordlund-alerts.example&country=DE&employees=80\
            &product=filler&budget=45000&authority=team&timeline=now";
        let request =
            lead_router::capture::Request::post(Some("application/x-www-form-urlencoded"), body);
        let captured = lead_router::capture::capture(source, &request, flow.now()).unwrap();
        let lead_router::capture::Captured::Inquiry { submission, .. } = captured else {
            panic!("{captured:?}")
        };
        let raw = || RawBody::default();
        let received = Received { submission: *submission, raw: &raw };
        let answer = flow.inquire(&self.workspace, source, received, &Caller::default()).await;
        assert_eq!(answer.unwrap().status.as_str(), "routed");
    }

    /// Takes the jobs of a queue out of the hands of the flow, which only leased them; at most so many.
    async fn lease(&self, queue: &str, now: Timestamp, take: u32) -> Vec<LeasedJob> {
        let claim = ClaimJobs {
            workspace: self.workspace.name.clone(),
            queue: Name::parse(queue).unwrap(),
            now,
            incarnation: Name::parse("tester").unwrap(),
            lapsed: vec![Name::parse("golden").unwrap()],
            permits: 100,
            lease_ms: 60_000,
            pace: None,
            take,
        };
        self.store.claim(&claim).await.unwrap().jobs
    }

    /// The alerts that wait for the alert destination, as (type, detail).
    async fn alerts(&self, now: Timestamp) -> Vec<(EventType, serde_json::Value)> {
        let jobs = self.lease("triage-inbox", now, 100).await;
        let events = jobs.iter().map(|job| {
            let Job::Deliver(delivery) = serde_json::from_slice(&job.body).unwrap() else {
                panic!("a delivery")
            };
            (delivery.event.kind, delivery.event.detail.unwrap_or_default())
        });
        events.filter(|(kind, _)| kind.as_str().starts_with("alert.")).collect()
    }
}

#[tokio::test]
async fn an_old_delivery_is_told_of_once_an_hour_by_one_replica() {
    let world = World::new();
    let (one, other) = (world.replica(), world.replica());
    world.route_one(&one.flow).await;
    world.lease("crm", one.flow.now(), 0).await;
    for replica in [&one, &other] {
        replica.flow.watch(&world.workspace, &replica.watch).await.unwrap();
    }
    assert!(world.alerts(one.flow.now()).await.is_empty(), "too early");
    world.clock.step(16 * 60_000);
    for replica in [&one, &other, &one] {
        replica.flow.watch(&world.workspace, &replica.watch).await.unwrap();
    }
    let alerts = world.alerts(one.flow.now()).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].0, EventType::AlertOldestUndelivered);
    assert_eq!(alerts[0].1["destination"], "crm");
    let labels = [("workspace", "demo"), ("destination", "crm")];
    assert_eq!(one.telemetry.value(Metric::QueueOldestSeconds, &labels), 16 * 60);
    world.clock.step(61 * 60_000);
    other.flow.watch(&world.workspace, &other.watch).await.unwrap();
    assert_eq!(world.alerts(one.flow.now()).await.len(), 1, "it still holds an hour later");
}

#[tokio::test]
async fn a_destination_that_gives_up_is_told_of() {
    let world = World::new();
    let replica = world.replica();
    world.route_one(&replica.flow).await;
    let now = replica.flow.now();
    let jobs = world.lease("crm", now, 100).await;
    assert_eq!(jobs.len(), 1);
    let Job::Deliver(delivery) = serde_json::from_slice(&jobs[0].body).unwrap() else {
        panic!("a delivery")
    };
    let settle = Settle {
        workspace: world.workspace.name.clone(),
        queue: jobs[0].queue.clone(),
        now,
        incarnation: Name::parse("tester").unwrap(),
        job: jobs[0].id,
        lead: delivery.event.lead,
        outcome: JobOutcome::Dead,
        state: b"{}".to_vec(),
        pause: None,
        permits: 1,
        lease_ms: 1000,
        pace: None,
        take: 0,
    };
    world.store.settle(&settle).await.unwrap();
    replica.flow.watch(&world.workspace, &replica.watch).await.unwrap();
    let alerts = world.alerts(now).await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0].0, EventType::AlertDestinationDead);
    let detail =
        json!({"destination": "crm", "dead": 1, "faults": 1, "refusals": 0, "oldest_seconds": 0});
    assert_eq!(alerts[0].1, detail);
    let labels = [("workspace", "demo"), ("worklist", "dead")];
    assert_eq!(replica.telemetry.value(Metric::Worklist, &labels), 1);
    let fault = [("workspace", "demo"), ("destination", "crm"), ("kind", "fault")];
    assert_eq!(replica.telemetry.value(Metric::DeadLetters, &fault), 1);
    // Nothing new: it is said again when the letter has lain for a day, then once a day.
    for (hours, said) in [(2, 1), (21, 1), (2, 2), (2, 2), (23, 3)] {
        world.clock.step(hours * 3_600_000);
        for _ in 0..2 {
            replica.flow.watch(&world.workspace, &replica.watch).await.unwrap();
        }
        // Those of before are there again: nobody settled them.
        let alerts = world.alerts(replica.flow.now()).await;
        let dead = alerts.iter().filter(|(kind, _)| *kind == EventType::AlertDestinationDead);
        assert_eq!(dead.count(), said, "after {hours} h more: {alerts:?}");
    }
    assert_eq!(replica.telemetry.value(Metric::DeadOldestSeconds, &fault), 50 * 3600);
}

#[tokio::test]
async fn a_silent_source_is_told_of_and_one_heard_elsewhere_is_not_silent() {
    let world = World::new();
    let mut workspace = demo_workspace();
    let name = |text| Name::parse(text).unwrap();
    Arc::get_mut(&mut workspace).unwrap().alerts.silent = BTreeMap::from([
        (name("form"), Duration::from_hours(2)),
        (name("scanner"), Duration::from_hours(2)),
    ]);
    let (hearing, watching) = (world.replica(), world.replica());
    watching.flow.watch(&workspace, &watching.watch).await.unwrap();
    world.clock.step(90 * 60_000);
    // The other replica takes an inquiry; this one learns of it from the journal.
    world.route_one(&hearing.flow).await;
    world.clock.step(40 * 60_000);
    watching.flow.watch(&workspace, &watching.watch).await.unwrap();
    let silent: Vec<_> = world
        .alerts(watching.flow.now())
        .await
        .into_iter()
        .filter(|(kind, _)| *kind == EventType::AlertSourceSilent)
        .map(|(_, detail)| detail["source"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(silent, ["scanner"]);
}
