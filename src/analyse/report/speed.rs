//! How soon people dealt with leads, and with which they did not.

use std::collections::BTreeMap;

use super::Report;
use super::material::{Material, Sum};
use super::table::{Cell, Column, Row, Table, Unit, share};
use crate::analyse::Figures;
use crate::analyse::seconds::{quantile, within};

const SPEED: [(&str, Unit); 20] = [
    ("leads", Unit::Count),
    ("touched", Unit::Count),
    ("median", Unit::Seconds),
    ("p90", Unit::Seconds),
    ("business_median", Unit::Seconds),
    ("business_p90", Unit::Seconds),
    ("sla_median", Unit::Seconds),
    ("sla_p90", Unit::Seconds),
    ("sla_met", Unit::Count),
    ("sla_missed", Unit::Count),
    ("sla_attainment", Unit::Share),
    ("up_to_5m", Unit::Count),
    ("up_to_15m", Unit::Count),
    ("up_to_1h", Unit::Count),
    ("up_to_4h", Unit::Count),
    ("up_to_24h", Unit::Count),
    ("up_to_3d", Unit::Count),
    ("up_to_7d", Unit::Count),
    ("later", Unit::Count),
    ("untouched", Unit::Count),
];

/// The ends of the classes of the distribution.
const CLASSES: [u32; 7] = [300, 900, 3600, 14_400, 86_400, 259_200, 604_800];

const FOLLOW_UP: [(&str, Unit); 5] = [
    ("leads", Unit::Count),
    ("in_time", Unit::Count),
    ("late", Unit::Count),
    ("never", Unit::Count),
    ("no_follow_up_rate", Unit::Share),
];

pub(super) fn table(material: &Material) -> Table {
    made(Report::Speed, material, &SPEED, speed_cells)
}

/// In time is what was touched within the agreed time of its inquiry.
pub(super) fn follow_up(material: &Material) -> Table {
    let limit = material.terms.follow_up;
    made(Report::FollowUp, material, &FOLLOW_UP, |it| {
        let in_time = within(&it.speed, limit);
        let counts = [it.leads, in_time, it.touched - in_time, it.leads - it.touched];
        let rate = share(it.leads - in_time, it.leads);
        counts.into_iter().map(Cell::Count).chain([rate]).collect()
    })
}

fn made(
    report: Report,
    material: &Material,
    columns: &[(&'static str, Unit)],
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
        columns: columns.iter().map(|(name, unit)| Column { name, unit: *unit }).collect(),
        rows,
        totals: vec![row("total".to_owned(), &all)],
        goals: None,
    }
}

fn speed_cells(it: &Figures) -> Vec<Cell> {
    let length = |lengths: &BTreeMap<u32, i64>, per_mille| {
        quantile(lengths, per_mille).map_or(Cell::Blank, Cell::Seconds)
    };
    let mut cells = vec![Cell::Count(it.leads), Cell::Count(it.touched)];
    for lengths in [&it.speed, &it.business, &it.sla] {
        cells.extend([length(lengths, 500), length(lengths, 900)]);
    }
    cells.extend([
        Cell::Count(it.sla_met),
        Cell::Count(it.sla_missed),
        share(it.sla_met, it.sla_met + it.sla_missed),
    ]);
    let mut before = 0;
    for class in CLASSES {
        let up_to = within(&it.speed, class);
        cells.push(Cell::Count(up_to - before));
        before = up_to;
    }
    cells.extend([Cell::Count(it.touched - before), Cell::Count(it.leads - it.touched)]);
    cells
}
