//! A year of rows through the store and the projector: what reports say is what a straightforward computation
//! over the same rows says, to the last digit; sums made anew are the same bytes; whatever strangers
//! send, they stay within their bound. `make year` runs it in full size and prints what it costs.

mod generator;
mod plainly;
mod rows;
mod way;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lead_router::analyse::report::{By, Cell, Report, Table};
use lead_router::analyse::{Day, Dimension};
use lead_router::domain::ports::Store;
use lead_router::domain::{
    Branch, Candidate, Claim, Commit, CommitOutcome, InquiryId, JournalRow, Method, Name, PoolPick,
    Receipt, Skip, Timestamp,
};
use lead_router::flow::{AskedReport, Flow, Step, Workspace};
use lead_router::store::memory::MemoryStore;
use lead_router::telemetry::Telemetry;

use crate::harness::flow::{SteppingClock, demo_workspace, flow_on};
use generator::{Event, receipt, year};
use plainly::{Asked, Funnel, Plainly, count, rank};

/// Inquiries of the form that is always run; `YEAR_INQUIRIES` says another number.
const INQUIRIES: u64 = 1_500;
const FROM: &str = "2025-12-20";
const TO: &str = "2027-01-10";

struct Service {
    store: Arc<MemoryStore>,
    flow: Flow,
    workspace: Arc<Workspace>,
}

impl Service {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::default());
        let port: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
        let flow = flow_on(port, Arc::new(SteppingClock::default()), Telemetry::new());
        Self { store, flow, workspace: demo_workspace() }
    }

    /// Commits a row as the service does; `false` = it was there already.
    async fn commit(&self, event: &Event) -> bool {
        let pick = event.receipt_member.as_ref().map(|member| PoolPick {
            pool: Name::parse("team").unwrap(),
            method: Method::RoundRobin,
            skip: Skip::KeepTurn,
            candidates: vec![Candidate { member: member.clone(), weight: 1, caps: Vec::new() }],
            beside: Vec::new(),
        });
        let branch = |pick| Branch { pick, jobs: Vec::new(), indexes: Vec::new() };
        let first = pick.map(|pick| branch(Some(pick)));
        let commit = Commit {
            workspace: self.workspace.name.clone(),
            now: event.row.at,
            claim: Some(Claim {
                key: generator::id(event.claim, 7),
                fingerprint: [0; 8],
                inquiry: InquiryId::from_bytes(generator::id(event.claim, 1)),
                until: Timestamp::from_millis(i64::MAX / 2),
            }),
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: Vec::new(),
            branches: first.into_iter().chain([branch(None)]).collect(),
            journal: serde_json::to_vec(&event.row).unwrap(),
            lease: None,
        };
        match self.store.commit(&commit).await.unwrap() {
            CommitOutcome::Committed(_) => true,
            CommitOutcome::Duplicate { .. } => false,
            other => panic!("{other:?}"),
        }
    }

    async fn report(&self, report: Report, by: By, latest: bool, from: &str, to: &str) -> Table {
        let (first, last) = (from.parse::<Day>().unwrap(), to.parse::<Day>().unwrap());
        let asked = AskedReport { report, by, first, last, latest };
        self.flow.report(&self.workspace, asked).await.unwrap().0
    }

    /// Sums, checkpoint and what is remembered, as the store has them.
    async fn folded(&self) -> BTreeMap<String, String> {
        let lines = self.store.dump(&self.workspace.name).await.unwrap();
        let ours = |what: &str| ["value r", "value a"].iter().any(|begin| what.starts_with(begin));
        let lines = lines.into_iter().filter(|(what, _)| ours(what));
        lines.map(|(what, text)| (what, body(&text).to_owned())).collect()
    }
}

/// What a dump says of a value without its version (eight bytes), which counts steps, and the length of its receipt (two).
fn body(dumped: &str) -> &str {
    let byte = |rest: &str| if rest.starts_with("\\x") { 4 } else { 1 };
    (0..10).fold(dumped, |rest, _| rest.get(byte(rest)..).unwrap_or_default())
}

