//! Rows of the journal, one after the other, become changes of sums.

use std::collections::{BTreeMap, BTreeSet};

use super::journey::{Arrival, Journey, Trail, millis};
use super::{Calendar, Changes, entries};
use crate::domain::{BranchOutcome, Disposition, JournalRow, LeadId, Name, Receipt, Stage, Status};
use crate::follow_up::dispositions;

/// What people did that is no row about a touch but is one.
const TOUCHES: [&str; 2] = ["lead_answered", "no_answer_noted"];
/// Facts of an inquiry's arrival.
const ARRIVALS: [&str; 2] = ["inquiry_decided", "filtered_released"];
const UNMERGED: &str = "leads_unmerged";
const BREACHED: &str = "sla_breached";

/// The rows folded so far, as far as later ones depend on them.
#[derive(Debug, Clone)]
pub struct Fold {
    calendar: Calendar,
    trails: BTreeMap<LeadId, Trail>,
    touched: BTreeSet<LeadId>,
}

impl Fold {
    /// With what is remembered of the leads that the rows are about, and of those in which they went up.
    #[must_use]
    pub fn new(calendar: Calendar, trails: BTreeMap<LeadId, Trail>) -> Self {
        Self { calendar, trails, touched: BTreeSet::new() }
    }

    /// The leads that a row is about.
    pub fn concerns(row: &JournalRow) -> impl Iterator<Item = LeadId> {
        row.lead.into_iter().chain(row.merged.iter().copied())
    }

    /// Takes the next row. Tests and what was filtered count nowhere.
    pub fn row(&mut self, receipt: Option<&Receipt>, row: &JournalRow) -> Changes {
        let aside = matches!(row.status, Some(Status::Test | Status::Filtered));
        let Some(lead) = row.lead.filter(|_| !aside) else { return Changes::default() };
        let lead = self.survivor(lead);
        let arrives = ARRIVALS.contains(&row.fact.as_str());
        let concerned: BTreeSet<LeadId> =
            std::iter::once(lead).chain(row.merged.iter().copied()).collect();
        let before: Vec<Option<Journey>> =
            concerned.iter().map(|lead| self.counted(*lead).cloned()).collect();
        let mut changes = Changes::default();
        if row.fact.as_str() == UNMERGED {
            self.part(&row.merged);
        } else {
            self.join(lead, &row.merged);
        }
        if arrives {
            let arrival = arrival(row);
            changes.add(&entries::of_inquiry(&self.calendar, &arrival, row.cost));
            self.arrive(lead, arrival, row, &mut changes);
        }
        let branch = receipt.map_or(0, |receipt| usize::from(receipt.branch));
        let owner = receipt.and_then(|receipt| receipt.member.as_ref());
        let trail = self.trails.entry(lead).or_default();
        if let Some(journey) = &mut trail.journey {
            happen(journey, row, row.outcomes.get(branch), owner);
        }
        self.touched.extend(&concerned);
        for (lead, before) in concerned.iter().zip(&before) {
            let after = self.counted(*lead);
            if before.as_ref() != after {
                let entries = |journey| entries::of_journey(&self.calendar, journey);
                let (before, after) = (before.as_ref().map(entries), after.map(entries));
                changes.change(&before.unwrap_or_default(), &after.unwrap_or_default());
            }
        }
        changes
    }

    /// What is remembered of the leads whose trails changed since the last time.
    pub fn take_changed(&mut self) -> Vec<(LeadId, &Trail)> {
        let touched = std::mem::take(&mut self.touched);
        let trail = |id: LeadId| self.trails.get(&id).map(|trail| (id, trail));
        touched.into_iter().filter_map(trail).collect()
    }

    fn survivor(&self, lead: LeadId) -> LeadId {
        let mut lead = lead;
        // A chain is never longer than the number of leads; a loop would be.
        for _ in 0..self.trails.len() {
            match self.trails.get(&lead).and_then(Trail::merged_into) {
                Some(into) => lead = into,
                None => break,
            }
        }
        lead
    }

    fn counted(&self, lead: LeadId) -> Option<&Journey> {
        self.trails.get(&lead)?.counted()
    }

