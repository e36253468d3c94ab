//! Processes on one store, one receiver, and one clock that stands still until it is moved.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lead_router::app::SystemClock;
use lead_router::domain::ports::{Clock as _, Store};
use lead_router::domain::{Name, Timestamp};
use lead_router::store::audit::audit;
use lead_router::store::embedded::Embedded;
use lead_router::store::redis::Redis;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::deployment::{API_KEY, Deployment, Plan, WORKSPACE};
use crate::harness::process::{Answer, Service, answer, client};
use crate::harness::redis::Server;
use crate::harness::socket_receiver::SocketReceiver;
use crate::harness::wait::eventually;

pub const SOON: Duration = Duration::from_secs(30);

/// Which store, and how many processes on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Embedded,
    /// Two processes on one server.
    Redis,
    /// Three processes on one server.
    RedisOfThree,
}

pub struct Stage {
    pub services: Vec<Service>,
    pub receiver: SocketReceiver,
    redis: Option<Server>,
    data: TempDir,
    clock: PathBuf,
    posted: u32,
    deployment: Deployment,
}

impl Stage {
    /// Begins at a time, with files of the workspace instead of the usual ones.
    pub async fn begin(on: On, at: &str, files: &[(&str, &str)]) -> Self {
        Self::begin_as(on, at, files, &Plan::default()).await
    }

