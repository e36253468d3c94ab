//! Every command in the guides can be typed as it stands there.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{CommandFactory as _, Parser as _};
use lead_router::cli::Cli;

use super::markdown::{anchors, pages, read, root};

/// What stands for an id in the guides.
const PLACEHOLDERS: [(&str, &str); 4] = [
    ("$OTHER", "lead_00000000000000000000000000000001"),
    ("$LEAD", "lead_00000000000000000000000000000000"),
    ("$INQUIRY", "inq_00000000000000000000000000000000"),
    ("$DELIVERY", "dlv_00000000000000000000000000000000"),
];

/// The words of a call of our program in a line of shell, if there is one.
fn call(line: &str) -> Option<Vec<String>> {
    let line = PLACEHOLDERS.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
    let mut words = line.split_whitespace().skip_while(|word| *word != "lead-router");
    words.next()?;
    let ends = |word: &&str| !matches!(*word, "|" | ">" | "&&" | "#");
    let rest = words.take_while(ends).map(str::to_owned);
    Some(std::iter::once("lead-router".to_owned()).chain(rest).collect())
}

/// Whether a line runs our program itself, not `docker build -t lead-router .`.
fn runs_us(line: &str) -> bool {
    let command = line.rsplit_once(" -- ").map_or(line, |(_, command)| command);
    let mut words = command.split_whitespace().skip_while(|word| word.contains('='));
    words.next() == Some("lead-router")
}

#[test]
fn commands_in_the_guides_are_understood() {
    let mut seen = 0;
    for page in pages() {
        for line in page.commands().iter().filter(|line| runs_us(line)) {
            let words = call(line).unwrap();
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{}: {line}\n{error}", page.path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 25, "only {seen} commands were found");
}

#[test]
fn a_command_that_is_wrong_is_noticed() {
    let wrong = "FOO=bar lead-router worklist --workspace acme";
    assert!(runs_us(wrong));
    assert!(Cli::try_parse_from(call(wrong).unwrap()).is_err());
    assert!(runs_us("kubectl exec deployment/leads -- lead-router check x"));
    assert!(!runs_us("docker build -t lead-router ."));
}

#[test]
fn subcommands_and_targets_in_the_text_exist() {
    let ours = Cli::command();
    let known: BTreeSet<&str> = ours.get_subcommands().map(clap::Command::get_name).collect();
    let makefile = read("Makefile");
    for page in pages() {
        for code in page.code_words() {
            let mut words = code.split_whitespace();
            match (words.next(), words.next()) {
                (Some("lead-router"), Some(word)) if !word.starts_with('-') => {
                    assert!(known.contains(word), "{}: `{code}`", page.path.display());
                }
                (Some("make"), Some(target)) => {
                    let stands =
                        makefile.lines().any(|line| line.starts_with(&format!("{target}:")));
                    assert!(stands, "{}: `{code}`", page.path.display());
                }
                _ => {}
            }
        }
    }
}

#[test]
fn links_lead_somewhere() {
    for page in pages() {
        let folder = root().join(page.path.parent().unwrap());
        for link in page.links() {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            assert!(folder.join(file).exists(), "{}: {link}", page.path.display());
            let guide = Path::new(file).extension().is_none_or(|extension| extension == "md");
            if !heading.is_empty() && guide {
                let text = match file {
                    "" => page.text.clone(),
                    file => std::fs::read_to_string(folder.join(file)).unwrap(),
                };
                let stands = anchors(&text).iter().any(|anchor| anchor == heading);
                assert!(stands, "{}: {link}: no such heading", page.path.display());
            }
        }
    }
}

#[test]
fn sources_that_are_posted_to_exist() {
    for page in pages() {
        for rest in page.text.split("127.0.0.1:8080/v1/").skip(1) {
            let mut parts = rest.split(|c: char| c == '/' || c == '`' || c.is_whitespace());
            let (workspace, source) = (parts.next().unwrap(), parts.nth(1).unwrap());
            let file = format!("workspaces/{workspace}/sources/{source}.yaml");
            let stands = |folder: &str| root().join(folder).join(&file).exists();
            let found = stands("config") || stands("examples/minimal");
            assert!(found, "{}: {workspace}/{source}", page.path.display());
        }
    }
}
