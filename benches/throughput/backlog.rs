//! `make backlog`: many deliveries wait for destinations that are paused. What that costs the service's memory and the
//! store; then they are resumed, and how fast all of it goes out beside the bare client. On each engine.
//!
//! `BACKLOG` sets another number than 200,000; a smaller one is printed and not written down.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use redb::{ReadableDatabase as _, ReadableTable as _};

use crate::figures::ratio;
use crate::load::{CONNECTIONS, Load};
use crate::memory::{kind, kinds};
use crate::process::{Process, cpu, resident};
use crate::receiver::Receiver;
use crate::redis_server::RedisServer;
use crate::service::{Service, pause_embedded, pause_redis};
use crate::settings_files::Folder;
use crate::{Outcome, inquiry, report};

/// The figure that the other one is held against.
const FEW: u64 = 10_000;
const MANY: u64 = 200_000;
/// The service rests when it needs less than [`RESTING`] of a processor for so long: what it does by itself (counting for
/// reports) it does every five seconds, and memory that is freed is given back a second later.
const LOOKED_AT: Duration = Duration::from_secs(7);
const RESTING: f64 = 0.02;
const REST_MAX: Duration = Duration::from_mins(10);
const DRAIN_MAX: Duration = Duration::from_mins(40);
const BARE_SECS: &str = "10";
const MARKS: (&str, &str) =
    ("<!-- backlog: begin (written by `make backlog`) -->", "<!-- backlog: end -->");

/// What a queued delivery is made of.
const OF_A_DELIVERY: [&str; 3] = ["job", "queue entry", "chain of the lead's jobs"];

/// What one engine gave.
struct Found {
    engine: &'static str,
    /// Resident bytes of the service at rest, and at most while inquiries come in and deliveries go out.
    few: u64,
    many: u64,
    coming_in: u64,
    going_out: u64,
    /// Deliveries a second.
    drained: f64,
    bare: f64,
    again: u64,
    /// Bytes in the store: of a delivery alone, and of everything per lead.
    delivery: f64,
    lead: f64,
}

/// Measures both engines.
///
/// # Errors
/// If an inquiry was not accepted or a delivery did not come.
#[expect(clippy::print_stdout, reason = "its output is what it is for")]
pub fn run() -> Outcome<()> {
    let given = std::env::var("BACKLOG").ok();
    let many = given.map_or(Ok(MANY), |text| text.parse())?.max(2);
    let few = FEW.min(many / 2);
    let receiver = Receiver::start()?;
    let settings = Folder::write(receiver.address)?;
    let found =
        [on_redis(&settings, &receiver, few, many)?, on_embedded(&settings, &receiver, few, many)?];
    let text = text(few, many, &found)?;
    println!("\n{text}");
    if many >= MANY {
        println!("written to {}", report::write_to("docs/reliability.md", MARKS, &text)?.display());
    }
    Ok(())
}

/// Accepts so many, then up to as many; gives the service's memory at rest with both, and at most in between.
fn fill(service: &Service, few: u64, many: u64) -> Outcome<[u64; 3]> {
    let mut memory = [0; 2];
    for (place, numbers) in [0..few, few..many].into_iter().enumerate() {
        let wanted = numbers.end - numbers.start;
        let tally =
            Load::closed(service.address, inquiry::distinct, CONNECTIONS, numbers).finish()?;
        let accepted = tally.accepted.load(std::sync::atomic::Ordering::Relaxed);
        if accepted != wanted {
            return Err(format!("{accepted} of {wanted} were accepted").into());
        }
        rest(service)?;
        memory[place] = resident(service.id())?.0;
    }
    Ok([memory[0], memory[1], resident(service.id())?.1])
}

/// Waits until the service has done what inquiries leave to do.
fn rest(service: &Service) -> Outcome<()> {
    let began = Instant::now();
    while began.elapsed() < REST_MAX {
        let before = cpu(service.id())?;
        std::thread::sleep(LOOKED_AT);
        let used = cpu(service.id())?.saturating_sub(before);
        if used.as_secs_f64() < RESTING * LOOKED_AT.as_secs_f64() {
            return Ok(());
        }
    }
    Err("the service does not come to rest".into())
}

/// Waits for the last one; deliveries a second.
fn drain(receiver: &Receiver, many: u64) -> Outcome<f64> {
    let began = Instant::now();
    receiver.wait_for(many, DRAIN_MAX)?;
    Ok(ratio(many, 1) / began.elapsed().as_secs_f64())
}

