//! Real service processes: started, spoken to, measured, killed, and started again on the same ports.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;

use super::deployment::{API_KEY, SCANNER_KEY, WORKSPACE};
use super::redis::free_port;
use super::wait::eventually;

/// A debug build under load needs its time to open a store that was killed.
pub const START_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(30);
const MASTER_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// One `lead-router serve`.
pub struct Service {
    child: Option<Child>,
    dir: TempDir,
    config: PathBuf,
    store: String,
    clock: Option<PathBuf>,
    /// Where it listens; the same after a restart.
    pub public: SocketAddr,
    pub private: SocketAddr,
    client: Client,
}

/// What was answered to a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// A text of the body.
    pub fn text(&self, key: &str) -> &str {
        self.body[key].as_str().unwrap_or_default()
    }
}

impl Service {
    /// Starts one on free ports and waits until it is ready.
    pub async fn start(config: &Path, store: &str, clock: Option<&Path>) -> Self {
        let mut service = Self::prepare(config, store, clock);
        service.spawn();
        service.ready().await;
        service
    }

    /// Chooses ports, starts nothing.
    pub fn prepare(config: &Path, store: &str, clock: Option<&Path>) -> Self {
        lead_router::egress::install_crypto();
        let address = || SocketAddr::from(([127, 0, 0, 1], free_port()));
        Self {
            child: None,
            dir: tempfile::tempdir().expect("a directory"),
            config: config.to_path_buf(),
            store: store.to_owned(),
            clock: clock.map(Path::to_path_buf),
            public: address(),
            private: address(),
            client: client(Duration::from_mins(1)),
        }
    }

    /// Starts the process, on the same ports and store as before.
    pub fn spawn(&mut self) {
        let path = self.dir.path().join("log");
        let log = OpenOptions::new().create(true).append(true).open(path).expect("the log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_lead-router"));
        command
            .arg("serve")
            .arg("--config")
            .arg(&self.config)
            .args(["--store", &self.store])
            .args(["--public", &self.public.to_string()])
            .args(["--private", &self.private.to_string()])
            .arg("--ports-file")
            .arg(self.dir.path().join("ports"))
            .env("LEAD_ROUTER_KEY", MASTER_KEY)
            .env("LEAD_ROUTER_RUNTIME_FILE", self.dir.path().join("runtime"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log, again"))
            .stderr(log);
        if let Some(clock) = &self.clock {
            command.arg("--test-clock").arg(clock);
        }
        self.child = Some(command.spawn().expect("the service"));
    }

    /// Waits until `readyz` says so.
    ///
    /// # Panics
    /// If the process ends, or is not ready in time.
    pub async fn ready(&mut self) {
        let (url, client) = (format!("http://{}/readyz", self.public), self.client.clone());
        eventually("a service that is ready", START_MAX, async || {
            self.assert_alive();
            let answer = client.get(&url).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// # Panics
    /// If the process ended by itself.
    pub fn assert_alive(&mut self) {
        let ended = self.child.as_mut().and_then(|child| child.try_wait().expect("its state"));
        assert!(ended.is_none(), "the service ended ({ended:?}): {}", self.log());
    }

    /// Where commands on this machine find it.
    pub fn runtime_file(&self) -> PathBuf {
        self.dir.path().join("runtime")
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends it a signal (`HUP`).
    pub fn signal(&self, name: &str) {
        let pid = self.child.as_ref().expect("a running service").id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill");
        assert!(sent.success());
    }

    /// SIGTERM, and waits for the end.
    pub async fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("a running service");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        eventually("the service's end", STOP_MAX, async || child.try_wait().expect("its state"))
            .await
    }

    /// Where everything is that it writes beside the store: its log, its runtime file.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Everything it wrote to standard output and error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Memory in bytes: a line of `/proc/PID/status`, such as `VmRSS`.
    pub fn memory(&self, line: &str) -> u64 {
        let pid = self.child.as_ref().expect("a running service").id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
        let text = status.lines().find_map(|row| row.strip_prefix(line)?.strip_prefix(':'));
        let kib = text.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kib.expect("a size") * 1024
    }

    /// Begins a new high-water mark (`VmHWM`) of the memory.
    pub fn forget_peak(&self) {
        let pid = self.child.as_ref().expect("a running service").id();
        std::fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("a new high-water mark");
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("http://{}/v1/{WORKSPACE}/inquiries/{path}", self.public))
    }

    /// Posts a form as a page would; with an idempotency key, if one is given.
    pub async fn form(&self, fields: &[(&str, &str)], key: Option<&str>) -> Answer {
        let request = self.post("form").body(serde_urlencoded::to_string(fields).expect("fields"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        answer(match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        })
        .await
        .expect("an answer")
    }

    /// Uploads the scanner's CSV.
    pub async fn upload(&self, csv: &str) -> Answer {
        let request = self.post("scanner/batch").header("x-api-key", SCANNER_KEY);
        answer(request.header("content-type", "text/csv").body(csv.to_owned()))
            .await
            .expect("an answer")
    }

    /// Any request to the public listener below the sources.
    pub async fn raw(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        let mut request = self.post(path).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        told(request).await
    }

    /// Has something done through the private listener, with the key that may do everything.
    pub async fn act(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.private);
        let request = self.client.post(url).bearer_auth(API_KEY);
        told(request.header("content-type", "application/json").body("{}")).await
    }

    /// Asks the private listener, with the key that may do everything.
    pub async fn ask(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.private);
        told(self.client.get(url).bearer_auth(API_KEY)).await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A client that asks directly, whatever the environment says about proxies.
pub fn client(within: Duration) -> Client {
    lead_router::egress::install_crypto();
    Client::builder().no_proxy().timeout(within).build().expect("a client")
}

async fn told(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.text().await.expect("a body"))
}

/// Sends a request; `None` if nobody answered.
pub async fn answer(request: RequestBuilder) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await.ok()?;
    Some(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}
