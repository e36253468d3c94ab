//! Opening the store that the command line names.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::ports::{Durability, Store, StoreError};
use crate::store::embedded::Embedded;
use crate::store::redis::Redis;

/// Which store, as given by `--store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `embedded:DIR`.
    Embedded(PathBuf),
    /// `redis://`, `rediss://`, `redis-sentinel://`, `redis-cluster://`; may hold a password.
    Redis(String),
}

/// Why a text names no store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the store must be embedded:DIR, redis://…, rediss://…, redis-sentinel://HOST:PORT,…/MASTER or redis-cluster://HOST:PORT,…"
)]
pub struct BadStoreUrl;

impl FromStr for StoreUrl {
    type Err = BadStoreUrl;

    fn from_str(text: &str) -> Result<Self, BadStoreUrl> {
        if let Some(directory) = text.strip_prefix("embedded:") {
            return if directory.is_empty() {
                Err(BadStoreUrl)
            } else {
                Ok(Self::Embedded(directory.into()))
            };
        }
        let scheme = text.split_once("://").ok_or(BadStoreUrl)?.0;
        if scheme.starts_with("redis") {
            Ok(Self::Redis(text.to_owned()))
        } else {
            Err(BadStoreUrl)
        }
    }
}

impl StoreUrl {
    /// For logs: the kind, never a password.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Embedded(_) => "embedded",
            Self::Redis(url) => url.split("://").next().unwrap_or("redis"),
        }
    }

    /// Where an embedded store keeps its data.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        match self {
            Self::Embedded(directory) => Some(directory),
            Self::Redis(_) => None,
        }
    }
}

/// Opens it.
///
/// # Errors
/// If it cannot be reached, is in use by another process, or is of a newer format.
pub async fn open_store(url: &StoreUrl) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match url {
        StoreUrl::Embedded(directory) => Arc::new(Embedded::open(directory)?),
        StoreUrl::Redis(url) => {
            let redis = Redis::connect(url).await?;
            for warning in &redis.server().warnings {
                tracing::warn!(warning, "the Redis server is not set up for keeping leads");
            }
            Arc::new(redis)
        }
    })
}

/// Opens it for looking at: the store, what it is, and what an operator should mend.
///
/// # Errors
/// As [`open_store`].
pub async fn inspect_store(
    url: &StoreUrl,
) -> Result<(Arc<dyn Store>, String, Vec<String>), StoreError> {
    Ok(match url {
        StoreUrl::Embedded(directory) => {
            let shown = format!("the embedded store in {}", directory.display());
            (Arc::new(Embedded::open(directory)?), shown, Vec::new())
        }
        StoreUrl::Redis(address) => {
            let redis = Redis::connect(address).await?;
            let (version, warnings) =
                (redis.server().version.clone(), redis.server().warnings.clone());
            (Arc::new(redis), format!("{} {version}", url.kind()), warnings)
        }
    })
}

/// How long a service waits for its store at start: both may just have been started, and a Redis
/// that was killed reads its log of writes first.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Opens it as soon as it answers.
///
/// # Errors
/// As [`open_store`]; of being unreachable only after a minute.
pub async fn wait_for_store(url: &StoreUrl) -> Result<Arc<dyn Store>, StoreError> {
    let until = Instant::now() + PATIENCE;
    let mut said = false;
    loop {
        match open_store(url).await {
            Err(StoreError::Unreachable(why)) if Instant::now() < until => {
                if !std::mem::replace(&mut said, true) {
                    tracing::warn!(why, "the store does not answer yet; waiting for it");
                }
                tokio::time::sleep(EVERY).await;
            }
            opened => return opened,
        }
    }
}

/// Says what a crash of the store itself may lose.
pub(super) async fn warn_of_durability(store: &dyn Store) -> Result<(), StoreError> {
    match store.durability().await? {
        Durability::Always => {}
        Durability::EverySecond => tracing::warn!(
            "the store writes to disk every second: a crash of Redis itself may lose the last two seconds of acknowledged inquiries; set `appendfsync always` to lose none"
        ),
        Durability::None => tracing::warn!(
            "the store keeps nothing on disk: a restart of Redis loses acknowledged inquiries; set `appendonly yes`"
        ),
    }
    Ok(())
}
