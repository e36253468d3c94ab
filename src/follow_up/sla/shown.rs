//! How a lead's clocks stand, for people.

use std::time::Duration;

use super::run::Running;
use crate::assign::{Calendar, Router};
use crate::domain::{Awaited, BranchOutcome, Clocks, Lead, Name, Roster, Timestamp};

/// By whose time the clocks of a lead with this outcome run: its owner's, or the pool's where the clock says so or nobody
/// owns it. A queue without a pool goes by the pool that had the lead before.
#[must_use]
pub fn calendar<'a>(
    router: &'a Router,
    lead: &Lead,
    outcome: &BranchOutcome,
    owner: Option<&Name>,
    away: &Roster,
) -> Calendar<'a> {
    let of_pool = outcome.clock.as_ref().is_some_and(|terms| terms.of_pool);
    let member = owner.filter(|_| !of_pool);
    let clocks = lead.clocks.as_deref().filter(|clocks| clocks.cycle == lead.cycle);
    let pool = outcome.pool.as_ref().or(clocks.and_then(|clocks| clocks.pool.as_ref()));
    router.calendar(pool, member, away)
}

/// A lead's clocks at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The clock's name; absent where none runs any more.
    pub name: Option<Name>,
    pub clocks: Clocks,
    /// When somebody was, or is, to say that they have it.
    pub acknowledge_due_at: Option<Timestamp>,
    /// When somebody was, or is, to get in touch.
    pub first_touch_due_at: Option<Timestamp>,
    /// What is waited for and late.
    pub overdue: Vec<Awaited>,
    /// Business time since it was first assigned, up to the first touch or until now.
    pub waited: Duration,
}

/// How they stand; `None` = none ever ran in this cycle.
#[must_use]
pub fn shown(lead: &Lead, calendar: &Calendar<'_>, now: Timestamp) -> Option<Shown> {
    let clocks = lead.clocks.as_deref().filter(|clocks| clocks.cycle == lead.cycle)?;
    let running = lead.assignment.outcome().and_then(|it| Running::of(lead, it, calendar));
    let due = |awaited| running.as_ref()?.at(awaited, Clocks::BREACHED);
    let waits = |awaited| running.as_ref().is_some_and(|it| it.told(awaited).is_some());
    let late = |awaited: &Awaited| waits(*awaited) && due(*awaited).is_some_and(|at| at <= now);
    let until = clocks.first_touch_at.unwrap_or(now);
    Some(Shown {
        name: running.as_ref().map(|running| running.terms.clock.clone()),
        acknowledge_due_at: due(Awaited::Acknowledge),
        first_touch_due_at: due(Awaited::FirstTouch),
        overdue: [Awaited::Acknowledge, Awaited::FirstTouch].into_iter().filter(late).collect(),
        waited: calendar.between(clocks.first_assigned_at, until),
        clocks: clocks.clone(),
    })
}