    /// The same, by another plan.
    pub async fn begin_as(on: On, at: &str, files: &[(&str, &str)], plan: &Plan<'_>) -> Self {
        let receiver = SocketReceiver::start(&[]);
        let deployment = Deployment::write(&receiver, plan);
        for (path, text) in files {
            let path = deployment.path().join("workspaces").join(WORKSPACE).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let data = tempfile::tempdir().unwrap();
        let redis = (on != On::Embedded).then(Server::start_durable);
        let store = redis.as_ref().map_or_else(
            || format!("embedded:{}", data.path().join("store").display()),
            Server::url,
        );
        let clock = data.path().join("clock");
        let mut stage =
            Self { services: Vec::new(), receiver, redis, data, clock, posted: 0, deployment };
        stage.at(at);
        let processes = match on {
            On::Embedded => 1,
            On::Redis => 2,
            On::RedisOfThree => 3,
        };
        for _ in 0..processes {
            let path = stage.deployment.path();
            let service = Service::start(path, &store, Some(&stage.clock)).await;
            stage.services.push(service);
        }
        stage
    }

    /// Every folder into which the processes write: the store's files and its log, their own logs.
    pub fn folders(&self) -> Vec<&Path> {
        let of_redis = self.redis.iter().map(Server::folder);
        let own = self.services.iter().map(Service::folder);
        std::iter::once(self.data.path()).chain(of_redis).chain(own).collect()
    }

    /// Moves the clock of all processes to a time.
    pub fn at(&mut self, time: &str) {
        let millis = Timestamp::parse(time).unwrap().as_millis();
        let next = self.clock.with_extension("next");
        std::fs::write(&next, format!("={millis}")).unwrap();
        // Readers see the one or the other, never half of it.
        std::fs::rename(next, &self.clock).unwrap();
    }

    /// From this time on the clock of all processes runs.
    pub fn runs_from(&mut self, time: &str) {
        let now = SystemClock::default().now().as_millis();
        let ahead = Timestamp::parse(time).unwrap().as_millis() - now;
        let next = self.clock.with_extension("next");
        std::fs::write(&next, ahead.to_string()).unwrap();
        std::fs::rename(next, &self.clock).unwrap();
    }

    /// Stops every process as a power cut would.
    pub fn cut(&mut self) {
        for service in &mut self.services {
            service.kill();
        }
    }

    /// The same, and starts them again.
    pub async fn restart(&mut self) {
        self.cut();
        for service in &mut self.services {
            service.spawn();
            service.ready().await;
        }
    }

    /// Writes a file of the workspace anew, and waits until every process has it in force.
    pub async fn rewrite(&mut self, path: &str, text: &str) {
        let path = self.deployment.path().join("workspaces").join(WORKSPACE).join(path);
        std::fs::write(path, text).unwrap();
        for service in &self.services {
            let (status, text) = service.act("/v1/configuration/reload").await;
            assert_eq!(status, 200, "{text}");
        }
    }

    /// Posts a form with an API key, in turn to each process: the real answer.
    pub async fn post(&mut self, fields: &[(&str, &str)]) -> Answer {
        self.posted += 1;
        let service = &self.services[self.posted as usize % self.services.len()];
        post(service.public, fields).await
    }

    /// Somebody new, with some more fields.
    pub async fn somebody(&mut self, more: &[(&str, &str)]) -> Answer {
        let email = format!("visitor{}@zanzotter.example", self.posted);
        let fields = [&[("email", email.as_str())], more].concat();
        self.post(&fields).await
    }

    /// Has every process look who is away: the first change of all takes up to a second to be seen, unless one is asked.
    pub async fn all_look(&self) {
        for service in &self.services {
            let (status, text) = service.ask(&format!("/v1/{WORKSPACE}/pools")).await;
            assert_eq!(status, 200, "{text}");
        }
    }

    /// Asks the first process.
    pub async fn ask(&self, path: &str) -> Value {
        let (status, text) = self.services[0].ask(&format!("/v1/{WORKSPACE}{path}")).await;
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Has the last process do something.
    pub async fn act(&self, path: &str, body: &Value) -> Answer {
        let service = self.services.last().unwrap();
        let url = format!("http://{}/v1/{WORKSPACE}{path}", service.private);
        let request = client(SOON).post(url).bearer_auth(API_KEY);
        let request = request.header("content-type", "application/json").body(body.to_string());
        answer(request).await.unwrap()
    }

    /// Says something of a lead back, in turn to each process.
    pub async fn say(&mut self, body: &Value) -> Answer {
        self.posted += 1;
        let service = &self.services[self.posted as usize % self.services.len()];
        let url = format!("http://{}/v1/{WORKSPACE}/dispositions", service.public);
        let request = client(SOON).post(url).bearer_auth(API_KEY);
        let request = request.header("content-type", "application/json").body(body.to_string());
        answer(request).await.unwrap()
    }

    /// How a lead stands.
    pub async fn lead(&self, id: &str) -> Value {
        self.ask(&format!("/leads/{id}")).await
    }

    /// Why an inquiry was decided so, sentence by sentence.
    pub async fn sentences(&self, inquiry: &str) -> Value {
        self.ask(&format!("/inquiries/{inquiry}/record")).await["sentences"].clone()
    }

    /// Why an inquiry was decided so, in words.
    pub async fn words(&self, inquiry: &str) -> String {
        let record = self.ask(&format!("/inquiries/{inquiry}/record")).await;
        record.to_string()
    }

    /// Waits until a lead has an owner; gives the name.
    pub async fn owner(&self, id: &str) -> String {
        eventually("an owner", SOON, async || {
            let lead = self.lead(id).await;
            lead["owner"].as_str().map(str::to_owned)
        })
        .await
    }

    /// Waits until so many events of a type were told.
    pub async fn told(&self, kind: &str, count: usize) {
        eventually(kind, SOON, async || (self.receiver.ids(kind).len() == count).then_some(()))
            .await;
    }

    /// The audit of the store at rest finds nothing.
    pub async fn ends_clean(mut self) {
        for service in &mut self.services {
            assert!(service.stop().await.success());
        }
        let store: Box<dyn Store> = match &self.redis {
            Some(redis) => Box::new(Redis::connect(&redis.url()).await.unwrap()),
            None => Box::new(Embedded::open(&self.data.path().join("store")).unwrap()),
        };
        let report = audit(store.as_ref(), &Name::parse(WORKSPACE).unwrap()).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

/// Posts a form with an API key to one process.
pub async fn post(public: SocketAddr, fields: &[(&str, &str)]) -> Answer {
    let url = format!("http://{public}/v1/{WORKSPACE}/inquiries/form");
    let body = serde_urlencoded::to_string(fields).unwrap();
    let request = client(SOON).post(url).bearer_auth(API_KEY);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    answer(request).await.unwrap()
}
