//! Whether the score foretells the sale.

use super::Report;
use super::material::{Material, Sum};
use super::table::{Cell, Column, Row, Table, Unit, share};

const COLUMNS: [(&str, Unit); 6] = [
    ("journeys", Unit::Count),
    ("leads", Unit::Count),
    ("prospects", Unit::Count),
    ("won", Unit::Count),
    ("lost", Unit::Count),
    ("won_share", Unit::Share),
];

pub(super) fn table(material: &Material) -> Table {
    let (sums, all) = material.sums();
    let row = |value: String, sum: &Sum| {
        let it = &sum.figures;
        let counts = [it.journeys, it.leads, it.prospects, it.won, it.lost];
        let share = share(it.won, it.journeys);
        Row {
            value,
            cells: counts.into_iter().map(Cell::Count).chain([share]).collect(),
            series: material.series(sum, |figures| figures.won),
        }
    };
    let rows = material.ordered(sums).into_iter().map(|(value, sum)| row(value, &sum)).collect();
    Table {
        report: Report::Calibration,
        columns: COLUMNS.iter().map(|(name, unit)| Column { name, unit: *unit }).collect(),
        rows,
        totals: vec![row("total".to_owned(), &all)],
        goals: None,
    }
}
