//! When time alone will take a lead out of sales, one job looks at it then.

use super::configuration::Configuration;
use super::record::json;
use crate::assign::PlannedBranch;
use crate::domain::{
    Branch, BranchOutcome, Category, IdBlock, Job, Lead, LookAgain, NewJob, Qualification, Route,
    Timestamp,
};

/// Behind everything that goes out.
const PRIORITY: u8 = 9;

/// The same for the ways that a plan lays.
pub(super) fn of_inquiry(
    configuration: &Configuration,
    lead: &mut Lead,
    judged: &Qualification,
    ways: &[PlannedBranch],
    branches: &mut [Branch],
    now: Timestamp,
    ids: &mut IdBlock,
) {
    let ways = ways.iter().map(|way| &way.outcome);
    schedule(configuration, lead, judged, ways, branches, now, ids);
}

/// Notes in the lead when it is to be looked at again, and adds the job to every way it can go. A job
/// that comes sooner anyway is left to find out by itself: there is one per lead. Costs nothing where nothing
/// goes with time.
pub(super) fn schedule<'a>(
    configuration: &Configuration,
    lead: &mut Lead,
    judged: &Qualification,
    ways: impl IntoIterator<Item = &'a BranchOutcome>,
    branches: &mut [Branch],
    now: Timestamp,
    ids: &mut IdBlock,
) {
    let sold = ways
        .into_iter()
        .all(|outcome| outcome.category == Category::Sell && !outcome.stage.is_closed());
    let at = if sold { configuration.qualifier.falls_out(judged, lead, now) } else { None };
    let Some(at) = at else {
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
