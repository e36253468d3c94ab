//! Inquiries of new and known people.

use std::time::Duration;

use super::world::Done;
use super::{Person, World, name};
use crate::domain::{Category, Facts, Index, Job, Key, OwnerStep, Stage, Status, packing};

#[test]
fn somebody_new_goes_where_the_category_and_the_rules_say() {
    let rows = [
        (Person::BUYER, "routed: routed sales anna lead | crm lead.routed"),
        (Person { country: "US", ..Person::BUYER }, "held: held triage - lead | ops lead.held"),
        (Person::COLD, "nurtured: nurtured nurture - inquiry | newsletter lead.nurtured"),
        (
            Person::CURIOUS,
            "qualifying: qualifying qualify - inquiry | inside-sales lead.qualifying",
        ),
        (Person { title: "student", ..Person::BUYER }, "discarded: discarded none - discarded | "),
    ];
    for (person, expected) in rows {
        let mut world = World::new();
        let done = world.inquire(person);
        assert_eq!(done.text(), expected);
        let lead = world.lead(done.lead());
        assert_eq!((lead.version, lead.value.cycle, lead.value.inquiries), (1, 1, 1));
        assert_eq!(lead.value.score, done.decision.record.qualification.score);
        assert!(!done.decision.known);
        let row = &world.journal[0];
        assert_eq!(
            (row.fact.as_str(), row.lead, row.status),
            ("inquiry_decided", Some(done.lead()), None)
        );
        assert_eq!(row.outcomes.len(), done.decision.commit.branches.len());
        let entry = world.entry(done.decision.inquiry.id);
        assert_eq!((entry.version, entry.value.assignment), (1, lead.value.assignment));
    }
}

#[test]
fn worklists_hold_who_waits_and_nobody_else() {
    let mut world = World::new();
    let rows = [
        (Person::BUYER, vec![]),
        (Person { country: "US", ..Person::BUYER.of("a@fjordlund.example") }, vec![Index::Triage]),
        (Person::CURIOUS, vec![Index::Qualify]),
        (Person::COLD.of("b@fjordlund.example"), vec![]),
    ];
    for (person, expected) in rows {
        let done = world.inquire(person);
        assert_eq!(world.worklists(done.lead()), expected, "{}", done.text());
    }
}

#[test]
fn full_pools_give_way_in_order_and_the_last_one_is_held() {
    let mut world = World::new();
    let emails = [
        "a@fjordlund.example",
        "b@fjordlund.example",
        "c@fjordlund.example",
        "d@fjordlund.example",
        "e@fjordlund.example",
    ];
    let dones: Vec<_> = emails.map(|email| world.inquire(Person::BUYER.of(email))).into();
    let texts: Vec<_> = dones.iter().map(Done::text).collect();
    assert_eq!(
        texts,
        [
            "routed: routed sales anna lead | crm lead.routed",
            "routed: routed sales bert lead | crm lead.routed",
            "routed: routed sales anna lead | crm lead.routed",
            "routed: routed sales carl lead | crm lead.routed",
            "held: held triage - lead | ops lead.held",
        ]
    );
    let held = &dones[4];
    let capped: Vec<_> = held.receipt.capped.iter().map(|one| one.member.clone()).collect();
    assert_eq!(capped, [name("anna"), name("bert"), name("carl")]);
    assert_eq!(held.receipt.branch, 2);
    assert_eq!(world.worklists(held.lead()), [Index::Held]);
    assert_eq!(held.decision.record.ruled_out, [(name("dora"), "paused".to_owned())]);
    // The next day there is room again: the held one's new inquiry takes it out.
    world.now = world.now.after(Duration::from_hours(24));
    let again = world.inquire(Person::BUYER.of(emails[4]));
    assert_eq!(again.text(), "repeat: routed sales bert lead | crm lead.routed, ops lead.routed");
    assert!(world.worklists(held.lead()).is_empty());
}

