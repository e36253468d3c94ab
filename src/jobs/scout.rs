//! Finds what is due and claims it; sleeps until the next due time, at most a second.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};

use super::shared::{Phase, Shared};
use crate::domain::ports::ClaimJobs;
use crate::domain::{Name, Route, Shard, Timestamp};

/// No queue is left unlooked at for longer: other replicas add jobs too.
const LONGEST: Duration = Duration::from_secs(1);
const SHORTEST: Duration = Duration::from_millis(1);
/// Longer than any lease: within it every queue that somebody holds jobs of is due.
const LEASE_HORIZON: Duration = Duration::from_mins(3);
const QUEUES_AT_ONCE: u32 = 256;
const CLAIMS_SIDE_BY_SIDE: usize = 8;
/// Of one queue in one claim.
const TAKE_MAX: u32 = 64;
/// For jobs of a queue that is no longer configured: a few, to be postponed where people see them.
const ORPHAN_PERMITS: u32 = 4;
const ORPHAN_LEASE_MS: u32 = 30_000;

pub(super) async fn scout(shared: Arc<Shared>) {
    while shared.phase() == Phase::Running {
        let wait = look(&shared).await;
        tokio::select! {
            () = shared.draining() => return,
            () = shared.nudge.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// The route of a queue; of one no longer configured, a narrow one.
pub(super) fn route(shared: &Shared, workspace: &Name, queue: &Name) -> Route {
    shared.runner.route(workspace, queue).unwrap_or_else(|| Route {
        queue: queue.clone(),
        permits: ORPHAN_PERMITS,
        lease_ms: ORPHAN_LEASE_MS,
        pace: None,
    })
}

/// One look over all shards; gives how long to sleep.
async fn look(shared: &Shared) -> Duration {
    let now = shared.clock.now();
    // When somebody lapsed, queues that wait for the end of a lease are looked at now.
    let horizon = if shared.newly_lapsed.swap(false, Ordering::AcqRel) {
        now.after(LEASE_HORIZON)
    } else {
        now
    };
    let workspaces: BTreeSet<Name> = (shared.workspaces)().into_iter().collect();
    let shards: BTreeSet<Shard> = workspaces.iter().map(Shard::of).collect();
    let asked: Vec<BoxFuture<'_, _>> =
        shards.into_iter().map(|shard| due(shared, shard, horizon).boxed()).collect();
    let mut queues: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    queues.retain(|(workspace, _, _)| workspaces.contains(workspace));
    queues.sort_by_key(|(_, _, due)| *due);
    let later = queues.iter().map(|(_, _, due)| *due).find(|due| *due > horizon);
    // Who holds all it may does not take the turns of others; whoever ends one of its jobs looks again.
    queues.retain(|(workspace, _, due)| *due <= horizon && !shared.is_full(workspace));
    let mut next = later;
    let mut more = false;
    for claimed in claim_all(shared, &queues, now).await {
        more |= claimed.more;
        next = [next, claimed.next_due.filter(|due| *due > now)].into_iter().flatten().min();
    }
    if more {
        return SHORTEST;
    }
    next.map_or(LONGEST, |due| due.since(shared.clock.now()).clamp(SHORTEST, LONGEST))
}

async fn due(all: &Shared, shard: Shard, horizon: Timestamp) -> Vec<(Name, Name, Timestamp)> {
    let found = all.store.due(shard, horizon, QUEUES_AT_ONCE).await;
    found.unwrap_or_else(|error| {
        all.store_troubled("due", &error);
        Vec::new()
    })
}

/// What claiming from one queue gave.
#[derive(Default)]
struct Gave {
    /// There may be more for the asking: as much came as was asked for, and less than the permits.
    more: bool,
    next_due: Option<Timestamp>,
}

/// Claims from each queue its share of the free slots, longest due first.
async fn claim_all(
    shared: &Shared,
    queues: &[(Name, Name, Timestamp)],
    now: Timestamp,
) -> Vec<Gave> {
    let free = shared.slots.available_permits();
    let asked = &queues[..queues.len().min(free)];
    let share = u32::try_from(free / asked.len().max(1)).unwrap_or(TAKE_MAX).clamp(1, TAKE_MAX);
    let claims: Vec<BoxFuture<'_, Gave>> = asked
        .iter()
        .map(|(workspace, queue, _)| claim(shared, workspace, queue, share, now).boxed())
        .collect();
    stream::iter(claims).buffer_unordered(CLAIMS_SIDE_BY_SIDE).collect().await
}

async fn claim(
    shared: &Shared,
    workspace: &Name,
    queue: &Name,
    share: u32,
    now: Timestamp,
) -> Gave {
    let route = route(shared, workspace, queue);
    // What becomes one request takes one slot.
    let gathered = shared.runner.gather(workspace, queue);
    let share = gathered.map_or(share, |gather| u32::try_from(gather.max).unwrap_or(share));
    let room = shared.reserve(workspace, share.min(route.permits) as usize);
    let take = u32::try_from(room.jobs).unwrap_or(0);
    if take == 0 {
        return Gave::default();
    }
    let claim = ClaimJobs {
        workspace: workspace.clone(),
        queue: queue.clone(),
        now,
        incarnation: shared.incarnation.clone(),
        lapsed: shared.lapsed(),
        permits: route.permits,
        lease_ms: route.lease_ms,
        pace: route.pace,
        take,
    };
    match shared.store.claim(&claim).await {
        Ok(claimed) => {
            let came = u32::try_from(claimed.jobs.len()).unwrap_or(u32::MAX);
            for job in claimed.jobs {
                shared.take_in(workspace, job);
            }
            Gave { more: came >= take && take < route.permits, next_due: claimed.next_due }
        }
        Err(error) => {
            shared.store_troubled("claim", &error);
            Gave::default()
        }
    }
}
