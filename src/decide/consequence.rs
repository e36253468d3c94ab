//! What follows from a lead's coming into a queue: events for destinations, places in worklists.

use std::time::Duration;

use super::configuration::Configuration;
use super::confirming::awaits;
use super::record::packed;
use crate::assign::{NONE, QUALIFY, TRIAGE, open_counter};
use crate::domain::{
    Assignment, Branch, BranchOutcome, Category, ClockTold, Delivery, EventId, EventRow, EventType,
    IdBlock, Index, IndexChange, InquiryId, Job, Lead, LeadId, Millipoints, Name, NewJob, PoolPick,
    Stage, Status, Timestamp, Trace, Write,
};

/// Why something happens to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It is new.
    New,
    /// It was closed, or had left sales, and comes back: its next cycle begins.
    Reopened,
    /// The person inquired again.
    Repeat,
    /// An operator wants it decided again.
    Again,
    /// An operator decided.
    Operator,
    /// People found something out, or nobody was reached.
    Answered,
    /// The person did something.
    Engaged,
    /// The person wants to hear less, or nothing.
    Refused,
    /// Somebody said what became of it.
    Said,
    /// Time went on.
    Clock,
    /// Nobody acted in time.
    Overdue,
}

/// What happens to a lead, before it is known which branch is taken.
#[derive(Debug, Clone)]
pub(super) struct Happening<'a> {
    pub(super) cause: Cause,
    /// The same in all branches: only one of them happens.
    pub(super) event: EventId,
    pub(super) lead: Option<LeadId>,
    pub(super) inquiry: Option<InquiryId>,
    /// Another lead that goes up in this one.
    pub(super) merged: Option<LeadId>,
    pub(super) score: Millipoints,
    pub(super) worth: u32,
    pub(super) cycle: u32,
    pub(super) is_test: bool,
    /// Where the lead was; none if it is new.
    pub(super) before: Option<&'a BranchOutcome>,
    pub(super) trace: Option<&'a Trace>,
    /// Destinations that are told whatever the queue.
    pub(super) told: &'a [Name],
    /// What a clock said, if that is what happens.
    pub(super) clock: Option<&'a ClockTold>,
    pub(super) now: Timestamp,
}

/// The worklist in which people see a lead with this outcome, if any: `held` while it waits for a full pool,
/// `triage` while it waits for a person's decision, `qualify` while people are to ask, `unconfirmed` while the person is.
#[must_use]
pub fn worklist(outcome: &BranchOutcome) -> Option<Index> {
    if outcome.stage.is_closed() {
        return None;
    }
    match (outcome.queue.as_str(), &outcome.pool) {
        (TRIAGE, Some(_)) => Some(Index::Held),
        (TRIAGE, None) => Some(Index::Triage),
        (QUALIFY, _) => Some(Index::Qualify),
        _ if awaits(outcome) => Some(Index::Unconfirmed),
        _ => None,
    }
}

/// Where a lead is that was given up: in no queue, and nobody's.
pub(super) fn given_up() -> BranchOutcome {
    BranchOutcome {
        status: Status::Discarded,
        stage: Stage::Discarded,
        category: Category::Discard,
        queue: Name::fixed(NONE),
        pool: None,
        wait: None,
        opens_at: None,
        clock: None,
        counted: false,
    }
}

/// How far a stage is on the way of an open lead.
pub(super) fn later(a: Stage, b: Stage) -> Stage {
    let rank = |stage| match stage {
        Stage::Inquiry => 1,
        Stage::Lead => 2,
        Stage::Accepted => 3,
        Stage::Prospect => 4,
        Stage::Won | Stage::Lost | Stage::Recycled | Stage::Discarded => 0,
    };
    if rank(b) > rank(a) { b } else { a }
}

