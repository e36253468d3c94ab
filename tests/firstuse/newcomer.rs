//! Somebody at a terminal, in a folder of their own, with the program on the path.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::harness::redis::free_port;
use crate::harness::wait::eventually;

/// A debug build under load needs its time.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// The terminal.
pub struct Newcomer {
    home: TempDir,
    /// What stands for the ports of the guides: 8080, 8081 and 9099.
    ports: [(&'static str, String); 3],
    running: Vec<Child>,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub complained: String,
}

impl Newcomer {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_lead-router"));
        fs::create_dir(home.path().join("bin")).unwrap();
        std::os::unix::fs::symlink(program, home.path().join("bin/lead-router")).unwrap();
        let port = |from| (from, free_port().to_string());
        Self { home, ports: [port("8080"), port("8081"), port("9099")], running: Vec::new() }
    }

    /// With a folder `leads`, as `init` wrote it, on ports of its own.
    pub fn with_leads() -> (Self, String) {
        let newcomer = Self::new();
        let said = newcomer.well("lead-router init leads");
        newcomer.move_ports("leads/server.yaml");
        newcomer.move_ports("leads/workspaces/main/destinations/crm.yaml");
        (newcomer, said)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A text of the guides with the ports that are free here.
    pub fn moved(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (from, to)| {
            text.replace(&format!(":{from}"), &format!(":{to}"))
        })
    }

    pub fn move_ports(&self, file: &str) {
        self.write(file, &self.moved(&self.read(file)));
    }

    /// The public listener.
    pub fn public(&self) -> String {
        self.moved("http://127.0.0.1:8080")
    }

    /// The port that the receiver of the example listens on.
    pub fn receiver_port(&self) -> u16 {
        self.ports[2].1.parse().unwrap()
    }

    fn bash(&self, line: &str) -> Command {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("set -o pipefail; {line}")])
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("LEAD_ROUTER_RUNTIME_FILE", self.path("runtime.json"))
            .stdin(Stdio::null());
        command
    }

    /// Types a line and waits for its end.
    pub fn run(&self, line: &str) -> Said {
        let done = self.bash(line).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: done.status.code(), out: text(&done.stdout), complained: text(&done.stderr) }
    }

    /// What it said, having gone well.
    pub fn well(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.code, Some(0), "{line}: {}{}", said.out, said.complained);
        said.out
    }

    /// What it complained of, having gone wrong.
    pub fn badly(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.code, Some(1), "{line}: {}{}", said.out, said.complained);
        assert!(!said.complained.is_empty(), "{line}");
        said.complained
    }

    /// Types a line into a terminal of its own, where it goes on; what it says goes to a file.
    pub fn start(&mut self, line: &str, log: &str) {
        let file = fs::File::create(self.path(log)).unwrap();
        let mut command = self.bash(&format!("exec {line}"));
        command.stdout(file.try_clone().unwrap()).stderr(file);
        self.running.push(command.spawn().unwrap());
    }

    /// Serves `leads`, and waits until it is ready.
    pub async fn serve(&mut self) {
        self.start("lead-router serve --config leads --store embedded:leads/data", "serve.log");
        self.until_ready().await;
    }

    /// Stops what was started last, as Ctrl-C would, and waits for its end.
    pub async fn stop(&mut self) {
        let mut child = self.running.pop().unwrap();
        self.well(&format!("kill -TERM {}", child.id()));
        eventually("the end", PATIENCE, async || child.try_wait().unwrap()).await;
    }

    pub async fn until_ready(&self) {
        eventually("a service that is ready", PATIENCE, async || {
            let said = self.run("lead-router healthcheck --ready");
            (said.code == Some(0)).then_some(())
        })
        .await;
    }

    /// Waits until a file holds a text, and gives it whole.
    pub async fn until_written(&self, file: &str, wanted: &str) -> String {
        eventually(wanted, PATIENCE, async || {
            let text = fs::read_to_string(self.path(file)).unwrap_or_default();
            text.contains(wanted).then_some(text)
        })
        .await
    }

    /// Types a line again and again until it goes well: a running service takes a change over within
    /// two seconds.
    pub async fn until_well(&self, line: &str, wanted: &str) -> String {
        eventually(wanted, PATIENCE, async || {
            let said = self.run(line);
            (said.code == Some(0) && said.out.contains(wanted)).then_some(said.out)
        })
        .await
    }

    /// Every file below a folder with its content: for seeing that nothing changed.
    pub fn everything(&self, folder: &str) -> String {
        fn walk(folder: &Path, text: &mut String) {
            let mut paths: Vec<PathBuf> =
                fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            for path in paths {
                if path.is_dir() {
                    walk(&path, text);
                } else {
                    let held = fs::read_to_string(&path).unwrap_or_default();
                    let _ = writeln!(text, "{}\n{held}", path.display());
                }
            }
        }
        let mut text = String::new();
        walk(&self.path(folder), &mut text);
        text
    }

    /// Who may read a file: its mode's last nine bits.
    pub fn mode(&self, file: &str) -> u32 {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(self.path(file)).unwrap().permissions().mode() & 0o777
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The commands in what was said: the lines indented by two spaces that begin with one of ours.
pub fn commands(said: &str) -> Vec<String> {
    let ours = |line: &&str| line.starts_with("lead-router ") || line.starts_with("curl ");
    said.lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(ours)
        .map(str::to_owned)
        .collect()
}
