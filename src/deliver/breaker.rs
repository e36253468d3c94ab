//! The breaker: a destination that only fails is left alone for a while, and tried again by itself.
//!
//! Each process counts by itself; what it does is a pause of the queue, which all replicas see, with its
//! reason and its end. When that has passed, the queue goes on: the next failure opens the breaker again, for
//! twice as long; the first answer closes it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::attempt::PAUSE_MAX_WITH_FALLBACK;
use super::destination::Destination;
use super::verdict::Judged;
use crate::domain::{Name, Verdict};

const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_mins(5);

/// What one destination did of late.
#[derive(Debug, Default)]
struct Lately {
    /// Failures since it last answered.
    failures: u32,
    /// How often the breaker opened since.
    opened: u32,
}

/// The breakers of one process: one per destination.
#[derive(Debug, Default)]
pub(super) struct Breakers(Mutex<HashMap<(Name, Name), Lately>>);

impl Breakers {
    /// Notes how an attempt ended; for how long the destination is to be left alone, if it is.
    pub(super) fn note(
        &self,
        workspace: &Name,
        destination: &Destination,
        judged: Judged,
    ) -> Option<Duration> {
        let key = (workspace.clone(), destination.name.clone());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_down(judged) {
            all.remove(&key);
            return None;
        }
        let lately = all.entry(key).or_default();
        lately.failures = lately.failures.saturating_add(1);
        if lately.failures < destination.pause_after_failures {
            return None;
        }
        // One more is enough the next time.
        lately.failures = destination.pause_after_failures - 1;
        let doubled = FIRST.saturating_mul(1 << lately.opened.min(8));
        lately.opened = lately.opened.saturating_add(1);
        let longest =
            if destination.fallback.is_some() { PAUSE_MAX_WITH_FALLBACK } else { LONGEST };
        Some(doubled.min(longest))
    }
}

/// Whether nobody was there who could do anything: no answer, or one of the 5xx. A refusal is an answer.
fn is_down(judged: Judged) -> bool {
    judged.verdict == Verdict::Retriable
        && judged.error != Some("limited")
        && judged.http_status.is_none_or(|status| status >= 500)
}
