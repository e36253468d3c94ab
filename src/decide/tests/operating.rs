//! What operators do with leads.

use super::world::World;
use super::{Person, name};
use crate::decide::{Action, Refusal};
use crate::domain::{Category, Facts, Index, Job, Key, LeadId, Stage, packing};

fn assign(queue: Option<&str>, member: Option<&str>) -> Action {
    Action::Assign { queue: queue.map(name), member: member.map(name) }
}

fn triaged() -> (World, LeadId) {
    let mut world = World::new();
    let lead = world.inquire(Person { country: "US", ..Person::BUYER }).lead();
    (world, lead)
}

fn nurtured() -> (World, LeadId) {
    let mut world = World::new();
    let lead = world.inquire(Person::COLD).lead();
    (world, lead)
}

fn routed() -> (World, LeadId) {
    let mut world = World::new();
    let lead = world.inquire(Person::BUYER).lead();
    (world, lead)
}

#[test]
fn assigning_by_hand() {
    type Begin = fn() -> (World, LeadId);
    let rows: [(Begin, Action, &str); 9] = [
        (
            triaged,
            assign(None, Some("carl")),
            "cycle 1: routed sales carl lead | crm lead.routed, ops lead.routed",
        ),
        (
            triaged,
            assign(Some("sales"), None),
            "cycle 1: routed sales - lead | crm lead.routed, ops lead.routed",
        ),
        (
            triaged,
            assign(Some("qualify"), Some("dora")),
            "cycle 1: qualifying qualify dora lead | inside-sales lead.qualifying, ops lead.qualifying",
        ),
        (triaged, assign(Some("triage"), None), "cycle 1: held triage - lead | "),
        (
            routed,
            assign(None, Some("bert")),
            "cycle 1: routed sales bert lead | crm lead.reassigned, audit-log lead.reassigned",
        ),
        (
            routed,
            assign(Some("nurture"), None),
            "cycle 1: nurtured nurture - lead | newsletter lead.reassigned, audit-log lead.reassigned, crm lead.reassigned",
        ),
        (
            routed,
            assign(Some("triage"), None),
            "cycle 1: held triage - lead | ops lead.held, crm lead.held",
        ),
        (
            nurtured,
            assign(Some("sales"), Some("anna")),
            "cycle 1: routed sales anna lead | crm lead.promoted, audit-log lead.promoted, newsletter lead.promoted",
        ),
        (
            nurtured,
            assign(None, Some("anna")),
            "cycle 1: nurtured nurture anna inquiry | newsletter lead.reassigned, audit-log lead.reassigned",
        ),
    ];
    for (begin, action, expected) in rows {
        let (mut world, lead) = begin();
        let (text, _) = world.operate(lead, action.clone()).unwrap();
        assert_eq!(text, expected, "{action:?}");
        let row = world.journal.last().unwrap();
        assert_eq!(
            (row.fact.as_str(), row.actor.as_ref()),
            ("lead_assigned", Some(&name("ops-key")))
        );
        let expected = match world.lead(lead).value.queue().unwrap().as_str() {
            "triage" => vec![Index::Triage],
            "qualify" => vec![Index::Qualify],
            _ => vec![],
        };
        assert_eq!(world.worklists(lead), expected);
    }
}

#[test]
fn a_person_may_pass_caps_but_the_lead_counts_against_them() {
    let (mut world, lead) = triaged();
    let carl = |world: &World| {
        world.counters.iter().find(|(name, _)| name.starts_with("carl:")).map_or(0, |c| *c.1)
    };
    world.inquire(Person { country: "FR", ..Person::BUYER.of("a@fjordlund.example") });
    assert_eq!(carl(&world), 1);
    let (text, operation) = world.operate(lead, assign(None, Some("carl"))).unwrap();
    assert!(text.contains("sales carl"), "{text}");
    assert_eq!(carl(&world), 2);
    assert_eq!(operation.commit.branches.len(), 2, "a plan ends with a branch that needs nobody");
    assert!(operation.commit.branches[1].pick.is_none());
}

#[test]
fn a_nurtured_lead_given_to_sales_is_one_to_be_sold() {
    let (mut world, lead) = nurtured();
    world.operate(lead, assign(Some("sales"), None)).unwrap();
    let lead = world.lead(lead).value;
    assert_eq!((lead.category(), lead.stage()), (Some(Category::Sell), Stage::Lead));
}

#[test]
fn what_makes_no_sense_is_refused_with_a_suggestion() {
    let (mut world, lead) = routed();
    let rows = [
        (assign(None, None), Refusal::NothingSaid),
        (
            assign(Some("nurtur"), None),
            Refusal::UnknownQueue { queue: name("nurtur"), suggestion: Some(name("nurture")) },
        ),
        (
            assign(None, Some("ana")),
            Refusal::UnknownMember { member: name("ana"), suggestion: Some(name("anna")) },
        ),
        (assign(Some("triage"), Some("anna")), Refusal::MemberInTriage),
        (
            assign(Some("none"), None),
            Refusal::UnknownQueue { queue: name("none"), suggestion: None },
        ),
        (Action::Release, Refusal::NotWaiting),
    ];
    for (action, expected) in rows {
        assert_eq!(world.operate(lead, action).map(|done| done.0), Err(expected));
    }
    world.operate(lead, Action::Discard { reason: None }).unwrap();
    let refused = world.operate(lead, Action::Discard { reason: None });
    assert_eq!(refused.map(|done| done.0), Err(Refusal::AlreadyDiscarded));
    world.change(lead, |it| it.merged_into = Some(lead));
    let refused = world.operate(lead, Action::Redecide);
    assert_eq!(refused.map(|done| done.0), Err(Refusal::Merged(lead)));
}