#[test]
fn a_held_leads_repeat_waits_with_it_while_there_is_no_room() {
    let mut world = World::new();
    let person = Person { country: "FR", ..Person::BUYER };
    world.inquire(person);
    let held = world.inquire(person.of("a@fjordlund.example"));
    assert_eq!(held.text(), "held: held triage - lead | ops lead.held");
    let place = world.indexes[&Index::Held].clone();
    let again = world.inquire(person.of("a@fjordlund.example"));
    assert_eq!(again.text(), "repeat: held triage - lead | ops lead.inquired_again");
    assert_eq!(world.indexes[&Index::Held], place, "it keeps its place");
}

#[test]
fn a_repeat_keeps_queue_and_owner_and_coalesces() {
    let mut world = World::new();
    let first = world.inquire(Person::BUYER);
    world.inquire(Person::BUYER.of("a@fjordlund.example"));
    let pools = world.pools.clone();
    let again = world.inquire(Person { phone: "+4930231251", ..Person::BUYER });
    assert_eq!(again.text(), "repeat: routed sales anna lead | crm lead.inquired_again");
    assert_eq!(again.lead(), first.lead());
    assert_eq!(again.decision.record.matched_on, ["email"]);
    assert_eq!(again.decision.record.rules, "", "the rules were not asked");
    assert_eq!(world.pools, pools, "nobody's turn was used up");
    let job = &again.jobs[0];
    assert!(job.coalesces);
    assert_eq!(job.due, world.now.after(Duration::from_mins(1)));
    assert_eq!(job.inquiry, Some(again.decision.inquiry.id));
    let lead = world.lead(first.lead());
    assert_eq!((lead.version, lead.value.inquiries, lead.value.cycle), (2, 2, 1));
    assert!(lead.value.contact.phone.is_some(), "what is new was merged in");
    assert_eq!(world.journal[2].status, Some(Status::Repeat));
    assert_eq!(world.journal[2].outcomes, [lead.value.assignment.outcome().unwrap().clone()]);
}

#[test]
fn a_repeat_that_is_worth_selling_is_promoted_by_a_fresh_plan() {
    let unknown = Person { need: "", budget: "", ..Person::BUYER };
    for before in [Person::COLD, unknown] {
        let mut world = World::new();
        let first = world.inquire(before);
        assert_eq!(first.text(), "nurtured: nurtured nurture - inquiry | newsletter lead.nurtured");
        let again = world.inquire(Person::BUYER);
        assert_eq!(again.lead(), first.lead());
        assert_eq!(
            again.text(),
            "repeat: routed sales anna lead | crm lead.promoted, audit-log lead.promoted, newsletter lead.promoted"
        );
        assert_eq!(again.decision.record.rule, Some(name("dach")));
        assert!(again.jobs.iter().all(|job| !job.resets_handover && job.due == world.now));
    }
}

#[test]
fn whom_people_ask_about_is_promoted_too_and_leaves_the_worklist() {
    let mut world = World::new();
    let first = world.inquire(Person::CURIOUS);
    assert_eq!(world.worklists(first.lead()), [Index::Qualify]);
    let again = world.inquire(Person { budget: "5000", ..Person::CURIOUS });
    assert_eq!(
        again.text(),
        "repeat: routed sales anna lead | crm lead.promoted, audit-log lead.promoted, inside-sales lead.promoted"
    );
    assert!(world.worklists(first.lead()).is_empty());
}

#[test]
fn a_promoted_lead_that_finds_no_room_is_held_and_nurture_is_told() {
    let mut world = World::new();
    let french = Person { country: "FR", ..Person::COLD };
    let first = world.inquire(french);
    world.inquire(Person { country: "FR", ..Person::BUYER.of("a@fjordlund.example") });
    let again = world.inquire(Person { country: "FR", ..Person::BUYER });
    assert_eq!(again.text(), "repeat: held triage - lead | ops lead.held, newsletter lead.held");
    assert_eq!(world.worklists(first.lead()), [Index::Held]);
}

#[test]
fn a_repeat_never_makes_a_lead_worth_less() {
    let mut world = World::new();
    let first = world.inquire(Person::BUYER);
    let again = world.inquire(Person { title: "student", ..Person::COLD });
    assert_eq!(again.text(), "repeat: routed sales anna lead | crm lead.inquired_again");
    assert_eq!(again.decision.record.qualification.category, Category::Discard);
    assert_eq!(world.lead(first.lead()).value.category(), Some(Category::Sell));
}

