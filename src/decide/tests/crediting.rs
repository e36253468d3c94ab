//! Who had a lead that was none gets the turn back.

use super::world::World;
use super::{Person, name};
use crate::decide::{Action, Saying};
use crate::domain::{Disposition, LeadId, Timestamp};

fn say(world: &mut World, lead: LeadId, disposition: Disposition, at: Option<Timestamp>) {
    world.operate(lead, Action::Say(Box::new(Saying::bare(disposition, at)))).unwrap();
}

/// Somebody's credit in the pool of the buyers: what is owed, and how many count.
fn credit(world: &World, member: &str) -> (i64, u64) {
    let seats = &world.pools[&name("dach")].seats;
    let seat = seats.iter().find(|seat| seat.member.as_str() == member).unwrap();
    (seat.credit, seat.assigned)
}

fn routed() -> (World, LeadId) {
    let mut world = World::new();
    let done = world.inquire(Person::BUYER);
    assert_eq!(done.assignment.owner(), Some(&name("anna")));
    let lead = done.lead();
    (world, lead)
}

#[test]
fn the_turn_goes_back_for_what_the_workspace_names() {
    use Disposition as D;
    let credited = |disposition| {
        let (mut world, lead) = routed();
        say(&mut world, lead, disposition, None);
        let said = world.lead(lead).value.said.unwrap();
        assert_eq!(said.credited, credit(&world, "anna") == (1, 0), "{disposition}");
        said.credited
    };
    let all: Vec<D> = D::ALL.iter().copied().filter(|word| credited(*word)).collect();
    assert_eq!(all, [D::NotAFit, D::BadData, D::Duplicate]);
}

#[test]
fn one_turn_a_lead_whatever_else_is_said() {
    use Disposition as D;
    let (mut world, lead) = routed();
    say(&mut world, lead, D::NoNeed, None);
    assert_eq!(credit(&world, "anna"), (0, 1), "that was a lead");
    say(&mut world, lead, D::NotAFit, None);
    assert_eq!(credit(&world, "anna"), (1, 0), "on second thoughts it was none");
    say(&mut world, lead, D::BadData, None);
    assert_eq!(credit(&world, "anna"), (1, 0));
    say(&mut world, lead, D::NoBudget, None);
    assert_eq!(credit(&world, "anna"), (0, 1), "it was one after all");
}

#[test]
fn what_is_taken_back_takes_the_turn_along() {
    use Disposition as D;
    for (word, owner) in [(D::Accepted, "anna"), (D::Won, "anna")] {
        let (mut world, lead) = routed();
        say(&mut world, lead, D::Duplicate, None);
        assert_eq!(credit(&world, "anna"), (1, 0));
        say(&mut world, lead, word, None);
        let stored = world.lead(lead).value;
        assert_eq!(stored.assignment.owner(), Some(&name(owner)));
        assert_eq!((credit(&world, "anna"), stored.said.unwrap().credited), ((0, 1), false));
    }
}

#[test]
fn what_comes_late_moves_no_turn() {
    let (mut world, lead) = routed();
    let early = world.now;
    say(&mut world, lead, Disposition::Qualified, None);
    say(&mut world, lead, Disposition::NotAFit, Some(early));
    assert_eq!(credit(&world, "anna"), (0, 1), "it was qualified after that");
}

#[test]
fn the_next_cycle_begins_without_it() {
    let (mut world, lead) = routed();
    say(&mut world, lead, Disposition::NotAFit, None);
    let again = world.inquire(Person::BUYER);
    assert_eq!((again.lead(), again.decision.lead.as_ref().unwrap().cycle), (lead, 2));
    assert!(!world.lead(lead).value.said.unwrap().credited);
    assert_eq!((again.assignment.owner(), credit(&world, "anna")), (Some(&name("anna")), (0, 1)));
    say(&mut world, lead, Disposition::NotAFit, None);
    assert_eq!(credit(&world, "anna"), (1, 0), "another turn, another credit");
}

#[test]
fn what_an_operator_discards_is_the_operators_word() {
    let (mut world, lead) = routed();
    world.operate(lead, Action::Discard { reason: Some(name("not_a_fit")) }).unwrap();
    assert_eq!(credit(&world, "anna"), (0, 1));
}
