//! Where is my lead, is my source well, and why was it decided so: on both stores, over real HTTP.

mod asking;
mod sources;

use lead_router::app::{Stopped, StoreUrl, open_store};
use lead_router::store::audit::audit;
use tempfile::TempDir;

use crate::harness::app::{Files, Running, eventually};
use crate::harness::receiver::Receiver;
use crate::harness::redis::Server;

/// A service with its receiver and its store, one of each kind.
struct World {
    receiver: Receiver,
    files: Files,
    app: Running,
    store: StoreUrl,
    _kept: Kept,
}

/// What the store lives in.
enum Kept {
    Folder(#[expect(dead_code, reason = "removed with the world")] TempDir),
    Server(#[expect(dead_code, reason = "stopped with the world")] Box<Server>),
}

impl World {
    async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = StoreUrl::Embedded(folder.path().to_path_buf());
        Self::on(store, Kept::Folder(folder)).await
    }

    async fn redis() -> Self {
        let server = Server::start();
        Self::on(StoreUrl::Redis(server.url()), Kept::Server(Box::new(server))).await
    }

    async fn on(store: StoreUrl, kept: Kept) -> Self {
        let receiver = Receiver::start();
        let files = Files::new(&receiver);
        let app = Running::start(&files, store.clone(), None).await;
        Self { receiver, files, app, store, _kept: kept }
    }

    async fn ends(self) {
        assert_eq!(self.app.stop().await, Stopped::Cleanly);
        // What the tallies keep stands beside everything else without disturbing it.
        let store =
            eventually("the store's release", || async { open_store(&self.store).await.ok() });
        let report = audit(store.await.as_ref(), &"acme".parse().unwrap()).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}