#[test]
fn a_repeat_of_a_closed_lead_opens_the_next_cycle() {
    for stage in [Stage::Won, Stage::Lost, Stage::Recycled, Stage::Discarded] {
        let mut world = World::new();
        let first = world.inquire(Person::BUYER);
        world.change(first.lead(), |lead| {
            if let crate::domain::Assignment::Settled { outcome, .. } = &mut lead.assignment {
                outcome.stage = stage;
            }
        });
        let again = world.inquire(Person::BUYER);
        assert_eq!(again.text(), "repeat: routed sales anna lead | crm lead.routed", "{stage}");
        let asked = &again.decision.record.owners;
        assert_eq!(*asked, [(OwnerStep::Existing, name("anna"))], "who had it before comes first");
        assert_eq!(again.lead(), first.lead());
        assert!(again.jobs.iter().all(|job| job.resets_handover && !job.coalesces));
        let Job::Deliver(delivery) = packing::read(&again.jobs[0].body).unwrap() else {
            panic!("a delivery")
        };
        assert_eq!(delivery.event.cycle, 2);
        assert_eq!(world.lead(first.lead()).value.cycle, 2);
    }
}

#[test]
fn jobs_say_where_to_go_how_soon_and_who_takes_over() {
    let mut world = World::new();
    let done = world.inquire(Person::BUYER);
    let job = &done.jobs[0];
    assert_eq!(job.route.queue, name("crm"));
    assert_eq!(job.fallback.as_ref().map(|route| &route.queue), Some(&name("ops")));
    assert_eq!(
        (job.priority, job.due, job.coalesces, job.resets_handover),
        (1, world.now, false, false)
    );
    let Job::Deliver(delivery) = packing::read(&job.body).unwrap() else { panic!("a delivery") };
    let event = &delivery.event;
    assert_eq!(event.outcome.as_ref(), done.assignment.outcome());
    assert_eq!((event.score, event.cycle, event.is_test), (80_000, 1, false));
    // All branches tell of the same event, in different deliveries.
    let all: Vec<_> =
        done.decision.commit.branches.iter().flat_map(|branch| &branch.jobs).collect();
    let events: std::collections::BTreeSet<_> = all
        .iter()
        .map(|job| {
            let Job::Deliver(delivery) = packing::read(&job.body).unwrap() else {
                panic!("a delivery")
            };
            delivery.event.id
        })
        .collect();
    let ids: std::collections::BTreeSet<_> = all.iter().map(|job| job.id).collect();
    assert_eq!((events.len(), ids.len(), all.len()), (1, 3, 3));
}

#[test]
fn the_read_set_is_everything_the_decision_rests_on() {
    let mut world = World::new();
    let person = Person { phone: "+4930231253", ..Person::BUYER };
    let first = world.inquire(person);
    let reads = |done: &Done| -> Vec<(Key, u64)> {
        done.decision.commit.reads.iter().map(|read| (read.key.clone(), read.version)).collect()
    };
    let new = reads(&first);
    assert_eq!(new.len(), 4, "e-mail, phone, name and company, account");
    assert!(new.iter().all(|(key, version)| matches!(key, Key::Identity(_)) && *version == 0));
    let again = reads(&world.inquire(person));
    assert_eq!(again.len(), 4);
    assert!(
        again[..3].iter().all(|(_, version)| *version == 1),
        "unchanged sets are not written again"
    );
    assert_eq!(again[3], (Key::Lead(first.lead()), 1));
    // Somebody else at the same phone is read too, and refused.
    let other =
        Person { full_name: "Balthasar Quillfeather", ..person.of("b@quillfeather.example") };
    let other = world.inquire(other);
    assert!(reads(&other).contains(&(Key::Lead(first.lead()), 2)));
    assert_eq!(other.decision.record.refused, [(first.lead(), "phone_other_name".to_owned())]);
    assert_ne!(other.lead(), first.lead());
}

