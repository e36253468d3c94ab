//! When clocks say what, and what stops them.

use super::{at, compiled, name, router};
use crate::assign::{Calendar, Router};
use crate::domain::{
    Assignment, Awaited, BranchOutcome, Category, ClockTold, Disposition, Lead, Roster, Said,
    Stage, Status, Timestamp, TouchTimes, Tries,
};
use crate::follow_up::sla::{assigned, attempt_due, attempt_says, due, heard, says};
use crate::rules::example::Example;

const CLOCKS: &str = "
- { name: sales, acknowledge_within: 10m, first_touch_within: 30m, warn_at: [0.5, 0.8] }
";
const FRIDAY: &str = "2026-02-27T16:50:00+01:00";

fn outcome() -> BranchOutcome {
    let outcome = BranchOutcome {
        status: Status::Routed,
        stage: Stage::Lead,
        category: Category::Sell,
        queue: name("sales"),
        pool: Some(name("emea")),
        wait: None,
        opens_at: None,
        clock: None,
        counted: false,
    };
    let clock = compiled(CLOCKS).unwrap().terms(None, &outcome);
    BranchOutcome { clock, ..outcome }
}

/// Given to a member at a time.
fn give(lead: &mut Lead, owner: &str, now: &str) {
    let left = lead.assignment.owner().cloned();
    assigned(lead, left.as_ref(), &[outcome()], at(now), at(now));
    let owner = Some(name(owner));
    lead.assignment = Assignment::Settled { outcome: outcome(), owner };
}

fn lead() -> Lead {
    let mut lead = Example::unknown().lead;
    give(&mut lead, "ana", FRIDAY);
    lead
}

fn office(router: &Router) -> Calendar<'_> {
    router.calendar(Some(&name("emea")), Some(&name("ana")), &Roster::default())
}

/// What is said, and when it was due.
fn say(lead: &mut Lead, now: &str) -> Vec<(Awaited, Option<u16>, Timestamp)> {
    let router = router();
    let said = says(lead, &office(&router), at(now));
    said.iter().map(|told| (told.awaited, told.part, told.due_at)).collect()
}

fn next(lead: &Lead) -> Option<Timestamp> {
    let router = router();
    due(lead, lead.assignment.outcome().unwrap(), &office(&router))
}

fn hear(lead: &mut Lead, what: Disposition, when: &str) -> Option<TouchTimes> {
    let before = lead.said.clone();
    let said = lead.said.get_or_insert_with(|| Box::new(Said::default()));
    said.last.insert(what, at(when));
    let router = router();
    heard(lead, before.as_deref(), &office(&router))
}

#[test]
fn everything_is_said_once_when_it_is_due() {
    let mut lead = lead();
    let (ack, touch) = (Awaited::Acknowledge, Awaited::FirstTouch);
    let order = [
        ("2026-02-27T16:55:00+01:00", (ack, Some(500))),
        ("2026-02-27T16:58:00+01:00", (ack, Some(800))),
        ("2026-02-27T17:00:00+01:00", (ack, None)),
        ("2026-03-02T09:05:00+01:00", (touch, Some(500))),
        ("2026-03-02T09:14:00+01:00", (touch, Some(800))),
        ("2026-03-02T09:20:00+01:00", (touch, None)),
    ];
    for (when, (awaited, part)) in order {
        assert_eq!(next(&lead), Some(at(when)));
        let short = at(when).as_millis() - 1;
        assert_eq!(say(&mut lead, &Timestamp::from_millis(short).to_string()), []);
        assert_eq!(say(&mut lead, when), [(awaited, part, at(when))]);
        assert_eq!(say(&mut lead, when), [], "not twice");
    }
    assert_eq!((next(&lead), lead.clocks.unwrap().breaches), (None, 2));
}

#[test]
fn after_an_outage_only_the_last_is_said_with_its_true_time() {
    let mut lead = lead();
    let router = router();
    let said = says(&mut lead, &office(&router), at("2026-03-04T12:00:00+01:00"));
    let expected = |awaited, due: &str, late_ms| ClockTold {
        clock: Some(name("sales")),
        awaited,
        owner: Some(name("ana")),
        assigned_at: at(FRIDAY),
        due_at: at(due),
        part: None,
        late_ms,
        reassignments: 0,
    };
    let hour = 3_600_000;
    assert_eq!(
        said,
        [
            expected(Awaited::Acknowledge, "2026-02-27T17:00:00+01:00", 115 * hour),
            expected(Awaited::FirstTouch, "2026-03-02T09:20:00+01:00", 50 * hour + hour * 2 / 3),
        ]
    );
    assert!(said.iter().all(ClockTold::is_breach));
    assert_eq!(next(&lead), None);
}

