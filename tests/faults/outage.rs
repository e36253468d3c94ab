//! One run: a store, a service, a receiver, a load, and kills.

use std::fmt;
use std::time::{Duration, Instant};

use lead_router::domain::ports::Store;
use lead_router::store::embedded::Embedded;
use lead_router::store::redis::Redis;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;

use super::check::{Outcome, check, queued};
use crate::harness::deployment::{Deployment, Plan};
use crate::harness::load::{Load, hesitate};
use crate::harness::process::{START_MAX, Service};
use crate::harness::redis::Server;
use crate::harness::socket_receiver::{Script, SocketReceiver};
use crate::harness::wait::eventually;

/// Where everything is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Embedded,
    RedisAlways,
    RedisEverysec,
}

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    Service,
    Redis,
    Both,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::RedisAlways => "Redis, always",
            Self::RedisEverysec => "Redis, everysec",
        })
    }
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "the service",
            Self::Redis => "Redis",
            Self::Both => "both",
        })
    }
}

/// Members' daily caps: small enough to be reached in any run. The last one takes the rest.
pub const CAPS: [(&str, usize); 2] = [("ada", 8), ("ben", 25)];
const MEMBERS: &str = "[{name: ada, caps: {day: 8}}, {name: ben, caps: {day: 25}}, {name: cleo}]";

/// Leases of whoever died lapse after 10 s, those of lost replies after 16 s.
const DELIVERED_WITHIN: Duration = Duration::from_secs(90);
/// So many inquiries are acknowledged between two kills at most.
const BETWEEN: u64 = 40;

/// A run's parts.
struct Stage {
    engine: Engine,
    redis: Option<Server>,
    data: TempDir,
    service: Service,
    receiver: SocketReceiver,
    _deployment: Deployment,
}

impl Stage {
    async fn set(engine: Engine) -> Self {
        // Retries are to be interrupted, too.
        let receiver = SocketReceiver::start(&[("crm", Script::Unreliable(7))]);
        let plan = Plan { members: MEMBERS, coalesce: "1s", ..Plan::default() };
        let deployment = Deployment::write(&receiver, &plan);
        let data = tempfile::tempdir().expect("a directory");
        let redis = match engine {
            Engine::Embedded => None,
            Engine::RedisAlways => Some(Server::start_durable()),
            Engine::RedisEverysec => {
                Some(Server::start_with(&["--appendonly", "yes", "--appendfsync", "everysec"]))
            }
        };
        let store = redis
            .as_ref()
            .map_or_else(|| format!("embedded:{}", data.path().display()), Server::url);
        let service = Service::start(deployment.path(), &store, None).await;
        Self { engine, redis, data, service, receiver, _deployment: deployment }
    }

    /// Kills and starts again at once, in that order and without waiting for anybody.
    fn strike(&mut self, victim: Victim) {
        if victim != Victim::Redis {
            self.service.kill();
        }
        if victim != Victim::Service {
            let redis = self.redis.as_mut().expect("a Redis to be killed");
            redis.kill();
            redis.spawn_again();
        }
        if victim != Victim::Redis {
            self.service.spawn();
        }
    }

    /// The store, looked at from outside. The embedded one only when the service has stopped.
    async fn store(&self) -> Box<dyn Store> {
        match &self.redis {
            Some(redis) => Box::new(Redis::connect(&redis.url()).await.expect("the store")),
            None => Box::new(Embedded::open(self.data.path()).expect("the store")),
        }
    }
}

/// Runs the kills and checks what is left.
pub async fn strike(engine: Engine, victim: Victim) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("FAULTS_KILLS").unwrap_or(3);
    let seed = number("FAULTS_SEED").unwrap_or_else(rand::random);
    println!("{engine}: {victim} killed {kills} times, seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut stage = Stage::set(engine).await;
    let load = Load::start(stage.service.public, seed);
    for _ in 0..kills {
        // Now and then while it is still starting; else in the midst of the load.
        if rng.random_range(0..8) > 0 {
            let enough = load.count() + rng.random_range(1..=BETWEEN);
            eventually("progress between two kills", START_MAX, async || {
                stage.service.assert_alive();
                (load.count() >= enough).then_some(())
            })
            .await;
        }
        hesitate(Duration::from_millis(30)).await;
        stage.strike(victim);
    }
    let begun = Instant::now();
    stage.service.ready().await;
    let enough = load.count() + 20;
    eventually("work after the last kill", START_MAX, async || {
        (load.count() >= enough).then_some(())
    })
    .await;
    let (acknowledged, repeated) = load.stop().await;
    settle(&mut stage, acknowledged.keys()).await;
    let settled = begun.elapsed();
    stage.service.stop().await;
    let store = stage.store().await;
    let run = Outcome { engine, victim, kills, acknowledged, repeated, settled };
    check(&run, store.as_ref(), &stage.receiver).await;
}

/// Waits until everything acknowledged was delivered. On Redis that is when nothing is queued any
/// more: what is missing then is missing for good, and [`check`] says what it is.
async fn settle(stage: &mut Stage, acknowledged: impl Iterator<Item = &String> + Clone) {
    let outside = match stage.engine {
        Engine::Embedded => None,
        Engine::RedisAlways | Engine::RedisEverysec => Some(stage.store().await),
    };
    let look = async || {
        stage.service.assert_alive();
        let done = match &outside {
            Some(store) => queued(store.as_ref()).await == 0,
            None => stage.receiver.untold(acknowledged.clone()).is_empty(),
        };
        done.then_some(())
    };
    eventually("the delivery of everything acknowledged", DELIVERED_WITHIN, look).await;
}
