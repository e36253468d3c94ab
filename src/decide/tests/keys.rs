//! Key sets, shared keys.

use super::{Person, World};
use crate::decide::identity::identity;
use crate::domain::{Facts, Flag, IdBlock, IndexKey, Key, KeySet, Known, Write};
use crate::identify::{IndexedBy, KeyKind};

const KINDS: [KeyKind; 5] =
    [KeyKind::Email, KeyKind::EmailName, KeyKind::Phone, KeyKind::PhoneName, KeyKind::ExternalId];

fn facts(kind: KeyKind, set: KeySet) -> (IndexedBy, Facts) {
    let by = IndexedBy { kind, key: IndexKey([5; 16]) };
    let known = Known { version: 9, value: set };
    (by, Facts { keys: vec![(by.key, known)], ..Facts::default() })
}

#[test]
fn a_set_grows_by_who_is_not_in_it() {
    let mut ids = IdBlock::new([1; 16]);
    let (one, two) = (ids.lead(), ids.lead());
    for kind in KINDS {
        let (by, known) = facts(kind, KeySet::Leads(vec![one]));
        let grown = identity(&[by], &known, two, &[]);
        assert_eq!(grown.reads[0].version, 9);
        let Write::Put { version, body, with_receipt: false, until: None, .. } = &grown.writes[0]
        else {
            panic!("{:?}", grown.writes)
        };
        assert_eq!((*version, KeySet::decode(body)), (10, Some(KeySet::Leads(vec![one, two]))));
        assert!(identity(&[by], &known, one, &[]).writes.is_empty());
        let fresh = identity(&[by, by], &Facts::default(), one, &[]);
        assert_eq!((fresh.reads.len(), fresh.reads[0].version, fresh.writes.len()), (1, 0, 1));
    }
}

#[test]
fn the_seventeenth_makes_a_bare_key_shared_and_no_other() {
    let mut ids = IdBlock::new([1; 16]);
    let full: Vec<_> = (0..KeySet::IDS_MAX).map(|_| ids.lead()).collect();
    for kind in KINDS {
        let (by, known) = facts(kind, KeySet::Leads(full.clone()));
        let grown = identity(&[by], &known, ids.lead(), &[]);
        assert_eq!(grown.reads.len(), 1);
        if matches!(kind, KeyKind::Email | KeyKind::Phone) {
            let Write::Put { version: 10, body, .. } = &grown.writes[0] else { panic!() };
            assert_eq!(KeySet::decode(body), Some(KeySet::Shared(17)));
            assert!(grown.becomes_shared);
        } else {
            assert!(grown.writes.is_empty() && !grown.becomes_shared, "{kind:?} stays as it is");
        }
    }
}

#[test]
fn a_shared_key_is_counted_once_per_lead_and_its_version_rests() {
    let mut ids = IdBlock::new([1; 16]);
    let (by, known) = facts(KeyKind::Phone, KeySet::Shared(40));
    let counted = identity(&[by], &known, ids.lead(), &[]);
    assert_eq!(counted.writes, [Write::CountShared { key: by.key }]);
    assert_eq!(counted.reads[0].version, 9);
    assert!(identity(&[by], &known, ids.lead(), &[by.key]).writes.is_empty());
}

#[test]
fn twenty_colleagues_behind_one_switchboard_are_twenty_leads() {
    let mut world = World::new();
    let colleague = |number: usize| {
        let full_name: &'static str = Box::leak(
            format!(
                "{} Zanzotter",
                [
                    "Ada", "Bea", "Cid", "Dov", "Eli", "Fay", "Gil", "Hal", "Ivo", "Jan", "Kai",
                    "Lea", "Mia", "Noa", "Oda", "Pia", "Quy", "Ria", "Sol", "Tea"
                ][number]
            )
            .into_boxed_str(),
        );
        let email: &'static str =
            Box::leak(format!("c{number}@zanzotter.example").into_boxed_str());
        Person { full_name, email, phone: "+4930231254", ..Person::COLD }
    };
    let flagged: Vec<bool> = (0..20)
        .map(|number| {
            let done = world.inquire(colleague(number));
            assert!(!done.decision.known, "{number}");
            done.decision.inquiry.flags.contains(&Flag::SharedKey)
        })
        .collect();
    assert_eq!(flagged.iter().position(|flagged| *flagged), Some(16));
    assert!(flagged[16..].iter().all(|flagged| *flagged));
    let shared: Vec<_> = world
        .values
        .iter()
        .filter(|(key, _)| matches!(key, Key::Identity(_)))
        .filter_map(|(_, stored)| match KeySet::decode(&stored.body) {
            Some(KeySet::Shared(count)) => Some((count, stored.version)),
            _ => None,
        })
        .collect();
    assert_eq!(shared, [(20, 17)], "its version stays what it was when it became shared");
    // One of them again: found by the phone with the name, not by the switchboard; not counted twice.
    let again = world.inquire(Person { email: "", ..colleague(18) });
    assert!(again.decision.known);
    assert_eq!(again.decision.record.matched_on, ["phone_name"]);
    let again = world.inquire(Person { email: "", ..colleague(2) });
    assert!(again.decision.known);
    let counts: Vec<_> = world
        .values
        .values()
        .filter_map(|stored| match KeySet::decode(&stored.body) {
            Some(KeySet::Shared(count)) => Some(count),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [20]);
}
