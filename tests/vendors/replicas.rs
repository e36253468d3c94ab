//! Two processes on one Redis, one receiver, one clock that stands until it is moved: what they share of a
//! destination.

use std::path::PathBuf;
use std::time::Duration;

use lead_router::deliver::sign::{Secret, Signed, verify};
use lead_router::domain::ports::Store;
use lead_router::domain::{Name, Timestamp};
use lead_router::store::redis::Redis;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::deployment::{API_KEY, Deployment, Plan, WORKSPACE};
use crate::harness::process::{Service, client};
use crate::harness::receiver::{Came, Receiver, Reply};
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{SIGNING_SECRET, SocketReceiver};
use crate::harness::wait::eventually;

pub(super) const SOON: Duration = Duration::from_mins(1);
const SECRET: &str = "the-clients-own-secret";

pub(super) struct Pair {
    pub(super) services: Vec<Service>,
    pub(super) receiver: Receiver,
    pub(super) redis: Server,
    clock: PathBuf,
    pub(super) at: Timestamp,
    posted: u32,
    pub(super) files: (Deployment, TempDir),
}

impl Pair {
    /// With further lines of the one destination.
    pub(super) async fn start(more: &str) -> Self {
        let receiver = Receiver::start();
        let plan =
            Plan { destinations: vec![("crm", receiver.url("crm"), more)], ..Plan::default() };
        let deployment = Deployment::write(&SocketReceiver::start(&[]), &plan);
        let server = deployment.path().join("server.yaml");
        let text = format!(
            "egress: {{allow: [\"127.0.0.1/32:{}\"]}}\nlimits: {{per_client_minute: 0}}\n",
            receiver.address.port()
        );
        std::fs::write(server, text).unwrap();
        std::fs::create_dir_all(deployment.path().join("secrets")).unwrap();
        std::fs::write(deployment.path().join("secrets/client"), SECRET).unwrap();
        let data = tempfile::tempdir().unwrap();
        let mut pair = Self {
            services: Vec::new(),
            receiver,
            redis: Server::start(),
            clock: data.path().join("clock"),
            at: Timestamp::parse("2026-03-02T09:00:00Z").unwrap(),
            posted: 0,
            files: (deployment, data),
        };
        pair.pass(Duration::ZERO);
        for _ in 0..2 {
            let path = pair.files.0.path();
            let service = Service::start(path, &pair.redis.url(), Some(&pair.clock)).await;
            pair.services.push(service);
        }
        pair
    }

    /// Moves the clock of both.
    pub(super) fn pass(&mut self, by: Duration) {
        self.at = self.at.after(by);
        let next = self.clock.with_extension("next");
        std::fs::write(&next, format!("={}", self.at.as_millis())).unwrap();
        std::fs::rename(next, &self.clock).unwrap();
    }

    /// So many people inquire, by turns at both.
    async fn post(&mut self, count: u32) {
        let client = client(SOON);
        for _ in 0..count {
            self.posted += 1;
            let service = &self.services[self.posted as usize % 2];
            let url = format!("http://{}/v1/{WORKSPACE}/inquiries/form", service.public);
            let body = format!("email=visitor{}%40zanzotter.example", self.posted);
            let request = client.post(url).bearer_auth(API_KEY).body(body);
            let kind = "application/x-www-form-urlencoded";
            let answer = request.header("content-type", kind).send().await.unwrap();
            assert!(answer.status().is_success(), "{answer:?}");
        }
    }

    /// Writes a file of the workspace anew, and waits until both have it in force.
    pub(super) async fn rewrite(&self, path: &str, text: &str) {
        let path = self.files.0.path().join("workspaces").join(WORKSPACE).join(path);
        std::fs::write(path, text).unwrap();
        for service in &self.services {
            let (status, text) = service.act("/v1/configuration/reload").await;
            assert_eq!(status, 200, "{text}");
        }
    }

    /// Waits until so many requests came to the destination in all.
    async fn came(&self, count: usize) -> Vec<Came> {
        eventually("the requests", SOON, async || {
            let came = self.receiver.came("crm");
            (came.len() == count).then_some(came)
        })
        .await
    }
}

