//! The courier with scripted answers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::sign::{Secret, Signed, verify};
use super::super::{Courier, Destination, Ways};
use super::sample::{
    Book, Counting, SECRET, Scripted, Stopped, delivery, destination, inquiry_id, lead_id, name,
    now, status, store,
};
use crate::domain::ports::{Clock, JobReport, JobRunner, OutboundError, Store};
use crate::domain::*;
use crate::telemetry::{Metric, Telemetry};

struct Scene {
    courier: Courier,
    transport: Arc<Scripted>,
    clock: Arc<Stopped>,
    store: Arc<crate::store::memory::MemoryStore>,
    telemetry: Telemetry,
}

async fn scene(all: Vec<Destination>) -> Scene {
    let (transport, clock, store) = (Arc::new(Scripted::default()), Stopped::new(), store().await);
    let telemetry = Telemetry::new();
    let courier = Courier::new(
        Arc::clone(&store) as _,
        Ways::alone(Arc::clone(&transport) as _, Arc::clone(&clock) as _),
        Arc::clone(&clock) as _,
        Arc::new(Counting::default()),
        Book::of(all),
        telemetry.clone(),
    );
    Scene { courier, transport, clock, store, telemetry }
}

fn leased(n: u8, queue: &str) -> LeasedJob {
    LeasedJob {
        id: DeliveryId::from_bytes([n; 16]),
        queue: name(queue),
        sequence: 4,
        lease_until: now().after(Duration::from_secs(30)),
        receipt: Some(Receipt { member: Some(name("anna")), ..Receipt::of_branch(0) }),
        absorbed: 0,
        absorbed_ids: vec![],
        state: vec![],
        body: serde_json::to_vec(&Job::Deliver(delivery(n, queue))).unwrap(),
    }
}

impl Scene {
    async fn run(&self, job: &LeasedJob) -> JobReport {
        self.courier.run(&name("demo"), job).await
    }

    fn body(&self) -> Value {
        serde_json::from_slice(&self.transport.sent.lock().unwrap().last().unwrap().body).unwrap()
    }
}

#[tokio::test]
async fn a_delivery_is_signed_afresh_and_ends_delivered() {
    let more = json!({"headers": {"Authorization": "Bearer t"}, "timeout_ms": 2000});
    let scene = scene(vec![destination("crm", more)]).await;
    scene.clock.forward(Duration::from_secs(5));
    let report = scene.run(&leased(1, "crm")).await;
    let until = scene.clock.now().after(Duration::from_hours(7 * 24));
    assert_eq!(report.outcome, JobOutcome::Done { until });
    assert_eq!(report.state.ended.as_deref(), Some("delivered"));
    assert_eq!((report.state.count, report.state.attempts[0].http_status), (1, Some(200)));
    assert_eq!(report.state.lead, Some(lead_id(1)));
    let sent = scene.transport.sent.lock().unwrap().pop().unwrap();
    assert_eq!(sent.deadline, Duration::from_secs(2));
    let header = |key: &str| {
        sent.headers.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).unwrap_or_default()
    };
    assert_eq!(header("webhook-id"), EventId::from_bytes([1; 16]).to_string());
    assert_eq!(header("authorization"), "Bearer t");
    assert_eq!(header("user-agent"), concat!("lead-router/", env!("CARGO_PKG_VERSION")));
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    assert_eq!(signed.timestamp, (now().as_secs() + 5).to_string());
    let secrets = [Secret::parse(SECRET).unwrap()];
    assert_eq!(verify(&secrets, signed, &sent.body, scene.clock.now()), Ok(()));
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["data"]["sequence"], 4);
    assert_eq!(body["data"]["assignment"]["owner"], "anna");
    let url = body["data"]["decision"]["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/inquiries/{}/record", inquiry_id(1))), "{url}");
    let labels = [("workspace", "demo"), ("destination", "crm"), ("how", "delivered")];
    assert_eq!(scene.telemetry.value(Metric::DeliveriesEnded, &labels), 1);
}

#[tokio::test]
async fn the_request_that_brought_it_about_can_be_followed_through() {
    let scene = scene(vec![destination("crm", json!({}))]).await;
    let mut job = leased(1, "crm");
    let mut delivery = delivery(1, "crm");
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    delivery.event.detail = Some(json!({"traceparent": parent, "request_id": "req_1\r\nx: y"}));
    job.body = serde_json::to_vec(&Job::Deliver(delivery)).unwrap();
    scene.run(&job).await;
    let headers = scene.transport.sent.lock().unwrap()[0].headers.clone();
    assert!(headers.contains(&("traceparent".into(), parent.into())));
    assert!(!headers.iter().any(|(k, _)| k == "x-request-id"), "not if it could break a header");
}

#[tokio::test]
async fn failures_are_counted_and_the_newest_twenty_kept() {
    let scene = scene(vec![destination("crm", json!({"retry": vec!["1s"; 30]}))]).await;
    let mut job = leased(1, "crm");
    for n in 1..=25 {
        scene.transport.answers.lock().unwrap().push(status(503));
        let report = scene.run(&job).await;
        assert!(matches!(report.outcome, JobOutcome::Again { .. }), "{n}: {:?}", report.outcome);
        assert_eq!((report.state.count, report.state.attempts.len()), (n, n.min(20) as usize));
        assert_eq!(report.state.ended, None);
        job.state = serde_json::to_vec(&report.state).unwrap();
    }
    let ids: std::collections::BTreeSet<_> =
        scene.transport.sent.lock().unwrap().iter().map(|r| r.headers[2].1.clone()).collect();
    assert_eq!(ids.len(), 1, "one webhook-id over all attempts");
}

