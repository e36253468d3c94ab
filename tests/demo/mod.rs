//! The first of the README's two commands, as a newcomer runs it.

use std::process::Command;

use crate::guides::table::block;

fn run(arguments: &[&str]) -> (bool, String) {
    let home = tempfile::tempdir().unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
        .args(arguments)
        .env("LEAD_ROUTER_RUNTIME_FILE", home.path().join("runtime.json"))
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(left.is_empty(), "the demo left something behind: {left:?}");
    (done.status.success(), said)
}

/// The line of the table that tells of this post.
fn line<'a>(said: &'a str, what: &str) -> &'a str {
    said.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{said}"))
}

/// A line without its times and widths.
fn plain(line: &str) -> String {
    let line = line.split(" after ").next().unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_kind_of_inquiry_ends_as_it_should() {
    let (good, said) = run(&["--once"]);
    assert!(good, "{said}");
    for (what, words) in [
        ("good: complete", &["routed", "sell", "sales", "lead.routed to crm after"][..]),
        ("the browser sent it twice", &["duplicate"]),
        ("asks again", &["repeat", "lead.inquired_again to crm after"]),
        ("incomplete", &["qualifying", "qualify", "lead.qualifying to triage after"]),
        ("but not now", &["nurtured", "lead.nurtured to nurture after"]),
        ("a competitor", &["discarded", "discard"]),
        ("spam", &["filtered"]),
        ("nobody could be reached", &["unreadable"]),
        ("from an ad", &["routed", "sell", "lead.routed to crm after"]),
        ("send test data", &["test", "lead.nurtured to nurture after"]),
        ("without the key", &["unauthenticated"]),
        ("the same upload again, row 1", &["duplicate"]),
        ("cut off on the way", &["unreadable"]),
    ] {
        let line = line(&said, what);
        for word in words {
            assert!(line.contains(word), "{word} is not in: {line}");
        }
    }
    // What the README shows of it, but for times and widths.
    for shown in block("README.md", "source ").lines() {
        let shown = plain(shown);
        assert!(said.lines().any(|line| plain(line) == shown), "not printed: {shown}\n{said}");
    }
    assert!(said.contains("Why the first one went where it went:"), "{said}");
    assert!(!said.contains("outstanding") && !said.contains("does not hold"), "{said}");
}

#[test]
fn a_demo_of_somebodys_own_configuration_says_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (good, said) = run(&["demo", "--once", "--config", path]);
    assert!(!good && said.contains("lead-router check"), "{said}");
}
