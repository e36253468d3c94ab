//! What rows of the journal cost, whoever wrote them: strangers who put another long campaign and medium into every
//! inquiry, or people who come by forty campaigns. The rows go through the real stores and the real projector; reports of them
//! are asked of a real process. However many rows there are, a day's sums stay within their bound.
//!
//! `make test` takes 5,000 rows of each kind into each store; `make rows` a million, and prints what they cost.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use lead_router::analyse::{Day, Dimension, Rollup, Slot, View};
use lead_router::app::{StoreUrl, open_store};
use lead_router::domain::ports::Store;
use lead_router::domain::{
    BranchOutcome, Category, Channel, Commit, CommitOutcome, Disposition, InquiryId, JournalRow,
    Key, Label, LeadId, Name, Stage, Status, Timestamp,
};
use lead_router::telemetry::Telemetry;
use serde_json::Value;
use tempfile::TempDir;

use super::fold_all;
use super::generator::{Chance, id};
use super::plainly::at;
use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::flow::{SteppingClock, flow_on, workspace_in};
use crate::harness::process::Service;
use crate::harness::redis::{Server, tell};
use crate::harness::socket_receiver::SocketReceiver;
use crate::harness::wait::eventually;

/// Rows of the form that is always run; `ROWS` says another number.
const ROWS: u64 = 5_000;
/// A million in a year.
const ROWS_A_DAY: u64 = 2_740;
/// Rows committed at the same time: of these, none is about a lead of another one.
const AT_ONCE: u64 = 500;
/// Of so many rows all but one are inquiries.
const SAID_EVERY: u64 = 5;
/// People say something about one of so many leads that came last.
const RECENT: u64 = 2_000;
/// Bytes that a day's sums may have.
const DAY_BYTES_MAX: usize = 500 * 1024;
const FIRST_DAY: &str = "2026-01-01";
const DAY_MILLIS: u64 = 86_400_000;
/// When the reports are asked for: all rows are older than anything else that reads the journal.
const LATER: &str = "2029-02-01T00:00:00Z";
const SOON: Duration = Duration::from_secs(30);
const PEOPLES: [&str; 5] = ["website", "ads", "fair", "list", "partner"];

/// Whose words stand in the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Strangers,
    Usual,
}

/// Where the rows are.
enum Kept {
    Embedded(TempDir),
    Redis(Server),
}

impl Kept {
    fn url(&self) -> String {
        match self {
            Self::Embedded(folder) => format!("embedded:{}", folder.path().display()),
            Self::Redis(server) => server.url(),
        }
    }

    async fn open(&self) -> Arc<dyn Store> {
        let url: StoreUrl = self.url().parse().unwrap();
        eventually("the store", SOON, async || open_store(&url).await.ok()).await
    }

    /// Bytes of all that is kept: of files, or of memory.
    fn weight(&self) -> u64 {
        match self {
            Self::Embedded(folder) => bytes_in(folder.path()),
            Self::Redis(server) => {
                let info = tell(server.port, &["INFO", "memory"]).unwrap();
                let info: String = redis::from_redis_value(info).unwrap();
                let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
                used.and_then(|used| used.trim().parse().ok()).unwrap()
            }
        }
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap());
    files.map(|file| file.len()).sum()
}

