//! Commands of the guides that can be run here are run, word for word but for ports and folders.

use std::path::Path;
use std::process::{Command, Output};

use super::markdown::{pages, root};

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
            let makes = line.starts_with("lead-router keys new") && !line.contains("--write");
            if !(checks && here || makes) {
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
    assert!(ran >= 3, "only {ran} commands were run");
}
