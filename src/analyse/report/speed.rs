//! How soon people dealt with leads, and with which they did not.

use std::collections::BTreeMap;

use super::Report;
use super::material::{Material, Sum};
use super::table::{Cell, Column, Row, Table, Unit, share};
use crate::analyse::Figures;
use crate::analyse::seconds::{quantile, within};

/// Seconds, and how often they occurred.
type Lengths = BTreeMap<u32, i64>;

const SPEED: [(&str, Unit); 4] = [
    ("leads", Unit::Count),
    ("touched", Unit::Count),
    ("median", Unit::Seconds),
    ("p90", Unit::Seconds),
];

const AGREED: [(&str, Unit); 8] = [
    ("sla_met", Unit::Count),
    ("sla_missed", Unit::Count),
    ("sla_attainment", Unit::Share),
    ("touched", Unit::Count),
    ("median", Unit::Seconds),
    ("p90", Unit::Seconds),
    ("raw_median", Unit::Seconds),
    ("raw_p90", Unit::Seconds),
];

/// The classes of a distribution, with their ends.
const CLASSES: [(&str, u32); 7] = [
    ("up_to_5m", 300),
    ("up_to_15m", 900),
    ("up_to_1h", 3600),
    ("up_to_4h", 14_400),
    ("up_to_24h", 86_400),
    ("up_to_3d", 259_200),
    ("up_to_7d", 604_800),
];
/// What is longer than all of them.
const LATER: (&str, Unit) = ("later", Unit::Count);
const UNTOUCHED: (&str, Unit) = ("untouched", Unit::Count);

const FOLLOW_UP: [(&str, Unit); 5] = [
    ("leads", Unit::Count),
    ("in_time", Unit::Count),
    ("late", Unit::Count),
    ("never", Unit::Count),
    ("no_follow_up_rate", Unit::Share),
];

/// From the inquiry to the first touch, by the clock on the wall.
pub(super) fn by_the_wall(material: &Material) -> Table {
    speed(Report::Speed, material, |it| &it.speed)
}

/// The same in business time.
pub(super) fn in_business_time(material: &Material) -> Table {
    speed(Report::BusinessSpeed, material, |it| &it.business)
}

fn speed(report: Report, material: &Material, of: fn(&Figures) -> &Lengths) -> Table {
    let columns = SPEED.into_iter().chain(classes()).chain([UNTOUCHED]).collect();
    made(report, material, columns, |it| {
        let lengths = of(it);
        let begin = [Cell::Count(it.leads), Cell::Count(lengths.values().sum())];
        let cells = begin.into_iter().chain(quantiles(lengths)).chain(distribution(lengths));
        cells.chain([Cell::Count(it.leads - it.touched)]).collect()
    })
}

/// From the assignment to the first touch, where something was agreed.
pub(super) fn as_agreed(material: &Material) -> Table {
    let columns = AGREED.into_iter().chain(classes()).collect();
    made(Report::Sla, material, columns, |it| {
        let begin = [
            Cell::Count(it.sla_met),
            Cell::Count(it.sla_missed),
            share(it.sla_met, it.sla_met + it.sla_missed),
            Cell::Count(it.sla.values().sum()),
        ];
        let lengths = quantiles(&it.sla).into_iter().chain(quantiles(&it.sla_raw));
        begin.into_iter().chain(lengths).chain(distribution(&it.sla)).collect()
    })
}

/// In time is what was touched within the agreed time of its inquiry.
pub(super) fn follow_up(material: &Material) -> Table {
    let limit = material.terms.follow_up;
    made(Report::FollowUp, material, FOLLOW_UP.to_vec(), |it| {
        let in_time = within(&it.speed, limit);
        let counts = [it.leads, in_time, it.touched - in_time, it.leads - it.touched];
        let rate = share(it.leads - in_time, it.leads);
        counts.into_iter().map(Cell::Count).chain([rate]).collect()
    })
}

