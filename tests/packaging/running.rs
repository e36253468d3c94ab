//! Commands of the guides that can be run here are run, word for word but for ports and folders.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::markdown::{pages, read, root};
use crate::harness::process::START_MAX;
use crate::harness::wait::eventually;

/// A secret as `whsec_$(openssl rand -base64 32)` makes one.
const SECRET: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A shell at the top of the repository that knows our program by its name.
fn shell(line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_lead-router"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let mut command = Command::new("sh");
    command.args(["-euc", line]).current_dir(root()).env("PATH", path).env("CRM_SECRET", SECRET);
    command
}

fn complaint(line: &str, output: &Output) -> String {
    let (said, complained) = (&output.stdout, &output.stderr);
    format!("{line}\n{}{}", String::from_utf8_lossy(said), String::from_utf8_lossy(complained))
}

#[test]
fn commands_that_need_no_service_are_run() {
    let mut ran = 0;
    for page in pages() {
        for line in page.commands() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let checks = line.starts_with("lead-router check");
            // Folders of a deployment's own are not here.
            let here = words.last().is_some_and(|folder| root().join(folder).is_dir());
            if !(checks && here || line.starts_with("lead-router keys new")) {
                continue;
            }
            let output = shell(&line).output().unwrap();
            assert!(
                output.status.success(),
                "{}: {}",
                page.path.display(),
                complaint(&line, &output)
            );
            ran += 1;
        }
    }
    assert!(ran >= 4, "only {ran} commands were run");
}

/// Stops it when the test is over, however that ends.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The first block of the README that starts the service.
fn readme() -> Vec<String> {
    let text = read("README.md");
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let block = blocks.into_iter().find(|block| block.contains("lead-router serve")).unwrap();
    block.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_ends_with_an_inquiry_that_is_taken() {
    let folder = TempDir::new().unwrap();
    let ports = folder.path().join("ports.json");
    let (mut running, mut taken) = (None, false);
    for line in readme() {
        if line.starts_with("lead-router serve") {
            // In the shell's place, so that stopping the child stops the service.
            let store = folder.path().join("data").display().to_string();
            let line =
                format!("exec {}", line.replace("embedded:data", &format!("embedded:{store}")));
            let mut command = shell(&line);
            command
                .env("LEAD_ROUTER_PUBLIC", "127.0.0.1:0")
                .env("LEAD_ROUTER_PRIVATE", "127.0.0.1:0");
            command.env("LEAD_ROUTER_PORTS_FILE", &ports);
            command.env("LEAD_ROUTER_RUNTIME_FILE", folder.path().join("runtime.json"));
            running = Some(Stopped(command.stderr(Stdio::null()).spawn().unwrap()));
            continue;
        }
        let mut line = line;
        if running.is_some() {
            let listens = eventually("the service listens", START_MAX, async || {
                let text = std::fs::read_to_string(&ports).ok()?;
                let ports: Value = serde_json::from_str(&text).ok()?;
                Some(ports["public"].as_str()?.to_owned())
            });
            line = line.replace("127.0.0.1:8080", &listens.await);
        }
        let output = shell(&line).output().unwrap();
        assert!(output.status.success(), "{}", complaint(&line, &output));
        taken |= String::from_utf8_lossy(&output.stdout).contains("\"status\":\"received\"");
    }
    assert!(taken, "the last command of the README sends an inquiry");
}