#[test]
fn a_decision_on_facts_that_changed_is_not_carried_out() {
    let mut world = World::new();
    let first = world.inquire(Person::BUYER);
    let mut ids = world.ids();
    let (inquiry, keys) = world.arrived(Person::BUYER, ids.inquiry());
    let nothing = world.decide(&inquiry, &keys, &Facts::default(), &mut ids);
    assert_eq!(world.apply(&nothing.commit), None, "there is somebody under these keys by now");
    let facts = world.facts(&keys);
    world.change(first.lead(), |lead| lead.cycle = 7);
    let late = world.decide(&inquiry, &keys, &facts, &mut ids);
    assert_eq!(world.apply(&late.commit), None, "the lead changed meanwhile");
    let current = world.facts(&keys);
    let good = world.decide(&inquiry, &keys, &current, &mut ids);
    assert!(world.apply(&good.commit).is_some());
    assert_eq!(world.lead(first.lead()).value.cycle, 7);
}

#[test]
fn an_overlay_is_part_of_the_read_set_and_named_in_the_record() {
    let mut world = World::new();
    let mut ids = world.ids();
    let (inquiry, keys) = world.arrived(Person::BUYER, ids.inquiry());
    let facts = Facts { overlay: 3, ..Facts::default() };
    let decision = world.decide(&inquiry, &keys, &facts, &mut ids);
    assert_eq!(decision.record.overlay, 3);
    let last = decision.commit.reads.last().unwrap();
    assert_eq!((&last.key, last.version), (&Key::Overlay, 3));
}

#[test]
fn a_record_of_twenty_rules_and_criteria_is_small() {
    let mut world = World::new();
    let done = world.inquire(Person::BUYER);
    let mut record = done.decision.record.clone();
    let line = record.qualification.lines[0].clone();
    record.qualification.lines =
        (0..20).map(|n| crate::domain::ScoreLine { line: n, ..line.clone() }).collect();
    record.rules = "n".repeat(19) + "y";
    record.ruled_out.clear();
    let bytes = serde_json::to_vec(&record).unwrap();
    assert!(bytes.len() <= 400, "{} bytes: {}", bytes.len(), String::from_utf8_lossy(&bytes));
}

#[test]
fn a_decision_in_words_names_no_person() {
    let mut world = World::new();
    let first = world.inquire(Person::BUYER);
    let words = |world: &World, done: &Done| {
        let entry = world.entry(done.decision.inquiry.id).value;
        crate::decide::in_words(&world.configuration, &entry, Some(&done.receipt)).join("\n")
    };
    let text = words(&world, &first);
    for part in [
        "Somebody new.",
        "Score 80 (50 or more is sell, 10 or more is nurture).",
        "Category: sell.",
        "Rule `dach` won.",
        "`dora` was not considered: paused.",
        "It goes to queue `sales`, pool `dach`: `anna` was picked after a tie of 2, by name (turn 1 of the pool).",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let repeat = world.inquire(Person::BUYER);
    let text = words(&world, &repeat);
    assert!(text.contains("A known person's new inquiry, recognised by email."), "{text}");
    assert!(text.contains("It stays in queue `sales`, with `anna`."), "{text}");
    for email in ["a@fjordlund.example", "b@fjordlund.example", "c@fjordlund.example"] {
        world.inquire(Person::BUYER.of(email));
    }
    let held = world.inquire(Person::BUYER.of("d@fjordlund.example"));
    let text = words(&world, &held);
    assert!(text.contains("At a cap: anna (day 2/2), bert (day 1/1), carl (day 1/1)."), "{text}");
    assert!(
        text.contains("It is held in queue `triage`: nobody in pool `dach` could be picked."),
        "{text}"
    );
    world.configuration.hash = "ff".repeat(16);
    let text = words(&world, &held);
    assert!(text.contains("which cannot be had any more"), "{text}");
    assert!(text.contains("Rule `dach` won."), "{text}");
    let text = text.to_lowercase();
    assert!(!text.contains("brummelkamp") && !text.contains("fjordlund"), "{text}");
}