#[test]
fn discarding_tells_why_and_who_and_can_be_taken_back() {
    let (mut world, lead) = triaged();
    let (text, _) = world.operate(lead, Action::Discard { reason: Some(name("spam")) }).unwrap();
    assert_eq!(text, "cycle 1: discarded none - discarded | ", "the event is off by default");
    assert!(world.worklists(lead).is_empty());
    let row = world.journal.last().unwrap();
    assert_eq!((row.fact.as_str(), row.reason.as_ref()), ("lead_discarded", Some(&name("spam"))));
    let (text, operation) = world.operate(lead, assign(None, Some("anna"))).unwrap();
    assert_eq!(text, "cycle 2: routed sales anna lead | crm lead.routed");
    assert!(operation.commit.branches[0].jobs.iter().all(|job| job.resets_handover));
    let (text, _) = world.operate(lead, Action::Discard { reason: None }).unwrap();
    assert_eq!(text, "cycle 2: discarded none - discarded | audit-log lead.discarded");
}

#[test]
fn releasing_tries_again() {
    let mut world = World::new();
    let french = Person { country: "FR", ..Person::BUYER };
    world.inquire(french);
    let held = world.inquire(french.of("a@fjordlund.example"));
    let lead = held.lead();
    let (text, operation) = world.operate(lead, Action::Release).unwrap();
    assert_eq!(text, "cycle 1: held triage - lead | ", "still no room: nobody is told twice");
    assert_eq!(world.worklists(lead), [Index::Held]);
    let id = held.decision.inquiry.id;
    let reads: Vec<_> =
        operation.commit.reads.iter().map(|read| (read.key.clone(), read.version)).collect();
    assert_eq!(reads[..2], [(Key::Lead(lead), 1), (Key::Inquiry(id), 1)]);
    assert!(matches!(reads[2..], [(Key::Identity(_), 1)]), "whose account it is: {reads:?}");
    world.now = world.now.after(std::time::Duration::from_hours(24));
    let (text, operation) = world.operate(lead, Action::Release).unwrap();
    assert_eq!(text, "cycle 1: routed sales carl lead | crm lead.routed, ops lead.routed");
    assert!(world.worklists(lead).is_empty());
    let entry = world.entry(id);
    assert_eq!(entry.version, 3, "its record is the decision of now");
    assert_eq!(Some(entry.value.record), operation.record);
    assert_eq!(entry.value.assignment, world.lead(lead).value.assignment);
    let row = world.journal.last().unwrap();
    assert_eq!((row.fact.as_str(), row.inquiry), ("lead_released", Some(id)));
}

#[test]
fn deciding_again_uses_the_configuration_of_now() {
    let (mut world, lead) = triaged();
    world.configuration.hash = "ee".repeat(16);
    let (text, operation) = world.operate(lead, Action::Redecide).unwrap();
    assert_eq!(text, "cycle 1: held triage - lead | ");
    assert_eq!(operation.record.unwrap().config, world.configuration.hash);
    let (mut world, lead) = routed();
    let (text, operation) = world.operate(lead, Action::Redecide).unwrap();
    assert_eq!(
        text,
        "cycle 1: routed sales bert lead | crm lead.reassigned, audit-log lead.reassigned"
    );
    let Job::Deliver(delivery) = packing::read(&operation.commit.branches[0].jobs[0].body).unwrap()
    else {
        panic!("a delivery")
    };
    assert!(delivery.event.inquiry.is_some());
    assert_eq!(world.journal.last().unwrap().fact.as_str(), "lead_redecided");
}

#[test]
fn deciding_again_about_a_discarded_one_reopens_it_only_if_it_is_wanted() {
    let mut world = World::new();
    let student = world.inquire(Person { title: "student", ..Person::BUYER }).lead();
    let (text, _) = world.operate(student, Action::Redecide).unwrap();
    assert_eq!(text, "cycle 1: discarded none - discarded | ");
    let (mut world, lead) = routed();
    world.operate(lead, Action::Discard { reason: None }).unwrap();
    let (text, _) = world.operate(lead, Action::Redecide).unwrap();
    assert_eq!(text, "cycle 2: routed sales bert lead | crm lead.routed");
}

#[test]
fn without_its_inquiry_a_lead_cannot_be_decided_again() {
    let (mut world, lead) = triaged();
    let (known, mut ids) = (world.lead(lead), world.ids());
    let order = crate::decide::Order {
        action: Action::Release,
        actor: &name("ops-key"),
        lead: &known,
        inquiry: None,
        account: &Facts::default(),
        claim: None,
        lease: None,
        roster: &crate::domain::Roster::default(),
        overlay: 0,
        now: world.now,
        told: &[],
    };
    let refused = crate::decide::operate(&world.configuration, &order, &mut ids);
    assert_eq!(refused, Err(Refusal::NoInquiry));
}
