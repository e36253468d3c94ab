//! What goes on beside requests: sampling the store's time, reloading, watching, tidying.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::clock::StoreClock;
use super::reload::{Asked, Reloading};
use crate::config::Reloader;
use crate::domain::ports::{Store, StoreError};
use crate::flow::{Flow, Step, Watch};
use crate::http::HttpState;
use crate::telemetry::{Fact, Metric, Telemetry};

/// How often the store's time is sampled.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// How often operators' alerts are looked for, and what was erased but is in files still.
const WATCH_EVERY: Duration = Duration::from_secs(10);
/// How often held leads are looked for whose time has come.
const WAKE_EVERY: Duration = Duration::from_secs(1);
/// How often leads are looked for that are kept no longer; they go once a day.
const EXPIRE_EVERY: Duration = Duration::from_secs(5);
/// How often the journal is folded for reports.
const FOLD_EVERY: Duration = Duration::from_secs(5);
/// After some rows it rests so many times as long as they took: whoever inquires goes first.
const FOLD_RESTS: u32 = 9;
/// Unless reports are behind by more than that.
const FOLD_RESTS_UNTIL: Duration = Duration::from_mins(1);
/// Then it is another workspace's turn.
const FOLDS_MAX: u32 = 100;
/// Clocks further apart than this break signatures.
const SKEW_MILLIS_MAX: i64 = 30_000;

/// Waits for the next round; `false` = stop.
async fn next(stop: &mut watch::Receiver<bool>, every: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(every) => true,
        _ = stop.wait_for(|stopping| *stopping) => false,
    }
}

/// Keeps the clock with the store, and notices when the store is away.
pub async fn sample(
    store: Arc<dyn Store>,
    clock: Option<Arc<StoreClock>>,
    state: Arc<HttpState>,
    telemetry: Telemetry,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        match store.time().await {
            Ok(time) => {
                state.reached.store(true, Ordering::Release);
                state.degraded.store(false, Ordering::Release);
                telemetry.gauge(Metric::StoreDegraded, &[], 0);
                if let Some(clock) = &clock {
                    let skew = clock.sample(time);
                    telemetry.gauge(Metric::ClockSkewMillis, &[], skew);
                    if skew.abs() > SKEW_MILLIS_MAX {
                        telemetry.record(&Fact::ClockSkewed { millis: skew });
                    }
                }
            }
            Err(error) => {
                state.degraded.store(true, Ordering::Release);
                telemetry.gauge(Metric::StoreDegraded, &[], 1);
                note(&telemetry, "time", &error);
            }
        }
        if !next(&mut stop, SAMPLE_EVERY).await {
            return;
        }
    }
}

/// Looks at the configuration's files now and then.
pub async fn poll(reloading: Arc<Reloading>, mut stop: watch::Receiver<bool>) {
    while next(&mut stop, Reloader::EVERY).await {
        reloading.look(Asked::Poll).await;
    }
}

/// Looks at them whenever the process gets SIGHUP.
#[cfg(unix)]
pub async fn hang_up(reloading: Arc<Reloading>, mut stop: watch::Receiver<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut signals) = signal(SignalKind::hangup()) else { return };
    loop {
        let told = tokio::select! {
            told = signals.recv() => told.is_some(),
            _ = stop.wait_for(|stopping| *stopping) => false,
        };
        if !told {
            return;
        }
        reloading.look(Asked::Signal).await;
    }
}

/// Keeps every workspace's bundle under its hash, so that old records can be explained.
pub async fn keep_bundles(
    store: &dyn Store,
    loaded: &crate::config::Loaded,
) -> Result<(), StoreError> {
    for (name, workspace) in &loaded.workspaces {
        let mut hash = [0; 16];
        for (byte, pair) in hash.iter_mut().zip(workspace.hash.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(pair).unwrap_or("00");
            *byte = u8::from_str_radix(digits, 16).unwrap_or(0);
        }
        store.keep_bundle(name, hash, &workspace.bundle).await?;
    }
    Ok(())
}

/// Looks for what operators should hear of, and whether the store's files still hold somebody who was erased.
pub async fn watch(flow: Arc<Flow>, state: Arc<HttpState>, mut stop: watch::Receiver<bool>) {
    let memory = Watch::new();
    while next(&mut stop, WATCH_EVERY).await {
        state.forget_clients();
        let active = state.active.load_full();
        keep_refusals(&flow, &state).await;
        for workspace in active.workspaces.values() {
            // A store that is away is noted where the call failed; the next round tries again.
            let round = async {
                flow.watch(workspace, &memory).await?;
                flow.forget_with_others(&workspace.name).await?;
                flow.purge_due(workspace).await
            };
            if round.await.is_err() {
                break;
            }
        }
    }
}

/// Looks who is away, and tries again for leads whose wait is over or that were held by another configuration.
pub async fn wake(flow: Arc<Flow>, state: Arc<HttpState>, mut stop: watch::Receiver<bool>) {
    while next(&mut stop, WAKE_EVERY).await {
        let active = state.active.load_full();
        for workspace in active.workspaces.values() {
            // A store that is away is noted where the call failed; the next round tries again.
            let round = async {
                flow.refresh_roster(&workspace.name).await?;
                flow.retry_reloaded(workspace).await?;
                flow.retry_due(workspace).await
            };
            if round.await.is_err() {
                break;
            }
        }
    }
}

/// Forgets leads that are kept no longer.
pub async fn expire(flow: Arc<Flow>, state: Arc<HttpState>, mut stop: watch::Receiver<bool>) {
    while next(&mut stop, EXPIRE_EVERY).await {
        let active = state.active.load_full();
        for workspace in active.workspaces.values() {
            // A store that is away is noted where the call failed; the next round tries again.
            if flow.expire_leads(workspace).await.is_err() {
                break;
            }
        }
    }
}

/// Folds the journal into the sums of reports.
pub async fn fold(flow: Arc<Flow>, state: Arc<HttpState>, mut stop: watch::Receiver<bool>) {
    while next(&mut stop, FOLD_EVERY).await {
        let active = state.active.load_full();
        'round: for workspace in active.workspaces.values() {
            let name = workspace.name.as_str();
            for _ in 0..FOLDS_MAX {
                let begun = Instant::now();
                // A store that is away is noted where the call failed; the next round tries again.
                let Ok(folded) = flow.project_some(workspace).await else { break 'round };
                let (behind, is_done) = match folded {
                    Step::Done(lag) => (lag.behind, true),
                    Step::More(behind) => (behind, false),
                };
                let seconds = i64::try_from(behind.as_secs()).unwrap_or(i64::MAX);
                flow.telemetry().gauge(Metric::ReportLagSeconds, &[("workspace", name)], seconds);
                if is_done {
                    break;
                }
                let rests = if behind < FOLD_RESTS_UNTIL { FOLD_RESTS } else { 0 };
                if !next(&mut stop, begun.elapsed() * rests).await {
                    return;
                }
            }
        }
    }
}

/// Adds what this process refused to the tallies that all replicas share.
pub async fn keep_refusals(flow: &Flow, state: &HttpState) {
    let active = state.active.load_full();
    for workspace in active.workspaces.keys() {
        // Noted where the call failed; the counts wait for the next round.
        if flow.keep_refusals(workspace).await.is_err() {
            break;
        }
    }
}

/// Notes that the store failed.
pub fn note(telemetry: &Telemetry, during: &'static str, error: &StoreError) {
    let detail = error.to_string();
    telemetry.record(&Fact::StoreTroubled { during, kind: "unreachable", detail: &detail });
}
