//! What a decision costs in instructions, for few and many rules and rows: `make bench-decision`. Instructions are
//! counted by valgrind's callgrind, so other work on the machine does not matter. This program runs itself under it,
//! once per case with few and once with many decisions; the difference is theirs alone. With `commits` only what
//! follows from a decision is counted: its commit, in Redis.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod cases;
mod commits;
mod report;

use std::error::Error;
use std::process::{Command, Stdio};
use std::time::Instant;

use cases::{CASES, Case, Kind};
use report::Line;

/// What can go wrong here.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// Decisions of the short run, which warms everything up, and of the long one.
const SHORT: u64 = 20;
const LONG: u64 = 220;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| word == flag)?;
        words.get(at + 1).cloned()
    };
    if words.iter().any(|word| word == "commits") {
        return report::write_commits(&commits::measure()?);
    }
    let Some(name) = after("--case") else { return measure() };
    let case = CASES.iter().find(|case| case.name == name).ok_or("there is no such case")?;
    if words.iter().any(|word| word == "--load") {
        let (before, began) = (resident()?, Instant::now());
        let loaded = cases::load(case)?;
        let took = began.elapsed().as_millis();
        println!("{} {took}", resident()?.saturating_sub(before));
        drop(loaded);
        return Ok(());
    }
    cases::run(case, after("--times").ok_or("how often?")?.parse()?)
}

/// Runs every case under callgrind and writes the page.
fn measure() -> Outcome<()> {
    let mut lines = Vec::with_capacity(CASES.len());
    for case in CASES {
        let (short, long) = (counted(case, SHORT)?, counted(case, LONG)?);
        let each = long.saturating_sub(short) / (LONG - SHORT);
        let (memory, millis) = if case.kind == Kind::Decision { loaded(case)? } else { (0, 0) };
        println!("{}: {each} instructions", case.name);
        lines.push(Line { case, each, memory, millis });
    }
    report::write(&lines)?;
    report::write_commits(&commits::measure()?)
}

/// The instructions of a whole run.
fn counted(case: &Case, times: u64) -> Outcome<u64> {
    let done = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["--case", case.name, "--times", &times.to_string()])
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    let collected = said.lines().find_map(|line| line.split_once("Collected :"));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind counted nothing: {said}").into())
}

/// How much memory the configuration takes (bytes), and how long it takes to load (milliseconds), in a process of its
/// own.
fn loaded(case: &Case) -> Outcome<(u64, u64)> {
    let done =
        Command::new(std::env::current_exe()?).args(["--case", case.name, "--load"]).output()?;
    let said = String::from_utf8_lossy(&done.stdout);
    let mut numbers = said.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(memory)), Some(Ok(millis))) => Ok((memory, millis)),
        _ => Err("the configuration did not load".into()),
    }
}

/// Bytes of this process in memory.
fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}
