//! By how much a row of the journal changes which sums.

use std::collections::BTreeMap;

use super::entries::{Entry, Values};
use super::figures::Figures;
use super::{Day, Rollup, Slot, View};

/// By how much sums change, in the order in which that is to be carried out.
#[derive(Debug, Clone, Default)]
pub struct Changes(Vec<Change>);

/// The same figures are added for each of these values.
#[derive(Debug, Clone)]
struct Change {
    view: View,
    day: Day,
    values: Values,
    figures: Figures,
}

impl Changes {
    /// The sums that change, some of them more than once.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        let slots = |change: &'_ Change| {
            let (day, view) = (change.day, change.view);
            let values = change.values.clone();
            (0..values.len()).map(move |place| Slot { day, view, dimension: values[place].0 })
        };
        self.lasting().flat_map(slots)
    }

    /// Carries them out.
    pub fn apply(&self, sums: &mut BTreeMap<Slot, Rollup>) {
        for Change { view, day, values, figures } in self.lasting() {
            for (dimension, value) in values.iter() {
                let slot = Slot { day: *day, view: *view, dimension: *dimension };
                sums.entry(slot).or_default().change(value, figures);
            }
        }
    }

    /// What was counted and taken back within the row changes nothing.
    fn lasting(&self) -> impl Iterator<Item = &Change> {
        self.0.iter().filter(|change| !change.figures.is_empty())
    }

    /// Counts all of it.
    pub(super) fn add(&mut self, entries: &[Entry]) {
        for entry in entries {
            for (day, figures) in &entry.days {
                self.note(entry.view, *day, &entry.values, figures.clone());
            }
        }
    }

    /// Counts what is there now instead of what was there. Where an entry kept its values, only what differs is counted.
    pub(super) fn change(&mut self, before: &[Entry], after: &[Entry]) {
        for place in before.len()..after.len() {
            self.add(&after[place..=place]);
        }
        for (place, before) in before.iter().enumerate() {
            match after.get(place) {
                Some(after) => self.move_on(before, after),
                None => self.take(before, &before.values),
            }
        }
    }

    fn take(&mut self, entry: &Entry, values: &Values) {
        for (day, figures) in &entry.days {
            self.note(entry.view, *day, values, Figures::default().less(figures));
        }
    }

    fn move_on(&mut self, before: &Entry, after: &Entry) {
        let only = |kept: bool, values: &Values| -> Values {
            let pairs = values.iter().zip(before.values.iter().zip(after.values.iter()));
            pairs
                .filter(|(_, (old, new))| (old == new) == kept)
                .map(|(one, _)| one.clone())
                .collect()
        };
        let nothing = Figures::default();
        let on = |entry: &Entry, day: Day| {
            entry.days.iter().find(|(known, _)| *known == day).map(|(_, figures)| figures.clone())
        };
        let kept = only(true, &after.values);
        for (day, old) in &before.days {
            let new = on(after, *day);
            self.note(after.view, *day, &kept, new.as_ref().unwrap_or(&nothing).less(old));
        }
        for (day, new) in &after.days {
            if on(before, *day).is_none() {
                self.note(after.view, *day, &kept, new.clone());
            }
        }
        if kept.len() < after.values.len() {
            self.take(before, &only(false, &before.values));
            let values = only(false, &after.values);
            for (day, figures) in &after.days {
                self.note(after.view, *day, &values, figures.clone());
            }
        }
    }

    fn note(&mut self, view: View, day: Day, values: &Values, figures: Figures) {
        if values.is_empty() || figures.is_empty() {
            return;
        }
        let mut known = self.0.iter_mut().filter(|one| (one.view, one.day) == (view, day));
        match known.find(|one| one.values == *values) {
            Some(known) => {
                known.figures += &figures;
                known.figures.tidy();
            }
            None => self.0.push(Change { view, day, values: values.clone(), figures }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Dimension;

    fn entry(view: View, source: &str, owner: &str, counted: &[(i32, i64)]) -> Entry {
        let values = [(Dimension::Source, source), (Dimension::Owner, owner)];
        let figures = |leads| Figures { leads, ..Figures::default() };
        Entry {
            view,
            values: values.iter().map(|(of, value)| (*of, (*value).to_owned())).collect(),
            days: counted.iter().map(|(day, n)| (Day::from_number(*day), figures(*n))).collect(),
        }
    }

    /// Leads by day, dimension and value.
    fn told(changes: &Changes) -> Vec<(i32, Dimension, String, i64)> {
        let mut sums = BTreeMap::new();
        changes.apply(&mut sums);
        let of = |(slot, rollup): (Slot, Rollup)| {
            let place = (slot.day.number(), slot.dimension);
            rollup.values.into_iter().map(move |(value, it)| (place.0, place.1, value, it.leads))
        };
        sums.into_iter().flat_map(of).collect()
    }

    #[test]
    fn only_what_differs_is_counted() {
        let before = [entry(View::First, "fair", "ana", &[(1, 1), (2, 1)])];
        let mut changes = Changes::default();
        changes.change(&before, &[entry(View::First, "fair", "ana", &[(1, 1), (2, 3)])]);
        assert_eq!(changes.slots().map(|slot| slot.day.number()).collect::<Vec<_>>(), [2, 2]);
        let both = [(Dimension::Source, "fair"), (Dimension::Owner, "ana")];
        assert_eq!(told(&changes), both.map(|(of, value)| (2, of, value.to_owned(), 2)));
    }

    #[test]
    fn what_goes_to_another_value_leaves_the_one_before() {
        let mut changes = Changes::default();
        let before = [entry(View::First, "fair", "ana", &[(1, 1)])];
        changes.change(&before, &[entry(View::First, "fair", "ben", &[(1, 1)])]);
        let owner = |name: &str, leads| (1, Dimension::Owner, name.to_owned(), leads);
        assert_eq!(told(&changes), [owner("ana", -1), owner("ben", 1)]);
    }

    #[test]
    fn what_is_counted_and_taken_back_changes_nothing() {
        let over = [entry(View::First, "fair", "ana", &[(1, 1)])];
        let mut changes = Changes::default();
        changes.add(&over);
        changes.change(&over, &[]);
        assert_eq!((changes.slots().count(), told(&changes)), (0, Vec::new()));
    }
}
