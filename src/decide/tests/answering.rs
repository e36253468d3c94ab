//! What people find out, tries in vain, and time.

use super::business::QUALIFICATION;
use super::world::World;
use super::{Person, name};
use crate::decide::{Action, Answers, Refusal, Saying};
use crate::domain::{Disposition, Found, Index, Known3, LeadId, LookAgain, Stage, Timestamp};
use crate::qualify::Qualifier;
use crate::rules::Lists;

fn found(criterion: &str, answer: Known3) -> Answers {
    Answers { found: vec![Found::Criterion(name(criterion), answer)], ..Answers::default() }
}

fn answer(answers: Answers) -> Action {
    Action::Answer(Box::new(answers))
}

fn asked() -> (World, LeadId) {
    let mut world = World::new();
    let lead = world.inquire(Person::CURIOUS).lead();
    assert_eq!(world.worklists(lead), [Index::Qualify]);
    (world, lead)
}

/// Reached by phone alone: 70 points.
fn sold() -> (World, LeadId) {
    let mut world = World::new();
    let person = Person { email: "", phone: Person::CURIOUS.phone, ..Person::BUYER };
    let lead = world.inquire(person).lead();
    (world, lead)
}

#[test]
fn answers_decide_the_lead_at_once() {
    type Begin = fn() -> (World, LeadId);
    let rows: [(Begin, Answers, &str); 7] = [
        (
            asked,
            found("pays", Known3::Yes),
            "cycle 1: routed sales anna lead | crm lead.promoted, audit-log lead.promoted, inside-sales lead.promoted",
        ),
        (
            asked,
            found("pays", Known3::No),
            "cycle 1: nurtured nurture - inquiry | newsletter lead.nurtured, inside-sales lead.nurtured",
        ),
        // It was asked, and nobody knows.
        (asked, found("pays", Known3::Unknown), "cycle 1: qualifying qualify - inquiry | "),
        (
            asked,
            Answers { found: vec![Found::Eligible(Known3::No)], ..Answers::default() },
            "cycle 1: discarded none - discarded | ",
        ),
        // Whatever is still open: nobody asks any further.
        (
            asked,
            Answers { qualified: true, ..Answers::default() },
            "cycle 1: nurtured nurture - lead | newsletter lead.nurtured, inside-sales lead.nurtured",
        ),
        // What leaves it where it is leaves the owner, and tells nobody.
        (sold, found("needs", Known3::Yes), "cycle 1: routed sales anna lead | "),
        (
            sold,
            found("needs", Known3::No),
            "cycle 1: nurtured nurture - lead | newsletter lead.nurtured, crm lead.nurtured",
        ),
    ];
    for (begin, answers, expected) in rows {
        let (mut world, lead) = begin();
        let (text, _) = world.operate(lead, answer(answers.clone())).unwrap();
        assert_eq!(text, expected, "{answers:?}");
        let fact = if answers.qualified { "disposition_noted" } else { "lead_answered" };
        assert_eq!(world.journal.last().unwrap().fact.as_str(), fact);
    }
    let (mut world, lead) = asked();
    let nothing = world.operate(lead, answer(Answers::default())).unwrap_err();
    assert_eq!(nothing, Refusal::NothingSaid);
    let near = world.operate(lead, answer(found("pay", Known3::Yes))).unwrap_err();
    let suggestion = Some(name("pays"));
    assert_eq!(near, Refusal::UnknownCriterion { criterion: name("pay"), suggestion });
}

fn no_answer() -> Action {
    Action::Say(Box::new(Saying::bare(Disposition::NoAnswer, None)))
}

#[test]
fn tries_in_vain_are_counted_and_the_last_one_recycles() {
    let (mut world, lead) = asked();
    for count in 1..=2 {
        let (text, _) = world.operate(lead, no_answer()).unwrap();
        assert_eq!(text, "cycle 1: qualifying qualify - inquiry | ");
        let tries = world.lead(lead).value.tries.unwrap();
        assert_eq!((tries.count, tries.next.is_some()), (count, true));
        let place = world.indexes[&Index::Qualify][lead.as_bytes().as_slice()];
        assert_eq!(Some(place), tries.next.map(Timestamp::as_millis), "asked when it is due");
    }
    let (text, _) = world.operate(lead, no_answer()).unwrap();
    assert_eq!(
        text,
        "cycle 1: nurtured nurture - recycled | newsletter lead.recycled, inside-sales lead.recycled"
    );
    assert_eq!(world.journal.last().unwrap().reason, Some(name("unresponsive")));
    assert_eq!(world.worklists(lead), []);
    let closed = world.operate(lead, no_answer()).unwrap_err();
    assert_eq!(closed, Refusal::Closed);
    // Somebody answers after all: the counting ends.
    let (mut world, lead) = asked();
    world.operate(lead, no_answer()).unwrap();
    world.operate(lead, answer(found("pays", Known3::Unknown))).unwrap();
    assert_eq!(world.lead(lead).value.tries, None);
}

#[test]
fn time_takes_out_of_sales_only_what_is_worth_less_and_nobody_has_accepted() {
    let look = |world: &mut World, lead: LeadId| {
        let job = world.ids().delivery();
        let at = world.now;
        world.change(lead, |lead| lead.look_again = Some(LookAgain { job, at }));
        Action::LookAgain { job }
    };
    let stricter = |world: &mut World| {
        let text = QUALIFICATION.replace("sell: 50", "sell: 75");
        let settings = serde_saphyr::from_str(&text).unwrap();
        world.configuration.qualifier = Qualifier::compile(&settings, &Lists::default()).unwrap();
    };
    let (mut world, lead) = sold();
    let action = look(&mut world, lead);
    let still = world.operate(lead, action.clone()).unwrap_err();
    assert_eq!(still, Refusal::NotDue(None), "it is worth as much as it was");
    // A line that was drawn higher since is no doing of time.
    stricter(&mut world);
    assert_eq!(world.operate(lead, action).unwrap_err(), Refusal::NotDue(None));
    // A job that the lead does not name does nothing, and what sales has accepted stays.
    let (mut world, lead) = sold();
    look(&mut world, lead);
    stricter(&mut world);
    let other = Action::LookAgain { job: world.ids().delivery() };
    assert_eq!(world.operate(lead, other).unwrap_err(), Refusal::NotDue(None));
    let (mut world, lead) = sold();
    let action = look(&mut world, lead);
    stricter(&mut world);
    world.change(lead, |lead| {
        let crate::domain::Assignment::Settled { outcome, .. } = &mut lead.assignment else {
            return;
        };
        outcome.stage = Stage::Accepted;
    });
    assert_eq!(world.operate(lead, action).unwrap_err(), Refusal::NotDue(None));
}