fn bare(receiver: &Receiver) -> Outcome<f64> {
    let (_ended, line) = Process::role(&["o", &receiver.address.to_string(), BARE_SECS])?;
    Ok(line.parse()?)
}

fn of_a_delivery(kinds: &BTreeMap<String, f64>) -> f64 {
    OF_A_DELIVERY.iter().filter_map(|kind| kinds.get(*kind)).sum()
}

fn on_redis(settings: &Folder, receiver: &Receiver, few: u64, many: u64) -> Outcome<Found> {
    receiver.reset();
    let mut redis = RedisServer::start()?;
    let service = Service::start(settings, &redis.url())?;
    pause_redis(&redis.url(), true)?;
    let empty = redis.memory()?;
    let [at_few, at_many, coming_in] = fill(&service, few, many)?;
    let lead = ratio(redis.memory()?.saturating_sub(empty), many);
    let delivery = of_a_delivery(&kinds(&mut redis, many)?);
    pause_redis(&redis.url(), false)?;
    let drained = drain(receiver, many)?;
    let (again, going_out) = (receiver.again(), resident(service.id())?.1);
    let (engine, bare) = ("Redis", bare(receiver)?);
    let (few, many) = (at_few, at_many);
    Ok(Found { engine, few, many, coming_in, going_out, drained, bare, again, delivery, lead })
}

/// Here the service is stopped in between: nobody else may resume a destination in its store.
fn on_embedded(settings: &Folder, receiver: &Receiver, few: u64, many: u64) -> Outcome<Found> {
    receiver.reset();
    let folder = tempfile::tempdir()?;
    let url = format!("embedded:{}", folder.path().display());
    pause_embedded(folder.path(), true)?;
    let service = Service::start(settings, &url)?;
    let [at_few, at_many, coming_in] = fill(&service, few, many)?;
    drop(service);
    let (kinds, lead) = weigh(folder.path(), many)?;
    pause_embedded(folder.path(), false)?;
    let service = Service::start(settings, &url)?;
    let drained = drain(receiver, many)?;
    let (again, going_out) = (receiver.again(), resident(service.id())?.1);
    let (engine, bare, delivery) = ("embedded", bare(receiver)?, of_a_delivery(&kinds));
    let (few, many) = (at_few, at_many);
    Ok(Found { engine, few, many, coming_in, going_out, drained, bare, again, delivery, lead })
}

/// Bytes of rows by kind, and of the file, each per lead.
fn weigh(folder: &Path, leads: u64) -> Outcome<(BTreeMap<String, f64>, f64)> {
    let file = folder.join("store.redb");
    let length = ratio(std::fs::metadata(&file)?.len(), leads);
    let database = redb::Database::open(&file)?;
    let reading = database.begin_read()?;
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for table in ["values", "scores", "ranks"] {
        let table = redb::TableDefinition::<&[u8], &[u8]>::new(table);
        for row in reading.open_table(table)?.iter()? {
            let (name, value) = row?;
            let bytes = name.value().len() + value.value().len();
            *kinds.entry(kind(name.value())).or_default() += bytes as u64;
        }
    }
    let kinds = kinds.into_iter().map(|(kind, bytes)| (kind, ratio(bytes, leads))).collect();
    Ok((kinds, length))
}

fn text(few: u64, many: u64, found: &[Found]) -> Outcome<String> {
    let mut out = String::new();
    let build = if cfg!(debug_assertions) { "debug build" } else { "profile `dist`" };
    writeln!(out, "{}, {}.\n", crate::machine::line(), build)?;
    writeln!(
        out,
        "| store | the service at {few} queued | at {many} | at most while they came in | while they go out | delivered/s | the bare client | ratio | delivered twice | bytes per queued delivery | of everything, per lead |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    let mib = |bytes: u64| ratio(bytes, 1 << 20);
    for one in found {
        writeln!(
            out,
            "| {} | {:.0} MiB | {:.0} MiB | {:.0} MiB | {:.0} MiB | {:.0} | {:.0} | {:.2} | {} | {:.0} | {:.0} |",
            one.engine,
            mib(one.few),
            mib(one.many),
            mib(one.coming_in),
            mib(one.going_out),
            one.drained,
            one.bare,
            one.drained / one.bare,
            one.again,
            one.delivery,
            one.lead,
        )?;
    }
    Ok(out)
}
