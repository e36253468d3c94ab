//! The private API as its users meet it: a whole service, real HTTP, a real store, a real receiver.

mod acting;
mod commands;
mod configuring;
mod dead;
mod delivering;
mod document;
mod feed;
mod looking;
mod on_redis;
mod serving;
mod vendors;
mod waiting;

use lead_router::app::{Stopped, StoreUrl, open_store};
use lead_router::store::audit::audit;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::app::{Files, Running, eventually};
use crate::harness::receiver::Receiver;

/// A service on an embedded store, its receiver, and the folders they live in.
struct World {
    receiver: Receiver,
    files: Files,
    store: TempDir,
    app: Running,
}

impl World {
    async fn start() -> Self {
        let receiver = Receiver::start();
        let files = Files::new(&receiver);
        let store = tempfile::tempdir().unwrap();
        let app = Running::embedded(&files, store.path()).await;
        Self { receiver, files, store, app }
    }

    /// Stops the service; what it leaves behind must fit together.
    async fn ends_well(self) {
        assert_eq!(self.app.stop().await, Stopped::Cleanly);
        let url = StoreUrl::Embedded(self.store.path().to_path_buf());
        let store =
            eventually("the store's release", || async { open_store(&url).await.ok() }).await;
        let report = audit(store.as_ref(), &"acme".parse().unwrap()).await.unwrap();
        assert!(report.is_clean() && report.rows > 0, "{report}");
    }

    /// Posts an inquiry and gives its answer's body.
    async fn inquire(&self, body: Value) -> Value {
        let answer = self.app.inquire("form", body).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.body
    }
}

/// A good inquiry of that person: sold, German.
fn good(name: &str) -> Value {
    json!({
        "email": format!("{name}@zanzotter.example"),
        "name": format!("{name} Zanzotter"),
        "country": "DE",
        "budget": "20000",
    })
}
