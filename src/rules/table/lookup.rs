//! Finding the row that wins.

use super::{Asks, Assigned, Inner, Table};
use crate::rules::sheet::SheetProblem;
use crate::rules::{Says, Subject};

/// What a table says about a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// [`Says::Match`] if a row matches. Else [`Says::Error`] if some column's value cannot be judged, else
    /// [`Says::Missing`] if some column's field has no value, else [`Says::NoMatch`]. An empty cell is true of a
    /// missing value too.
    pub says: Says,
    /// Which row, in the order in which they win.
    pub row: Option<u32>,
}

impl Table {
    /// The row that wins.
    #[must_use]
    pub fn find(&self, subject: &Subject<'_>) -> Found {
        let inner = &*self.0;
        let mut says = Says::NoMatch;
        let mut hits = vec![Vec::new(); inner.columns.len()];
        for (column, hits) in inner.columns.iter().zip(&mut hits) {
            match column.hits(subject, hits) {
                Says::Error => says = Says::Error,
                Says::Missing if says == Says::NoMatch => says = Says::Missing,
                _ => {}
            }
        }
        match inner.first_where(&hits, |rank| inner.matches(rank, &hits)) {
            Some(rank) => Found { says: Says::Match, row: Some(rank) },
            None => Found { says, row: None },
        }
    }

    /// The line of a row in the file.
    #[must_use]
    pub fn line(&self, row: u32) -> u32 {
        self.0.lines.get(row as usize).copied().unwrap_or(0)
    }

    /// The row that stands on a line.
    #[must_use]
    pub fn row_of_line(&self, line: u32) -> Option<u32> {
        let at = self.0.lines.iter().position(|known| *known == line)?;
        u32::try_from(at).ok()
    }

    /// Which of [`Table::assigned`] a row assigns.
    #[must_use]
    pub fn outcome(&self, row: u32) -> usize {
        self.0.outcomes.get(row as usize).map_or(usize::MAX, |outcome| *outcome as usize)
    }

    /// Everything that rows assign, each once.
    #[must_use]
    pub fn assigned(&self) -> &[Assigned] {
        &self.0.assigned
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.lines.len()
    }

    /// The paths of the fields it asks for.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.columns.iter().map(|column| column.path.as_str())
    }

    /// The columns that ask, as the header names them.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.0.columns.iter().map(|column| column.heading.as_str())
    }

    /// Rows that can never win.
    #[must_use]
    pub fn warnings(&self) -> &[SheetProblem] {
        &self.0.warnings
    }

    /// What a row asks, in words, with its name if it has one. What names a person is left out: addresses, numbers
    /// and names are only said to match.
    #[must_use]
    pub fn row_in_words(&self, row: u32) -> String {
        let inner = &*self.0;
        let Some(cells) = inner.cells.chunks(inner.columns.len()).nth(row as usize) else {
            return String::new();
        };
        let asked = inner.columns.iter().zip(cells).filter_map(|(column, cell)| {
            let ids: &[u32] = match &cell.asks(&inner.sets) {
                Asks::Nothing => return None,
                Asks::One(id) => &[*id],
                Asks::OneOf(ids) => ids,
            };
            if personal(&column.path) {
                return Some(format!("{} matches", column.path));
            }
            let words: Vec<String> = ids.iter().map(|id| column.in_words(*id)).collect();
            Some(words.join(" or "))
        });
        let asked: Vec<String> = asked.collect();
        let asked = if asked.is_empty() { "everybody".to_owned() } else { asked.join(" and ") };
        match inner.names.get(row as usize).filter(|name| !name.is_empty()) {
            Some(name) => format!("{name}: {asked}"),
            None => asked,
        }
    }
}

/// Whether a value of the field names a person.
fn personal(path: &str) -> bool {
    path.starts_with("contact.")
        && !["contact.country", "contact.region", "contact.postal_code", "contact.language"]
            .contains(&path)
}

impl Inner {
    pub(super) fn row(&self, rank: usize) -> &[super::Cell] {
        let width = self.columns.len();
        &self.cells[rank * width..(rank + 1) * width]
    }

    /// The first row of those that stand under one of the hits, or of those without a condition, of which something
    /// holds.
    pub(super) fn first_where(
        &self,
        hits: &[Vec<u32>],
        holds: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let mut best = self.always;
        for (housed, hits) in self.housed.iter().zip(hits) {
            for id in hits {
                for rank in housed.of(*id) {
                    if best.is_some_and(|best| best <= *rank) {
                        break;
                    }
                    if holds(*rank) {
                        best = Some(*rank);
                        break;
                    }
                }
            }
        }
        best
    }

    fn matches(&self, rank: u32, hits: &[Vec<u32>]) -> bool {
        self.row(rank as usize).iter().zip(hits).all(|(cell, hits)| match cell.asks(&self.sets) {
            Asks::Nothing => true,
            Asks::One(id) => hits.binary_search(&id).is_ok(),
            Asks::OneOf(ids) => ids.iter().any(|id| hits.binary_search(id).is_ok()),
        })
    }
}
