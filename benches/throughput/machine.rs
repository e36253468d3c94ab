//! What this machine is, and how much of it others used meanwhile.

use std::time::Duration;

use crate::Outcome;

/// Busy and whole processor time of all cores so far.
#[derive(Debug, Clone, Copy)]
pub struct Cores {
    busy: Duration,
    all: Duration,
}

impl Cores {
    /// Reads `/proc/stat`.
    pub fn now() -> Outcome<Self> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().ok_or("an empty stat")?;
        let ticks: Vec<u64> = line
            .split_ascii_whitespace()
            .skip(1)
            .take(8)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let all: u64 = ticks.iter().sum();
        // Idle and waiting for disks.
        let idle: u64 = ticks.iter().skip(3).take(2).sum();
        let time = |ticks| Duration::from_millis(10 * ticks);
        Ok(Self { busy: time(all - idle), all: time(all) })
    }

    /// Which part of the machine nobody used between the two readings.
    pub fn idle_since(&self, before: &Self) -> f64 {
        1.0 - self.used_since(before, Duration::ZERO)
    }

    /// Which part of the machine somebody else used between the two readings, `ours` being what we did.
    pub fn others_since(&self, before: &Self, ours: Duration) -> f64 {
        self.used_since(before, ours).max(0.0)
    }

    fn used_since(&self, before: &Self, but: Duration) -> f64 {
        let all = (self.all.saturating_sub(before.all)).as_secs_f64();
        let busy = (self.busy.saturating_sub(before.busy)).as_secs_f64();
        if all <= 0.0 { 0.0 } else { (busy - but.as_secs_f64()) / all }
    }
}

/// One line: processor, cores, memory, kernel.
pub fn line() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let kib: u64 = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{model}, {cores} cores, {} GiB, Linux {}", kib / 1024 / 1024, kernel.trim())
}

/// The first line that a program prints about its version.
pub fn version(program: &str, argument: &str) -> String {
    let output = std::process::Command::new(program).arg(argument).output();
    let text =
        output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}

/// Today.
pub fn date() -> String {
    let text = crate::canned::now().to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}
