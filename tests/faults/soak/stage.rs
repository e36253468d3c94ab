//! The parts: a store, a service, a receiver that plays all destinations, a configuration that names them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use lead_router::domain::ports::Store;
use lead_router::store::embedded::Embedded;
use lead_router::store::redis::Redis;
use tempfile::TempDir;

use super::extent::{Extent, GROUPS};
use super::posting::Posted;
use super::ways::{self, NAMES, Way};
use crate::faults::outage::Engine;
use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{SIGNING_SECRET, Script, SocketReceiver};
use crate::harness::wait::eventually;

/// Longer than the last pause of the schedule, and than leases of whoever died.
const TOLD_WITHIN: Duration = Duration::from_mins(4);
/// Whoever misbehaved may be paused again by an attempt that was under way when it was mended.
const RESUMED_EVERY: Duration = Duration::from_secs(2);

pub struct Stage {
    pub extent: Extent,
    pub engine: Engine,
    pub service: Service,
    pub receiver: SocketReceiver,
    redis: Option<Server>,
    data: TempDir,
    deployment: Deployment,
}

/// The destinations of a group; the last one is the one that misbehaves.
pub fn group(extent: Extent, number: usize) -> Vec<String> {
    let good = (0..extent.good).map(|n| format!("good-{number}-{n}"));
    good.chain([NAMES[number].to_owned()]).collect()
}

impl Stage {
    /// Starts everything; whether ten misbehave.
    pub async fn set(engine: Engine, extent: Extent, misbehaving: bool) -> Self {
        let receiver = SocketReceiver::start(&[]);
        let plan = Plan { coalesce: "1s", ..Plan::default() };
        let deployment = Deployment::write(&receiver, &plan);
        let data = tempfile::tempdir().unwrap();
        let redis = (engine != Engine::Embedded).then(Server::start_durable);
        let store = redis
            .as_ref()
            .map_or_else(|| format!("embedded:{}", data.path().display()), Server::url);
        write(deployment.path(), &receiver, extent);
        if misbehaving {
            for name in NAMES {
                match ways::way(name) {
                    Way::Does(script) => receiver.set(name, script),
                    Way::Leads => {
                        let url = ways::private(receiver.address());
                        destination(deployment.path(), name, &url, extent);
                    }
                }
            }
        }
        let service = Service::start(deployment.path(), &store, None).await;
        Self { extent, engine, service, receiver, redis, data, deployment }
    }

    /// From now on all behave; what waits for a person is resumed.
    pub async fn mend(&self) {
        for name in NAMES {
            self.receiver.set(name, Script::Accept);
            destination(self.deployment.path(), name, &self.receiver.url(name), self.extent);
        }
        let (status, text) = self.service.act("/v1/configuration/reload").await;
        assert_eq!(status, 200, "{text}");
        self.resume().await;
    }

    async fn resume(&self) {
        for name in NAMES {
            let path = format!("/v1/{WORKSPACE}/destinations/{name}/resume");
            let (status, text) = self.service.act(&path).await;
            assert_eq!(status, 200, "{text}");
        }
    }

    /// Waits until every destination has been told of every inquiry of its group.
    pub async fn until_all_told(&mut self, posted: &[Posted]) {
        let begun = Instant::now();
        let mut looks = tokio::time::interval(RESUMED_EVERY);
        loop {
            looks.tick().await;
            self.service.assert_alive();
            let untold = self.untold(posted);
            if untold.is_empty() {
                break;
            }
            assert!(begun.elapsed() < TOLD_WITHIN, "never told: {untold:?}");
            self.resume().await;
        }
        let depths = format!("/v1/{WORKSPACE}/destinations");
        eventually("all to be settled", TOLD_WITHIN, async || {
            let (_, text) = self.service.ask(&depths).await;
            let all: serde_json::Value = serde_json::from_str(&text).ok()?;
            let words = ["ready", "delayed", "leased"];
            let empty = |one: &serde_json::Value| words.iter().all(|word| one[word] == 0);
            all["destinations"].as_array()?.iter().all(empty).then_some(())
        })
        .await;
    }

    /// By destination, how many inquiries it was not told of.
    fn untold(&self, posted: &[Posted]) -> Vec<(String, usize)> {
        let mut untold = Vec::new();
        for number in 0..GROUPS {
            let of_group = || posted.iter().filter(move |one| one.group == number);
            for name in group(self.extent, number) {
                let ids = of_group().map(|one| &one.inquiry);
                let missing = self.receiver.untold_at(&name, ids).len();
                if missing > 0 {
                    untold.push((name, missing));
                }
            }
        }
        untold
    }

    /// Stops the service and opens the store.
    pub async fn at_rest(mut self) -> (Box<dyn Store>, SocketReceiver, impl Sized) {
        assert!(self.service.stop().await.success());
        let store: Box<dyn Store> = match &self.redis {
            Some(redis) => Box::new(Redis::connect(&redis.url()).await.unwrap()),
            None => Box::new(Embedded::open(self.data.path()).unwrap()),
        };
        (store, self.receiver, (self.redis, self.data))
    }
}

fn write(folder: &Path, receiver: &SocketReceiver, extent: Extent) {
    let home = folder.join("workspaces").join(WORKSPACE);
    std::fs::remove_file(home.join("destinations/crm.yaml")).unwrap();
    let (mut queues, mut rules) = (String::new(), String::new());
    for number in 0..GROUPS {
        let names = group(extent, number);
        writeln!(queues, "  q{number}: {{ destinations: [{}] }}", names.join(", ")).unwrap();
        writeln!(
            rules,
            "  - {{ name: r{number}, when: {{ field: source, is: form{number} }}, assign: {{ queue: q{number}, pool: reps }} }}"
        )
        .unwrap();
        let source = "preset: html-form\nchannel: website\ncountry: DE\n";
        std::fs::write(home.join(format!("sources/form{number}.yaml")), source).unwrap();
        for name in names {
            destination(folder, &name, &receiver.url(&name), extent);
        }
    }
    let routing = format!(
        "queues:\n{queues}  triage: {{ destinations: [good-0-0] }}\nrules:\n{rules}fallback: {{ queue: triage }}\n"
    );
    std::fs::write(home.join("routing.yaml"), routing).unwrap();
}

fn destination(folder: &Path, name: &str, url: &str, extent: Extent) {
    let text = format!(
        "url: \"{url}\"\nsecrets: [\"{SIGNING_SECRET}\"]\ntimeout_ms: 1000\nretry: {}\n",
        extent.retry
    );
    let path = format!("workspaces/{WORKSPACE}/destinations/{name}.yaml");
    std::fs::write(folder.join(path), text).unwrap();
}
