//! How each engine's bench is opened.

use std::sync::Arc;

use lead_router::store::embedded::Embedded;
use lead_router::store::memory::MemoryStore;

use super::bench::Bench;

pub async fn memory() -> Bench {
    Bench::new(Arc::new(MemoryStore::default()), Box::new(()))
}

pub async fn embedded() -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let store = Embedded::open(directory.path()).unwrap();
    Bench::new(Arc::new(store), Box::new(directory))
}
