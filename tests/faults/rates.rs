//! A rate as the receiver sees it: arrivals in any second of its own clock, from two processes on one Redis, and from
//! one on the embedded store. Every seventh request is refused, so retries count too.
//!
//! Five seconds' worth by default; `make faults` sets `FAULTS_RATE_SECS=30`.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::outage::Engine;
use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{Script, SocketReceiver};
use crate::harness::wait::eventually;

/// A second's worth.
const RATE: usize = 100;
/// What more there may be in a second, as the destination's file says it.
const BUCKET: usize = 20;
const LINES: &str = "rate: 100/s\nburst: 20\nconcurrency: 256\ntimeout_ms: 5000\nretry: [0s, 200ms, 200ms, 200ms, 200ms, 200ms]\n";
const ROWS: usize = 250;
/// From here on a run is a long one.
const LONG: usize = 20;
const SECOND: Duration = Duration::from_secs(1);

fn seconds() -> usize {
    std::env::var("FAULTS_RATE_SECS").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_second_sees_more_than_the_rate_and_a_bucket_from_two_replicas() {
    keeps_to_it(Engine::RedisAlways, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_second_sees_more_than_the_rate_and_a_bucket_from_the_embedded_store() {
    keeps_to_it(Engine::Embedded, 1).await;
}

async fn keeps_to_it(engine: Engine, processes: usize) {
    let receiver = SocketReceiver::start(&[("crm", Script::Unreliable(7))]);
    let destinations = vec![("crm", receiver.url("crm"), LINES)];
    let deployment = Deployment::write(&receiver, &Plan { destinations, ..Plan::default() });
    let data = tempfile::tempdir().unwrap();
    let redis = (engine != Engine::Embedded).then(Server::start_durable);
    let store = store(redis.as_ref(), &data);
    let mut services = Vec::new();
    for _ in 0..processes {
        services.push(Service::start(deployment.path(), &store, None).await);
    }
    let path = |verb: &str| format!("/v1/{WORKSPACE}/destinations/crm/{verb}");
    assert_eq!(services[0].act(&path("pause")).await.0, 200);
    let leads = RATE * seconds();
    for first in (0..leads).step_by(ROWS) {
        let rows: Vec<String> = (first..leads.min(first + ROWS))
            .map(|n| format!("guest{n}@brummelkamp.example,Booth talk"))
            .collect();
        let body = format!("email,notes\n{}\n", rows.join("\n"));
        let answer = services[first / ROWS % processes].upload(&body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let begun = Instant::now();
    let mut pulse = Pulse::start();
    assert_eq!(services[0].act(&path("resume")).await.0, 200);
    eventually("all of them", SECOND * 4 * u32::try_from(seconds()).unwrap(), async || {
        (receiver.told("crm") >= leads).then_some(())
    })
    .await;
    let stood_still = pulse.stop().await;
    let mut times: Vec<Instant> = receiver.of("crm").iter().map(|one| one.at).collect();
    times.sort();
    let most = most_in_a_second(&times);
    for service in &services {
        let (_, text) = service.ask("/metrics").await;
        let made = text.lines().any(|line| {
            line.starts_with("leadrouter_attempts_made_total{") && !line.ends_with(" 0")
        });
        assert!(made, "one of them sent nothing");
    }
    println!(
        "rate: | {engine} | {processes} | {} | {most} | {:.1} | {} ms |",
        times.len(),
        f64::from(u32::try_from(times.len()).unwrap())
            / (times[times.len() - 1] - begun).as_secs_f64(),
        stood_still.as_millis(),
    );
    // What waited while the machine did something else comes at once; in a short run among other tests that may be more
    // than this process saw of it.
    let late = usize::try_from(stood_still.as_millis()).unwrap() * RATE / 1000;
    let late = if seconds() < LONG { late + RATE / 2 } else { late };
    assert!(most <= RATE + BUCKET + late, "{most} in one second, {late} of them late");
}

fn store(redis: Option<&Server>, data: &TempDir) -> String {
    redis.map_or_else(|| format!("embedded:{}", data.path().display()), Server::url)
}

/// The most that any second saw, wherever it begins.
fn most_in_a_second(times: &[Instant]) -> usize {
    let (mut first, mut most) = (0, 0);
    for (last, at) in times.iter().enumerate() {
        while *at - times[first] >= SECOND {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

/// Notes for how long this process was not let run.
struct Pulse(tokio::task::JoinHandle<Duration>, tokio::sync::watch::Sender<bool>);

impl Pulse {
    fn start() -> Self {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let beats = async move {
            let every = Duration::from_millis(5);
            let mut ticks = tokio::time::interval(every);
            let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
            while !*stopping.borrow() {
                ticks.tick().await;
                longest = longest.max(last.elapsed().saturating_sub(every));
                last = Instant::now();
            }
            longest
        };
        Self(tokio::spawn(beats), stop)
    }

    async fn stop(&mut self) -> Duration {
        self.1.send_replace(true);
        (&mut self.0).await.unwrap()
    }
}
