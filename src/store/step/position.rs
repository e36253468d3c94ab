//! Positions of journal rows.

use crate::domain::Timestamp;

/// The position of the next row: never before the last one, counting within one millisecond.
#[must_use]
pub fn next_position(last: Option<(u64, u64)>, now: Timestamp) -> (u64, u64) {
    let now = u64::try_from(now.as_millis()).unwrap_or(0).max(1);
    match last {
        Some((ms, n)) if ms >= now => (ms, n + 1),
        _ => (now, 0),
    }
}
