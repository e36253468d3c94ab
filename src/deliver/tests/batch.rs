//! Several deliveries in one request: each keeps its own end, its own log and its own place.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Around, Courier, Destination, DestinationPresets, DestinationSettings, Ways};
use super::sample::{Book, Counting, Scripted, Stopped, delivery, lead_id, name, now, store};
use crate::domain::ports::{
    Clock, JobReport, JobRunner, OutboundAnswer, OutboundError, OutboundRequest,
};
use crate::domain::*;
use crate::rules::Lists;
use crate::telemetry::Telemetry;

const WORKSPACE: &str = "demo";

struct Scene {
    courier: Courier,
    transport: Arc<Scripted>,
    clock: Arc<Stopped>,
    book: Arc<Book>,
}

#[expect(clippy::needless_pass_by_value, reason = "it is written in place")]
fn hubspot(more: Value) -> Destination {
    let mut value = json!({"preset": "hubspot-contacts", "with": {"token": "t-1"}, "batch": {}});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings: DestinationSettings = serde_json::from_value(value).unwrap();
    let presets = DestinationPresets::shipped().unwrap();
    let around = Around { preset: presets.get("hubspot-contacts"), lists: &Lists::default() };
    Destination::compile_with(&name("crm"), &settings, around).unwrap()
}

async fn scene(all: Vec<Destination>) -> Scene {
    let (transport, clock, book) = (Arc::new(Scripted::default()), Stopped::new(), Book::of(all));
    let courier = Courier::new(
        store().await,
        Ways::alone(Arc::clone(&transport) as _, Arc::clone(&clock) as _),
        Arc::clone(&clock) as _,
        Arc::new(Counting::default()),
        Arc::clone(&book) as _,
        Telemetry::new(),
    );
    Scene { courier, transport, clock, book }
}

impl Scene {
    async fn run(&self, jobs: &[(u8, DeliveryState)]) -> Vec<JobReport> {
        let leased = |(number, state): &(u8, DeliveryState)| LeasedJob {
            id: DeliveryId::from_bytes([*number; 16]),
            queue: name("crm"),
            sequence: 1,
            lease_until: self.clock.now().after(Duration::from_mins(2)),
            receipt: None,
            absorbed: 0,
            absorbed_ids: vec![],
            state: serde_json::to_vec(state).unwrap(),
            body: serde_json::to_vec(&Job::Deliver(delivery(*number, "crm"))).unwrap(),
        };
        let jobs: Vec<LeasedJob> = jobs.iter().map(leased).collect();
        self.courier.run_all(&name(WORKSPACE), &jobs).await
    }

    async fn fresh(&self, numbers: &[u8]) -> Vec<JobReport> {
        let jobs: Vec<_> = numbers.iter().map(|n| (*n, DeliveryState::default())).collect();
        self.run(&jobs).await
    }

    fn answers(&self, all: Vec<(u16, Value)>) {
        let answer = |(status, body): (u16, Value)| -> Result<OutboundAnswer, OutboundError> {
            let body = bytes::Bytes::from(body.to_string());
            Ok(OutboundAnswer { status, retry_after: None, headers: Vec::new(), body })
        };
        *self.transport.answers.lock().unwrap() = all.into_iter().map(answer).collect();
    }

    fn sent(&self) -> Vec<OutboundRequest> {
        std::mem::take(&mut self.transport.sent.lock().unwrap())
    }
}

fn inputs(request: &OutboundRequest) -> Vec<String> {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let inputs = body["inputs"].as_array().unwrap().iter();
    inputs.map(|input| input["objectWriteTraceId"].as_str().unwrap().to_owned()).collect()
}

/// The sample's leads all have one address: without `distinct` in the way.
fn by_lead() -> Destination {
    by_lead_at(json!({}))
}

