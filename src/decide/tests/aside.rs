//! Tests and filtered inquiries: they touch nobody.

use std::time::Duration;

use super::{Person, World};
use crate::domain::{Index, Job, Key, Name, Status, Write, packing};

const TEST: Person = Person { is_test: true, ..Person::BUYER };
const SPAM: Person = Person { filtered: true, ..Person::BUYER };

#[test]
fn a_test_is_decided_in_full_and_touches_nobody() {
    let mut world = World::new();
    let real = world.inquire(Person::BUYER);
    let (pools, counters) = (world.pools.clone(), world.counters.clone());
    let done = world.inquire(TEST);
    assert_eq!(done.text(), "test: routed sales - lead | crm lead.routed");
    let decision = &done.decision;
    let lead = decision.lead.as_ref().unwrap();
    assert!(!decision.known && lead.keys.is_empty(), "no index key leads to a test");
    assert_eq!(decision.record.rule.as_ref().map(Name::as_str), Some("dach"));
    assert_eq!(decision.record.qualification.score, 80_000);
    assert_eq!(decision.dry.len(), 3);
    assert!(decision.pick(0).is_some(), "what would be tried is shown");
    let commit = &decision.commit;
    assert!(commit.reads.is_empty());
    assert!(commit.branches.iter().all(|branch| branch.pick.is_none()));
    assert_eq!((&world.pools, &world.counters), (&pools, &counters));
    let keys: Vec<_> = world.values.keys().filter(|key| matches!(key, Key::Lead(_))).collect();
    assert_eq!(keys.len(), 2, "the real one and the test's: {keys:?}");
    assert!(keys.contains(&&Key::Lead(real.lead())) && keys.contains(&&Key::Lead(lead.id)));
    let [
        Write::Put { key: Key::Inquiry(id), version: 1, until, .. },
        Write::Put { key: Key::Lead(_), version: 1, until: lead_until, .. },
    ] = &commit.writes[..]
    else {
        panic!("{:?}", commit.writes)
    };
    assert_eq!(until, lead_until);
    let deadline = world.now.after(Duration::from_hours(7 * 24));
    assert_eq!((*id, *until), (decision.inquiry.id, Some(deadline)));
    assert_eq!(world.indexes[&Index::Tests][id.as_bytes().as_slice()], world.now.as_millis());
    let member: Vec<u8> =
        [b'e'].into_iter().chain(*id.as_bytes()).chain(*lead.id.as_bytes()).collect();
    assert_eq!(world.indexes[&Index::Expiry][&member], deadline.as_millis());
    let Job::Deliver(delivery) = packing::read(&done.jobs[0].body).unwrap() else {
        panic!("a delivery")
    };
    let event = delivery.event;
    assert_eq!((event.is_test, event.lead, event.inquiry), (true, Some(lead.id), Some(*id)));
    assert_eq!(world.entry(*id).value.status(), Status::Test);
    assert_eq!(world.journal.last().unwrap().status, Some(Status::Test));
}

#[test]
fn tests_go_only_where_tests_are_taken() {
    let rows = [
        (TEST, "test: routed sales - lead | crm lead.routed"),
        (Person { is_test: true, ..Person::COLD }, "test: nurtured nurture - inquiry | "),
        (Person { country: "US", ..TEST }, "test: held triage - lead | "),
        (Person { is_test: true, ..Person::CURIOUS }, "test: qualifying qualify - inquiry | "),
    ];
    let mut world = World::new();
    for (person, expected) in rows {
        let done = world.inquire(person);
        assert_eq!(done.text(), expected);
    }
    let lists: Vec<_> = world.indexes.keys().cloned().collect();
    assert_eq!(lists, [Index::Tests, Index::Expiry], "no worklist of leads");
}

#[test]
fn what_the_source_filtered_is_kept_for_a_while_and_goes_nowhere() {
    for person in [SPAM, Person { is_test: true, ..SPAM }] {
        let mut world = World::new();
        let done = world.inquire(person);
        assert_eq!(done.decision.record.status, Some(Status::Filtered));
        assert_eq!((&done.decision.lead, done.told.len()), (&None, 0));
        assert!(done.decision.commit.branches.is_empty() && done.decision.commit.reads.is_empty());
        let id = done.decision.inquiry.id;
        assert_eq!(world.values.keys().collect::<Vec<_>>(), [&Key::Inquiry(id)]);
        assert_eq!(world.indexes[&Index::Filtered].len(), 1);
        let (member, score) = world.indexes[&Index::Expiry].first_key_value().unwrap();
        assert_eq!((member[0], &member[1..]), (b'f', id.as_bytes().as_slice()));
        assert_eq!(*score, world.now.after(Duration::from_hours(14 * 24)).as_millis());
        assert_eq!(world.entry(id).value.status(), Status::Filtered);
        let words = crate::decide::in_words(&world.configuration, &world.entry(id).value, None);
        assert!(words.iter().any(|said| said.contains("own filter")), "{words:?}");
    }
}
