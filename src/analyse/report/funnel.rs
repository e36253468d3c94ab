//! How far inquiries came.

use super::Report;
use super::material::{Material, Sum};
use super::table::{Cell, Column, Row, Table, Unit, share};

const COLUMNS: [(&str, Unit); 12] = [
    ("inquiries", Unit::Count),
    ("journeys", Unit::Count),
    ("leads", Unit::Count),
    ("accepted", Unit::Count),
    ("prospects", Unit::Count),
    ("won", Unit::Count),
    ("lost", Unit::Count),
    ("recycled", Unit::Count),
    ("discarded", Unit::Count),
    ("lead_rate", Unit::Share),
    ("prospect_rate", Unit::Share),
    ("won_rate", Unit::Share),
];

pub(super) fn table(report: Report, material: &Material) -> Table {
    let (sums, all) = material.sums();
    let row = |value: String, sum: &Sum| Row {
        value,
        cells: cells(sum),
        series: material.series(sum, |figures| figures.inquiries),
    };
    let rows = material.ordered(sums).into_iter().map(|(value, sum)| row(value, &sum)).collect();
    let goal = |name: &str| material.terms.goals.within(name, material.first, material.last);
    let goals = Row {
        value: "goals".to_owned(),
        cells: COLUMNS
            .iter()
            .map(|(name, _)| goal(name).map_or(Cell::Blank, Cell::Count))
            .collect(),
        series: Vec::new(),
    };
    Table {
        report,
        columns: COLUMNS.iter().map(|(name, unit)| Column { name, unit: *unit }).collect(),
        rows,
        totals: vec![row("total".to_owned(), &all)],
        goals: Some(goals).filter(|goals| goals.cells.iter().any(|cell| *cell != Cell::Blank)),
    }
}

fn cells(sum: &Sum) -> Vec<Cell> {
    let it = &sum.figures;
    let counts = [
        it.inquiries,
        it.journeys,
        it.leads,
        it.accepted,
        it.prospects,
        it.won,
        it.lost,
        it.recycled,
        it.discarded,
    ];
    let rates =
        [share(it.leads, it.inquiries), share(it.prospects, it.leads), share(it.won, it.prospects)];
    counts.into_iter().map(Cell::Count).chain(rates).collect()
}
