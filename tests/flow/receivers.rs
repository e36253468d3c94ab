//! Receivers that misbehave: each ends as designed, the good one beside them notices nothing, and
//! the service's memory stays where it was.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use lead_router::domain::ports::{JobView, Store};
use lead_router::domain::{LeadId, Name, Timestamp, Verdict};
use lead_router::store::redis::Redis;
use tempfile::TempDir;

use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{Script, SocketReceiver};
use crate::harness::wait::eventually;

const LEADS: usize = 24;
/// An attempt ends after a second; then it is settled.
const SOON: Duration = Duration::from_secs(15);
/// What a busy machine needs to hand 24 leads to a receiver that answers at once.
const PROMPTLY: Duration = Duration::from_secs(5);
const MEMORY_MORE: u64 = 20 << 20;
const GIB: u64 = 1 << 30;
/// A long first pause, so that a test sees each attempt by itself.
const SLOW_RETRY: &str = "timeout_ms: 1000\nretry: [0s, 10m, 10m, 1h]\n";
const PAUSE_SECS: i64 = 600;

/// One Redis, one service, and destinations beside each other in one queue.
struct Stage {
    service: Service,
    store: Redis,
    receiver: SocketReceiver,
    clock: PathBuf,
    moved: i64,
    posted: usize,
    _parts: (Server, TempDir, Deployment),
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

impl Stage {
    /// `good` and the others, each with its script; those with a URL of their own go there.
    async fn set(others: &[(&str, Option<Script>, Option<&str>)]) -> Self {
        let scripts: Vec<_> =
            others.iter().filter_map(|(name, script, _)| Some((*name, script.clone()?))).collect();
        let receiver = SocketReceiver::start(&scripts);
        let mut destinations = vec![("good", receiver.url("good"), SLOW_RETRY)];
        for (name, _, url) in others {
            let url = url.map_or_else(|| receiver.url(name), str::to_owned);
            destinations.push((name, url, SLOW_RETRY));
        }
        let deployment = Deployment::write(&receiver, &Plan { destinations, ..Plan::default() });
        let data = tempfile::tempdir().unwrap();
        let clock = data.path().join("clock");
        std::fs::write(&clock, "0").unwrap();
        let redis = Server::start();
        let service = Service::start(deployment.path(), &redis.url(), Some(&clock)).await;
        let store = Redis::connect(&redis.url()).await.unwrap();
        let parts = (redis, data, deployment);
        Self { service, store, receiver, clock, moved: 0, posted: 0, _parts: parts }
    }

    fn later(&mut self, seconds: i64) {
        self.moved += seconds * 1000;
        let next = self.clock.with_extension("next");
        std::fs::write(&next, self.moved.to_string()).unwrap();
        std::fs::rename(next, &self.clock).unwrap();
    }

    /// Posts new people and waits until the good receiver has heard of all of them.
    async fn post(&mut self, count: usize) {
        let begun = Instant::now();
        for n in self.posted..self.posted + count {
            let email = format!("guest{n}@brummelkamp.example");
            let fields = [("email", email.as_str()), ("name", "Otto Brummelkamp")];
            assert_eq!(self.service.form(&fields, None).await.status, 202);
        }
        self.posted += count;
        eventually("the good receiver's events", PROMPTLY, async || {
            (self.receiver.of("good").len() == self.posted).then_some(())
        })
        .await;
        assert!(begun.elapsed() < PROMPTLY, "the good receiver waited {:?}", begun.elapsed());
    }

    /// The deliveries to one destination, of every lead.
    async fn jobs(&self, destination: &str) -> Vec<JobView> {
        let workspace = name(WORKSPACE);
        let mut jobs = Vec::new();
        for event in self.receiver.of("good") {
            let lead: LeadId = event.text("/data/lead/id").parse().unwrap();
            for (queue, id) in self.store.jobs_of(&workspace, lead).await.unwrap() {
                if queue.as_str() == destination {
                    jobs.push(self.store.job(&workspace, id).await.unwrap().unwrap());
                }
            }
        }
        jobs
    }

