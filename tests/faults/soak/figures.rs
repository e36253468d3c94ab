//! Times from being accepted to being received, of destinations that behave.

use std::collections::BTreeMap;
use std::time::Instant;

use hdrhistogram::Histogram;

use super::extent::Extent;
use super::posting::Posting;
use super::stage::Stage;
use crate::faults::outage::Engine;

/// What one run gave: milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    p50: f64,
    p99: f64,
    deliveries: u64,
}

/// A run without kills: the same load, the same destinations; ten of them misbehave or not.
pub async fn run(extent: Extent, misbehaving: bool) -> Run {
    let mut stage = Stage::set(Engine::RedisAlways, extent, misbehaving).await;
    let mut posting = Posting::start(stage.service.public, extent.every, false);
    // Connections, caches and pauses are as they will be.
    posting.goes_on(30).await;
    let from = Instant::now();
    let mut over = tokio::time::interval(extent.undisturbed);
    over.tick().await;
    over.tick().await;
    let (posted, _) = posting.stop().await;
    stage.mend().await;
    stage.until_all_told(&posted).await;
    let answered: BTreeMap<&str, Instant> = posted
        .iter()
        .filter(|one| one.answered > from)
        .map(|one| (one.inquiry.as_str(), one.answered))
        .collect();
    let mut times = Histogram::<u64>::new(3).unwrap();
    for one in stage.receiver.arrived().iter().filter(|one| one.destination.starts_with("good-")) {
        let Some(answered) = answered.get(one.text("/data/inquiry/id")) else { continue };
        let took = one.at.saturating_duration_since(*answered);
        times.record(u64::try_from(took.as_micros()).unwrap().max(1)).unwrap();
    }
    assert!(stage.service.stop().await.success());
    #[expect(clippy::cast_precision_loss, reason = "microseconds of seconds")]
    let millis = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
    Run { p50: millis(0.5), p99: millis(0.99), deliveries: times.len() }
}

/// Prints the rows; fails if the ten delay the others and the run is long enough to know.
pub fn tell(extent: Extent, runs: &[(Run, Run)]) {
    let mut ratios = Vec::new();
    for (number, (calm, beside)) in runs.iter().enumerate() {
        let ratio = beside.p99 / calm.p99;
        ratios.push(ratio);
        println!(
            "delay: | {} | {} s | {} | {} | {:.1} / {:.1} ms | {:.1} / {:.1} ms | {ratio:.2} |",
            number + 1,
            extent.undisturbed.as_secs(),
            extent.destinations(),
            calm.deliveries + beside.deliveries,
            calm.p50,
            calm.p99,
            beside.p50,
            beside.p99,
        );
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!("delay: median ratio of p99: {median:.2}");
    assert!(!extent.counts || median <= 2.0, "the ten delay the others: {ratios:?}");
}
