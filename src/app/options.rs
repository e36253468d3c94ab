//! What an app is built from, why it could not be, and how it ended.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::active::Flags;
use super::open_store::StoreUrl;
use crate::config::Reloader;
use crate::domain::ports::{Clock, StoreError};
use crate::http;
use crate::keyring::Keyring;

/// What an app is built from.
pub struct Options {
    pub reloader: Reloader,
    pub store: StoreUrl,
    pub keyring: Keyring,
    /// Instead of `server.yaml`'s addresses.
    pub public: Option<SocketAddr>,
    pub private: Option<SocketAddr>,
    pub ports_file: Option<PathBuf>,
    /// Where the CLI finds the address and a key of this process (0600).
    pub runtime_file: Option<PathBuf>,
    /// Instead of the store's time: a movable clock.
    pub clock: Option<Arc<dyn Clock>>,
    /// How long stopping may take.
    pub stop_within: Duration,
    /// Whether SIGHUP means to look at the configuration's files; else it is left to the system.
    pub reload_on_hang_up: bool,
}

impl Options {
    /// What was said instead of `server.yaml`.
    pub(super) fn flags(&self) -> Flags {
        let public = self.public.map(|at| ("public_address", "--public", at));
        let private = self.private.map(|at| ("private_address", "--private", at));
        public.into_iter().chain(private).collect()
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("store", &self.store.kind()).finish_non_exhaustive()
    }
}

/// Why an app could not be built or failed while running.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the store was used with another master key before; set LEAD_ROUTER_KEY to that one (for an embedded store: the file master.key beside the data)"
    )]
    OtherKey,
    #[error(transparent)]
    Listen(#[from] http::ServerError),
    #[error("egress: {0}")]
    Egress(String),
    #[error("cannot write {path}: {source}")]
    PortsFile { path: String, source: std::io::Error },
    #[error("a listener failed: {0}")]
    Serving(std::io::Error),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Everything in flight was finished.
    Cleanly,
    /// The deadline came first; leases lapse by themselves and others take over.
    GaveUp,
}
