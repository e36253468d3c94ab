//! The page's part between its marks.

use std::fmt::Write as _;
use std::path::Path;

use crate::Outcome;
use crate::cases::{Case, Kind};
use crate::commits::WAYS;

const BEGIN: &str = "<!-- decision cost: begin (written by `make bench-decision`) -->";
const END: &str = "<!-- decision cost: end -->";
const COMMITS_BEGIN: &str = "<!-- commit cost: begin (written by `make bench-decision`) -->";
const COMMITS_END: &str = "<!-- commit cost: end -->";

/// What one case came to.
pub struct Line {
    pub case: &'static Case,
    /// Instructions, each time.
    pub each: u64,
    /// Bytes the configuration takes; 0 = not asked.
    pub memory: u64,
    /// Milliseconds to load it.
    pub millis: u64,
}

/// Writes what decisions cost.
pub fn write(lines: &[Line]) -> Outcome<()> {
    between(BEGIN, END, &table(lines))
}

/// Writes what commits cost, by [`WAYS`].
pub fn write_commits(each: &[u64]) -> Outcome<()> {
    let first = each.first().copied().unwrap_or(0).max(1);
    let mut text =
        "| a commit alone | instructions of redis-server | of the first |\n| --- | --- | --- |\n"
            .to_owned();
    for (way, each) in WAYS.iter().zip(each) {
        let _ = writeln!(text, "| {} | {each} | {} % |", way.name, each * 100 / first);
    }
    between(COMMITS_BEGIN, COMMITS_END, &text)
}

fn between(begin: &str, end: &str, text: &str) -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let page = std::fs::read_to_string(&path)?;
    let (head, rest) = page.split_once(begin).ok_or("the mark where it begins is not there")?;
    let (_, tail) = rest.split_once(end).ok_or("the mark where it ends is not there")?;
    std::fs::write(&path, format!("{head}{begin}\n{text}{end}{tail}"))?;
    Ok(())
}

fn table(lines: &[Line]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text =
        format!("lead-router {version}, profile `release`, {}.\n", std::env::consts::ARCH);
    text.push_str(
        "\n| a whole decision | instructions | to load | in memory |\n| --- | --- | --- | --- |\n",
    );
    for line in lines.iter().filter(|line| line.case.kind == Kind::Decision) {
        let mebibytes = line.memory / (1024 * 1024);
        let _ = writeln!(
            text,
            "| {} | {} | {} ms | {mebibytes} MiB |",
            line.case.name, line.each, line.millis
        );
    }
    text.push_str("\n| conditions alone | instructions |\n| --- | --- |\n");
    for line in lines.iter().filter(|line| line.case.kind != Kind::Decision) {
        let _ = writeln!(text, "| {} | {} |", line.case.name, line.each);
    }
    text
}
