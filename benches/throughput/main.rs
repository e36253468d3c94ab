//! `make bench`: how much the service takes in and hands out on this machine, beside what the machine
//! could do at all. All of it in one go, interleaved, so that only ratios inside one repetition count:
//!
//! - **s**, the service: the `dist` binary on its own redis-server, with deliveries paused (accepting
//!   alone), with deliveries running (until the last one is out), and on the embedded store;
//! - **b**, a bare actix route that reads the body and calls one script (`SET NX EX` + `XADD`);
//! - **b'**, a bare actix route that runs the service's own commit script on canned decisions;
//! - **o**, the bare outbound client: signed posts by reqwest, 32 in flight.
//!
//! The ceilings are this binary again, in a process of their own (`throughput role …`). The load and
//! the receiver are in the first process. Everything shares the machine's cores.
//!
//! `make bench-count` (`throughput count`) counts instructions instead ([`counting`]), which do not depend on
//! what else the machine does. `make backlog` (`throughput backlog`) lets many deliveries wait ([`backlog`]).
//!
//! `BENCH_SECS` (measured seconds per run, default 5) and `BENCH_REPS` (repetitions, default 6) make
//! it longer or shorter. Results are printed, and, if there were at least three repetitions of three
//! seconds, written between the marks in `docs/performance.md`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

use std::process::ExitCode;
use std::time::Duration;

mod backlog;
mod canned;
mod ceiling;
mod counting;
mod figures;
mod inquiry;
mod load;
mod machine;
mod memory;
mod outbound;
mod process;
mod receiver;
mod redis_server;
mod report;
mod runs;
mod service;
mod settings_files;
mod stages;

/// The service's own: the ceilings have no better and no worse one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anything that went wrong ends the bench; it says what.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Measured seconds of each run.
    pub secs: Duration,
    /// Seconds before that, not measured.
    pub warm: Duration,
    pub reps: usize,
}

impl Extent {
    fn of_environment() -> Outcome<Self> {
        let number = |name: &str, default: u32| -> Outcome<u32> {
            Ok(std::env::var(name).ok().map_or(Ok(default), |text| text.parse())?)
        };
        let (secs, reps) = (number("BENCH_SECS", 5)?.max(1), number("BENCH_REPS", 6)?.max(1));
        Ok(Self {
            secs: Duration::from_secs(secs.into()),
            warm: Duration::from_millis(if secs < 3 { 300 } else { 1000 }),
            reps: reps as usize,
        })
    }

    /// Long enough to be worth writing down.
    fn counts(&self) -> bool {
        self.reps >= 3 && self.secs >= Duration::from_secs(3)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let ended = match arguments.iter().position(|word| word == "role") {
        Some(at) => role(&arguments[at + 1..]),
        None if arguments.iter().any(|word| word == "count") => counting::count(),
        None if arguments.iter().any(|word| word == "backlog") => backlog::run(),
        None => bench(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn role(words: &[String]) -> Outcome<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["b", redis] => ceiling::bare(redis),
        ["b-prime", redis, settings] => ceiling::own_script(redis, settings),
        ["o", receiver, secs] => outbound::run(receiver, Duration::from_secs(secs.parse()?)),
        ["stages"] => {
            let settings = settings_files::Folder::write(([127, 0, 0, 1], 9).into())?;
            println!("{:?}", stages::measure(settings.path())?);
            Ok(())
        }
        _ => Err(format!("no such role: {words:?}").into()),
    }
}

fn bench() -> Outcome<()> {
    let extent = Extent::of_environment()?;
    let receiver = receiver::Receiver::start()?;
    let settings = settings_files::Folder::write(receiver.address)?;
    inquiry::check(settings.path())?;
    let mut found = figures::Figures::default();
    for rep in 1..=extent.reps {
        println!("repetition {rep} of {}", extent.reps);
        runs::repetition(extent, &settings, &receiver, &mut found)?;
    }
    let rate = found.sustained() / 2.0;
    for _ in 0..extent.reps.min(3) {
        found.half.push(runs::half_load(extent, &settings, &receiver, rate)?);
    }
    found.stages = stages::measure(settings.path())?;
    found.memory = Some(memory::measure(extent, &settings, &receiver)?);
    for _ in 0..extent.reps.max(3) {
        found.starts.push(runs::start_up(&settings)?);
    }
    let text = report::text(extent, &found);
    println!("\n{text}");
    if extent.counts() {
        println!("written to {}", report::write(&text)?.display());
    } else {
        println!("too short to be written down (BENCH_SECS >= 3, BENCH_REPS >= 3)");
    }
    Ok(())
}
