//! Both stores, for what has to hold on either.

use lead_router::app::StoreUrl;
use tempfile::TempDir;

use crate::harness::redis::Server;

/// A store, and what keeps it there.
pub struct Engine {
    pub url: StoreUrl,
    _server: Option<Server>,
    _folder: TempDir,
}

/// One of each kind.
pub fn engines() -> Vec<Engine> {
    let folder = || tempfile::tempdir().unwrap();
    let (embedded, server) = (folder(), Server::start());
    vec![
        Engine {
            url: StoreUrl::Embedded(embedded.path().join("store")),
            _server: None,
            _folder: embedded,
        },
        Engine { url: StoreUrl::Redis(server.url()), _server: Some(server), _folder: folder() },
    ]
}
