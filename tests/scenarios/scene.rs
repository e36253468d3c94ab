//! A service with a configuration of its own, on one engine or the other.

use lead_router::app::{StoreUrl, open_store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::app::{Answer, Files, Running, eventually};
use crate::harness::receiver::Receiver;
use crate::harness::redis::Server;

/// A service with the configuration of a scenario.
pub struct Scene {
    pub app: Running,
    pub receiver: Receiver,
    pub files: Files,
    pub engine: &'static str,
    store: Store,
}

enum Store {
    Embedded(TempDir),
    Redis(Server),
}

impl Store {
    fn url(&self) -> StoreUrl {
        match self {
            Self::Embedded(folder) => StoreUrl::Embedded(folder.path().to_path_buf()),
            Self::Redis(server) => StoreUrl::Redis(server.url()),
        }
    }
}

impl Scene {
    async fn on(store: Store, engine: &'static str, qualification: &str) -> Self {
        let receiver = Receiver::start();
        let files = Files::new(&receiver);
        files.write("workspaces/acme/qualification.yaml", qualification);
        let app = Running::start(&files, store.url(), None).await;
        Self { app, receiver, files, engine, store }
    }

    /// Stops the service and starts it again on the same store, the clock as far ahead as said.
    pub async fn again(self, ahead: std::time::Duration) -> Self {
        let Self { app, receiver, files, engine, store } = self;
        app.stop().await;
        if let Store::Embedded(_) = &store {
            // What still reads lets go of the file a moment later.
            let url = store.url();
            drop(eventually("the store's release", || async { open_store(&url).await.ok() }).await);
        }
        let app = Running::start(&files, store.url(), None).await;
        app.clock.pass(ahead);
        Self { app, receiver, files, engine, store }
    }

    /// Posts an inquiry by fields and gives what a caller with a key is told.
    pub async fn inquire(&self, fields: Value) -> Value {
        let answer = self.app.inquire("form", json!({ "fields": fields })).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.body
    }

    /// The lead as it is now.
    pub async fn lead(&self, answer: &Value) -> Answer {
        let id = answer["lead_id"].as_str().unwrap();
        self.app.get(&format!("/v1/acme/leads/{id}")).await
    }

    /// The record of an inquiry, in words.
    pub async fn words(&self, answer: &Value) -> String {
        let id = answer["inquiry_id"].as_str().unwrap();
        let record = self.app.get(&format!("/v1/acme/inquiries/{id}/record")).await;
        let said = record.body["sentences"].as_array().unwrap().clone();
        said.iter().map(|said| said.as_str().unwrap()).collect::<Vec<_>>().join("\n")
    }

    /// Types of the events that came to a destination, those of one lead.
    pub fn events(&self, destination: &str, answer: &Value) -> Vec<String> {
        let came = self.receiver.came(destination);
        let bodies = came.iter().map(crate::harness::receiver::Came::json);
        let ours = bodies.filter(|body| body["data"]["lead"]["id"] == answer["lead_id"]);
        ours.map(|body| body["type"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Plays a scenario on each engine.
pub async fn on_both(qualification: &str, play: impl AsyncFn(Scene)) {
    let folder = tempfile::tempdir().unwrap();
    play(Scene::on(Store::Embedded(folder), "embedded", qualification).await).await;
    play(Scene::on(Store::Redis(Server::start()), "redis", qualification).await).await;
}

/// What the scenarios of qualification have in common.
pub const BANT: &str = r"
criteria:
  need:
    - { name: replaces, yes: { field: need.need, contains: replace }, points: 25, ask: What is to be replaced? }
  budget:
    - { name: has-budget, yes: { field: need.budget, gte: 50000 }, points: 25, ask: What budget is planned? }
  authority:
    - { name: decides, yes: { field: contact.title, starts_with: VP }, points: 20, ask: Who decides? }
  timeline:
    - { name: soon, yes: { field: need.timeline, in: [now, 1-3 months] }, no: { field: need.timeline, is: later }, points: { yes: 20, no: -10 }, ask: When is it to run? }
contact:
  - { name: free-mail, when: { field: contact.email_free, is: true }, points: -5 }
eligibility:
  - { name: ineligible_country, when: { field: contact.country, in: [KP] }, reason: we may not deliver there }
thresholds: { sell: 70, nurture: 40, ask: { completeness_below: 0.8, min_score: 20 } }
unresponsive: { after: 4h, max: 3 }
";

/// The lead of scenario 1, as that person sends it.
pub fn replacing(email: &str, country: &str) -> Value {
    json!({
        "contact.email": email,
        "contact.full_name": "Ida Brummelkamp",
        "contact.country": country,
        "contact.title": "VP Operations",
        "need.need": "replace a system",
        "need.budget": "60000",
        "need.timeline": "1-3 months",
    })
}