    /// The leads that went up in one are one journey with it, if neither had come to an end.
    fn join(&mut self, lead: LeadId, merged: &[LeadId]) {
        for gone in merged.iter().filter(|gone| **gone != lead) {
            let theirs = self.trails.entry(*gone).or_default();
            if theirs.merged_into.is_some() {
                // It went up before; a row about all of a person's records names it again.
                continue;
            }
            theirs.merged_into = Some(lead);
            let Some(journey) = theirs.journey.clone() else { continue };
            let ours = self.trails.entry(lead).or_default();
            let counts = match &mut ours.journey {
                Some(ours) if ours.is_over() || journey.is_over() => true,
                Some(ours) => {
                    ours.join(&journey);
                    false
                }
                None => {
                    ours.journey = Some(journey);
                    false
                }
            };
            if let Some(theirs) = self.trails.get_mut(gone) {
                theirs.counts = counts;
            }
        }
    }

    /// They are leads of their own again, as they were before.
    fn part(&mut self, back: &[LeadId]) {
        for back in back {
            if let Some(trail) = self.trails.get_mut(back) {
                trail.merged_into = None;
                trail.counts = false;
            }
        }
    }

    /// An inquiry goes on with the journey, or begins the next one after an end.
    fn arrive(&mut self, lead: LeadId, arrival: Arrival, row: &JournalRow, changes: &mut Changes) {
        let cycle = row.cycle.max(1);
        let trail = self.trails.entry(lead).or_default();
        match &mut trail.journey {
            Some(journey) if !(journey.is_over() && cycle > journey.now) => {
                journey.arrive(arrival);
            }
            journey => {
                // What is over is counted from now on by itself, and changes no more.
                if let Some(over) = journey.take() {
                    changes.add(&entries::of_journey(&self.calendar, &over));
                }
                let mut begun = Journey::new(arrival, cycle);
                begun.version.clone_from(&row.version);
                begun.fee = row.fee;
                *journey = Some(begun);
            }
        }
    }
}

fn arrival(row: &JournalRow) -> Arrival {
    Arrival {
        at: millis(row.event_time()),
        received: row.happened_at.map(|_| millis(row.at)),
        source: row.source.clone(),
        channel: row.channel,
        campaign: row.campaign.clone(),
        medium: row.medium.clone(),
    }
}

/// What a row says of the journey it belongs to.
fn happen(
    journey: &mut Journey,
    row: &JournalRow,
    outcome: Option<&BranchOutcome>,
    owner: Option<&Name>,
) {
    if row.disposition.is_some() && row.cycle.max(1) < journey.cycle {
        // It was said of a journey that is over.
        return;
    }
    // An inquiry may tell of something long ago; what follows from it happens now.
    let arrives = ARRIVALS.contains(&row.fact.as_str());
    let at = millis(if arrives { row.at } else { row.event_time() });
    journey.now = journey.now.max(row.cycle);
    journey.score = row.score.or(journey.score);
    if let Some(owner) = owner {
        journey.owner = Some(owner.clone());
    }
    if is_touch(row) {
        journey.touch(at);
        journey.times = row.touched.or(journey.times);
    }
    journey.missed |= row.fact.as_str() == BREACHED;
    journey.amount = row.amount.or(journey.amount);
    if let Some(stage) = row.disposition.and_then(states) {
        journey.reach(stage, at);
    }
    let Some(outcome) = outcome else { return };
    if let Some(pool) = outcome.pool.as_ref().filter(|_| owner.is_some()) {
        journey.pool = Some(pool.clone());
    }
    journey.category = Some(outcome.category);
    journey.come_to(outcome.stage, at);
    if outcome.status == Status::Held {
        let why = if outcome.pool.is_some() { "nobody_available" } else { "no_rule" };
        journey.held = Some((at, Name::fixed(why)));
    }
    if outcome.stage.is_closed() {
        journey.reason = row.reason.clone().or_else(|| journey.reason.take()).or_else(|| {
            (outcome.stage == Stage::Discarded && arrives).then(|| Name::fixed("score"))
        });
    }
}

/// The stage that a lead was at when it was said, however far it is by now.
fn states(said: Disposition) -> Option<Stage> {
    match said {
        Disposition::FirstLevelQualified => Some(Stage::Lead),
        Disposition::Accepted => Some(Stage::Accepted),
        Disposition::Qualified => Some(Stage::Prospect),
        Disposition::Won => Some(Stage::Won),
        _ => None,
    }
}

/// A person dealt with the person, or tried.
fn is_touch(row: &JournalRow) -> bool {
    let by_word = row.disposition.is_some_and(dispositions::is_touch);
    row.touched.is_some() || by_word || TOUCHES.contains(&row.fact.as_str())
}
