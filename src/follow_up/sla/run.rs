//! Clocks begin, fall due, and say so.

use crate::assign::Calendar;
use crate::domain::{
    Awaited, BranchOutcome, ClockTold, Clocks, Lead, Name, Stage, Terms, Timestamp,
};

/// What a clock waits for.
const AWAITED: [Awaited; 2] = [Awaited::Acknowledge, Awaited::FirstTouch];

/// The lead leaves whoever had it (`left`) and comes to somebody or somewhere else, by one of these outcomes: its clocks
/// begin anew. Since when it waits as a whole stays, within a cycle. Costs nothing where no clock ever ran.
pub fn assigned(
    lead: &mut Lead,
    left: Option<&Name>,
    outcomes: &[BranchOutcome],
    received_at: Timestamp,
    now: Timestamp,
) {
    let runs = outcomes.iter().any(|outcome| outcome.clock.is_some());
    let known = lead.clocks.take().filter(|clocks| clocks.cycle == lead.cycle);
    if known.is_none() && !runs {
        return;
    }
    let of_this_cycle = left.filter(|_| known.is_some());
    let fresh = || Box::new(Clocks::new(lead.cycle, received_at, now));
    let mut clocks = known.unwrap_or_else(fresh);
    let had = lead.assignment.outcome().and_then(|outcome| outcome.pool.clone());
    clocks.pool = had.or_else(|| clocks.pool.take());
    clocks.assigned_at = now;
    clocks.acknowledged_at = None;
    clocks.touched_at = None;
    clocks.acknowledge_told = 0;
    clocks.first_touch_told = 0;
    if let Some(left) = of_this_cycle.filter(|left| !clocks.previous.contains(left)) {
        clocks.previous.push(left.clone());
    }
    lead.clocks = Some(clocks);
}

/// When the lead's clocks next have something to say with this outcome, by that calendar.
#[must_use]
pub fn due(lead: &Lead, outcome: &BranchOutcome, calendar: &Calendar<'_>) -> Option<Timestamp> {
    let running = Running::of(lead, outcome, calendar)?;
    let next = |awaited| {
        let told = running.told(awaited)?;
        let part = running.parts().find(|part| *part > told)?;
        running.at(awaited, part)
    };
    AWAITED.into_iter().filter_map(next).min()
}

/// What the clocks say at a time, and notes that they did: of each the last that is due, so that a breach is not
/// preceded by the warnings of a night in which nothing ran.
pub fn says(lead: &mut Lead, calendar: &Calendar<'_>, now: Timestamp) -> Vec<ClockTold> {
    let Some(outcome) = lead.assignment.outcome().cloned() else { return Vec::new() };
    let mut said = Vec::new();
    for awaited in AWAITED {
        let Some(running) = Running::of(lead, &outcome, calendar) else { break };
        let Some(told) = running.told(awaited) else { continue };
        let parts = running.parts().filter(|part| *part > told);
        let due = parts.filter_map(|part| Some((part, running.at(awaited, part)?)));
        let Some((part, due_at)) = due.take_while(|(_, at)| *at <= now).last() else { continue };
        let clock = running.terms.clock.clone();
        let Some(clocks) = lead.clocks.as_deref_mut() else { break };
        match awaited {
            Awaited::Acknowledge => clocks.acknowledge_told = part,
            Awaited::FirstTouch | Awaited::NextAttempt => clocks.first_touch_told = part,
        }
        let breached = part == Clocks::BREACHED;
        clocks.breaches += u32::from(breached);
        said.push(ClockTold {
            clock: Some(clock),
            awaited,
            owner: lead.assignment.owner().cloned(),
            assigned_at: outcome.opens_at.unwrap_or(clocks.assigned_at),
            due_at,
            part: (!breached).then_some(part),
            late_ms: millis(now.since(due_at)),
            reassignments: clocks.reassigned,
        });
    }
    said
}

/// Whether a touch at that time is as early as agreed, if anything was: not once it was given to somebody else because
/// nobody did.
pub(super) fn met(lead: &Lead, calendar: &Calendar<'_>, touched_at: Timestamp) -> Option<bool> {
    let outcome = lead.assignment.outcome()?;
    let running = Running::of(lead, outcome, calendar)?;
    running.terms.first_touch?;
    let due = running.at(Awaited::FirstTouch, Clocks::BREACHED);
    Some(running.clocks.reassigned == 0 && due.is_none_or(|due| touched_at <= due))
}

/// A clock that runs.
pub(super) struct Running<'a> {
    pub(super) terms: &'a Terms,
    clocks: &'a Clocks,
    calendar: &'a Calendar<'a>,
    /// When whoever has the lead begins with it.
    since: Timestamp,
}

impl<'a> Running<'a> {
    pub(super) fn of(
        lead: &'a Lead,
        outcome: &'a BranchOutcome,
        calendar: &'a Calendar<'a>,
    ) -> Option<Self> {
        let (terms, clocks) = (outcome.clock.as_deref()?, lead.clocks.as_deref()?);
        let open = !outcome.stage.is_closed() && outcome.stage != Stage::Discarded;
        let since = outcome.opens_at.map_or(clocks.assigned_at, |at| at.max(clocks.assigned_at));
        open.then_some(Self { terms, clocks, calendar, since })
    }

    /// Up to which part it was told; `None` = nobody waits for that (any more).
    pub(super) fn told(&self, awaited: Awaited) -> Option<u16> {
        let Clocks { acknowledged_at, touched_at, acknowledge_told, first_touch_told, .. } =
            self.clocks;
        let (over, told) = match awaited {
            Awaited::Acknowledge => (acknowledged_at.or(*touched_at), *acknowledge_told),
            Awaited::FirstTouch | Awaited::NextAttempt => (*touched_at, *first_touch_told),
        };
        over.is_none().then_some(told)
    }

    /// Warnings, then the breach.
    fn parts(&self) -> impl Iterator<Item = u16> {
        self.terms.warn_at.iter().copied().chain([Clocks::BREACHED])
    }

    pub(super) fn at(&self, awaited: Awaited, part: u16) -> Option<Timestamp> {
        let whole = self.calendar.length(self.terms.within(awaited)?);
        self.calendar.add(self.since, whole * u32::from(part) / u32::from(Clocks::BREACHED))
    }
}

/// In milliseconds, at most what a number of JSON holds exactly.
pub(super) fn millis(length: std::time::Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX).min(1 << 53)
}
