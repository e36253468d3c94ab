//! Who lives: heartbeats of replicas, in shard 0.

use std::time::Duration;

use crate::domain::ports::StoreError;
use crate::domain::{Name, Timestamp};
use crate::store::space::live_index;

use super::Tx;

/// Incarnations not heard of for so long are forgotten; their leases ended long before.
pub const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// The step `heartbeat` (see the top of [`super`]).
pub fn heartbeat(
    tx: &mut dyn Tx,
    incarnation: &Name,
    now: Timestamp,
    silent_for: Duration,
) -> Result<Vec<Name>, StoreError> {
    let live = live_index();
    tx.add(&live, incarnation.as_str().as_bytes(), now.as_millis())?;
    let silent = now.before(silent_for);
    let forgotten = silent.before(FORGOTTEN_AFTER).as_millis();
    let mut lapsed = Vec::new();
    for (member, heard) in tx.range(&live, i64::MIN, silent.as_millis(), false, usize::MAX)? {
        if heard < forgotten {
            tx.remove(&live, &member)?;
        } else {
            lapsed
                .extend(std::str::from_utf8(&member).ok().and_then(|name| Name::parse(name).ok()));
        }
    }
    Ok(lapsed)
}
