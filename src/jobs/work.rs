//! Runs jobs in hand, settles them, and takes further ones of the same queue.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::hand::{Bundle, Handed, Lines};
use super::scout::route;
use super::shared::{Phase, Shared};
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
    let mut lines = Lines::default();
    loop {
        tokio::select! {
            biased;
            () = shared.draining() => break,
            Some(ended) = under_way.join_next() => note(&shared, &ended),
            Some(handed) = inbox.recv() => {
                let gather = shared.runner.gather(&handed.workspace, &handed.job.queue);
                lines.add(handed, gather);
            }
            () = end_of_gathering(&lines) => lines.end_due(Instant::now()),
            Some(slot) = slot(&shared), if !lines.is_empty() => {
                if let Some(bundle) = lines.next() {
                    under_way.spawn(execute(Arc::clone(&shared), slot, bundle));
                }
            }
        }
    }
    drain(&shared, &mut inbox, &mut lines, &mut under_way).await;
}

async fn slot(shared: &Shared) -> Option<OwnedSemaphorePermit> {
    Arc::clone(&shared.slots).acquire_owned().await.ok()
}

async fn end_of_gathering(lines: &Lines) {
    match lines.next_end() {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

async fn drain(
    shared: &Arc<Shared>,
    inbox: &mut mpsc::UnboundedReceiver<Handed>,
    lines: &mut Lines,
    under_way: &mut JoinSet<()>,
) {
    let deadline = match shared.phase() {
        Phase::Draining(deadline) => deadline,
        Phase::Running | Phase::Ended => Instant::now(),
    };
    for handed in lines.take_all() {
        under_way.spawn(give_back(Arc::clone(shared), handed));
    }
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

async fn execute(shared: Arc<Shared>, slot: OwnedSemaphorePermit, bundle: Bundle) {
    let (mut jobs, mut held) = (Vec::new(), Vec::new());
    let mut of = None;
    for Handed { workspace, job, held: one } in bundle {
        jobs.push(job);
        held.push(one);
        of = Some(workspace);
    }
    let Some(workspace) = of else { return };
    let gathered = shared.runner.gather(&workspace, &jobs[0].queue).is_some();
    let reports = match jobs.as_slice() {
        [job] if !gathered => vec![shared.runner.run(&workspace, job).await],
        jobs => shared.runner.run_all(&workspace, jobs).await,
    };
    let along = if gathered { 0 } else { TAKE_ALONG };
    let told = jobs.iter().zip(reports);
    join_all(told.map(|(job, report)| settle(&shared, &workspace, job, report, along))).await;
    let others_wait = shared.slots.available_permits() == 0 || shared.is_full(&workspace);
    drop((slot, held));
    // What is gathered is claimed by the scout alone: as one, and counted as one.
    if others_wait || gathered {
        shared.nudge.notify_one();
    }
}

async fn give_back(shared: Arc<Shared>, handed: Handed) {
    let Handed { workspace, job, .. } = handed;
    let state = serde_json::from_slice(&job.state).unwrap_or_default();
    let report = JobReport { outcome: JobOutcome::Released, state, pause: None };
    settle(&shared, &workspace, &job, report, 0).await;
}

/// Tells the store, again and again while the lease lasts: an outcome that is not told is repeated.
async fn settle(shared: &Shared, workspace: &Name, job: &LeasedJob, report: JobReport, along: u32) {
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
        pace: route.pace,
        take: 0,
    };
    let mut patience = PATIENCE_FIRST;
    loop {
        settle.now = shared.clock.now();
        let crowded = shared.slots.available_permits() == 0 || shared.is_full(workspace);
        settle.take = if crowded || shared.phase() != Phase::Running { 0 } else { along };
        match shared.store.settle(&settle).await {
            Ok(Settled::Done(claimed)) => {
                for job in claimed.jobs {
                    shared.take_in(workspace, job);
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
