//! The whole service within the test's process: real listeners on free ports, a real store, a
//! configuration of its own, a clock that can be moved.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use lead_router::app::{App, AppError, MasterKey, Options, Stopped, StoreUrl, SystemClock};
use lead_router::config::{Place, Reloader};
use lead_router::domain::Timestamp;
use lead_router::domain::ports::Clock;
use lead_router::http::keys::{Scope, fingerprint};
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::receiver::Receiver;

/// May do everything.
pub const KEY: &str = "lrk_harness-harness-harness-harness-harness-har";
/// The master key of all apps of the tests: they may share a store.
const MASTER: &str = "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f";
const SECRET: &str = "whsec_aGFybmVzcy1oYXJuZXNzLWhhcm5lc3MtaGFybmVzcy0hIQ==";

/// The key that may do just this.
pub fn key_for(scope: Scope) -> String {
    format!("lrk_only-{}", scope.as_str().replace(':', "-"))
}

/// The system's time, and what the test adds to it.
#[derive(Debug, Default)]
pub struct TestClock {
    system: SystemClock,
    ahead: AtomicI64,
}

impl TestClock {
    /// Moves the time on.
    pub fn pass(&self, duration: Duration) {
        self.ahead.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::AcqRel);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::Acquire);
        Timestamp::from_millis(self.system.now().as_millis() + ahead)
    }
}

/// A configuration folder.
#[derive(Debug)]
pub struct Files(pub TempDir);

impl Files {
    /// One workspace `acme`: a public form and a scanner; sales goes to `crm` over the pool `team`,
    /// nurture to `mailer`, qualify and triage to `inbox`. What is enterprise goes to the pool
    /// `capped`, whose one member takes one a day.
    pub fn new(receiver: &Receiver) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        let text = |path: &str, text: &str| files.write(path, text);
        text(
            "server.yaml",
            "egress: { allow: [\"127.0.0.1/32:*\"], http: true }\nlimits: { per_client_minute: 0 }\n",
        );
        text("keys.yaml", &keys());
        text(
            "workspaces/acme/workspace.yaml",
            "zone: Europe/Berlin\ncoalesce: 1s\nalerts: { destination: inbox }\n",
        );
        text("workspaces/acme/qualification.yaml", QUALIFICATION);
        text("workspaces/acme/routing.yaml", ROUTING);
        text("workspaces/acme/pools.yaml", POOLS);
        text(
            "workspaces/acme/sources/form.yaml",
            "preset: html-form\norigins: [\"https://www.acme.example\"]\ncountry: DE\n",
        );
        text(
            "workspaces/acme/sources/scanner.yaml",
            "preset: scanner-batch\nsecrets: [scanner-secret]\ncountry: DE\nzone: Europe/Berlin\n",
        );
        text(
            "workspaces/acme/sources/google.yaml",
            "preset: google-ads-lead-form\nsecrets: [google-secret]\n",
        );
        for (name, more) in [
            ("crm", ""),
            ("mailer", "tests: true\n"),
            ("inbox", "events: [\"lead.*\", \"alert.*\"]\n"),
        ] {
            let url = receiver.url(name);
            text(
                &format!("workspaces/acme/destinations/{name}.yaml"),
                &format!(
                    "url: {url}\nsecrets: [{SECRET}]\ntimeout_ms: 5000\nretry: [0s, 100ms]\n{more}"
                ),
            );
        }
        files
    }

    /// Writes one file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn keys() -> String {
    let mut text = "keys:\n".to_owned();
    let mut row = |name: &str, key: &str, scopes: &[Scope], rest: &str| {
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let hash = fingerprint(key);
        writeln!(text, "  - {{ name: {name}, sha256: \"{hash}\", scopes: {scopes:?}{rest} }}")
            .unwrap();
    };
    row("harness", KEY, Scope::ALL, "");
    for scope in Scope::ALL {
        let key = key_for(*scope);
        row(&key[4..], &key, &[*scope], "");
    }
    text
}

const QUALIFICATION: &str = "
criteria:
  budget:
    - name: budget-fits
      text: at least 10,000 euros
      yes: { field: need.budget, gte: 10000 }
      points: { yes: 50, no: -10 }
      ask: What budget is planned?
company:
  - { name: big, text: a thousand people, when: { field: company.employees, gte: 1000 }, points: 10 }
contact:
  - { name: reachable, text: has a valid e-mail address, when: { field: contact.email_valid, is: true }, points: 20 }
eligibility:
  - { name: rival, when: { field: company.domain, in: [rival.example] }, reason: a competitor }
