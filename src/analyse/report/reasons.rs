//! Why leads did not go on.

use super::Report;
use super::material::Material;
use super::table::{Cell, Column, Row, Table, Unit, share};

const COLUMNS: [(&str, Unit); 4] =
    [("what", Unit::Text), ("reason", Unit::Text), ("count", Unit::Count), ("share", Unit::Share)];

/// One row for each value, what became of it and why; the share is that of the value's journeys.
pub(super) fn table(material: &Material) -> Table {
    let (sums, _) = material.sums();
    let mut rows = Vec::new();
    for (value, sum) in material.ordered(sums) {
        let mut reasons: Vec<(&String, i64)> =
            sum.figures.reasons.iter().map(|(reason, count)| (reason, *count)).collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (reason, count) in reasons.into_iter().filter(|(_, count)| *count > 0) {
            let (what, why) = reason.split_once(':').unwrap_or((reason, ""));
            rows.push(Row {
                value: value.clone(),
                cells: vec![
                    Cell::Text(what.to_owned()),
                    Cell::Text(why.to_owned()),
                    Cell::Count(count),
                    share(count, sum.figures.journeys),
                ],
                series: material.series(&sum, |it| it.reasons.get(reason).copied().unwrap_or(0)),
            });
        }
    }
    Table {
        report: Report::Reasons,
        columns: COLUMNS.iter().map(|(name, unit)| Column { name, unit: *unit }).collect(),
        rows,
        totals: Vec::new(),
        goals: None,
    }
}
