//! What single rows change.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{Calendar, Dimension, Figures, Fold, Rollup, Slot, View};
use crate::domain::{
    BranchOutcome, Category, Currency, Disposition, JournalRow, LeadId, Money, Name, Stage, Status,
    Timestamp,
};

/// The sums after some rows.
struct Sums {
    fold: Fold,
    sums: BTreeMap<Slot, Rollup>,
}

impl Sums {
    fn new() -> Self {
        let fold = Fold::new(Calendar::new(TimeZone::UTC), BTreeMap::new());
        Self { fold, sums: BTreeMap::new() }
    }

    fn row(&mut self, row: &JournalRow) {
        self.fold.row(None, row).apply(&mut self.sums);
    }

    fn of(&self, day: &str, view: View, dimension: Dimension, value: &str) -> Figures {
        let slot = Slot { day: day.parse().unwrap(), view, dimension };
        let rollup = self.sums.get(&slot);
        rollup.and_then(|rollup| rollup.values.get(value).cloned()).unwrap_or_default()
    }
}

fn row(fact: &str, lead: u8, at: &str, stage: Stage) -> JournalRow {
    let outcome = BranchOutcome {
        status: Status::Routed,
        stage,
        category: Category::Sell,
        queue: Name::fixed("sales"),
        pool: None,
        wait: None,
        opens_at: None,
        counted: false,
        clock: None,
    };
    JournalRow {
        lead: Some(LeadId::from_bytes([lead; 16])),
        outcomes: vec![outcome],
        cycle: 1,
        ..JournalRow::new(Timestamp::parse(at).unwrap(), Name::parse(fact).unwrap())
    }
}

fn inquiry(lead: u8, at: &str, source: &str, stage: Stage) -> JournalRow {
    let source = Some(Name::parse(source).unwrap());
    JournalRow { source, ..row("inquiry_decided", lead, at, stage) }
}

fn said(lead: u8, at: &str, disposition: Disposition, stage: Stage) -> JournalRow {
    let disposition = Some(disposition);
    JournalRow { disposition, ..row("disposition_noted", lead, at, stage) }
}

#[test]
fn a_late_sale_corrects_the_day_of_the_inquiry_and_counts_on_its_own() {
    let mut sums = Sums::new();
    sums.row(&inquiry(1, "2026-02-01T10:00:00Z", "fair", Stage::Lead));
    let won = JournalRow {
        happened_at: Timestamp::parse("2026-03-05T10:00:00Z"),
        amount: Money::parse("1200", Currency::parse("EUR").unwrap()),
        ..said(1, "2026-04-01T10:00:00Z", Disposition::Won, Stage::Won)
    };
    sums.row(&won);
    let of_inquiry = sums.of("2026-02-01", View::First, Dimension::Source, "fair");
    assert_eq!((of_inquiry.inquiries, of_inquiry.leads, of_inquiry.won), (1, 1, 1));
    assert_eq!(of_inquiry.revenue.values().copied().collect::<Vec<_>>(), [1_200_000]);
    let of_day = sums.of("2026-03-05", View::Happened, Dimension::All, "all");
    assert_eq!((of_day.inquiries, of_day.leads, of_day.won), (0, 0, 1));
    // What was said before it and comes after it changes nothing of the sale.
    let qualified = JournalRow {
        happened_at: Timestamp::parse("2026-02-10T10:00:00Z"),
        ..said(1, "2026-04-02T10:00:00Z", Disposition::Qualified, Stage::Won)
    };
    sums.row(&qualified);
    assert_eq!(sums.of("2026-03-05", View::Happened, Dimension::All, "all"), {
        Figures { prospects: 0, accepted: 0, touched: 0, speed: BTreeMap::new(), ..of_day }
    });
    assert_eq!(sums.of("2026-02-10", View::Happened, Dimension::All, "all").prospects, 1);
}

#[test]
fn somebody_passed_back_comes_back_as_the_same_lead() {
    let mut sums = Sums::new();
    sums.row(&inquiry(1, "2026-02-01T10:00:00Z", "fair", Stage::Lead));
    sums.row(&said(1, "2026-02-02T10:00:00Z", Disposition::TimelineLater, Stage::Recycled));
    let mut again = inquiry(1, "2026-05-01T10:00:00Z", "ads", Stage::Lead);
    again.cycle = 2;
    sums.row(&again);
    let first = sums.of("2026-02-01", View::First, Dimension::Source, "fair");
    assert_eq!((first.inquiries, first.leads, first.recycled), (1, 1, 0));
    let own = sums.of("2026-05-01", View::First, Dimension::Source, "ads");
    assert_eq!((own.inquiries, own.leads), (1, 0), "the inquiry counts, the lead does not again");
    let latest = sums.of("2026-05-01", View::Latest, Dimension::Source, "ads");
    assert_eq!((latest.inquiries, latest.leads), (1, 1));
    // After a sale it is another journey, and what is said of the one before is not said of it.
    sums.row(&JournalRow {
        cycle: 2,
        ..said(1, "2026-06-01T10:00:00Z", Disposition::Won, Stage::Won)
    });
    sums.row(&JournalRow { cycle: 3, ..inquiry(1, "2026-07-01T10:00:00Z", "ads", Stage::Lead) });
    sums.row(&JournalRow {
        cycle: 2,
        ..said(1, "2026-07-02T10:00:00Z", Disposition::Won, Stage::Lead)
    });
    let next = sums.of("2026-07-01", View::First, Dimension::Source, "ads");
    assert_eq!((next.journeys, next.leads, next.won), (1, 1, 0));
    assert_eq!(sums.of("2026-02-01", View::First, Dimension::Source, "fair").won, 1);
}

#[test]
fn tests_and_what_a_trap_caught_count_nowhere() {
    let mut sums = Sums::new();
    for status in [Status::Test, Status::Filtered] {
        let mut aside = inquiry(1, "2026-02-01T10:00:00Z", "fair", Stage::Lead);
        aside.status = Some(status);
        sums.row(&aside);
    }
    assert!(sums.sums.is_empty());
}

#[test]
fn two_records_of_one_person_are_one_lead_until_they_are_parted() {
    let mut sums = Sums::new();
    sums.row(&inquiry(1, "2026-02-01T10:00:00Z", "fair", Stage::Lead));
    sums.row(&inquiry(2, "2026-02-01T11:00:00Z", "fair", Stage::Lead));
    let other = vec![LeadId::from_bytes([2; 16])];
    let merged = row("leads_merged", 1, "2026-02-02T10:00:00Z", Stage::Lead);
    sums.row(&JournalRow { merged: other.clone(), ..merged });
    let count = |sums: &Sums| {
        let fair = sums.of("2026-02-01", View::First, Dimension::Source, "fair");
        (fair.inquiries, fair.journeys, fair.leads)
    };
    assert_eq!(count(&sums), (2, 1, 1));
    let parted = row("leads_unmerged", 1, "2026-02-03T10:00:00Z", Stage::Lead);
    sums.row(&JournalRow { merged: other, ..parted });
    assert_eq!(count(&sums), (2, 2, 2));
}
