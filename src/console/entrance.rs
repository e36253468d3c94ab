//! The ways in that a process holds in memory: one-time links, and how often an address may try.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest as _, Sha256};

use crate::http::keys::{self, KeyId};

/// Tries to log in from one address, a minute.
const TRIES_A_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Live streams of one process at once.
const STREAMS_MAX: usize = 64;

/// One per process.
pub struct Entrance {
    tries: DefaultKeyedRateLimiter<IpAddr>,
    links: Mutex<Vec<([u8; 32], KeyId)>>,
    streams: AtomicUsize,
}

impl std::fmt::Debug for Entrance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entrance").finish_non_exhaustive()
    }
}

/// A place among the live streams, given back when dropped.
#[derive(Debug)]
pub struct StreamPlace(actix_web::web::Data<Entrance>);

impl Drop for StreamPlace {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Default for Entrance {
    fn default() -> Self {
        Self::new()
    }
}

impl Entrance {
    /// Nobody has a link yet.
    pub fn new() -> Self {
        Self {
            tries: RateLimiter::keyed(Quota::per_minute(TRIES_A_MINUTE)),
            links: Mutex::default(),
            streams: AtomicUsize::new(0),
        }
    }

    /// The token of a link that lets its holder in once, as the holder of `key`. It dies with the
    /// process.
    pub fn link(&self, key: &str) -> String {
        let token = keys::mint(rand::random()).replace("lrk_", "");
        let id = keys::id_of(key);
        self.links.lock().unwrap_or_else(PoisonError::into_inner).push((hash(&token), id));
        token
    }

    /// Whether a link of that token is unused.
    pub fn knows(&self, token: &str) -> bool {
        let hash = hash(token);
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.iter().any(|(link, _)| *link == hash)
    }

    /// Uses a link up: the key it was made for.
    pub fn enter(&self, token: &str) -> Option<KeyId> {
        let hash = hash(token);
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let at = links.iter().position(|(link, _)| *link == hash)?;
        Some(links.swap_remove(at).1)
    }

    /// Whether an address may try (again) to log in.
    pub fn may_try(&self, address: IpAddr) -> bool {
        let may = self.tries.check_key(&address).is_ok();
        // Whoever tries now and then must not fill the table.
        if self.tries.len() > 10_000 {
            self.tries.retain_recent();
        }
        may
    }

    /// A place among the live streams, while there is one.
    pub fn stream(this: &actix_web::web::Data<Self>) -> Option<StreamPlace> {
        let place = StreamPlace(this.clone());
        (this.streams.fetch_add(1, Ordering::AcqRel) < STREAMS_MAX).then_some(place)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
