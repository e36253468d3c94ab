//! Says every second that this process lives, and learns whose leases lapsed. Goes on until the
//! last job has ended: leases hold as long as the heart beats.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::shared::Shared;

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn beat(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.ended() => return,
            _ = ticks.tick() => {}
        }
        let now = shared.clock.now();
        let silent_for = shared.limits.silent_for;
        match shared.store.heartbeat(&shared.incarnation, now, silent_for).await {
            Ok(lapsed) => shared.set_lapsed(lapsed),
            Err(error) => shared.store_troubled("heartbeat", &error),
        }
    }
}
