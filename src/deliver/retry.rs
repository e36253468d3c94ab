//! When to try again: a schedule as data, seeded jitter, a clamped `Retry-After`. Pure.

use std::time::Duration;

use crate::domain::{DeliveryId, Timestamp};

/// However long a receiver asks for silence, at least this much is granted to it.
const RETRY_AFTER_GRANTED: Duration = Duration::from_hours(1);

/// The delays before each attempt; the first is before the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

impl Default for Schedule {
    /// As Standard Webhooks recommends: 0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten
    /// attempts, the last 75 h 35 min 5 s after the first.
    fn default() -> Self {
        Self(
            [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
                .map(Duration::from_secs)
                .into(),
        )
    }
}

impl Schedule {
    /// A schedule of these delays.
    #[must_use]
    pub fn new(delays: Vec<Duration>) -> Self {
        Self(delays)
    }

    /// How many attempts there are in all.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.0.len()
    }

    /// How long to wait after `made` attempts failed; `None` = that was the last one.
    ///
    /// The delay of the schedule, moved by up to ±20 % (seeded by the delivery and the number of
    /// the attempt, so it is the same on every replica). If the receiver named a time, that counts,
    /// but never less than the delay and never more than its double or one hour, whichever is longer.
    #[must_use]
    pub fn delay(
        &self,
        made: u32,
        delivery: DeliveryId,
        retry_after: Option<Duration>,
    ) -> Option<Duration> {
        let base = *self.0.get(usize::try_from(made).ok()?)?;
        let base = jitter(base, delivery, made);
        Some(match retry_after {
            Some(asked) => asked.clamp(base, RETRY_AFTER_GRANTED.max(base * 2)),
            None => base,
        })
    }
}

/// The delay ±20 %, from a hash (FNV-1a, mixed as SplitMix64 does) of delivery and attempt.
fn jitter(delay: Duration, delivery: DeliveryId, attempt: u32) -> Duration {
    let bytes = delivery.as_bytes().iter().copied().chain(attempt.to_be_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    // 800 to 1200 per mille.
    let per_mille = 800 + u32::try_from((mixed ^ (mixed >> 31)) % 401).unwrap_or(200);
    delay.saturating_mul(per_mille) / 1000
}

/// How long a `Retry-After` asks to wait: whole seconds, or an HTTP date (RFC 9110, 10.2.3).
#[must_use]
pub fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()).since(now))
}