    /// Waits until so many jobs of a destination have an attempt, and gives all of its jobs.
    async fn tried(&self, destination: &str, count: usize) -> Vec<JobView> {
        eventually(destination, SOON, async || {
            let jobs = self.jobs(destination).await;
            (jobs.iter().filter(|job| job.state.count > 0).count() >= count).then_some(jobs)
        })
        .await
    }

    async fn paused(&self, destination: &str) -> Option<(String, Option<Timestamp>)> {
        let depth =
            self.store.depth(&name(WORKSPACE), &name(destination), Timestamp::EPOCH).await.unwrap();
        depth.paused
    }

    async fn metric(&self, destination: &str, verdict: &str) -> u64 {
        let (status, text) = self.service.ask("/metrics").await;
        assert_eq!(status, 200, "{text}");
        let wanted = [format!("destination=\"{destination}\""), format!("verdict=\"{verdict}\"")];
        text.lines()
            .filter(|line| line.starts_with("leadrouter_attempts_made_total{"))
            .filter(|line| wanted.iter().all(|label| line.contains(label)))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
            .sum()
    }
}

/// What the newest attempt of a job came to: verdict, status, word.
fn last(job: &JobView) -> (Verdict, Option<u16>, Option<&str>) {
    let attempt = job.state.attempts.last().unwrap();
    (attempt.verdict, attempt.http_status, attempt.error.as_deref())
}

fn all_wait_after(jobs: &[JobView], verdict: Verdict, status: Option<u16>, word: &str) {
    assert_eq!(jobs.len(), LEADS);
    for job in jobs {
        assert_eq!(last(job), (verdict, status, Some(word)));
        assert_eq!((job.state.count, job.state.ended.as_deref()), (1, None));
        assert!(job.body.is_some(), "a delivery that did not end keeps what it was");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_and_dripping_receivers_end_at_the_deadline_and_come_again() {
    let mut stage = Stage::set(&[
        ("silent", Some(Script::Hang), None),
        ("drip-head", Some(Script::DripHead), None),
        ("drip-body", Some(Script::DripBody), None),
    ])
    .await;
    stage.post(LEADS).await;
    for destination in ["silent", "drip-head", "drip-body"] {
        let jobs = stage.tried(destination, LEADS).await;
        all_wait_after(&jobs, Verdict::Retriable, None, "timeout");
        for job in &jobs {
            let took = job.state.attempts[0].took_ms;
            assert!((900..3000).contains(&took), "{destination}: {took} ms");
        }
        assert_eq!(stage.metric(destination, "retriable").await, LEADS as u64);
        stage.receiver.set(destination, Script::Accept);
    }
    // The retry of the schedule, jitter included.
    stage.later(PAUSE_SECS * 6 / 5 + 1);
    for destination in ["silent", "drip-head", "drip-body"] {
        eventually(destination, SOON, async || {
            let jobs = stage.jobs(destination).await;
            let done = jobs.iter().all(|job| job.state.ended.as_deref() == Some("delivered"));
            done.then_some(())
        })
        .await;
        let ids: std::collections::BTreeSet<_> =
            stage.receiver.of(destination).into_iter().map(|one| one.id).collect();
        assert_eq!(ids, stage.receiver.ids("lead.routed"), "{destination}: the same events again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_a_pause_gets_it_and_is_the_only_one() {
    let busy = Script::Answer(503, "retry-after", "120".to_owned());
    let mut stage = Stage::set(&[("busy", Some(busy), None)]).await;
    stage.post(1).await;
    let jobs = stage.tried("busy", 1).await;
    assert_eq!(last(&jobs[0]), (Verdict::Retriable, Some(503), Some("status")));
    let (reason, until) = stage.paused("busy").await.unwrap();
    let until = until.unwrap();
    let asked = until.as_millis() - jobs[0].state.attempts[0].at.as_millis();
    assert_eq!(reason, "retry_after");
    assert!((120_000..123_000).contains(&asked), "paused for {asked} ms");
    // The others' events wait, untried; the good receiver gets its own.
    stage.post(LEADS - 1).await;
    assert_eq!(stage.receiver.of("busy").len(), 1);
    assert!(stage.paused("good").await.is_none());
    stage.receiver.set("busy", Script::Accept);
    stage.later(121);
    eventually("those that were never tried", SOON, async || {
        (stage.receiver.of("busy").len() >= LEADS).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_pauses_until_a_person_resumes_it() {
    let gone = Script::Answer(410, "x-reason", "moved away".to_owned());
    let mut stage = Stage::set(&[("gone", Some(gone), None)]).await;
    stage.post(1).await;
    let jobs = stage.tried("gone", 1).await;
    assert_eq!(last(&jobs[0]), (Verdict::Gone, Some(410), Some("gone")));
    assert_eq!(stage.paused("gone").await, Some(("gone".to_owned(), None)));
    stage.post(LEADS - 1).await;
    stage.later(24 * 3600);
    stage.post(1).await;
    assert_eq!(stage.receiver.of("gone").len(), 1, "nothing is sent to who is gone");
    stage.receiver.set("gone", Script::Accept);
    let resume = format!("/v1/{WORKSPACE}/destinations/gone/resume");
    let (status, text) = stage.service.act(&resume).await;
    assert_eq!(status, 200, "{text}");
    eventually("everything that waited", SOON, async || {
        (stage.receiver.of("gone").len() == LEADS + 2).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_led_to_addresses_that_are_not_public() {
    let away =
        Script::Answer(302, "location", "http://169.254.169.254/latest/meta-data/".to_owned());
    // A name that resolves to the loopback, on a port that the allow-list does not open.
    let other = SocketReceiver::start(&[]);
    let local = format!("http://localhost:{}/local", other.address().port());
    let local_tls = format!("https://localhost:{}/local", other.address().port());
    let mut stage = Stage::set(&[
        ("redirect", Some(away), None),
        ("local", None, Some(&local)),
        ("local-tls", None, Some(&local_tls)),
    ])
    .await;
    let opened = format!("127.0.0.1/32:{}", stage.receiver.address().port());
    let log = stage.service.log();
    let said = log.lines().any(|line| line.contains("may reach") && line.contains(&opened));
    assert!(said, "what opens the guard is said at the start: {log}");
    stage.post(LEADS).await;
    let redirected = stage.tried("redirect", LEADS).await;
    all_wait_after(&redirected, Verdict::Refused, Some(302), "redirect");
    for destination in ["local", "local-tls"] {
        let blocked = stage.tried(destination, LEADS).await;
        all_wait_after(&blocked, Verdict::Blocked, None, "blocked_address");
        assert_eq!(stage.metric(destination, "blocked").await, LEADS as u64);
    }
    assert!(other.arrived().is_empty() && other.refused() == 0, "somebody was let through");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_where_it_was_whatever_receivers_send() {
    let mut stage = Stage::set(&[
        ("huge", Some(Script::Accept), None),
        ("silent", Some(Script::Accept), None),
        ("drip", Some(Script::Accept), None),
    ])
    .await;
    // Warm: as many leads, and as many at once, as are to come.
    for _ in 0..4 {
        stage.post(LEADS).await;
    }
    for destination in ["huge", "silent", "drip"] {
        eventually(destination, SOON, async || {
            (stage.receiver.of(destination).len() == stage.posted).then_some(())
        })
        .await;
    }
    let idle = stage.service.memory("VmRSS");
    stage.service.forget_peak();
    stage.receiver.set("huge", Script::Huge(GIB));
    stage.receiver.set("silent", Script::Hang);
    stage.receiver.set("drip", Script::DripBody);
    let before = stage.posted;
    stage.post(LEADS).await;
    for destination in ["huge", "silent", "drip"] {
        stage.tried(destination, stage.posted).await;
    }
    let peak = stage.service.memory("VmHWM");
    println!("memory: {} KiB warm, {} KiB at its peak", idle / 1024, peak / 1024);
    assert!(peak <= idle + MEMORY_MORE, "{idle} bytes warm, {peak} at the peak");
    // The status was 200, whatever came behind it.
    let huge = stage.jobs("huge").await;
    assert!(huge.iter().all(|job| job.state.ended.as_deref() == Some("delivered")));
    assert_eq!(stage.receiver.of("huge").len(), before + LEADS);
}
