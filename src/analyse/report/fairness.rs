//! Who was given how much, against the weights.

use super::Report;
use super::table::{Cell, Column, Row, Table, Unit, share};

/// One member of one pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub pool: String,
    pub member: String,
    pub weight: i64,
    /// Since the pool first gave somebody something.
    pub assigned: i64,
}

const COLUMNS: [(&str, Unit); 6] = [
    ("member", Unit::Text),
    ("weight", Unit::Count),
    ("due", Unit::Share),
    ("assigned", Unit::Count),
    ("share", Unit::Share),
    ("behind", Unit::Count),
];

/// The pools' members. `behind` is how many leads are missing to the share that is due; below nought: how many
/// it is ahead. It is rounded half up.
#[must_use]
pub fn fairness(members: &[Share]) -> Table {
    let row = |one: &Share| {
        let pool = members.iter().filter(|other| other.pool == one.pool);
        let (weights, assigned) = pool.fold((0, 0), |(weights, assigned), other| {
            (weights + other.weight, assigned + other.assigned)
        });
        let behind = if weights == 0 {
            Cell::Blank
        } else {
            let exact = assigned * one.weight - one.assigned * weights;
            Cell::Count((2 * exact + weights).div_euclid(2 * weights))
        };
        Row {
            value: one.pool.clone(),
            cells: vec![
                Cell::Text(one.member.clone()),
                Cell::Count(one.weight),
                share(one.weight, weights),
                Cell::Count(one.assigned),
                share(one.assigned, assigned),
                behind,
            ],
            series: Vec::new(),
        }
    };
    Table {
        report: Report::Fairness,
        columns: COLUMNS.iter().map(|(name, unit)| Column { name, unit: *unit }).collect(),
        rows: members.iter().map(row).collect(),
        totals: Vec::new(),
        goals: None,
    }
}