fn made(
    report: Report,
    material: &Material,
    columns: Vec<(&'static str, Unit)>,
    cells: impl Fn(&Figures) -> Vec<Cell>,
) -> Table {
    let (sums, all) = material.sums();
    let row = |value: String, sum: &Sum| Row {
        value,
        cells: cells(&sum.figures),
        series: material.series(sum, |figures| figures.leads),
    };
    let rows = material.ordered(sums).into_iter().map(|(value, sum)| row(value, &sum)).collect();
    Table {
        report,
        columns: columns.into_iter().map(|(name, unit)| Column { name, unit }).collect(),
        rows,
        totals: vec![row("total".to_owned(), &all)],
        goals: None,
    }
}

/// Median and p90.
fn quantiles(lengths: &Lengths) -> [Cell; 2] {
    [500, 900].map(|per_mille| quantile(lengths, per_mille).map_or(Cell::Blank, Cell::Seconds))
}

fn classes() -> impl Iterator<Item = (&'static str, Unit)> {
    CLASSES.into_iter().map(|(name, _)| (name, Unit::Count)).chain([LATER])
}

/// How many are of each class.
fn distribution(lengths: &Lengths) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut before = 0;
    let all = CLASSES.iter().map(|(_, end)| within(lengths, *end)).chain([lengths.values().sum()]);
    for up_to in all {
        cells.push(Cell::Count(up_to - before));
        before = up_to;
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::report::{By, Terms};
    use crate::analyse::{Day, Dimension, Rollup};

    /// Each column that says something, with what it says of all.
    fn said(report: Report, figures: &Figures) -> Vec<(&'static str, Cell)> {
        let day = Day::from_number(20_000);
        let rollup = Rollup { values: [("ads".to_owned(), figures.clone())].into() };
        let table = report.table(&Material {
            first: day,
            last: day,
            by: By::Dimension(Dimension::Source),
            rollups: vec![(day, rollup)],
            spending: Vec::new(),
            channels: BTreeMap::new(),
            terms: Terms::default(),
        });
        assert_eq!(table.rows[0].cells, table.totals[0].cells);
        let named =
            table.columns.iter().map(|column| column.name).zip(table.totals[0].cells.clone());
        named.filter(|(_, cell)| !matches!(cell, Cell::Count(0) | Cell::Blank)).collect()
    }

    #[test]
    fn times_are_told_by_the_wall_in_business_time_and_from_the_assignment() {
        let (count, seconds) = (Cell::Count, Cell::Seconds);
        let figures = Figures {
            leads: 5,
            touched: 4,
            sla_met: 3,
            sla_missed: 1,
            // Over a weekend and over nights.
            speed: [(240, 1), (43_200, 1), (259_200, 2)].into(),
            business: [(240, 1), (600, 2), (3600, 1)].into(),
            sla: [(180, 2), (900, 1)].into(),
            sla_raw: [(180, 2), (86_400, 1)].into(),
            ..Figures::default()
        };
        assert_eq!(
            said(Report::Speed, &figures),
            [
                ("leads", count(5)),
                ("touched", count(4)),
                ("median", seconds(43_200)),
                ("p90", seconds(259_200)),
                ("up_to_5m", count(1)),
                ("up_to_24h", count(1)),
                ("up_to_7d", count(2)),
                ("untouched", count(1)),
            ]
        );
        assert_eq!(
            said(Report::BusinessSpeed, &figures)[2..],
            [
                ("median", seconds(600)),
                ("p90", seconds(3600)),
                ("up_to_5m", count(1)),
                ("up_to_15m", count(2)),
                ("up_to_4h", count(1)),
                ("untouched", count(1)),
            ]
        );
        assert_eq!(
            said(Report::Sla, &figures),
            [
                ("sla_met", count(3)),
                ("sla_missed", count(1)),
                ("sla_attainment", Cell::Share(7500)),
                ("touched", count(3)),
                ("median", seconds(180)),
                ("p90", seconds(900)),
                ("raw_median", seconds(180)),
                ("raw_p90", seconds(86_400)),
                ("up_to_5m", count(2)),
                ("up_to_1h", count(1)),
            ]
        );
    }
}
