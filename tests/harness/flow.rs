//! A flow in this process, with ids that count and a clock that is told to move.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lead_router::app::active;
use lead_router::config::{DemoValues, Env, Place, Reloader};
use lead_router::domain::ports::{Clock, Mint, Store};
use lead_router::domain::{Lease, Name, Timestamp};
use lead_router::flow::{Flow, Workspace};
use lead_router::keyring::Keyring;
use lead_router::telemetry::Telemetry;

/// Ids that count.
#[derive(Default)]
pub struct CountingMint(AtomicU64);

impl Mint for CountingMint {
    fn mint(&self) -> [u8; 16] {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    }
}

/// Stands still from 2026-03-02T09:00:00Z on, until told to move.
#[derive(Default)]
pub struct SteppingClock(AtomicU64);

impl SteppingClock {
    pub fn step(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::parse("2026-03-02T09:00:00Z").unwrap();
        Timestamp::from_millis(
            start.as_millis() + i64::try_from(self.0.load(Ordering::Relaxed)).unwrap(),
        )
    }
}

/// The demo's workspace.
pub fn demo_workspace() -> Arc<Workspace> {
    let values = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    only_workspace(Place::Demo, Box::new(move |name| values.get(name)))
}

/// The one workspace of a configuration folder.
pub fn workspace_in(folder: &Path) -> Arc<Workspace> {
    only_workspace(Place::Dir(folder.to_path_buf()), Box::new(|_| None))
}

fn only_workspace(place: Place, env: Box<Env>) -> Arc<Workspace> {
    let reloader = Reloader::start(place, env).unwrap();
    let loaded = reloader.current().load_full();
    let workspaces =
        active(&loaded, "lrk_unused", &Vec::new(), Timestamp::from_millis(0)).workspaces;
    Arc::clone(workspaces.values().next().unwrap())
}

/// A flow on a store, leasing nothing to itself.
pub fn flow_on(store: Arc<dyn Store>, clock: Arc<SteppingClock>, telemetry: Telemetry) -> Flow {
    Flow::new(
        store,
        clock,
        Arc::new(CountingMint::default()),
        Arc::new(Keyring::derive(&[7; 32])),
        telemetry,
        Lease { incarnation: Name::parse("golden").unwrap() },
        Box::new(|_, _| {}),
    )
}