fn rows() -> u64 {
    std::env::var("ROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROWS)
}

/// The row with a number. What people say is said about leads of rows that were committed before.
fn row(whose: Whose, number: u64, chance: &mut Chance) -> JournalRow {
    let begin = Timestamp::parse(&format!("{FIRST_DAY}T00:00:00Z")).unwrap().as_millis();
    let passed = number * (DAY_MILLIS / ROWS_A_DAY);
    let now = at(begin + i64::try_from(passed).unwrap());
    let committed = number / AT_ONCE * AT_ONCE;
    if number.is_multiple_of(SAID_EVERY) && committed > 0 {
        let recent = committed.saturating_sub(RECENT);
        let about = recent + chance.below(committed - recent);
        return said(now, if about.is_multiple_of(SAID_EVERY) { about + 1 } else { about }, chance);
    }
    let mut row = JournalRow::new(now, Name::fixed("inquiry_decided"));
    row.inquiry = Some(InquiryId::from_bytes(id(number, 1)));
    row.lead = Some(LeadId::from_bytes(id(number, 2)));
    row.source = Name::parse(PEOPLES[usize::try_from(chance.below(5)).unwrap()]).ok();
    row.channel = Some(Channel::Website);
    row.version = Some("0badcafe".to_owned());
    row.score = Some(i32::try_from(chance.below(120)).unwrap());
    (row.campaign, row.medium) = match whose {
        Whose::Strangers => (Label::of(&odd(number)), Label::of(&odd(number + 1))),
        Whose::Usual => {
            (Label::of(&format!("Spring {}", chance.below(40))), Label::of("newsletter"))
        }
    };
    row.outcomes = vec![outcome(Stage::Lead)];
    row
}

fn said(now: Timestamp, about: u64, chance: &mut Chance) -> JournalRow {
    let (said, stage) = match chance.below(6) {
        0 => (Disposition::Contacted, Stage::Lead),
        1 => (Disposition::NoAnswer, Stage::Lead),
        2 => (Disposition::Accepted, Stage::Accepted),
        3 => (Disposition::Qualified, Stage::Prospect),
        4 => (Disposition::Won, Stage::Won),
        _ => (Disposition::Lost, Stage::Lost),
    };
    let mut row = JournalRow::new(now, Name::fixed("disposition_noted"));
    row.lead = Some(LeadId::from_bytes(id(about, 2)));
    row.disposition = Some(said);
    row.outcomes = vec![outcome(stage)];
    row
}

fn outcome(stage: Stage) -> BranchOutcome {
    BranchOutcome {
        status: Status::Routed,
        stage,
        category: Category::Sell,
        queue: Name::fixed("sales"),
        pool: None,
        wait: None,
        opens_at: None,
        counted: false,
        clock: None,
    }
}

/// Another one each time, longer than what is kept of it, in letters of four bytes, with what JSON has to escape.
fn odd(number: u64) -> String {
    format!("{number:x}\"<\\\u{1}{}", "\u{10400}".repeat(80))
}

async fn commit(store: &dyn Store, now: Timestamp, row: &JournalRow) {
    let commit = Commit {
        workspace: Name::parse(WORKSPACE).unwrap(),
        now,
        claim: None,
        reads: Vec::new(),
        writes: Vec::new(),
        indexes: Vec::new(),
        branches: Vec::new(),
        journal: serde_json::to_vec(row).unwrap(),
        lease: None,
    };
    let outcome = store.commit(&commit).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
}

/// Every row in its turn; gives how many inquiries there are.
async fn fill(store: &dyn Store, whose: Whose, rows: u64) -> u64 {
    let mut chance = Chance::new(2026);
    let mut inquiries = 0;
    for from in (0..rows).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let numbers = from..rows.min(from + AT_ONCE);
        let some: Vec<_> = numbers.map(|number| row(whose, number, &mut chance)).collect();
        inquiries += some.iter().filter(|row| row.inquiry.is_some()).count() as u64;
        let now = some[some.len() - 1].at;
        join_all(some.iter().map(|row| commit(store, now, row))).await;
    }
    inquiries
}

/// What the store has of sums.
#[derive(Debug, Default)]
struct Sums {
    bytes: usize,
    values: usize,
    /// Of the day that has most.
    day_bytes: usize,
    /// Inquiries by campaign, and those of them without a place of their own.
    inquiries: i64,
    other: i64,
}

/// Reads all sums; each is within its bound, and the day too.
async fn measured(store: &dyn Store, whose: Whose, days: &[Day]) -> Sums {
    let name = Name::parse(WORKSPACE).unwrap();
    let mut sums = Sums::default();
    for day in days {
        let slots: Vec<Slot> = Slot::of_day(*day).collect();
        let key = |slot: &Slot| Key::Rollup(slot.day.number(), slot.part());
        let keys: Vec<Key> = slots.iter().map(key).collect();
        let stored = store.read(&name, &keys).await.unwrap();
        let mut day_bytes = 0;
        for (slot, stored) in slots.iter().zip(stored) {
            let Some(stored) = stored else { continue };
            day_bytes += stored.body.len();
            let rollup: Rollup = serde_json::from_slice(&stored.body).unwrap();
            let full = Rollup::VALUES_MAX + 1;
            assert!(rollup.values.len() <= full, "{slot:?}");
            sums.values += rollup.values.len();
            if (slot.view, slot.dimension) == (View::First, Dimension::Campaign) {
                let kept = if whose == Whose::Strangers { full } else { 40 };
                assert_eq!(rollup.values.len(), kept, "{slot:?}");
                let other = rollup.values.get(Rollup::OTHER);
                sums.other += other.map_or(0, |figures| figures.inquiries);
                sums.inquiries += rollup.values.values().map(|it| it.inquiries).sum::<i64>();
            }
        }
        assert!(day_bytes <= DAY_BYTES_MAX, "{day}: {day_bytes} bytes");
        sums.bytes += day_bytes;
        sums.day_bytes = sums.day_bytes.max(day_bytes);
    }
    sums
}

