//! The same inquiries through two configurations.

use std::collections::BTreeMap;

use super::outcome::Outcome;
use crate::domain::{Category, Millipoints, Name, Stage};

/// One thing about a decision that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Status,
    Category,
    Stage,
    Queue,
    Rule,
    Pool,
    Owner,
    Score,
    Events,
}

impl Value {
    /// All of them, the weightiest first.
    pub const ALL: [Self; 9] = [
        Self::Status,
        Self::Category,
        Self::Stage,
        Self::Queue,
        Self::Rule,
        Self::Pool,
        Self::Owner,
        Self::Score,
        Self::Events,
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Category => "category",
            Self::Stage => "stage",
            Self::Queue => "queue",
            Self::Rule => "rule",
            Self::Pool => "pool",
            Self::Owner => "owner",
            Self::Score => "score",
            Self::Events => "events",
        }
    }

    fn of(self, outcome: &Outcome) -> String {
        let name = |name: &Option<Name>| name.as_ref().map_or("none", Name::as_str).to_owned();
        match self {
            Self::Status => outcome.status.to_string(),
            Self::Category => outcome.category.map_or("none", Category::as_str).to_owned(),
            Self::Stage => outcome.stage.map_or("none", Stage::as_str).to_owned(),
            Self::Queue => name(&outcome.queue),
            Self::Rule => name(&outcome.rule),
            Self::Pool => name(&outcome.pool),
            Self::Owner => name(&outcome.owner),
            Self::Score => points(outcome.score),
            Self::Events => outcome.events.join(", "),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
fn points(millipoints: Millipoints) -> String {
    (millipoints as f64 / 1000.0).to_string()
}

/// One decision that came out differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the inquiry is called: its id, its number in a file, or the name of a test.
    pub inquiry: String,
    pub workspace: Name,
    /// What changed: from, to.
    pub changes: Vec<(Value, String, String)>,
}

/// A change that several decisions have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub value: Value,
    pub from: String,
    pub to: String,
    pub count: usize,
    /// The first few inquiries.
    pub examples: Vec<String>,
}

/// Everything that came out differently.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many inquiries were decided by both.
    pub decided: usize,
    pub differences: Vec<Difference>,
}

/// How many examples a move has.
const EXAMPLES_MAX: usize = 3;

/// Compares two outcomes of one inquiry; `None` = they are the same.
#[must_use]
pub fn compare(
    workspace: &Name,
    inquiry: &str,
    before: &Outcome,
    after: &Outcome,
) -> Option<Difference> {
    let changes: Vec<_> = Value::ALL
        .into_iter()
        .map(|value| (value, value.of(before), value.of(after)))
        .filter(|(_, from, to)| from != to)
        .collect();
    (!changes.is_empty()).then(|| Difference {
        inquiry: inquiry.to_owned(),
        workspace: workspace.clone(),
        changes,
    })
}

impl Comparison {
    /// Adds what one inquiry became by both.
    pub fn add(&mut self, workspace: &Name, inquiry: &str, before: &Outcome, after: &Outcome) {
        self.decided += 1;
        self.differences.extend(compare(workspace, inquiry, before, after));
    }

    /// What people ask first: how many change owner, category and queue, and how many become unroutable (held,
    /// and were not). Those of which there are none are left out.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let of = |value: Value| {
            let changed = |difference: &&Difference| {
                difference.changes.iter().any(|(changed, ..)| *changed == value)
            };
            self.differences.iter().filter(changed).count()
        };
        let held = |difference: &&Difference| {
            difference.changes.iter().any(|(value, _, to)| *value == Value::Status && to == "held")
        };
        let all = [
            ("change owner", of(Value::Owner)),
            ("change category", of(Value::Category)),
            ("change queue", of(Value::Queue)),
            ("become unroutable", self.differences.iter().filter(held).count()),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// The changes in common, the weightiest kind first, then the most frequent. Scores are told as raised or
    /// lowered, for hardly two move alike.
    #[must_use]
    pub fn moves(&self) -> Vec<Move> {
        let mut moves: BTreeMap<(Value, String, String), Move> = BTreeMap::new();
        for difference in &self.differences {
            for (value, from, to) in &difference.changes {
                let (from, to) = match value {
                    Value::Score => direction(from, to),
                    _ => (from.clone(), to.clone()),
                };
                let entry = moves.entry((*value, from.clone(), to.clone())).or_insert_with(|| {
                    Move { value: *value, from, to, count: 0, examples: Vec::new() }
                });
                entry.count += 1;
                if entry.examples.len() < EXAMPLES_MAX {
                    entry.examples.push(difference.inquiry.clone());
                }
            }
        }
        let mut moves: Vec<Move> = moves.into_values().collect();
        moves.sort_by_key(|found| (found.value, std::cmp::Reverse(found.count)));
        moves
    }
}

fn direction(from: &str, to: &str) -> (String, String) {
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let way = if number(to) > number(from) { "raised" } else { "lowered" };
    ("score".to_owned(), way.to_owned())
}
