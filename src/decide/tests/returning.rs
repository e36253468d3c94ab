//! What was passed back comes back by itself.

use std::time::Duration;

use super::world::World;
use super::{Person, engaging, name};
use crate::decide::{Action, Refusal};
use crate::domain::{
    Assignment, Category, DeliveryId, Engagement, EngagementKind, LeadId, LeftSales, LookAgain,
    Said, Stage, Status, Timestamp,
};

const DAY: Duration = Duration::from_hours(24);
const JOB: DeliveryId = DeliveryId::from_bytes([7; 16]);

/// Passed back by Anna, in peace for two weeks, and looked at by that job.
fn passed_back(world: &mut World, lead: LeadId, revisit_at: Option<Timestamp>) {
    let now = world.now;
    world.change(lead, |lead| {
        if let Assignment::Settled { outcome, owner } = &mut lead.assignment {
            (outcome.stage, outcome.status) = (Stage::Recycled, Status::Nurtured);
            (outcome.category, outcome.queue) = (Category::Nurture, name("nurture"));
            outcome.pool = None;
            *owner = None;
        }
        lead.said = Some(Box::new(Said { revisit_at, ..Said::default() }));
        let nurture = lead.nurture.get_or_insert_default();
        nurture.left = Some(LeftSales {
            at: now,
            reason: name("timeline_later"),
            owner: Some(name("anna")),
            cool_until: Some(now.after(DAY * 14)),
        });
        lead.look_again = Some(LookAgain { job: JOB, at: now.after(DAY * 14) });
    });
}

#[test]
fn at_the_time_that_was_said_it_is_for_sales_whatever_it_is_worth() {
    let mut world = World::new();
    let at = world.now.after(DAY * 90);
    let lead = world.inquire(Person::BUYER).lead();
    passed_back(&mut world, lead, Some(at));
    world.now = world.now.after(DAY * 20);
    let early = world.operate(lead, Action::LookAgain { job: JOB }).unwrap_err();
    assert_eq!(early, Refusal::NotDue(Some(at)));
    world.change(lead, |lead| lead.answers.clear());
    world.now = at;
    let (back, _) = world.operate(lead, Action::LookAgain { job: JOB }).unwrap();
    assert!(back.starts_with("cycle 2: routed sales anna lead | "), "{back}");
    assert!(back.contains("crm lead.promoted"), "{back}");
    let now = world.lead(lead).value;
    assert_eq!((now.left_sales(), now.inquiries), (None, 1));
    assert_eq!(world.journal.last().unwrap().reason, Some(name("revisit")));
    let again = world.operate(lead, Action::LookAgain { job: JOB }).unwrap_err();
    assert!(matches!(again, Refusal::NotDue(_)), "once: {again}");
}

#[test]
fn after_the_peace_it_comes_back_if_what_the_person_did_is_enough() {
    let (mut world, lead) = engaging::world(Person::BUYER);
    passed_back(&mut world, lead, None);
    let came = |mark| Engagement {
        kind: EngagementKind::WebinarAttended,
        at: world.now.after(DAY),
        page: None,
        campaign: None,
        mark,
        count: 1,
    };
    let told = vec![came(1), came(2)];
    world.now = world.now.after(DAY);
    let (noted, _) = world.operate(lead, Action::Engage(told)).unwrap();
    assert!(noted.starts_with("cycle 1: nurtured nurture - recycled | "), "{noted}");
    world.now = world.now.after(DAY * 13);
    let job = world.lead(lead).value.look_again.unwrap().job;
    let (back, _) = world.operate(lead, Action::LookAgain { job }).unwrap();
    assert!(back.starts_with("cycle 2: routed sales anna lead | "), "{back}");
}
