//! What a person did takes leads to sales and out of there.

use std::time::Duration;

use super::world::World;
use super::{Person, name};
use crate::decide::{Action, Refusal};
use crate::domain::{Category, Engagement, EngagementKind, LeadId, Noted, OwnerStep, Stage};
use crate::qualify::{Qualifier, Settings};
use crate::rules::Lists;

/// 10 for an address that works, 30 for a budget; the rest is what the person does.
const QUALIFICATION: &str = "
criteria:
  budget:
    - { name: pays, yes: { field: answers.budget, gte: 1000 }, points: 30 }
contact:
  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 10 }
engagement:
  - name: interest
    half_life: 14d
    lines:
      - { name: seen, kind: page_viewed, points: 15 }
      - { name: shown, kind: webinar_attended, points: 20 }
      - { name: gone, kind: email_opened, points: -30 }
thresholds: { sell: 50, demote: 45, nurture: 10 }
";

pub(super) fn world(person: Person) -> (World, LeadId) {
    let mut world = World::new();
    let settings: Settings = serde_saphyr::from_str(QUALIFICATION).unwrap();
    world.configuration.qualifier = Qualifier::compile(&settings, &Lists::default()).unwrap();
    let lead = world.inquire(person).lead();
    (world, lead)
}

fn did(world: &World, kind: EngagementKind, mark: u64) -> Engagement {
    Engagement { kind, at: world.now, page: None, campaign: None, mark, count: 1 }
}

fn engage(world: &mut World, lead: LeadId, kinds: &[(EngagementKind, u64)]) -> String {
    let told = kinds.iter().map(|(kind, mark)| did(world, *kind, *mark)).collect();
    world.operate(lead, Action::Engage(told)).unwrap().0
}

use EngagementKind::{EmailOpened, PageViewed, WebinarAttended};

#[test]
fn over_the_line_it_is_promoted_and_the_first_way_through_goes_on() {
    let (mut world, lead) = world(Person::BUYER);
    assert_eq!(world.lead(lead).value.category(), Some(Category::Nurture));
    let seen = engage(&mut world, lead, &[(PageViewed, 1)]);
    assert!(seen.starts_with("cycle 1: routed sales anna lead | "), "{seen}");
    assert!(seen.contains("crm lead.promoted") && seen.contains("newsletter lead.promoted"));
    let row = world.journal.last().unwrap();
    assert_eq!((row.fact.as_str(), row.actor.as_ref()), ("lead_promoted", Some(&name("ops-key"))));
    assert_eq!(row.reason, Some(name("engagement")));
    assert_eq!(world.lead(lead).value.inquiries, 1, "it is no inquiry");
}

#[test]
fn what_moves_nothing_is_noted_and_told_to_nobody() {
    let (mut world, lead) = world(Person::COLD);
    let before = world.lead(lead);
    let noted = engage(&mut world, lead, &[(PageViewed, 1), (PageViewed, 2)]);
    assert_eq!(noted, "cycle 1: nurtured nurture - inquiry | ");
    let after = world.lead(lead);
    assert_eq!(after.version, before.version + 1, "one commit for both");
    assert_eq!(after.value.updated_at, before.value.updated_at);
    assert!(after.value.score > before.value.score);
    let again = did(&world, PageViewed, 1);
    let refused = world.operate(lead, Action::Engage(vec![again])).unwrap_err();
    assert_eq!(refused, Refusal::NothingNew(vec![Noted::Known]));
}

#[test]
fn who_left_sales_goes_back_to_the_owner_in_the_next_cycle() {
    let (mut world, lead) = world(Person::BUYER);
    engage(&mut world, lead, &[(WebinarAttended, 1)]);
    let owner = world.lead(lead).value.assignment.owner().cloned().unwrap();
    // Minuses take it out again, and nobody forgets whose it was.
    let out = engage(&mut world, lead, &[(EmailOpened, 2)]);
    assert!(out.starts_with("cycle 1: nurtured nurture - lead | "), "{out}");
    let left = world.lead(lead).value.left_sales().cloned().unwrap();
    assert_eq!((left.owner.as_ref(), left.reason.as_str()), (Some(&owner), "engagement"));
    // Somebody else's turn it would be.
    world.inquire(Person::BUYER.of("petra@zanzotter.example"));
    let back = engage(&mut world, lead, &[(WebinarAttended, 3), (WebinarAttended, 4)]);
    assert!(back.starts_with(&format!("cycle 2: routed sales {owner} lead | ")), "{back}");
    assert!(back.contains("crm lead.promoted"), "{back}");
    assert_eq!(world.lead(lead).value.left_sales(), None);
    let entry = world.lead(lead).value.touches.last().unwrap().inquiry;
    assert_eq!(world.entry(entry).value.record.owners, [(OwnerStep::Existing, owner)]);
}

#[test]
fn while_it_cools_down_only_an_inquiry_brings_it_back() {
    let (mut world, lead) = world(Person::BUYER);
    engage(&mut world, lead, &[(WebinarAttended, 1)]);
    engage(&mut world, lead, &[(EmailOpened, 2)]);
    let until = world.now.after(Duration::from_hours(24));
    world.change(lead, |lead| {
        lead.nurture.as_mut().unwrap().left.as_mut().unwrap().cool_until = Some(until);
    });
    let noted = engage(&mut world, lead, &[(WebinarAttended, 3), (WebinarAttended, 4)]);
    assert!(noted.starts_with("cycle 1: nurtured"), "{noted}");
    let repeat = world.inquire(Person::BUYER);
    let after = world.lead(lead).value;
    assert_eq!((after.cycle, after.stage()), (2, Stage::Lead), "{}", repeat.text());
    assert!(repeat.told.contains(&"crm lead.promoted".to_owned()), "{:?}", repeat.told);
}

#[test]
fn what_sales_has_accepted_stays_there() {
    let (mut world, lead) = world(Person::BUYER);
    engage(&mut world, lead, &[(WebinarAttended, 1)]);
    world.change(lead, |lead| {
        if let crate::domain::Assignment::Settled { outcome, .. } = &mut lead.assignment {
            outcome.stage = Stage::Accepted;
        }
    });
    let noted = engage(&mut world, lead, &[(EmailOpened, 2)]);
    assert!(noted.contains("routed sales") && noted.ends_with("| "), "{noted}");
}
