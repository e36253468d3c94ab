//! Whose turn it is at a destination: what matters more, what was not tried yet, and one that only failed of late.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{Arrived, Script, SocketReceiver};
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(20);
const ROUTING: &str = "
queues:
  sales: { destinations: [crm], priority: 1 }
  nurture: { destinations: [crm], priority: 7 }
  triage: { destinations: [crm], priority: 3 }
rules:
  - { name: urgent, when: { field: source, is: urgent }, assign: { queue: sales, pool: reps } }
  - { name: rest, when: { field: source, is: form }, assign: { queue: nurture } }
fallback: { queue: triage }
";
/// One request at a time, so that the order is seen.
const ONE: &str = "concurrency: 1\ntimeout_ms: 2000\nretry: [0s, 10m, 10m, 10m, 10m]\n";

struct Stage {
    service: Service,
    receiver: SocketReceiver,
    clock: PathBuf,
    moved: i64,
    _parts: (Option<Server>, TempDir, Deployment),
}

impl Stage {
    async fn set(on_redis: bool, lines: &str) -> Self {
        let receiver = SocketReceiver::start(&[]);
        let destinations = vec![("crm", receiver.url("crm"), lines)];
        let deployment = Deployment::write(&receiver, &Plan { destinations, ..Plan::default() });
        let home = deployment.path().join("workspaces").join(WORKSPACE);
        std::fs::write(home.join("routing.yaml"), ROUTING).unwrap();
        std::fs::copy(home.join("sources/form.yaml"), home.join("sources/urgent.yaml")).unwrap();
        let data = tempfile::tempdir().unwrap();
        let clock = data.path().join("clock");
        std::fs::write(&clock, "0").unwrap();
        let redis = on_redis.then(Server::start);
        let store = redis.as_ref().map_or_else(
            || format!("embedded:{}", data.path().join("store").display()),
            Server::url,
        );
        let service = Service::start(deployment.path(), &store, Some(&clock)).await;
        let parts = (redis, data, deployment);
        Self { service, receiver, clock, moved: 0, _parts: parts }
    }

    fn later(&mut self, seconds: i64) {
        self.moved += seconds * 1000;
        let next = self.clock.with_extension("next");
        std::fs::write(&next, self.moved.to_string()).unwrap();
        std::fs::rename(next, &self.clock).unwrap();
    }

    /// So many people use that form.
    async fn post(&self, form: &str, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let body = format!("email={form}{number}%40brummelkamp.example");
            let kind = [("content-type", "application/x-www-form-urlencoded")];
            let (status, text) = self.service.raw(form, &kind, body.as_bytes()).await;
            assert_eq!(status, 202, "{text}");
        }
    }

    async fn act(&self, verb: &str) {
        let path = format!("/v1/{WORKSPACE}/destinations/crm/{verb}");
        let (status, text) = self.service.act(&path).await;
        assert_eq!(status, 200, "{text}");
    }

    async fn crm(&self) -> Value {
        let (_, text) = self.service.ask(&format!("/v1/{WORKSPACE}/destinations")).await;
        let all: Value = serde_json::from_str(&text).unwrap();
        all["destinations"][0].clone()
    }

    async fn arrived(&self, count: usize) -> Vec<Arrived> {
        eventually("the events", SOON, async || {
            let arrived = self.receiver.of("crm");
            (arrived.len() >= count).then_some(arrived)
        })
        .await
    }
}

/// Of which form's visitor an event tells.
fn form(event: &Arrived) -> &str {
    event.text("/data/lead/contact/email").split(|c: char| c.is_ascii_digit()).next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_backlog_what_matters_more_goes_first() {
    for on_redis in [true, false] {
        let stage = Stage::set(on_redis, ONE).await;
        stage.act("pause").await;
        stage.post("form", 0..20).await;
        stage.post("urgent", 0..5).await;
        stage.act("resume").await;
        let arrived = stage.arrived(25).await;
        let order: Vec<&str> = arrived.iter().map(form).collect();
        assert_eq!(order[..5], ["urgent"; 5], "{order:?}");
        assert_eq!(order[5..], ["form"; 20], "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_attempt_never_waits_for_retries() {
    for on_redis in [true, false] {
        let mut stage = Stage::set(on_redis, ONE).await;
        stage.receiver.set("crm", Script::Answer(500, "x-reason", "an hour's outage".to_owned()));
        stage.post("urgent", 0..20).await;
        stage.arrived(20).await;
        eventually("all to be put off", SOON, async || {
            (stage.crm().await["delayed"] == 20).then_some(())
        })
        .await;
        stage.act("pause").await;
        stage.receiver.set("crm", Script::Accept);
        // All retries are due, and were so before these came.
        stage.later(15 * 60);
        stage.post("form", 0..5).await;
        stage.act("resume").await;
        let arrived = stage.arrived(45).await;
        let order: Vec<&str> = arrived[20..].iter().map(form).collect();
        assert_eq!(order[..5], ["form"; 5], "{order:?}");
        assert_eq!(order[5..], ["urgent"; 20], "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_breaker_opens_says_why_and_closes_by_itself() {
    let lines = "pause_after_failures: 5\ntimeout_ms: 2000\nretry: [0s, 1s, 1s, 1s, 1s, 1s]\n";
    for on_redis in [true, false] {
        let mut stage = Stage::set(on_redis, lines).await;
        stage.receiver.set("crm", Script::Reset);
        stage.post("form", 0..12).await;
        let crm = eventually("the pause", SOON, async || {
            let crm = stage.crm().await;
            (crm["state"] == "paused" && crm["leased"] == 0).then_some(crm)
        })
        .await;
        assert_eq!(crm["paused_reason"], "failing", "{crm}");
        assert!(crm["paused_until"].is_string(), "{crm}");
        let before = stage.receiver.of("crm").len();
        stage.receiver.set("crm", Script::Accept);
        stage.post("form", 12..14).await;
        assert_eq!(stage.receiver.of("crm").len(), before, "it is left alone");
        // Nobody does anything but wait.
        stage.later(5 * 60 + 1);
        eventually("everything", SOON, async || {
            let taken = stage.receiver.of("crm").into_iter().filter(|one| one.taken);
            let ids: std::collections::BTreeSet<_> = taken.map(|one| one.id).collect();
            (ids.len() == 14).then_some(())
        })
        .await;
        assert_ne!(stage.crm().await["state"], "paused");
    }
}