#[test]
fn saying_that_one_has_it_stops_one_clock_and_a_touch_both() {
    let mut lead = lead();
    assert_eq!(hear(&mut lead, Disposition::Accepted, "2026-02-27T16:52:00+01:00"), None);
    assert_eq!(next(&lead), Some(at("2026-03-02T09:05:00+01:00")));
    assert_eq!(say(&mut lead, "2026-03-02T09:30:00+01:00").len(), 1, "the breach");
    // Measuring goes on.
    let measured = hear(&mut lead, Disposition::NoAnswer, "2026-03-02T10:00:00+01:00").unwrap();
    assert_eq!((measured.raw, measured.sla_raw), (Some((65 * 60 + 10) * 60), measured.raw));
    assert_eq!((measured.sla, measured.met), (Some(70 * 60), Some(false)));
    assert_eq!(next(&lead), None);
    // Only the first one is.
    assert_eq!(hear(&mut lead, Disposition::Contacted, "2026-03-02T11:00:00+01:00"), None);
}

#[test]
fn whoever_gets_it_next_has_the_whole_time_and_the_inquiry_keeps_its_own() {
    let mut lead = lead();
    say(&mut lead, "2026-03-02T09:20:00+01:00");
    give(&mut lead, "bo", "2026-03-02T09:20:00+01:00");
    assert_eq!(next(&lead), Some(at("2026-03-02T09:25:00+01:00")));
    // What ana reports of before does not stop bo's clock.
    let measured = hear(&mut lead, Disposition::Contacted, "2026-03-02T09:10:00+01:00").unwrap();
    assert_eq!(
        (measured.sla, measured.met),
        (Some(20 * 60), Some(true)),
        "said late, done in time"
    );
    assert_eq!(next(&lead), Some(at("2026-03-02T09:25:00+01:00")));
    hear(&mut lead, Disposition::NoAnswer, "2026-03-02T09:21:00+01:00");
    assert_eq!(next(&lead), None);
    let clocks = lead.clocks.as_ref().unwrap();
    assert_eq!(
        (clocks.first_assigned_at, clocks.assigned_at),
        (at(FRIDAY), at("2026-03-02T09:20:00+01:00"))
    );
    assert_eq!(clocks.previous, [name("ana")]);
    // The next cycle begins with nothing.
    lead.begin_cycle(at("2026-03-05T10:00:00+01:00"));
    give(&mut lead, "cy", "2026-03-05T10:00:00+01:00");
    let clocks = lead.clocks.as_ref().unwrap();
    assert_eq!((clocks.breaches, clocks.previous.len()), (0, 0));
}

#[test]
fn who_begins_later_has_time_from_then_on() {
    let mut lead = lead();
    let opens_at = Some(at("2026-03-02T12:00:00+01:00"));
    let outcome = BranchOutcome { opens_at, ..outcome() };
    lead.assignment = Assignment::Settled { outcome, owner: Some(name("ana")) };
    assert_eq!(next(&lead), Some(at("2026-03-02T12:05:00+01:00")));
    let measured = hear(&mut lead, Disposition::Contacted, "2026-03-02T12:20:00+01:00").unwrap();
    assert_eq!(measured.sla, Some(20 * 60));
}

#[test]
fn without_a_clock_the_speed_is_measured_all_the_same() {
    let mut lead = Example::unknown().lead;
    let touched = lead.created_at.after(std::time::Duration::from_mins(90)).to_string();
    let measured = hear(&mut lead, Disposition::Contacted, &touched).unwrap();
    assert_eq!((measured.raw, measured.sla, measured.met), (Some(90 * 60), None, None));
    assert_eq!(hear(&mut lead, Disposition::Won, &touched), None);
}

#[test]
fn nothing_runs_where_no_clock_is_for_it() {
    let mut lead = Example::unknown().lead;
    let outcome = BranchOutcome { clock: None, ..outcome() };
    assigned(&mut lead, None, std::slice::from_ref(&outcome), at(FRIDAY), at(FRIDAY));
    assert_eq!(lead.clocks, None);
    lead.assignment = Assignment::Settled { outcome, owner: None };
    assert_eq!(say(&mut lead, "2027-03-02T12:00:00+01:00"), []);
}

#[test]
fn the_next_attempt_is_called_for_once() {
    let mut lead = lead();
    let (last, next) = (at(FRIDAY), at("2026-03-02T16:50:00+01:00"));
    lead.tries = Some(Tries { count: 1, last, next: Some(next), told: false });
    assert_eq!(attempt_due(&lead), Some(next));
    assert_eq!(attempt_says(&mut lead, at(FRIDAY)), None);
    let told = attempt_says(&mut lead, next.after(std::time::Duration::from_mins(1))).unwrap();
    assert_eq!((told.awaited, told.due_at, told.late_ms), (Awaited::NextAttempt, next, 60_000));
    assert!(!told.is_breach());
    assert_eq!((attempt_due(&lead), attempt_says(&mut lead, next)), (None, None));
}