impl Happening<'_> {
    /// The branch that leads to this outcome.
    pub(super) fn branch(
        &self,
        configuration: &Configuration,
        outcome: &BranchOutcome,
        pick: Option<PoolPick>,
        ids: &mut IdBlock,
    ) -> Branch {
        let jobs = self
            .kind(outcome)
            .map_or_else(Vec::new, |kind| self.jobs(configuration, kind, outcome, ids));
        Branch { pick, jobs, indexes: self.indexes(outcome) }
    }

    /// The type of the event, if the outcome is worth one.
    pub(super) fn kind(&self, after: &BranchOutcome) -> Option<EventType> {
        if awaits(after) {
            return (!self.told.is_empty()).then_some(EventType::LeadAwaitingConfirmation);
        }
        let by_status = match after.status {
            Status::Nurtured => EventType::LeadNurtured,
            Status::Qualifying => EventType::LeadQualifying,
            Status::Held => EventType::LeadHeld,
            Status::Discarded => EventType::LeadDiscarded,
            _ => EventType::LeadRouted,
        };
        let Some(before) = self.before else { return Some(by_status) };
        let waited = before.status == Status::Held || awaits(before);
        let promoted = after.status == Status::Routed
            && matches!(before.status, Status::Nurtured | Status::Qualifying);
        if after.stage == Stage::Recycled && self.cause != Cause::Refused {
            return (before.stage != Stage::Recycled).then_some(EventType::LeadRecycled);
        }
        if self.cause == Cause::Said {
            return said(before, after);
        }
        match self.cause {
            Cause::Reopened if promoted => Some(EventType::LeadPromoted),
            Cause::New | Cause::Reopened => Some(by_status),
            Cause::Repeat if before == after => Some(EventType::LeadInquiredAgain),
            Cause::Repeat if waited && after.status == Status::Held => {
                Some(EventType::LeadInquiredAgain)
            }
            Cause::Refused => Some(EventType::LeadUnsubscribed),
            Cause::Answered | Cause::Engaged | Cause::Clock if before == after => None,
            Cause::Again | Cause::Operator | Cause::Answered | Cause::Engaged | Cause::Clock
                if waited && after.status == Status::Held =>
            {
                None
            }
            _ if waited || matches!(after.status, Status::Held | Status::Discarded) => {
                Some(by_status)
            }
            _ if promoted => Some(EventType::LeadPromoted),
            Cause::Repeat | Cause::Answered | Cause::Engaged | Cause::Said | Cause::Clock => {
                Some(by_status)
            }
            Cause::Again | Cause::Operator | Cause::Overdue => Some(EventType::LeadReassigned),
        }
    }

    /// One job per destination of the queue the lead is in now, and of the one it was in before, so that
    /// nobody goes on working on what is not theirs any more.
    pub(super) fn jobs(
        &self,
        configuration: &Configuration,
        kind: EventType,
        after: &BranchOutcome,
        ids: &mut IdBlock,
    ) -> Vec<NewJob> {
        let router = &configuration.router;
        let left = self.before.map(|before| &before.queue).filter(|queue| **queue != after.queue);
        let mut names: Vec<&Name> = Vec::new();
        // That an address is to be confirmed is nobody's matter but of whoever writes the mail.
        let hears = kind != EventType::LeadAwaitingConfirmation;
        let queues = [Some(&after.queue), left].into_iter().flatten().filter(|_| hears);
        for name in queues.flat_map(|queue| router.destinations(queue)).chain(self.told) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let again = kind == EventType::LeadInquiredAgain;
        let wait = if again { configuration.coalesce } else { Duration::ZERO };
        if kind == EventType::LeadSlaBreached {
            let told = names.clone();
            names.extend(configuration.alerted.iter().filter(|name| !told.contains(name)));
        }
        // Whoever is not there yet hears of it when they begin; that somebody was late is told at once.
        let opens_at = after.opens_at.filter(|_| self.clock.is_none()).unwrap_or(self.now);
        let due = self.now.after(wait).max(opens_at);
        let mut jobs = Vec::with_capacity(names.len());
        for name in names {
            let Some(destination) = configuration.destinations.get(name) else { continue };
            if !destination.events.admits(kind) || (self.is_test && !destination.tests) {
                continue;
            }
            let fallback =
                destination.fallback.as_ref().and_then(|to| configuration.destinations.get(to));
            let id = ids.delivery();
            jobs.push(NewJob {
                id,
                lead: self.lead,
                route: destination.route.clone(),
                fallback: fallback.map(|to| to.route.clone()),
                resets_handover: self.cause == Cause::Reopened,
                due,
                priority: router.priority(&after.queue, self.worth),
                coalesces: again,
                inquiry: self.inquiry,
                body: packed(&Job::Deliver(Delivery {
                    id,
                    destination: name.clone(),
                    event: self.row(kind, after),
                    since: due,
                    instead_of: None,
                    carried: None,
                })),
            });
        }
        jobs
    }

    fn row(&self, kind: EventType, after: &BranchOutcome) -> EventRow {
        EventRow {
            id: self.event,
            kind,
            at: self.now,
            lead: self.lead,
            inquiry: self.inquiry,
            merged: self.merged,
            outcome: Some(after.clone()),
            score: self.score,
            cycle: self.cycle,
            is_test: self.is_test,
            detail: match self.clock {
                Some(told) => serde_json::to_value(told).ok(),
                None => self.trace.and_then(|trace| serde_json::to_value(trace).ok()),
            },
        }
    }

    /// Out of the worklist it was in, into the one it comes to; it keeps its place where that is the same.
    fn indexes(&self, after: &BranchOutcome) -> Vec<IndexChange> {
        // A test is on its own list, and nowhere else.
        let Some(lead) = self.lead.filter(|_| !self.is_test) else { return Vec::new() };
        let (from, to) = (self.before.and_then(worklist), worklist(after));
        let change = |index, score| IndexChange { index, member: lead.as_bytes().to_vec(), score };
        let moves = from != to;
        let out = from.filter(|_| moves).map(|index| change(index, None));
        let into = to.filter(|_| moves).map(|index| change(index, Some(self.now.as_millis())));
        let next = |outcome: &BranchOutcome| outcome.wait.as_ref().map(|wait| wait.next);
        let (waited, waits) = (self.before.and_then(next), next(after));
        let again =
            (waited != waits).then(|| change(Index::Waits, waits.map(Timestamp::as_millis)));
        out.into_iter().chain(into).chain(again).collect()
    }
}

/// The event of a lead that somebody said something of: only where it leaves its queue or comes back. How far it is, whoever
/// has it knows: they said so.
fn said(before: &BranchOutcome, after: &BranchOutcome) -> Option<EventType> {
    if after.stage == Stage::Discarded {
        return (before.stage != Stage::Discarded).then_some(EventType::LeadDiscarded);
    }
    if before.queue == after.queue {
        return None;
    }
    Some(match after.status {
        Status::Nurtured => EventType::LeadNurtured,
        Status::Qualifying => EventType::LeadQualifying,
        Status::Held => EventType::LeadHeld,
        _ if before.status == Status::Qualifying && !before.stage.is_closed() => {
            EventType::LeadPromoted
        }
        _ => EventType::LeadReassigned,
    })
}

/// What a lead that leaves its owner takes off the owner's open leads. Whoever moves a lead or closes it writes
/// this along.
pub(super) fn freed(lead: &Lead) -> Option<Write> {
    match &lead.assignment {
        Assignment::Settled { outcome, owner: Some(owner) } if outcome.counted => {
            Some(Write::Lower { counter: open_counter(owner), by: 1 })
        }
        _ => None,
    }
}