#[tokio::test]
async fn the_end_of_the_schedule_is_the_dead_list() {
    let scene = scene(vec![destination("crm", json!({"retry": ["0s"]}))]).await;
    scene.transport.answers.lock().unwrap().push(Err(OutboundError::Blocked));
    let report = scene.run(&leased(1, "crm")).await;
    assert_eq!(report.outcome, JobOutcome::Dead);
    assert_eq!(report.state.ended.as_deref(), Some("dead"));
    let attempt = &report.state.attempts[0];
    assert_eq!(
        (attempt.verdict, attempt.error.as_deref()),
        (Verdict::Blocked, Some("blocked_address"))
    );
}

#[tokio::test]
async fn the_fallback_gets_the_same_event_with_what_the_commit_picked() {
    let more = json!({"fallback": {"to": "inbox", "after": "1m"}});
    let scene = scene(vec![destination("crm", more), destination("inbox", json!({}))]).await;
    scene.clock.forward(Duration::from_secs(61));
    scene.transport.answers.lock().unwrap().push(status(500));
    let mut job = leased(1, "crm");
    job.lease_until = scene.clock.now().after(Duration::from_secs(30));
    (job.absorbed, job.absorbed_ids) = (1, vec![inquiry_id(2)]);
    let report = scene.run(&job).await;
    assert_eq!(report.state.ended.as_deref(), Some("handed_over"));
    let JobOutcome::HandedOver { job: next, .. } = report.outcome else { panic!() };
    assert_eq!((next.route.queue.as_str(), next.lead), ("inbox", Some(lead_id(1))));
    assert_ne!(next.id, job.id);
    let taken = LeasedJob {
        id: next.id,
        queue: name("inbox"),
        sequence: 1,
        receipt: None,
        absorbed: 0,
        absorbed_ids: vec![],
        body: next.body.clone(),
        ..job
    };
    let report = scene.run(&taken).await;
    assert_eq!(report.state.destination, Some(name("inbox")));
    let sent = scene.transport.sent.lock().unwrap();
    assert_eq!(sent[0].headers[2], sent[1].headers[2], "the same webhook-id");
    drop(sent);
    let body = scene.body();
    assert_eq!(body["data"]["instead_of"], "crm");
    assert_eq!(body["data"]["assignment"]["owner"], "anna");
}

#[tokio::test]
async fn a_job_moved_behind_a_hand_over_goes_where_its_queue_says() {
    let scene = scene(vec![destination("inbox", json!({"url": "https://inbox.example/"}))]).await;
    let job = LeasedJob { queue: name("inbox"), ..leased(1, "crm") };
    let report = scene.run(&job).await;
    assert_eq!(report.state.destination, Some(name("inbox")));
    assert_eq!(scene.transport.sent.lock().unwrap()[0].url, "https://inbox.example/");
    assert_eq!(scene.body()["data"]["instead_of"], "crm");
}

#[tokio::test]
async fn a_destination_no_longer_configured_waits_where_people_see_it() {
    let scene = scene(vec![]).await;
    let report = scene.run(&leased(1, "crm")).await;
    assert_eq!(report.outcome, JobOutcome::Again { due: now().after(Duration::from_hours(1)) });
    assert_eq!(report.state.waiting.as_deref(), Some("not_configured"));
    assert!(scene.courier.route(&name("demo"), &name("crm")).is_none());
    assert!(scene.transport.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_erased_lead_is_not_delivered_any_more_but_its_erasure_is() {
    let scene = scene(vec![destination("crm", json!({}))]).await;
    let report = scene.run(&leased(77, "crm")).await;
    assert!(matches!(report.outcome, JobOutcome::Done { .. }));
    assert_eq!(report.state.ended.as_deref(), Some("erased"));
    assert!(scene.transport.sent.lock().unwrap().is_empty());
    let mut erasure = delivery(77, "crm");
    erasure.event.kind = EventType::LeadErased;
    let job = LeasedJob {
        body: serde_json::to_vec(&Job::Deliver(erasure)).unwrap(),
        ..leased(77, "crm")
    };
    assert_eq!(scene.run(&job).await.state.ended.as_deref(), Some("delivered"));
    assert_eq!(scene.body()["data"]["lead"], json!({"id": lead_id(77)}));
}

#[tokio::test]
async fn corrections_reach_the_next_attempt() {
    let scene = scene(vec![destination("crm", json!({}))]).await;
    let mut lead = super::sample::lead(1);
    lead.contact.email = Some(Checked::valid("new@mill.example", "new@mill.example"));
    let mut commit = super::sample::commit(1, destination("x", json!({})).route(), None, now());
    commit.branches.clear();
    commit.writes = vec![Write::Put {
        key: Key::Lead(lead_id(1)),
        version: 2,
        with_receipt: false,
        body: serde_json::to_vec(&lead).unwrap(),
        until: None,
    }];
    scene.store.commit(&commit).await.unwrap();
    scene.run(&leased(1, "crm")).await;
    assert_eq!(scene.body()["data"]["lead"]["contact"]["email"], "new@mill.example");
}

#[tokio::test]
async fn too_little_lease_is_given_back_and_an_unknown_job_is_kept() {
    let scene = scene(vec![destination("crm", json!({}))]).await;
    let short = LeasedJob { lease_until: now().after(Duration::from_secs(16)), ..leased(1, "crm") };
    assert_eq!(scene.run(&short).await.outcome, JobOutcome::Released);
    let strange = LeasedJob { body: b"{\"job\":\"fetch\"}".to_vec(), ..leased(1, "crm") };
    assert_eq!(scene.run(&strange).await.outcome, JobOutcome::Dead);
    assert!(scene.transport.sent.lock().unwrap().is_empty());
}
