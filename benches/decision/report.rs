//! The page's part between its marks.

use std::fmt::Write as _;
use std::path::Path;

use crate::Outcome;
use crate::cases::{Case, Kind};

const BEGIN: &str = "<!-- decision cost: begin (written by `make bench-decision`) -->";
const END: &str = "<!-- decision cost: end -->";

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

/// Writes it.
pub fn write(lines: &[Line]) -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let page = std::fs::read_to_string(&path)?;
    let (head, rest) = page.split_once(BEGIN).ok_or("the mark where it begins is not there")?;
    let (_, tail) = rest.split_once(END).ok_or("the mark where it ends is not there")?;
    std::fs::write(&path, format!("{head}{BEGIN}\n{}{END}{tail}", table(lines)))?;
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