thresholds: { sell: 50, nurture: 10, ask: { completeness_below: 0.5, min_score: 15 } }
";

const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [mailer] }
  qualify: { destinations: [inbox] }
  triage: { destinations: [inbox] }
rules:
  - name: enterprise
    when: { all: [ { field: category, is: sell }, { field: company.employees, gte: 1000 } ] }
    assign: { queue: sales, pool: capped, else: hold }
  - { name: german, when: { all: [ { field: category, is: sell }, { field: contact.country, is: DE } ] }, assign: { queue: sales, pool: team } }
  - { name: nurture, when: { field: category, is: nurture }, assign: { queue: nurture } }
fallback: { queue: triage }
";

const POOLS: &str = "
pools:
  team: { method: round_robin, members: [ada, ben, cleo] }
  capped: { method: round_robin, members: [ { name: dora, caps: { day: 1 } } ] }
";

/// A running service.
#[derive(Debug)]
pub struct Running {
    pub public: String,
    pub private: String,
    pub clock: Arc<TestClock>,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Stopped, AppError>>,
}

/// What a service answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// A text within the JSON body.
    pub fn at(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Running {
    /// Starts it on an embedded store in a folder.
    pub async fn embedded(files: &Files, store: &Path) -> Self {
        Self::start(files, StoreUrl::Embedded(store.to_path_buf()), None).await
    }

    /// Starts it on any store. `runtime_file`: where the commands find it.
    pub async fn start(files: &Files, store: StoreUrl, runtime_file: Option<&Path>) -> Self {
        let place = Place::Dir(files.0.path().to_path_buf());
        let reloader = match Reloader::start(place, Box::new(|_| None)) {
            Ok(reloader) => reloader,
            Err(errors) => panic!("{errors:#?}"),
        };
        let clock = Arc::new(TestClock::default());
        let any = Some(([127, 0, 0, 1], 0).into());
        let app = App::build(Options {
            reloader,
            store,
            keyring: MasterKey::load(Some(MASTER), None).unwrap(),
            public: any,
            private: any,
            ports_file: None,
            runtime_file: runtime_file.map(Path::to_path_buf),
            clock: Some(Arc::clone(&clock) as Arc<dyn Clock>),
            stop_within: Duration::from_secs(5),
            reload_on_hang_up: false,
        })
        .await
        .unwrap();
        let (public, private) =
            (format!("http://{}", app.public()), format!("http://{}", app.private()));
        let (stop, stopping) = oneshot::channel::<()>();
        let task = tokio::spawn(app.run(async {
            drop(stopping.await);
        }));
        // A second installation is refused and not needed.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { public, private, clock, http, stop, task }
    }

    /// Stops it in its two steps.
    pub async fn stop(self) -> Stopped {
        drop(self.stop);
        self.task.await.unwrap().unwrap()
    }

    /// Any request to any URL.
    pub async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut request = self.http.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }

    /// A request to the private listener under a key (empty = none).
    pub async fn as_key(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let bearer = format!("Bearer {key}");
        let mut headers = Vec::new();
        if !key.is_empty() {
            headers.push(("authorization", bearer.as_str()));
        }
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let url = format!("{}{path}", self.private);
        self.ask(method, &url, &headers, body.map(|body| body.to_string()).unwrap_or_default())
            .await
    }

    /// `GET` under the key that may do everything.
    pub async fn get(&self, path: &str) -> Answer {
        self.as_key(KEY, Method::GET, path, None).await
    }

    /// `POST` under the same key.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.as_key(KEY, Method::POST, path, Some(body)).await
    }

    /// `DELETE` under the same key.
    pub async fn delete(&self, path: &str) -> Answer {
        self.as_key(KEY, Method::DELETE, path, None).await
    }

    /// Posts an inquiry to a source of `acme`, with the key, so that the real status comes back.
    pub async fn inquire(&self, source: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {KEY}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let url = format!("{}/v1/acme/inquiries/{source}", self.public);
        self.ask(Method::POST, &url, &headers, body.to_string()).await
    }

    /// Posts to the form as a stranger's page does.
    pub async fn post_form(&self, pairs: &[(&str, &str)]) -> Answer {
        let body = pairs
            .iter()
            .map(|(key, value)| format!("{key}={}", lead_router::cli::client::escaped(value)))
            .collect::<Vec<_>>()
            .join("&");
        let url = format!("{}/v1/acme/inquiries/form", self.public);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.ask(Method::POST, &url, &headers, body).await
    }
}

/// Waits until the condition gives something, looking again and again.
pub async fn eventually<T, F>(what: &str, mut condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}
