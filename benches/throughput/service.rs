//! The service under the bench: the `dist` binary, as the image runs it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use lead_router::domain::Name;
use lead_router::domain::ports::{Pause, Store};
use lead_router::store::embedded::Embedded;
use lead_router::store::redis::Redis;
use tempfile::TempDir;

use crate::Outcome;
use crate::canned::now;
use crate::inquiry;
use crate::load::Connection;
use crate::process::{Process, program_of};
use crate::settings_files::{DESTINATIONS, Folder, SECRET, SECRET_NAME, WORKSPACE};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lead-router");
const START_MAX: Duration = Duration::from_secs(20);

/// A running service.
pub struct Service {
    process: Process,
    pub address: SocketAddr,
    /// From exec to the first 200 of `/healthz`.
    pub healthy_after: Duration,
    folder: TempDir,
}

impl Service {
    /// Starts it and waits until it is well. `store` as in `--store`.
    pub fn start(settings: &Folder, store: &str) -> Outcome<Self> {
        Self::start_counted(settings, store, None)
    }

    /// The same, its instructions counted into a file.
    pub fn start_counted(settings: &Folder, store: &str, count: Option<&Path>) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = folder.path().join("log");
        let mut command = program_of(PROGRAM, count);
        command
            .arg("serve")
            .arg("--config")
            .arg(settings.path())
            .args(["--store", store, "--public", &address.to_string()])
            .args(["--private", "127.0.0.1:0"])
            .env(SECRET_NAME, SECRET)
            .env("LEAD_ROUTER_KEY", "0b".repeat(32))
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let began = Instant::now();
        let mut process = Process::start(&mut command)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        while !runtime.block_on(is_well(address)) {
            if began.elapsed() > START_MAX || process.has_ended() {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("the service does not come up: {said}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { process, address, healthy_after: began.elapsed(), folder })
    }

    /// The commits of inquiries so far, as its metrics say, and the rounds they took in all.
    pub fn rounds(&self) -> Outcome<(u64, u64)> {
        let found = std::fs::read(self.folder.path().join("lead-router.json"))?;
        let found: serde_json::Value = serde_json::from_slice(&found)?;
        let word = |name: &str| found[name].as_str().ok_or("the runtime file cannot be read");
        let address = word("url")?.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        let key = word("key")?;
        write!(stream, "GET /metrics HTTP/1.0\r\nauthorization: Bearer {key}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let counted = |line: &str| {
            let rest = line.strip_prefix("leadrouter_commit_rounds_total{rounds=\"")?;
            let (rounds, commits) = rest.split_once("\"} ")?;
            Some((commits.parse::<u64>().ok()?, rounds.parse::<u64>().ok()?))
        };
        let all = answer.lines().filter_map(counted);
        let (commits, rounds) = all
            .fold((0, 0), |(sum, all), (commits, rounds)| (sum + commits, all + commits * rounds));
        if commits == 0 {
            Err("the metrics count no commits".into())
        } else {
            Ok((commits, rounds))
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends one inquiry; whether it was accepted.
    pub fn accepts(&self) -> Outcome<bool> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut connection = Connection::open(self.address).await?;
            Ok(connection.post(&inquiry::inquiry(0).body).await?.status == 202)
        })
    }
}

async fn is_well(address: SocketAddr) -> bool {
    let asked = async { Connection::open(address).await?.get("/healthz").await };
    asked.await.is_ok_and(|answer| answer.status == 200)
}

/// Pauses or resumes both destinations, in the store behind a URL.
pub fn pause_redis(url: &str, pause: bool) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { pause_in(&Redis::connect(url).await?, pause).await })
}

/// Pauses or resumes both destinations in an embedded store that nobody has open.
pub fn pause_embedded(folder: &Path, pause: bool) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { pause_in(&Embedded::open(folder)?, pause).await })
}

async fn pause_in(store: &dyn Store, pause: bool) -> Outcome<()> {
    let workspace = Name::parse(WORKSPACE)?;
    let why = Pause { reason: Name::parse("operator")?, until: None };
    for name in DESTINATIONS {
        let why = pause.then(|| why.clone());
        store.pause(&workspace, &Name::parse(name)?, now(), why).await?;
    }
    Ok(())
}
