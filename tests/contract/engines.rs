//! How each engine's bench is opened.

use std::sync::{Arc, Mutex, Weak};

use lead_router::store::embedded::Embedded;
use lead_router::store::memory::MemoryStore;
use lead_router::store::redis::Redis;

use super::bench::Bench;
use crate::harness::redis::{Cluster, Server, tell};

#[expect(clippy::unused_async, reason = "opened as the other engines are")]
pub async fn memory() -> Bench {
    Bench::new(Arc::new(MemoryStore::default()), Box::new(()))
}

pub async fn embedded() -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let store = Embedded::open(directory.path()).unwrap();
    Bench::new(Arc::new(store), Box::new(directory))
}

pub async fn redis() -> Bench {
    let server = Server::start();
    let store = Redis::connect(&server.url()).await.unwrap();
    Bench::new(Arc::new(store), Box::new(server))
}

pub async fn cluster() -> Bench {
    on_cluster(Arc::new(Cluster::start())).await
}

/// The cluster that is still in use, emptied; else a new one.
pub async fn shared_cluster() -> Bench {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let cluster = {
        let mut shared = SHARED.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Cluster::start());
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    };
    for master in &cluster.masters {
        tell(master.port, &["FLUSHALL"]).unwrap();
    }
    on_cluster(cluster).await
}

async fn on_cluster(cluster: Arc<Cluster>) -> Bench {
    let store = Redis::connect(&cluster.url()).await.unwrap();
    Bench::new(Arc::new(store), Box::new(cluster))
}
