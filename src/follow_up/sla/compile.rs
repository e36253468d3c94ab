//! Checks `sla:` of `follow-up.yaml`, and finds the clock of a lead.

use super::settings::{ClockSettings, WhoseCalendar};
use crate::assign::{NURTURE, TRIAGE};
use crate::domain::{BranchOutcome, Name, SettingProblem, Status, Terms};
use crate::follow_up::Around;
use crate::rules::{Condition, Subject};

/// A breach gives a lead on at most so often.
const REASSIGN_MAX: u32 = 20;
/// More warnings than this nobody reads.
const WARNINGS_MAX: usize = 5;

/// `sla:`, compiled: clocks from narrow to broad.
#[derive(Debug, Clone, Default)]
pub struct Sla {
    clocks: Vec<Clock>,
}

#[derive(Debug, Clone)]
struct Clock {
    queues: Vec<Name>,
    when: Option<Condition>,
    terms: Terms,
    on_breach: OnBreach,
}

/// What happens when a clock's time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBreach {
    pub notify: bool,
    /// How often the lead goes to somebody else.
    pub reassign: u32,
    /// Into which queue after that.
    pub escalate: Option<Name>,
}

impl Sla {
    /// Checks and compiles the section.
    ///
    /// # Errors
    /// Everything that is wrong, with paths below the section.
    pub fn compile(
        settings: &[ClockSettings],
        around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems: Vec<SettingProblem> = Vec::new();
        let mut clocks: Vec<Clock> = Vec::new();
        for (number, entry) in settings.iter().enumerate() {
            let mut found = Vec::new();
            let clock = clock(entry, around, &mut found);
            if clock
                .as_ref()
                .is_some_and(|new| clocks.iter().any(|it| it.terms.clock == new.terms.clock))
            {
                found.push(SettingProblem::new("name", "another clock has this name already"));
            }
            let here = format!("[{number}]");
            problems.extend(found.into_iter().map(|problem| problem.below(&here)));
            clocks.extend(clock);
        }
        if problems.is_empty() { Ok(Self { clocks }) } else { Err(problems) }
    }

    /// The terms by which the first clock that is for this lead runs once it comes into that queue; none for leads
    /// that nobody is to act on. Without a subject only clocks that ask nothing of it run.
    #[must_use]
    pub fn terms(
        &self,
        subject: Option<&Subject<'_>>,
        outcome: &BranchOutcome,
    ) -> Option<Box<Terms>> {
        let acted_on = matches!(outcome.status, Status::Routed | Status::Qualifying);
        if !acted_on || outcome.stage.is_closed() {
            return None;
        }
        let asked =
            |when: &Condition| subject.is_some_and(|subject| when.evaluate(subject).is_match());
        let is_for = |clock: &&Clock| {
            (clock.queues.is_empty() || clock.queues.contains(&outcome.queue))
                && clock.when.as_ref().is_none_or(&asked)
        };
        self.clocks.iter().find(is_for).map(|clock| Box::new(clock.terms.clone()))
    }

    /// What happens when the time of the clock of this name is over; of a clock that is not there any more, only a
    /// notice.
    #[must_use]
    pub fn on_breach(&self, clock: &Name) -> OnBreach {
        let known = self.clocks.iter().find(|known| known.terms.clock == *clock);
        let notice = OnBreach { notify: true, reassign: 0, escalate: None };
        known.map_or(notice, |known| known.on_breach.clone())
    }
}

fn clock(
    entry: &ClockSettings,
    around: Around<'_>,
    found: &mut Vec<SettingProblem>,
) -> Option<Clock> {
    let name = Name::parse(&entry.name)
        .map_err(|error| {
            found.push(SettingProblem::new("name", format!("`{}`: {error}", entry.name)));
        })
        .ok();
    let mut queues = Vec::with_capacity(entry.queues.len());
    for (number, text) in entry.queues.iter().enumerate() {
        let path = format!("queues[{number}]");
        let Some(queue) = queue(text, &path, around, found) else { continue };
        if [TRIAGE, NURTURE].contains(&queue.as_str()) {
            let message = "nobody is to act on its leads: no clock runs there";
            found.push(SettingProblem::new(path, message));
        }
        queues.push(queue);
    }
    let when = entry.when.as_ref().and_then(|when| {
        Condition::compile(when, around.lists)
            .map_err(|wrong| found.extend(wrong.into_iter().map(|problem| problem.below("when"))))
            .ok()
    });
    if entry.acknowledge_within.is_none() && entry.first_touch_within.is_none() {
        let message = "say `acknowledge_within`, `first_touch_within` or both";
        found.push(SettingProblem::new("", message));
    }
    let warn_at = warnings(&entry.warn_at, found);
    let given = &entry.on_breach;
    if given.reassign > REASSIGN_MAX {
        let message = format!("expected a number from 0 to {REASSIGN_MAX}");
        found.push(SettingProblem::new("on_breach.reassign", message));
    }
    let escalate =
        given.escalate.as_ref().and_then(|text| queue(text, "on_breach.escalate", around, found));
    let on_breach = OnBreach { notify: given.notify, reassign: given.reassign, escalate };
    let terms = Terms {
        clock: name?,
        acknowledge: entry.acknowledge_within,
        first_touch: entry.first_touch_within,
        of_pool: entry.calendar == WhoseCalendar::Pool,
        warn_at,
    };
    Some(Clock { queues, when, terms, on_breach })
}

fn queue(
    text: &str,
    path: &str,
    around: Around<'_>,
    found: &mut Vec<SettingProblem>,
) -> Option<Name> {
    let known = around.router.queues().find(|queue| queue.as_str() == text);
    if known.is_none() {
        let problem = SettingProblem::new(path, format!("there is no queue `{text}`"));
        found.push(problem.suggest(text, around.router.queues().map(Name::as_str)));
    }
    known.cloned()
}

/// Per mille, rising.
fn warnings(given: &[f64], found: &mut Vec<SettingProblem>) -> Vec<u16> {
    let mut parts: Vec<u16> = Vec::with_capacity(given.len());
    for (number, part) in given.iter().enumerate() {
        let known = (1..1000_u16).find(|mille| (f64::from(*mille) - part * 1000.0).abs() < 0.5);
        match known {
            Some(mille) if parts.last().is_none_or(|last| *last < mille) => parts.push(mille),
            Some(_) => {
                let message = "warnings come in order, each once";
                found.push(SettingProblem::new(format!("warn_at[{number}]"), message));
            }
            None => {
                let message = "expected a part of the time, above 0 and below 1, such as 0.8";
                found.push(SettingProblem::new(format!("warn_at[{number}]"), message));
            }
        }
    }
    if given.len() > WARNINGS_MAX {
        let message = format!("at most {WARNINGS_MAX} warnings");
        found.push(SettingProblem::new("warn_at", message));
    }
    parts
}
