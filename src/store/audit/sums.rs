//! The sums of reports are those of the journal: all of it as far as it is folded, folded again.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::analyse::{Calendar, Checkpoint, Day, Fold, Rollup, Slot};
use crate::domain::Key;

use super::content::Content;
use super::report::{Report, find};

pub(super) fn check(content: &Content, report: &mut Report) {
    let Some(folded) = content.folded.as_ref().filter(|folded| folded.clearing.is_none()) else {
        return;
    };
    let Ok(zone) = TimeZone::get(&folded.zone) else {
        find(&mut report.violations, "sums_differ", format_args!("the zone {}", folded.zone));
        return;
    };
    let (rows, sums) = fold(content, folded, zone);
    report.folded = rows;
    if rows as u64 != folded.rows {
        let what = format!("{rows} rows are in the journal, {} were folded", folded.rows);
        find(&mut report.violations, "sums_differ", what);
    }
    let days = sums.keys().chain(content.sums.keys()).map(|(day, _)| *day);
    let mut days: Vec<i32> = days.collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        let of_day = |all: &BTreeMap<(i32, u8), Vec<u8>>| {
            all.range((day, 0)..=(day, u8::MAX)).map(|(key, body)| (*key, body.clone())).collect()
        };
        let (again, kept): (Vec<_>, Vec<_>) = (of_day(&sums), of_day(&content.sums));
        if again != kept {
            find(&mut report.violations, "sums_differ", Day::from_number(day));
        }
    }
}

/// How many rows are folded, and what their sums are.
fn fold(
    content: &Content,
    folded: &Checkpoint,
    zone: TimeZone,
) -> (usize, BTreeMap<(i32, u8), Vec<u8>>) {
    let mut fold = Fold::new(Calendar::new(zone), BTreeMap::new());
    let mut sums: BTreeMap<Slot, Rollup> = BTreeMap::new();
    let rows = content.positions.iter().zip(&content.rows);
    let rows = rows.take_while(|(position, _)| **position <= folded.position);
    let mut count = 0;
    for (_, (receipt, row)) in rows {
        count += 1;
        fold.row(receipt.as_ref(), row).apply(&mut sums);
    }
    // A rollup always has a JSON form.
    let bytes = |sums: &Rollup| serde_json::to_vec(sums).unwrap_or_default();
    let key = |slot: &Slot| (slot.day.number(), slot.part());
    (count, sums.iter().map(|(slot, sums)| (key(slot), bytes(sums))).collect())
}

/// Reads the name of a sum.
pub(super) fn place(name: &[u8]) -> Option<(i32, u8)> {
    let (day, part) = name.split_at_checked(4)?;
    let place = (i32::from_be_bytes(day.try_into().ok()?), *part.first()?);
    (Key::Rollup(place.0, place.1).encode().get(1..) == Some(name)).then_some(place)
}