fn inquiries() -> u64 {
    std::env::var("YEAR_INQUIRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(INQUIRIES)
}

/// What a report says, in the form of the straightforward computation.
fn funnel_of(table: &Table) -> Funnel {
    let counts = |cells: &[Cell]| {
        let mut counts = [0; 9];
        for (count, cell) in counts.iter_mut().zip(cells) {
            let Cell::Count(said) = cell else { panic!("{cell:?}") };
            *count = *said;
        }
        counts
    };
    let rows = table.rows.iter().map(|row| (row.value.clone(), counts(&row.cells)));
    rows.filter(|(_, counts)| counts.iter().any(|count| *count != 0)).collect()
}

/// Folds the journal to its end; how many rows are counted then.
async fn fold_all(flow: &Flow, workspace: &Workspace) -> u64 {
    loop {
        if let Step::Done(lag) = flow.project_some(workspace).await.unwrap() {
            return lag.rows;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_reports_is_what_plain_counting_says() {
    let service = Service::new();
    let events = year(2026, inquiries());
    let begun = Instant::now();
    let mut rows: Vec<(Option<Receipt>, JournalRow)> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if service.commit(event).await {
            rows.push((Some(receipt(event)), event.row.clone()));
        }
        // In steps of any length.
        if place % 977 == 0 {
            service.flow.project_some(&service.workspace).await.unwrap();
        }
    }
    assert_eq!(fold_all(&service.flow, &service.workspace).await, rows.len() as u64);
    let committed = begun.elapsed();
    let plainly = Plainly::of(&rows);
    assert!(rows.len() < events.len() && plainly.counted().count() > 100);
    for (from, to) in [(FROM, TO), ("2026-03-01", "2026-03-31")] {
        funnels_agree(&service, &plainly, from, to).await;
        speeds_agree(&service, &plainly, from, to).await;
        money_agrees(&service, &plainly, from, to).await;
        reasons_agree(&service, &plainly, from, to).await;
    }
    let (usual, slowest) = cost(&service).await;
    let before = service.folded().await;
    let begun = Instant::now();
    service.flow.rebuild_reports(&service.workspace).await.unwrap();
    assert_eq!(fold_all(&service.flow, &service.workspace).await, rows.len() as u64);
    let rebuilt = begun.elapsed();
    assert!(before == service.folded().await, "sums made anew are other sums");
    let (sums, trails) = size(&before);
    println!(
        "{} inquiries, {} rows: committed and folded in {committed:.1?}, made anew in {rebuilt:.1?}; sums {sums} KiB, trails {trails} KiB; a report of the year takes {usual:.1?}, the slowest {slowest:.1?}",
        inquiries(),
        rows.len()
    );
}

/// How long a report of the whole year takes: the median, and the slowest of all.
async fn cost(service: &Service) -> (Duration, Duration) {
    let mut took = Vec::new();
    for report in Report::ALL {
        for by in ["source", "campaign", "owner", "version", "day"] {
            let begun = Instant::now();
            service.report(*report, By::parse(by).unwrap(), false, FROM, TO).await;
            took.push(begun.elapsed());
        }
    }
    took.sort_unstable();
    (took[took.len() / 2], took[took.len() - 1])
}

/// KiB of sums, and of what is remembered of leads.
fn size(folded: &BTreeMap<String, String>) -> (usize, usize) {
    let of = |begin: &str| {
        let ours = folded.iter().filter(|(what, _)| what.starts_with(begin));
        ours.map(|(what, body)| what.len() + body.len()).sum::<usize>() / 1024
    };
    (of("value r"), of("value a"))
}

async fn funnels_agree(service: &Service, plainly: &Plainly, from: &str, to: &str) {
    let bys = [
        "all",
        "source",
        "channel",
        "campaign",
        "source/campaign",
        "category",
        "pool",
        "owner",
        "version",
        "score",
        "day",
    ];
    for by in bys {
        for (report, latest) in
            [(Report::Funnel, false), (Report::Funnel, true), (Report::Activity, false)]
        {
            let table = service.report(report, By::parse(by).unwrap(), latest, from, to).await;
            let happened = report == Report::Activity;
            let asked = Asked { by, first: from.to_owned(), last: to.to_owned(), latest, happened };
            assert_eq!(
                funnel_of(&table),
                plainly.funnel(&asked),
                "{report:?} by {by}, latest {latest}, {from} to {to}"
            );
        }
    }
}

async fn speeds_agree(service: &Service, plainly: &Plainly, from: &str, to: &str) {
    let by = By::Dimension(Dimension::Source);
    let table = service.report(Report::Speed, by, false, from, to).await;
    let speeds = plainly.speeds(from, to);
    assert!(!speeds.is_empty());
    for row in &table.rows {
        let none = (0, Vec::new());
        let (leads, lengths) = speeds.get(&row.value).unwrap_or(&none);
        let cell = |rank: Option<u32>| rank.map_or(Cell::Blank, Cell::Seconds);
        let expected = [
            Cell::Count(*leads),
            Cell::Count(count(lengths.len())),
            cell(rank(lengths, 50)),
            cell(rank(lengths, 90)),
        ];
        assert_eq!(row.cells[..4], expected, "{}", row.value);
    }
    let table = service.report(Report::FollowUp, by, false, from, to).await;
    for row in &table.rows {
        let Some((leads, lengths)) = speeds.get(&row.value) else { continue };
        let in_time = count(lengths.iter().filter(|length| **length < 86_400).count());
        assert_eq!(row.cells[..2], [Cell::Count(*leads), Cell::Count(in_time)], "{}", row.value);
    }
}

async fn money_agrees(service: &Service, plainly: &Plainly, from: &str, to: &str) {
    let by = By::Dimension(Dimension::Source);
    let table = service.report(Report::Costs, by, false, from, to).await;
    let money = plainly.money(from, to);
    for source in plainly.sources() {
        let row = table.rows.iter().find(|row| row.value == source).unwrap();
        let cents = |cell: &Cell| match cell {
            Cell::Amount(cents) => *cents * 10,
            _ => 0,
        };
        assert_eq!((cents(&row.cells[1]), cents(&row.cells[10])), money[&source], "{source}");
    }
}

async fn reasons_agree(service: &Service, plainly: &Plainly, from: &str, to: &str) {
    let by = By::Dimension(Dimension::All);
    let table = service.report(Report::Reasons, by, false, from, to).await;
    let said: BTreeMap<(String, String), i64> = table
        .rows
        .iter()
        .map(|row| match &row.cells[..3] {
            [Cell::Text(what), Cell::Text(why), Cell::Count(count)] => {
                ((what.clone(), why.clone()), *count)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(said, plainly.reasons(from, to));
}
