//! One more thing said about a lead. What was said may arrive in any order: how the lead stands depends on when things
//! happened.
//!
//! - What **ends** it (won, lost) holds against everything else; of two, the one that happened later.
//! - Else the newest of what **passes it back** or **discards** it holds, unless something that **reaches** a stage
//!   happened after it: then it was taken back, and the lead is as far as anything ever said.
//!
//! So only the newest time of each disposition needs to be kept. What is impossible stays impossible whatever else
//! arrives: nothing but a correction after an end, nothing that works on a lead that something else has closed.

use std::cmp::Reverse;

use super::table::{Dealt, Effect, row};
use crate::domain::{Disposition, Lead, Money, Name, Said, Stage, Timestamp};

/// One thing said about a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    pub disposition: Disposition,
    /// When it happened; not in the future.
    pub at: Timestamp,
    pub deal: Option<Money>,
    pub reason: Option<Name>,
    pub revisit_at: Option<Timestamp>,
}

/// How a lead stands by what was said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Nothing said moves it.
    Untouched,
    /// It is open, and at least this far.
    Open(Stage),
    /// Passed back.
    Back,
    /// Given up.
    Discarded,
    /// Won or lost.
    Ended(Stage),
}

/// What one more thing makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub said: Said,
    pub before: Stands,
    pub after: Stands,
    /// It is of an earlier cycle, or older than what moved the lead last: known, and nothing follows.
    pub late: bool,
}

/// Why it cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impossible {
    /// It happened after the lead was won or lost.
    Ended(Disposition),
    /// Something else than what was said has closed the lead.
    Closed(Stage),
}

/// Hears one more thing said about a lead.
///
/// # Errors
/// If it cannot be, whatever else may still arrive.
pub fn hear(lead: &Lead, once: &Once) -> Result<Heard, Impossible> {
    let said = lead.said.as_deref().cloned().unwrap_or_default();
    let before = stands(&said);
    if said.since.is_some_and(|since| once.at < since) {
        return Ok(Heard { said, before, after: before, late: true });
    }
    let effect = row(once.disposition).effect;
    let works = !matches!(effect, Effect::Ends(_) | Effect::Notes);
    let ends = said.last.iter().filter(|(word, _)| matches!(row(**word).effect, Effect::Ends(_)));
    if let Some((end, _)) = ends.filter(|(_, at)| works && **at <= once.at).max_by_key(|it| it.1) {
        return Err(Impossible::Ended(*end));
    }
    let by_words = !matches!(before, Stands::Untouched | Stands::Open(_));
    if works && lead.stage().is_closed() && !by_words {
        return Err(Impossible::Closed(lead.stage()));
    }
    let said = noted(said, once);
    let after = stands(&said);
    let late = works && decisive(&said).is_some_and(|(_, at)| once.at < at);
    Ok(Heard { said, before, after, late })
}

/// How a lead stands by what was said.
fn stands(said: &Said) -> Stands {
    if let Some((end, _)) = newest(said, |effect| matches!(effect, Effect::Ends(_))) {
        return match row(end).effect {
            Effect::Ends(stage) => Stands::Ended(stage),
            _ => Stands::Untouched,
        };
    }
    let reached = newest(said, |effect| matches!(effect, Effect::Reaches(_)));
    match back(said) {
        Some((disposition, at))
            if reached.is_none_or(|(of, when)| (when, of) < (at, disposition)) =>
        {
            let given_up = row(disposition).effect == Effect::Discards;
            if given_up { Stands::Discarded } else { Stands::Back }
        }
        _ if reached.is_some() => Stands::Open(furthest(said)),
        _ => Stands::Untouched,
    }
}

/// What it is by which the lead is passed back or given up as it stands; `None` = it is not.
#[must_use]
pub fn left_by(said: &Said) -> Option<Disposition> {
    let left = matches!(stands(said), Stands::Back | Stands::Discarded);
    back(said).filter(|_| left).map(|(disposition, _)| disposition)
}

/// What holds now, and when it happened.
fn decisive(said: &Said) -> Option<(Disposition, Timestamp)> {
    let end = newest(said, |effect| matches!(effect, Effect::Ends(_)));
    let reached = newest(said, |effect| matches!(effect, Effect::Reaches(_)));
    end.or_else(|| {
        back(said).into_iter().chain(reached).max_by_key(|(disposition, at)| (*at, *disposition))
    })
}

/// What passed it back or discarded it last. Tries that were given up pass it back too.
fn back(said: &Said) -> Option<(Disposition, Timestamp)> {
    let word = newest(said, |effect| matches!(effect, Effect::PassesBack | Effect::Discards));
    let gave_up = said.gave_up.map(|at| (Disposition::NoAnswer, at));
    word.into_iter().chain(gave_up).max_by_key(|(disposition, at)| (*at, *disposition))
}

/// The newest of some kind; of two at the same time the later one in the list.
fn newest(said: &Said, kind: impl Fn(Effect) -> bool) -> Option<(Disposition, Timestamp)> {
    let of_kind = said.last.iter().filter(|(disposition, _)| kind(row(**disposition).effect));
    of_kind
        .map(|(disposition, at)| (*disposition, *at))
        .min_by_key(|(disposition, at)| Reverse((*at, *disposition)))
}

fn furthest(said: &Said) -> Stage {
    let reached = said.last.keys().filter_map(|disposition| match row(*disposition).effect {
        Effect::Reaches(stage) => Some(stage),
        _ => None,
    });
    reached.max().unwrap_or(Stage::Inquiry)
}

/// With one more thing in it.
fn noted(mut said: Said, once: &Once) -> Said {
    let Once { disposition, at, .. } = *once;
    let last = said.last.entry(disposition).or_insert(at);
    *last = at.max(*last);
    let meant = row(disposition);
    let earliest = |known: Option<Timestamp>| Some(known.map_or(at, |known| known.min(at)));
    if meant.acknowledges {
        said.acknowledged = earliest(said.acknowledged);
    }
    if meant.dealt != Dealt::No {
        said.first_touch = earliest(said.first_touch);
    }
    if meant.effect == Effect::Ends(Stage::Won) && said.last.get(&disposition) == Some(&at) {
        said.deal = once.deal.or(said.deal);
    }
    if decisive(&said) == Some((disposition, at)) {
        said.reason = meant
            .takes_reason()
            .then(|| once.reason.clone().unwrap_or_else(|| Name::fixed(disposition.as_str())));
        said.revisit_at = once.revisit_at;
    }
    said
}
