//! Runs jobs in hand, settles them, and takes further ones of the same queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::scout::route;
use super::shared::{Handed, Phase, Shared};
use crate::domain::ports::{JobReport, Settle, Settled};
use crate::domain::{Job, JobOutcome, LeadId, LeasedJob, Name};
use crate::telemetry::Fact;

/// How many further jobs of the same queue whoever settles one takes along.
const TAKE_ALONG: u32 = 4;
/// The scout sleeps this long at most; what is due before, it is told of.
const SOON: Duration = Duration::from_secs(1);
const PATIENCE_FIRST: Duration = Duration::from_millis(50);
const PATIENCE_MOST: Duration = Duration::from_secs(2);

/// Runs what comes in until the loop drains; then gives back what was not begun and waits for the
/// rest until the deadline.
pub(super) async fn work(shared: Arc<Shared>, mut inbox: mpsc::UnboundedReceiver<Handed>) {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = shared.draining() => break,
            Some(ended) = under_way.join_next() => note(&shared, &ended),
            Some((slot, handed)) = next(&shared, &mut inbox) => {
                under_way.spawn(execute(Arc::clone(&shared), slot, handed));
            }
        }
    }
    drain(&shared, &mut inbox, &mut under_way).await;
}

/// The next job, once there is a slot for it. Dropped half-way, it loses neither.
async fn next(
    shared: &Shared,
    inbox: &mut mpsc::UnboundedReceiver<Handed>,
) -> Option<(OwnedSemaphorePermit, Handed)> {
    let slot = Arc::clone(&shared.slots).acquire_owned().await.ok()?;
    Some((slot, inbox.recv().await?))
}

async fn drain(
    shared: &Arc<Shared>,
    inbox: &mut mpsc::UnboundedReceiver<Handed>,
    under_way: &mut JoinSet<()>,
) {
    let deadline = match shared.phase() {
        Phase::Draining(deadline) => deadline,
        Phase::Running | Phase::Ended => Instant::now(),
    };
    loop {
        while let Ok(handed) = inbox.try_recv() {
            under_way.spawn(give_back(Arc::clone(shared), handed));
        }
        if under_way.is_empty() {
            return;
        }
        tokio::select! {
            Some(ended) = under_way.join_next() => note(shared, &ended),
            Some(handed) = inbox.recv() => {
                under_way.spawn(give_back(Arc::clone(shared), handed));
            }
            () = tokio::time::sleep_until(deadline) => {
                let detail = "jobs were cut off at the end of the grace period";
                shared.telemetry.record(&Fact::LoopTroubled { name: "work", detail });
                under_way.shutdown().await;
                return;
            }
        }
    }
}

/// A job that panicked is left to its lease.
fn note(shared: &Shared, ended: &Result<(), JoinError>) {
    if ended.as_ref().is_err_and(JoinError::is_panic) {
        let detail = "a job panicked and is left to its lease";
        shared.telemetry.record(&Fact::LoopTroubled { name: "work", detail });
    }
}

async fn execute(shared: Arc<Shared>, slot: OwnedSemaphorePermit, (workspace, job): Handed) {
    let report = shared.runner.run(&workspace, &job).await;
    settle(&shared, &workspace, &job, report).await;
    let others_wait = shared.slots.available_permits() == 0;
    drop(slot);
    if others_wait {
        shared.nudge.notify_one();
    }
}

async fn give_back(shared: Arc<Shared>, (workspace, job): Handed) {
    let state = serde_json::from_slice(&job.state).unwrap_or_default();
    let report = JobReport { outcome: JobOutcome::Released, state, pause: None };
    settle(&shared, &workspace, &job, report).await;
}

/// Tells the store, again and again while the lease lasts: an outcome that is not told is repeated.
async fn settle(shared: &Shared, workspace: &Name, job: &LeasedJob, report: JobReport) {
    let route = route(shared, workspace, &job.queue);
    // A state of plain data: writing it cannot fail.
    let state = match report.outcome {
        JobOutcome::Released => job.state.clone(),
        _ => serde_json::to_vec(&report.state).unwrap_or_default(),
    };
    let mut settle = Settle {
        workspace: workspace.clone(),
        queue: job.queue.clone(),
        now: shared.clock.now(),
        incarnation: shared.incarnation.clone(),
        job: job.id,
        lead: lead_of(job),
        outcome: report.outcome,
        state,
        pause: report.pause,
        permits: route.permits,
        lease_ms: route.lease_ms,
        take: 0,
    };
    let mut patience = PATIENCE_FIRST;
    loop {
        settle.now = shared.clock.now();
        let crowded = shared.slots.available_permits() == 0;
        settle.take = if crowded || shared.phase() != Phase::Running { 0 } else { TAKE_ALONG };
        match shared.store.settle(&settle).await {
            Ok(Settled::Done(claimed)) => {
                for job in claimed.jobs {
                    drop(shared.outbox.send((workspace.clone(), job)));
                }
                let soon = settle.now.after(SOON);
                if claimed.next_due.is_some_and(|due| settle.now < due && due < soon) {
                    shared.nudge.notify_one();
                }
                return;
            }
            Ok(Settled::LeaseLost) => {
                let (queue, delivery) = (&job.queue, &job.id.to_string());
                shared.telemetry.record(&Fact::LeaseLost { workspace, queue, delivery });
                return;
            }
            Err(error) => shared.store_troubled("settle", &error),
        }
        if shared.clock.now() >= job.lease_until {
            return;
        }
        tokio::time::sleep(patience).await;
        patience = (patience * 2).min(PATIENCE_MOST);
    }
}

fn lead_of(job: &LeasedJob) -> Option<LeadId> {
    match serde_json::from_slice(&job.body) {
        Ok(Job::Deliver(delivery)) => delivery.event.lead,
        Ok(Job::LookAgain { .. } | Job::Retrieve(_)) | Err(_) => None,
    }
}