fn token(text: &str) -> Reply {
    let body = json!({"access_token": text, "token_type": "Bearer", "expires_in": 3600});
    Reply { body: body.to_string(), after: Duration::from_millis(50), ..Reply::status(200) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_asked_for_once_per_expiry_by_all_replicas_together() {
    let oauth = "oauth: { token_url: /token, client_id: c-1, client_secret: \"${file:secrets/client}\", scope: leads }\n";
    let mut pair = Pair::start(oauth).await;
    pair.receiver.always("token", token("the-first-token"));
    pair.post(20).await;
    let came = pair.came(20).await;
    assert!(came.iter().all(|came| came.header("authorization") == "Bearer the-first-token"));
    let asked = pair.receiver.came("token");
    assert_eq!(asked.len(), 1, "once for both");
    let mut counted = 0;
    for service in &pair.services {
        let (_, metrics) = service.ask("/metrics").await;
        let given =
            metrics.lines().filter(|line| line.starts_with("leadrouter_tokens_asked_total"));
        counted += given.filter(|line| line.contains("outcome=\"given\"} 1")).count();
    }
    assert_eq!(counted, 1, "and counted where it was asked");
    let form = String::from_utf8(asked[0].body.clone()).unwrap();
    let wanted =
        format!("grant_type=client_credentials&client_id=c-1&client_secret={SECRET}&scope=leads");
    assert_eq!(form, wanted);

    // Five minutes before its end whoever comes first renews it.
    pair.receiver.always("token", token("the-second-token"));
    pair.pass(Duration::from_mins(54));
    pair.post(4).await;
    pair.came(24).await;
    assert_eq!(pair.receiver.came("token").len(), 1, "not yet");
    pair.pass(Duration::from_mins(1));
    pair.post(20).await;
    pair.came(44).await;
    assert_eq!(pair.receiver.came("token").len(), 2, "once per expiry");

    // A token that is not taken any more is renewed once, for all.
    pair.pass(Duration::from_mins(6));
    pair.receiver.always("token", token("the-third-token"));
    pair.receiver.then("crm", (0..2).map(|_| Reply::status(401)));
    pair.post(10).await;
    let came = pair.came(56).await;
    assert_eq!(pair.receiver.came("token").len(), 3);
    let last = came.iter().skip(44).map(|came| came.header("authorization"));
    let third = last.filter(|header| *header == "Bearer the-third-token").count();
    assert!(third >= 2, "{third}");

    let store = Redis::connect(&pair.redis.url()).await.unwrap();
    let kept = store.dump(&Name::parse(WORKSPACE).unwrap()).await.unwrap();
    assert!(kept.iter().any(|(name, _)| name.contains("token/crm")), "it is kept");
    let kept = format!("{kept:?}");
    for service in &pair.services {
        for secret in [SECRET, "the-first-token", "the-second-token", "the-third-token"] {
            assert!(!kept.contains(secret), "sealed in the store");
            assert!(!service.log().contains(secret), "and in no log");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_refused_is_not_tried_by_every_delivery() {
    let oauth = "oauth: { token_url: /token, client_id: c-1, client_secret: wrong }\n";
    let mut pair = Pair::start(oauth).await;
    let body = json!({"error": "invalid_client"}).to_string();
    pair.receiver.always("token", Reply { body, ..Reply::status(401) });
    pair.post(10).await;
    let paused = async |pair: &Pair| -> serde_json::Value {
        eventually("the pause", SOON, async || {
            let (_, text) = pair.services[0].ask(&format!("/v1/{WORKSPACE}/destinations")).await;
            let all: serde_json::Value = serde_json::from_str(&text).unwrap();
            let crm =
                all["destinations"].as_array()?.iter().find(|one| one["name"] == "crm")?.clone();
            (crm["leased"] == 0 && crm["state"] == "paused").then_some(crm)
        })
        .await
    };
    let crm = paused(&pair).await;
    assert_eq!(crm["paused_reason"], "credentials", "{crm}");
    assert_eq!(pair.receiver.came("token").len(), 1, "the refusal counts for all");
    assert!(pair.receiver.came("crm").is_empty());
    // Mended there: it goes on by itself.
    pair.receiver.always("token", token("the-first-token"));
    pair.pass(Duration::from_mins(16));
    pair.came(10).await;
    assert_eq!(pair.receiver.came("token").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_keep_to_one_rate() {
    let mut pair = Pair::start("rate: 100/s\nconcurrency: 256\n").await;
    pair.post(150).await;
    // A tenth of a second's worth at once, then evenly.
    let mut sent = 10;
    pair.came(sent).await;
    while sent < 150 {
        pair.pass(Duration::from_millis(100));
        sent += 10;
        pair.came(sent).await;
    }
    for service in &mut pair.services {
        service.assert_alive();
    }
}

/// Whether a request is signed with that secret.
pub(super) fn signed_with(came: &Came, secret: &str, now: Timestamp) -> bool {
    let signed = Signed {
        id: came.header("webhook-id"),
        timestamp: came.header("webhook-timestamp"),
        signature: came.header("webhook-signature"),
    };
    verify(&[Secret::parse(secret).unwrap()], signed, &came.body, now).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_rotated_without_restart_and_nothing_is_dropped() {
    let mut pair = Pair::start("").await;
    let path = format!("/v1/{WORKSPACE}/destinations/crm/rotate");
    let (status, text) = pair.services[0].act(&path).await;
    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200, "{status}");
    let new = body["secret"].as_str().unwrap().to_owned();
    assert_eq!(body["old_until"], "2026-03-03T09:00:00.000Z");
    // The process that did not make it takes it up by itself; the old one is good all the while.
    let deadline = std::time::Instant::now() + SOON;
    let mut count = 0;
    loop {
        pair.post(2).await;
        count += 2;
        let came = pair.came(count).await;
        assert!(came.iter().all(|came| signed_with(came, SIGNING_SECRET, pair.at)), "the old one");
        if came.iter().rev().take(2).all(|came| signed_with(came, &new, pair.at)) {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "never taken up");
    }
    pair.pass(Duration::from_hours(24));
    pair.post(4).await;
    let came = pair.came(count + 4).await;
    for came in &came[count..] {
        assert!(signed_with(came, &new, pair.at) && !signed_with(came, SIGNING_SECRET, pair.at));
    }
    let store = Redis::connect(&pair.redis.url()).await.unwrap();
    let kept = store.dump(&Name::parse(WORKSPACE).unwrap()).await.unwrap();
    assert!(kept.iter().any(|(name, _)| name.contains("signing/crm")), "it is kept");
    assert!(!format!("{kept:?}").contains(&new), "sealed");
    let (status, _) = pair.services[0].act(&path.replace("crm", "nowhere")).await;
    assert_eq!(status, 404);
    for service in &pair.services {
        assert!(!service.log().contains(&new));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_gathered_to_one_request_and_each_is_told_once() {
    let mut pair = Pair::start("").await;
    let url = pair.receiver.url("crm");
    let text = format!(
        "preset: generic-json\nurl: \"{url}\"\nsecrets: [\"{SIGNING_SECRET}\"]\nbatch: {{ max: 5, wait: 500ms }}\n"
    );
    pair.rewrite("destinations/crm.yaml", &text).await;
    pair.post(40).await;
    let told = eventually("all of them", SOON, async || {
        let came = pair.receiver.came("crm");
        let events = came.iter().flat_map(|came| {
            let events = came.json()["events"].as_array().cloned().unwrap_or_default();
            assert!(events.len() <= 5, "{}", events.len());
            assert!(signed_with(came, SIGNING_SECRET, pair.at), "one signature for all");
            events
        });
        let leads: Vec<String> = events.map(|event| event["lead_id"].to_string()).collect();
        (leads.len() >= 40).then_some((came.len(), leads))
    })
    .await;
    let different: std::collections::BTreeSet<_> = told.1.iter().collect();
    assert_eq!((told.1.len(), different.len()), (40, 40), "each once");
    assert!(told.0 < 30, "{} requests for 40 events", told.0);
    eventually("all settled", SOON, async || {
        let (_, text) = pair.services[0].ask(&format!("/v1/{WORKSPACE}/destinations")).await;
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        let crm = all["destinations"].as_array()?.iter().find(|one| one["name"] == "crm")?.clone();
        (crm["leased"] == 0 && crm["ready"] == 0 && crm["delayed"] == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_that_a_vendor_gave_stands_with_the_lead() {
    let mut pair = Pair::start("").await;
    let url = pair.receiver.url("hub");
    let text = format!("preset: hubspot-contacts\nurl: \"{url}\"\nwith: {{ token: t-1 }}\n");
    pair.rewrite("destinations/crm.yaml", &text).await;
    let body = json!({"status": "COMPLETE", "results": [{"id": "77001"}]}).to_string();
    let reply = Reply { body, ..Reply::status(200) };
    pair.receiver.always("hub/crm/v3/objects/contacts/batch/upsert", reply);
    pair.post(1).await;
    let ask = async |path: String| -> serde_json::Value {
        let (status, text) = pair.services[0].ask(&format!("/v1/{WORKSPACE}{path}")).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    };
    let lead = eventually("the lead", SOON, async || {
        let found = ask("/deliveries?state=delivered".to_owned()).await;
        found["items"][0]["lead"].as_str().map(str::to_owned)
    })
    .await;
    let lead = ask(format!("/leads/{lead}")).await;
    assert_eq!(lead["given"], json!({"crm": {"contact": "77001"}}), "{lead}");
}
