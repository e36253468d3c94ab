//! Time brings things about: one job per lead, at the earliest of everything that is due for it, looks at it then.
//!
//! What is due: the lead fades out of sales, a clock has something to say, whoever was not reached is to be tried
//! again, an address was not confirmed in time. The job does whatever is due by then, in one commit (`decide/due`), and the commit names the next one.

use super::configuration::Configuration;
use super::confirming;
use super::record::json;
use super::returning;
use crate::assign::Calendar;
use crate::domain::{
    Assignment, Branch, BranchOutcome, Category, IdBlock, Job, Lead, LookAgain, NewJob,
    Qualification, Roster, Route, Timestamp,
};
use crate::follow_up::sla;

/// Behind everything that goes out.
const PRIORITY: u8 = 9;

/// How a lead stands after the commit, as far as anything falls due by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stands<'a> {
    /// One per way it can go.
    pub(super) outcomes: &'a [BranchOutcome],
    /// The assignment that stays; `None` = whoever is picked.
    pub(super) keeps: Option<&'a Assignment>,
    /// By its last inquiry, at that time; `None` = it was not asked, and when it fades is not known anew.
    pub(super) judged: Option<&'a Qualification>,
    /// Who is away.
    pub(super) roster: &'a Roster,
}

/// Notes in the lead when it is to be looked at again, and adds the job to every way it can go. A job
/// that comes sooner anyway is left to find out by itself: there is one per lead. Costs nothing where nothing
/// goes with time.
pub(super) fn schedule(
    configuration: &Configuration,
    lead: &mut Lead,
    stands: Stands<'_>,
    branches: &mut [Branch],
    now: Timestamp,
    ids: &mut IdBlock,
) {
    let Some(at) = earliest(configuration, lead, stands, now) else {
        lead.look_again = None;
        return;
    };
    if lead.look_again.is_some_and(|look| now < look.at && look.at <= at) {
        return;
    }
    let job = ids.delivery();
    lead.look_again = Some(LookAgain { job, at });
    let new = NewJob {
        id: job,
        lead: None,
        route: Route::clock(),
        fallback: None,
        resets_handover: false,
        due: at,
        priority: PRIORITY,
        coalesces: false,
        inquiry: None,
        body: json(&Job::LookAgain { id: job, lead: lead.id }),
    };
    for branch in branches {
        branch.jobs.push(new.clone());
    }
}

/// The earliest of everything that is due for the lead, whichever way it goes. Of somebody who is yet to be picked:
/// by the hours of whoever works first.
pub(super) fn earliest(
    configuration: &Configuration,
    lead: &Lead,
    stands: Stands<'_>,
    now: Timestamp,
) -> Option<Timestamp> {
    if let Some(until) = confirming::until(lead, stands.outcomes) {
        return Some(until);
    }
    let sold =
        |outcome: &BranchOutcome| outcome.category == Category::Sell && !outcome.stage.is_closed();
    let fades = match stands.judged {
        Some(judged) if stands.outcomes.iter().all(sold) => {
            configuration.qualifier.falls_out(judged, lead, now)
        }
        Some(_) => None,
        None => lead.look_again.map(|look| look.at),
    };
    let clocks = stands.outcomes.iter().filter_map(|outcome| {
        calendars(configuration, lead, outcome, stands)
            .iter()
            .filter_map(|calendar| sla::due(lead, outcome, calendar))
            .min()
    });
    let open = stands.outcomes.iter().any(|outcome| !outcome.stage.is_closed());
    let attempt = sla::attempt_due(lead).filter(|_| open);
    let returns = returning::due(lead, stands.outcomes, now);
    clocks.chain(fades).chain(attempt).chain(returns).min()
}

/// By whose time the clock of an outcome may run.
fn calendars<'a>(
    configuration: &'a Configuration,
    lead: &Lead,
    outcome: &BranchOutcome,
    stands: Stands<'_>,
) -> Vec<Calendar<'a>> {
    if outcome.clock.is_none() {
        return Vec::new();
    }
    match stands.keeps {
        Some(kept) => {
            vec![sla::calendar(&configuration.router, lead, outcome, kept.owner(), stands.roster)]
        }
        None => configuration.router.calendars(outcome.pool.as_ref()),
    }
}
