//! The demo as a newcomer starts it, and keeps it running.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A debug build under load needs its time for the whole stream.
const WITHIN: Duration = Duration::from_mins(2);

/// A running demo; gone when dropped.
pub struct Demo {
    child: Child,
    /// The link that it prints: lets its holder into the console, once.
    pub link: String,
    /// Where its public listener is: `http://ADDRESS`.
    pub public: String,
    /// The commands that it prints, for people to try.
    pub commands: Vec<String>,
    home: TempDir,
}

impl Demo {
    /// Starts it and waits until its scripted stream is through.
    pub async fn start() -> Self {
        tokio::task::spawn_blocking(Self::start_now).await.expect("the demo")
    }

    /// Two that start at once may see the same port free: the slower one ends, and is started again.
    fn start_now() -> Self {
        (0..5).find_map(|_| Self::try_now()).expect("a demo that says how to get in")
    }

    fn try_now() -> Option<Self> {
        let home = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .env("LEAD_ROUTER_RUNTIME_FILE", home.path().join("runtime.json"))
            .env("TMPDIR", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo");
        let (send, receive) = std::sync::mpsc::channel();
        let out = BufReader::new(child.stdout.take().expect("what it prints"));
        // Reads on to the end, so that the demo never waits for a reader.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                drop(send.send(line));
            }
        });
        let (mut link, mut public, mut commands) = (None, None, Vec::new());
        while let Ok(line) = receive.recv_timeout(WITHIN) {
            if line.contains("/console/enter?token=") {
                link = Some(line.trim().to_owned());
            }
            if let Some((_, rest)) = line.split_once("The form's URL is ") {
                public = rest.split_once("/v1/").map(|(base, _)| base.to_owned());
            }
            if line.starts_with("  curl ") {
                commands.push(line.trim().to_owned());
            }
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        let Some((link, public)) = link.zip(public) else {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        };
        Some(Self { child, link, public, commands, home })
    }

    /// Where commands on this machine find it.
    pub fn runtime_file(&self) -> PathBuf {
        self.home.path().join("runtime.json")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
