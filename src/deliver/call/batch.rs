//! How several events become one request, and whose part of the answer is whose.

use serde_json::Value;

use super::answer::{Reading, pointer};
use super::compile::{Body, Preset, Step};
use super::context::Context;
use super::functions::as_text;
use super::settings::{BatchSettings, CallSettings, SplitSettings};
use super::text::Text;
use super::tree::Tree;

/// More than any vendor takes.
const MAX: std::ops::RangeInclusive<u32> = 2..=1000;

/// A preset's way with several, checked.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) max: u32,
    pub(super) distinct: Option<Text>,
    splits: Vec<Split>,
    pub(super) step: Step,
    pub(super) answers: Vec<Reading>,
}

/// A list of the answer.
#[derive(Debug, Clone)]
struct Split {
    at: String,
    by: Option<(String, Text)>,
}

impl Preset<'_> {
    pub(super) fn batch(&mut self, call: &CallSettings, batch: &BatchSettings) -> Option<Batch> {
        if !MAX.contains(&batch.max) {
            self.problem("batch.max", format!("expected {} to {}", MAX.start(), MAX.end()));
        }
        let distinct = batch.distinct.as_ref().and_then(|text| self.text("batch.distinct", text));
        let splits: Vec<Split> =
            batch.split.iter().filter_map(|(at, split)| self.split(at, split)).collect();
        let answers = self.readings("batch.answers", &batch.answers);
        let step = match (&batch.step, call.steps.as_slice()) {
            (Some(step), _) | (None, [step]) => self.step(step)?,
            _ => {
                self.problem("batch", "with several steps it needs a `step` of its own");
                return None;
            }
        };
        if !matches!(&step.body, Body::Json(tree) if tree.has_each()) {
            self.problem("batch", "its request needs a JSON body with `$each` in it");
        }
        Some(Batch { max: batch.max, distinct, splits, step, answers })
    }

    fn split(&mut self, at: &str, split: &SplitSettings) -> Option<Split> {
        let path = "batch.split";
        for place in [Some(at), split.by.as_deref()].into_iter().flatten() {
            if let Err(problem) = pointer(place) {
                self.problem(path, problem);
            }
        }
        let by = match (&split.by, &split.is) {
            (Some(by), Some(is)) => Some((by.clone(), self.text(path, is)?)),
            (None, None) => None,
            _ => {
                self.problem(path, "`by` and `is` stand together");
                None
            }
        };
        Some(Split { at: at.to_owned(), by })
    }
}

impl Tree {
    fn has_each(&self) -> bool {
        match self {
            Self::Each(_) => true,
            Self::AsJson(inside) => inside.has_each(),
            Self::List(items) => items.iter().any(Self::has_each),
            Self::Map { entries, .. } => entries.iter().any(|(_, inside)| inside.has_each()),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => false,
        }
    }
}

/// An answer, its lists taken out.
pub(super) struct Apart {
    /// With empty lists in their places.
    rest: Value,
    /// In the order of the splits; `None` = no such list is there.
    lists: Vec<Option<Vec<Value>>>,
}

impl Apart {
    /// Nothing in it is of one event alone.
    pub(super) fn whole(body: Value) -> Self {
        Self { rest: body, lists: Vec::new() }
    }

    /// Whether nothing in it is of one event alone.
    pub(super) fn is_whole(&self) -> bool {
        self.lists.iter().all(Option::is_none)
    }
}

impl Batch {
    /// Takes an answer apart.
    pub(super) fn apart(&self, mut body: Value) -> Apart {
        let lists = self.splits.iter().map(|split| match body.pointer_mut(&split.at) {
            Some(Value::Array(items)) => Some(std::mem::take(items)),
            _ => None,
        });
        Apart { lists: lists.collect(), rest: body }
    }

    /// Whether answers are to be taken apart at all.
    pub(super) fn splits(&self) -> bool {
        !self.splits.is_empty()
    }

    /// The answer as it would be to that event alone.
    pub(super) fn own(&self, apart: &Apart, number: usize, context: &Context<'_>) -> Value {
        let mut own = apart.rest.clone();
        for (split, list) in self.splits.iter().zip(&apart.lists) {
            let Some(list) = list else { continue };
            let entries: Vec<Value> = match &split.by {
                None => list.get(number).cloned().into_iter().collect(),
                Some((by, is)) => {
                    let is = is.text(context);
                    let says = |entry: &&Value| match entry.pointer(by) {
                        Some(Value::Array(texts)) => texts.iter().any(|text| as_text(text) == is),
                        Some(text) => as_text(text) == is,
                        None => false,
                    };
                    list.iter().filter(says).cloned().collect()
                }
            };
            if let Some(place) = own.pointer_mut(&split.at) {
                *place = entries.into();
            }
        }
        own
    }
}
