//! Receivers that misbehave, each in its own way, beside others that do not: first while the service is killed again
//! and again, then left alone, beside a run in which all behave.
//!
//! Seconds and twenty destinations by default; `make faults` sets `FAULTS_SOAK_SECS=600`, and then there are fifty.

mod check;
mod extent;
mod figures;
mod posting;
mod stage;
mod ways;

use std::time::{Duration, Instant};

use super::outage::Engine;
use crate::harness::load::hesitate;
use extent::Extent;
use figures::Run;
use posting::Posting;
use stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_misbehave_and_the_service_is_killed_on_redis() {
    kills(Engine::RedisAlways).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_misbehave_and_the_service_is_killed_on_the_embedded_store() {
    kills(Engine::Embedded).await;
}

/// Kills while ten misbehave; then these are mended, and everything must have come everywhere, once and in order.
async fn kills(engine: Engine) {
    let extent = Extent::of_environment();
    let mut stage = Stage::set(engine, extent, true).await;
    let mut posting = Posting::start(stage.service.public, extent.every, true);
    let (ends, mut killed) = (Instant::now() + extent.length, 0);
    let mut strikes = tokio::time::interval(extent.kill_every);
    strikes.tick().await;
    while Instant::now() < ends {
        strikes.tick().await;
        hesitate(Duration::from_millis(500)).await;
        stage.service.kill();
        stage.service.spawn();
        killed += 1;
    }
    stage.service.ready().await;
    posting.goes_on(20).await;
    let (posted, repeated) = posting.stop().await;
    let begun = Instant::now();
    stage.mend().await;
    stage.until_all_told(&posted).await;
    let settled = begun.elapsed();
    check::check(stage, killed, &posted, repeated, settled).await;
}

/// How long new leads take from being accepted to the destinations that behave, with and without the ten beside them.
/// Printed; judged only by a run that is long enough to mean something.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_misbehave_delay_no_other() {
    let extent = Extent::of_environment();
    let mut runs: Vec<(Run, Run)> = Vec::new();
    for _ in 0..extent.repetitions {
        runs.push((figures::run(extent, false).await, figures::run(extent, true).await));
    }
    figures::tell(extent, &runs);
}
