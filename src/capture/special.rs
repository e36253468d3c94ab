//! What stands at exact places and is no answer: the event's id, test and spam marks, where to go next.

use std::collections::BTreeMap;

use crate::domain::{Name, Reference};

use super::decode::Leaf;
use super::map::Context;
use super::retrieval::Retrieval;
use super::sorting::Origin;

/// A page loaded longer ago than this says nothing about how fast it was filled in.
const FILLING_MILLIS_MAX: i64 = 24 * 3600 * 1000;
/// The kind of a field that only a robot fills in.
const HONEYPOT: &str = "honeypot";

/// What became of what a robot filled in.
const SPAM_TRAP: &str = "spam trap";

/// What stands at exact places and is no answer.
#[derive(Default)]
pub(super) struct Specials {
    pub(super) event_id: Option<String>,
    pub(super) is_test: bool,
    /// What caught it as no inquiry.
    pub(super) filtered_by: Option<Name>,
    /// What the form's challenge gave the visitor.
    pub(super) challenge: Option<String>,
    pub(super) filled_fast: bool,
    /// The person's data are to be deleted.
    pub(super) erases: bool,
    /// What was posted in the data's place.
    pub(super) reference: Reference,
    pub(super) thanks_page: Option<String>,
    /// Where they stood, for whoever asks.
    pub(super) origins: Vec<Origin>,
}

impl Specials {
    /// Takes them out of the leaves.
    pub(super) fn take(context: &Context, leaves: &mut Vec<Leaf>) -> Self {
        let source = context.source;
        let preset = &source.preset;
        let by_value = marked(leaves, &preset.test_values);
        let by_path = says(leaves, &preset.test_when);
        let not_asked = says(leaves, &preset.filtered_when);
        let erases = says(leaves, &preset.erasure_when);
        let about = preset.erasure_of.as_ref().filter(|_| erases);
        let about = about.and_then(|of| of.find(leaves));
        let retrieval = source.retrieval.as_ref().filter(|_| !erases);
        let reference = retrieval.map(|it| it.reference(leaves)).unwrap_or_default();
        let traps: Vec<Leaf> =
            leaves.extract_if(.., |leaf| leaf.hint.as_deref() == Some(HONEYPOT)).collect();
        let trapped =
            traps.iter().flat_map(|leaf| &leaf.values).any(|value| !value.trim().is_empty());
        let challenge = source.challenge.as_ref().map(|it| it.field().to_owned());
        let challenge: Vec<String> = challenge.into_iter().collect();
        let seen = traps.iter().filter(|_| context.traced);
        let mut origins: Vec<Origin> = seen.map(|leaf| Origin::of(leaf, SPAM_TRAP)).collect();
        let mut take = |paths: &[String], what: &str| {
            let mut found = None;
            for path in paths {
                if path.contains('+') {
                    found = found.or_else(|| together(leaves, path));
                } else if let Some(at) = leaves.iter().position(|leaf| leaf.is_at(path)) {
                    // What means something else too stays where that is looked for.
                    let leaf = if source.names.placed(&leaves[at]).is_some() {
                        leaves[at].clone()
                    } else {
                        leaves.remove(at)
                    };
                    if context.traced {
                        origins.push(Origin::of(&leaf, what));
                    }
                    let value = leaf.values.into_iter().next_back();
                    found = found.or(value.filter(|value| !value.trim().is_empty()));
                }
            }
            found
        };
        let is_test = take(&preset.is_test, "test flag").is_some_and(|value| {
            matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
        });
        let event_id = take(&preset.event_id, "event id");
        let trapped = take(&source.honeypots, SPAM_TRAP).is_some() || trapped;
        let caught = trapped.then_some("trap").or_else(|| not_asked.then_some("preset"));
        let started = take(&preset.started_at, "time the page was loaded");
        Self {
            event_id: about.or_else(|| Retrieval::event_id(&reference)).or(event_id),
            is_test: is_test || by_value || by_path,
            filtered_by: caught.map(Name::fixed),
            challenge: take(&challenge, "proof that the visitor is a person"),
            filled_fast: started.is_some_and(|value| filled_fast(context, &value)),
            thanks_page: take(&preset.thanks_page, "page to show next")
                .filter(|page| source.pages.contains(page)),
            erases,
            reference,
            origins,
        }
    }
}

/// The values of several paths as one; none if one is missing.
fn together(leaves: &[Leaf], paths: &str) -> Option<String> {
    let value = |path: &str| leaves.iter().find(|leaf| leaf.is_at(path))?.values.last().cloned();
    let values: Option<Vec<String>> = paths.split('+').map(value).collect();
    Some(values?.join("/"))
}

/// Whether one of the texts stands in a value.
fn marked(leaves: &[Leaf], texts: &[String]) -> bool {
    !texts.is_empty()
        && leaves.iter().flat_map(|leaf| &leaf.values).any(|value| {
            let value = value.to_lowercase();
            texts.iter().any(|text| value.contains(text.as_str()))
        })
}

/// Whether a path has one of its values.
pub(super) fn says(leaves: &[Leaf], when: &BTreeMap<String, Vec<String>>) -> bool {
    when.iter().any(|(path, wanted)| {
        let mut there = leaves.iter().filter(|leaf| leaf.is_at(path)).flat_map(|leaf| &leaf.values);
        there.any(|value| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(value.trim())))
    })
}

/// Whether a form came back sooner than a person can fill it in. Never if that cannot be said.
fn filled_fast(context: &Context, started: &str) -> bool {
    let Ok(number) = started.trim().parse::<i64>() else { return false };
    // Unix milliseconds or the milliseconds since the page was loaded, told apart by size.
    let taken = if number > 100_000_000_000 { context.now.as_millis() - number } else { number };
    let least = i64::from(context.source.fill_seconds_min) * 1000;
    (0..=FILLING_MILLIS_MAX).contains(&taken) && taken < least
}
