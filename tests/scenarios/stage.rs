//! A running service for a scenario, on either engine.

use std::path::Path;

use lead_router::app::{Stopped, StoreUrl, open_store};
use lead_router::store::audit::audit;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::app::{Files, KEY, Running, eventually};
use crate::harness::receiver::Receiver;
use crate::harness::redis::Server;

/// A service, its receiver and its store.
pub struct Stage {
    pub receiver: Receiver,
    pub app: Running,
    url: StoreUrl,
    _files: Files,
    folder: TempDir,
    server: Option<Server>,
}

/// A Redis with an append-only file and snapshots.
pub const DURABLE: &str = "redis with files";

/// The engines that a scenario runs on.
pub const ENGINES: [&str; 2] = ["embedded", "redis"];

impl Stage {
    /// With further or other files.
    pub async fn set(engine: &str, files: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start();
        let own = Files::new(&receiver);
        for (path, text) in files {
            own.write(path, text);
        }
        let folder = tempfile::tempdir().unwrap();
        let server = match engine {
            "redis" => Some(Server::start()),
            DURABLE => Some(Server::start_with_snapshots()),
            _ => None,
        };
        let url = match &server {
            Some(server) => StoreUrl::Redis(server.url()),
            None => StoreUrl::Embedded(folder.path().to_path_buf()),
        };
        let app = Running::start(&own, url.clone(), None).await;
        Self { receiver, app, url, _files: own, folder, server }
    }

    /// Has a Redis write a snapshot.
    pub fn save(&self) {
        self.server.iter().for_each(Server::save);
    }

    /// Where the store's files are.
    pub fn kept_in(&self) -> &Path {
        self.server.as_ref().map_or(self.folder.path(), Server::folder)
    }

    /// Posts to a source with the key, and gives the answer's body.
    pub async fn inquire(&self, source: &str, body: Value) -> Value {
        let answer = self.app.inquire(source, body).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.body
    }

    /// A badge scan.
    pub async fn scan(&self, body: Value) -> Value {
        let bearer = format!("Bearer {KEY}");
        let headers = [
            ("x-api-key", "scanner-secret"),
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let url = format!("{}/v1/acme/inquiries/scanner", self.app.public);
        let answer = self.app.ask(reqwest::Method::POST, &url, &headers, body.to_string()).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.body
    }

    /// A lead as the API shows it.
    pub async fn lead(&self, id: &Value) -> Value {
        let answer = self.app.get(&format!("/v1/acme/leads/{}", id.as_str().unwrap())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// An action on a lead.
    pub async fn act(&self, id: &Value, action: &str, body: Value) -> (u16, Value) {
        let path = format!("/v1/acme/leads/{}/{action}", id.as_str().unwrap());
        let answer = self.app.post(&path, body).await;
        (answer.status, answer.body)
    }

    /// What waits on a worklist.
    pub async fn waiting(&self, list: &str) -> Vec<Value> {
        let page = self.app.get(&format!("/v1/acme/worklists/{list}")).await;
        page.body["items"].as_array().cloned().unwrap_or_default()
    }

    /// The first event of a type that a destination got about a lead.
    pub async fn told(&self, destination: &str, kind: &str, lead: &Value) -> Value {
        eventually(&format!("{kind} at {destination}"), || async {
            let came = self.receiver.came(destination).into_iter().map(|came| came.json());
            let mut about = came.filter(|it| it["type"] == kind);
            about.find(|it| it["data"]["lead"]["id"] == *lead)
        })
        .await
    }

    /// Stops the service; what it leaves behind must fit together.
    pub async fn ends_well(self) {
        assert_eq!(self.app.stop().await, Stopped::Cleanly);
        let url = self.url;
        let store =
            eventually("the store's release", || async { open_store(&url).await.ok() }).await;
        let report = audit(store.as_ref(), &"acme".parse().unwrap()).await.unwrap();
        assert!(report.is_clean() && report.rows > 0, "{report}");
    }
}

/// Somebody worth selling to, in Germany.
pub fn good(email: &str, name: &str) -> Value {
    json!({ "email": email, "name": name, "country": "DE", "budget": "20000" })
}