#[expect(clippy::needless_pass_by_value, reason = "it is written in place")]
fn by_lead_at(more: Value) -> Destination {
    let text = "
title: Own
request:
  with: { token: { secret: true, help: a token } }
  batch: { max: 3, split: { /results: { by: /of, is: \"{lead.id}\" } } }
  steps:
    - name: post
      path: /many
      json: { inputs: { $each: { objectWriteTraceId: \"{lead.id}\", event: \"{id}\" } } }
      keep: { record: /results/0/id }
      answers:
        - { body: { /results/0/bad: [] }, means: invalid, code: /results/0/bad }
        - { status: [200], without: [/results/0/id], means: again }
";
    let preset = serde_saphyr::from_str(text).unwrap();
    let mut settings =
        json!({"url": "https://crm.example/", "preset": "own", "batch": {"wait": "2s"}});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings: DestinationSettings = serde_json::from_value(settings).unwrap();
    let around = Around { preset: Some(&preset), lists: &Lists::default() };
    Destination::compile_with(&name("crm"), &settings, around).unwrap()
}

#[tokio::test]
async fn each_has_its_own_end_in_one_request() {
    let scene = scene(vec![by_lead()]).await;
    let gather = scene.courier.gather(&name(WORKSPACE), &name("crm")).unwrap();
    assert_eq!((gather.max, gather.wait), (3, Duration::from_secs(2)));
    let route = scene.courier.route(&name(WORKSPACE), &name("crm")).unwrap();
    assert_eq!((route.permits, route.lease_ms), (48, 32_000), "concurrency counts requests");
    let one = lead_id(1).to_string();
    let two = lead_id(2).to_string();
    scene.answers(vec![(
        200,
        json!({"results": [{"of": two, "bad": "NO_COUNTRY"}, {"of": one, "id": "71"}]}),
    )]);
    let reports = scene.fresh(&[1, 2, 3]).await;
    let sent = scene.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(inputs(&sent[0]), [1, 2, 3].map(|n| lead_id(n).to_string()));
    assert_eq!(reports[0].state.ended.as_deref(), Some("delivered"));
    assert_eq!(reports[0].state.kept["record"], "71");
    assert_eq!(reports[1].outcome, JobOutcome::Dead);
    assert_eq!(reports[1].state.attempts[0].said.as_deref(), Some("NO_COUNTRY"));
    assert!(matches!(reports[2].outcome, JobOutcome::Again { .. }), "{:?}", reports[2].outcome);
    for report in &reports {
        assert_eq!((report.state.count, report.state.attempts.len()), (1, 1));
        assert_eq!(report.state.attempts[0].step.as_deref(), Some("post"));
    }
    let given = scene.book.1.lock().unwrap().clone();
    assert_eq!(given[&name("crm")]["record"], "71", "kept with the lead, too");
}

#[tokio::test]
async fn more_than_one_request_takes_are_several() {
    let scene = scene(vec![by_lead()]).await;
    let reports = scene.fresh(&[1, 2, 3, 4, 5]).await;
    let sizes: Vec<usize> = scene.sent().iter().map(|request| inputs(request).len()).collect();
    assert_eq!((sizes, reports.len()), (vec![3, 2], 5));
}

#[tokio::test]
async fn what_may_not_stand_together_does_not() {
    // All of the sample's leads have the same address, which HubSpot takes once per request.
    let scene = scene(vec![hubspot(json!({}))]).await;
    let result = |n: u8| json!({"id": n.to_string(), "objectWriteTraceId": lead_id(n).to_string()});
    scene.answers((1..=3).map(|n| (200, json!({"results": [result(n)]}))).collect());
    let reports = scene.fresh(&[1, 2, 3]).await;
    assert_eq!(scene.sent().iter().map(|r| inputs(r).len()).collect::<Vec<_>>(), [1, 1, 1]);
    assert!(reports.iter().all(|report| report.state.ended.as_deref() == Some("delivered")));
}

#[tokio::test]
async fn a_request_that_is_refused_whole_is_tried_one_by_one() {
    let scene = scene(vec![by_lead()]).await;
    scene.answers(vec![(400, json!({"message": "one of them is wrong"}))]);
    let reports = scene.fresh(&[1, 2]).await;
    for report in &reports {
        assert_eq!(
            (&report.outcome, report.state.alone),
            (&JobOutcome::Again { due: now() }, true)
        );
    }
    scene.sent();
    let one = lead_id(1).to_string();
    scene.answers(vec![(200, json!({"results": [{"of": one, "id": "71"}]})), (400, json!({}))]);
    let jobs: Vec<_> = [1, 2].into_iter().zip(reports).map(|(n, r)| (n, r.state)).collect();
    let reports = scene.run(&jobs).await;
    assert_eq!(scene.sent().iter().map(|r| inputs(r).len()).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(reports[0].state.ended.as_deref(), Some("delivered"));
    assert_eq!((&reports[1].outcome, reports[1].state.count), (&JobOutcome::Dead, 2));
}

#[tokio::test]
async fn under_a_rate_a_claim_is_one_request_whatever_was_gathered() {
    let scene = scene(vec![by_lead_at(json!({"rate": "10/s"}))]).await;
    let alone = || DeliveryState { alone: true, ..DeliveryState::default() };
    let counted = |reports: &[JobReport]| {
        let released = reports.iter().filter(|report| report.outcome == JobOutcome::Released);
        (scene.sent().len(), released.count())
    };
    assert_eq!(counted(&scene.run(&[(1, alone()), (2, alone()), (3, alone())]).await), (1, 2));
    let mixed = [(1, DeliveryState::default()), (2, alone()), (3, DeliveryState::default())];
    assert_eq!(counted(&scene.run(&mixed).await), (1, 1));
    assert_eq!(counted(&scene.run(&mixed).await), (1, 2), "by turns");
    // All of the sample's leads have the same address, which HubSpot takes once per request.
    let distinct = self::scene(vec![hubspot(json!({"rate": "10/s"}))]).await;
    let reports = distinct.fresh(&[1, 2, 3]).await;
    let released = reports.iter().filter(|report| report.outcome == JobOutcome::Released);
    assert_eq!((distinct.sent().len(), released.count()), (1, 2));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_means_again_for_all() {
    let scene = scene(vec![by_lead()]).await;
    *scene.transport.answers.lock().unwrap() = vec![Ok(OutboundAnswer {
        status: 200,
        retry_after: None,
        headers: Vec::new(),
        body: bytes::Bytes::from_static(b"<html>"),
    })];
    let reports = scene.fresh(&[1, 2]).await;
    for report in &reports {
        assert!(matches!(report.outcome, JobOutcome::Again { .. }), "{:?}", report.outcome);
        assert_eq!(report.state.attempts[0].error.as_deref(), Some("unreadable_answer"));
    }
}

#[tokio::test]
async fn a_limit_leaves_the_destination_alone_for_all() {
    let scene = scene(vec![by_lead()]).await;
    scene.answers(vec![(429, json!({}))]);
    let reports = scene.fresh(&[1, 2]).await;
    for report in &reports {
        assert_eq!(report.pause.as_ref().unwrap().reason.as_str(), "retry_after");
        assert!(!report.state.alone);
    }
}

#[test]
fn what_cannot_be_batched_is_said() {
    let wrong = |preset: &str, batch: Value| {
        let presets = DestinationPresets::shipped().unwrap();
        let mut value = json!({"url": "https://crm.example/", "preset": preset, "batch": batch});
        value["with"] = json!({"token": "t-1"});
        let settings: DestinationSettings = serde_json::from_value(value).unwrap();
        let around = Around { preset: presets.get(preset), lists: &Lists::default() };
        let problems = Destination::compile_with(&name("crm"), &settings, around).unwrap_err();
        problems.into_iter().map(|problem| problem.path).collect::<Vec<_>>()
    };
    assert_eq!(wrong("intercom", json!({})), ["batch"]);
    assert_eq!(wrong("hubspot-contacts", json!({"max": 101})), ["batch.max"]);
    assert_eq!(wrong("hubspot-contacts", json!({"wait": "31s"})), ["batch.wait"]);
}
