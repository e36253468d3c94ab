//! Who is asked to confirm an address, and where the lead goes then.

use std::time::Duration;

use super::world::World;
use super::{Person, name};
use crate::decide::{Action, Refusal};
use crate::domain::{
    Assignment, ConfirmationTerms, Confirmed, Index, LeadId, Stage, Status, Unconfirmed,
};

fn world(unconfirmed: Unconfirmed) -> World {
    let mut world = World::new();
    let terms = ConfirmationTerms {
        destination: name("newsletter"),
        within: Duration::from_hours(48),
        again_after: Duration::from_mins(15),
        unconfirmed,
        page: None,
    };
    world.configuration.confirmations.insert(name("web-form"), terms);
    world
}

fn confirm(world: &mut World, lead: LeadId) -> Result<String, Refusal> {
    let confirmed = Confirmed { at: world.now, network: Some("192.0.2.0/24".into()) };
    world.operate(lead, Action::Confirm(confirmed)).map(|(text, _)| text)
}

fn look_again(world: &mut World, lead: LeadId) -> Result<String, Refusal> {
    let job = world.lead(lead).value.look_again.unwrap().job;
    world.operate(lead, Action::LookAgain { job }).map(|(text, _)| text)
}

#[test]
fn a_new_person_is_asked_and_goes_on_once_it_is_confirmed() {
    let mut world = world(Unconfirmed::Keep);
    let done = world.inquire(Person::BUYER);
    let lead = done.lead();
    let asked = "awaiting_confirmation: awaiting_confirmation none - inquiry | newsletter lead.awaiting_confirmation";
    assert_eq!(done.text(), asked);
    assert_eq!(world.worklists(lead), [Index::Unconfirmed]);
    let stands = world.lead(lead).value;
    let until = stands.confirmation.as_ref().unwrap().until;
    assert_eq!(stands.look_again.unwrap().at, until, "it is looked at when its time is over");
    assert!(world.pools.is_empty() && world.counters.is_empty(), "nobody's turn is used up");

    let text = confirm(&mut world, lead).unwrap();
    assert_eq!(text, "cycle 1: routed sales anna lead | crm lead.routed");
    assert_eq!(world.worklists(lead), []);
    assert_eq!(world.lead(lead).value.look_again, None);
    assert_eq!(world.journal.last().unwrap().fact.as_str(), "lead_confirmed");
    assert_eq!(confirm(&mut world, lead), Err(Refusal::AlreadyConfirmed));
    let again = world.inquire(Person::BUYER);
    assert!(again.text().starts_with("repeat: routed sales anna"), "{}", again.text());
}

#[test]
fn not_everybody_is_asked() {
    for (person, status) in [
        // Given up anyway, no address, an address that is none.
        (Person { title: "student", ..Person::BUYER }, Status::Discarded),
        (Person { email: "", phone: "+4930231250", ..Person::BUYER }, Status::Routed),
        (Person { email: "ottilie@", phone: "+4930231250", ..Person::BUYER }, Status::Routed),
    ] {
        let mut world = world(Unconfirmed::Keep);
        let done = world.inquire(person);
        assert_eq!(done.assignment.status(), status, "{}", done.text());
        assert_eq!(world.lead(done.lead()).value.confirmation, None);
    }
    let mut world = world(Unconfirmed::Keep);
    let terms = std::mem::take(&mut world.configuration.confirmations);
    let lead = world.inquire(Person::BUYER).lead();
    world.configuration.confirmations = terms;
    let done = world.inquire(Person::BUYER);
    assert!(done.text().starts_with("repeat: routed sales anna"), "with people: {}", done.text());
    let test = world.inquire(Person { is_test: true, ..Person::BUYER });
    assert_eq!(test.assignment.status(), Status::Routed, "tests say what would become of it");
    world.operate(lead, Action::Discard { reason: None }).unwrap();
    let back = world.inquire(Person::BUYER);
    assert!(back.text().contains("awaiting_confirmation none"), "anew: {}", back.text());
    assert!(!back.text().contains("crm"), "nobody hears of it who had the lead: {}", back.text());
    assert_eq!(world.lead(lead).value.cycle, 2);
}

#[test]
fn nothing_is_done_with_it_meanwhile_but_what_takes_it_out() {
    let mut world = world(Unconfirmed::Keep);
    let lead = world.inquire(Person::BUYER).lead();
    assert_eq!(world.operate(lead, Action::Redecide).unwrap_err(), Refusal::Unconfirmed);
    let early = look_again(&mut world, lead).unwrap_err();
    assert!(matches!(early, Refusal::NotDue(Some(_))), "{early}");
    let (text, _) = world.operate(lead, Action::Release).unwrap();
    assert_eq!(text, "cycle 1: routed sales anna lead | crm lead.routed");
    let text = confirm(&mut world, lead).unwrap();
    assert_eq!(text, "cycle 1: routed sales anna lead | ", "the evidence still comes");

    let other = world.inquire(Person::BUYER.of("petra@zanzotter.example")).lead();
    let assign = Action::Assign { queue: None, member: Some(name("carl")) };
    let (text, _) = world.operate(other, assign).unwrap();
    assert_eq!(text, "cycle 1: routed sales carl lead | crm lead.routed");
}

#[test]
fn whoever_had_the_lead_before_is_asked_first() {
    let mut world = world(Unconfirmed::Keep);
    let terms = std::mem::take(&mut world.configuration.confirmations);
    let lead = world.inquire(Person::BUYER).lead();
    world.configuration.confirmations = terms;
    world.change(lead, |lead| {
        if let Assignment::Settled { outcome, owner } = &mut lead.assignment {
            outcome.stage = Stage::Lost;
            *owner = Some(name("bert"));
        }
    });
    world.inquire(Person::BUYER);
    let text = confirm(&mut world, lead).unwrap();
    assert_eq!(text, "cycle 2: routed sales bert lead | crm lead.routed");
}

#[test]
fn who_confirms_nothing_is_given_up_or_forgotten_if_nobody_knew_them() {
    for unconfirmed in [Unconfirmed::Keep, Unconfirmed::Erase] {
        let mut world = world(unconfirmed);
        let lead = world.inquire(Person::BUYER).lead();
        world.now = world.now.after(Duration::from_hours(49));
        let over = look_again(&mut world, lead);
        if unconfirmed == Unconfirmed::Erase {
            assert_eq!(over, Err(Refusal::ToBeErased));
            world.change(lead, |lead| lead.cycle = 2);
            let kept = look_again(&mut world, lead).unwrap();
            assert!(kept.contains("discarded none"), "known before: {kept}");
            continue;
        }
        assert_eq!(over.unwrap(), "cycle 1: discarded none - discarded | ");
        let last = world.journal.last().unwrap();
        assert_eq!(
            (last.fact.as_str(), &last.reason),
            ("confirmation_expired", &Some(name("unconfirmed")))
        );
        assert_eq!(world.worklists(lead), []);
    }
}