/// Bytes of what is remembered of a lead, on average.
async fn trail(store: &dyn Store, rows: u64) -> usize {
    let leads = (1..rows).step_by(usize::try_from(rows / 1_000 + 1).unwrap());
    let leads = leads.filter(|number| !number.is_multiple_of(SAID_EVERY));
    let keys: Vec<Key> = leads.map(|it| Key::Trail(LeadId::from_bytes(id(it, 2)))).collect();
    let stored = store.read(&Name::parse(WORKSPACE).unwrap(), &keys).await.unwrap();
    stored.iter().flatten().map(|stored| stored.body.len()).sum::<usize>() / keys.len()
}

/// What a process that serves reports says and needs.
struct Served {
    slowest: Duration,
    /// Bytes that it needed more than before, at most.
    memory: u64,
    /// Inquiries that stand under `(other)` by campaign.
    other: i64,
}

/// Has a real process make reports of all days.
async fn served(kept: &Kept, deployment: &Deployment, days: &[Day], inquiries: u64) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    let later = Timestamp::parse(LATER).unwrap().as_millis();
    std::fs::write(&clock, format!("={later}")).unwrap();
    let mut service = Service::start(deployment.path(), &kept.url(), Some(&clock)).await;
    let before = service.memory("VmRSS");
    service.forget_peak();
    let (first, last) = (days[0], days[days.len() - 1]);
    let (mut slowest, mut other) = (Duration::ZERO, 0);
    for report in
        ["funnel?by=campaign", "costs?by=source/campaign", "activity?by=campaign", "speed?by=day"]
    {
        let begun = Instant::now();
        let path = format!("/v1/{WORKSPACE}/reports/{report}&from={first}&to={last}");
        let (status, text) = service.ask(&path).await;
        slowest = slowest.max(begun.elapsed());
        assert_eq!(status, 200, "{text}");
        if report.starts_with("funnel") {
            let body: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(body["totals"][0]["inquiries"], inquiries);
            let rows = body["rows"].as_array().unwrap();
            assert!(rows.len() <= 500);
            let found = rows.iter().find(|row| row["value"] == Rollup::OTHER);
            other = found.and_then(|row| row["inquiries"].as_i64()).unwrap_or(0);
        }
    }
    let memory = service.memory("VmHWM").saturating_sub(before);
    assert!(service.stop().await.success());
    Served { slowest, memory, other }
}

/// A line of the table.
async fn cost(kept: Kept, whose: Whose) -> String {
    let rows = rows();
    let receiver = SocketReceiver::start(&[]);
    let deployment = Deployment::write(&receiver, &Plan::default());
    let store = kept.open().await;
    let begun = Instant::now();
    let inquiries = fill(store.as_ref(), whose, rows).await;
    let (filled, without) = (begun.elapsed(), kept.weight());

    let workspace = workspace_in(deployment.path());
    let flow = flow_on(Arc::clone(&store), Arc::new(SteppingClock::default()), Telemetry::new());
    let begun = Instant::now();
    assert_eq!(fold_all(&flow, &workspace).await, rows);
    let (summed, with) = (begun.elapsed(), kept.weight());
    drop(flow);

    let first: Day = FIRST_DAY.parse().unwrap();
    let last = i32::try_from((rows - 1) * (DAY_MILLIS / ROWS_A_DAY) / DAY_MILLIS).unwrap();
    let days: Vec<Day> = first.to(first.plus(last)).collect();
    let sums = measured(store.as_ref(), whose, &days).await;
    assert_eq!(sums.inquiries, i64::try_from(inquiries).unwrap());
    let trail = trail(store.as_ref(), rows).await;
    drop(store);
    let served = served(&kept, &deployment, &days, inquiries).await;
    assert!(served.other >= sums.other);
    let engine = kept.url().split(':').next().unwrap_or_default().to_owned();
    format!(
        "rows: | {engine} | {whose:?} | {rows} | {filled:.0?} | {summed:.0?} | {} KiB of {} days ({} values; a day at most {} KiB) | {trail} B | {} MiB | {:.2?} | {} MiB | {} of {inquiries} |",
        sums.bytes / 1024,
        days.len(),
        sums.values,
        sums.day_bytes / 1024,
        (with.saturating_sub(without)) >> 20,
        served.slowest,
        served.memory >> 20,
        served.other,
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded_rows_of_strangers() {
    println!("{}", cost(Kept::Embedded(tempfile::tempdir().unwrap()), Whose::Strangers).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded_rows_as_usual() {
    println!("{}", cost(Kept::Embedded(tempfile::tempdir().unwrap()), Whose::Usual).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_rows_of_strangers() {
    println!("{}", cost(Kept::Redis(Server::start()), Whose::Strangers).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_rows_as_usual() {
    println!("{}", cost(Kept::Redis(Server::start()), Whose::Usual).await);
}
