//! Key sets, shared keys.

use super::{Person, World};
use crate::decide::identity::identity;
use crate::domain::{Facts, Flag, IdBlock, IndexKey, Key, KeySet, Known, Write};
use crate::identify::{IndexedBy, KeyKind};

const BARE: [KeyKind; 4] =
    [KeyKind::Email, KeyKind::Phone, KeyKind::ExternalId, KeyKind::NameCompany];

fn facts(kind: KeyKind, set: KeySet) -> (IndexedBy, Facts) {
    let by = IndexedBy { kind, key: IndexKey::new([5; 16], kind.is_compound()) };
    let known = Known { version: 9, value: set };
    (by, Facts { keys: vec![(by.key, known)], ..Facts::default() })
}

#[test]
fn a_set_grows_by_who_is_not_in_it() {
    let mut ids = IdBlock::new([1; 16]);
    let (one, two) = (ids.lead(), ids.lead());
    for kind in BARE {
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
fn the_seventeenth_makes_a_key_shared_unless_it_is_an_external_id() {
    let mut ids = IdBlock::new([1; 16]);
    let full: Vec<_> = (0..KeySet::IDS_MAX).map(|_| ids.lead()).collect();
    for kind in BARE {
        let (by, known) = facts(kind, KeySet::Leads(full.clone()));
        let grown = identity(&[by], &known, ids.lead(), &[]);
        assert_eq!(grown.reads.len(), 1);
        if kind == KeyKind::ExternalId {
            assert!(grown.writes.is_empty() && !grown.becomes_shared, "{kind:?} stays as it is");
            continue;
        }
        let Write::Put { version: 10, body, .. } = &grown.writes[0] else { panic!() };
        assert_eq!(KeySet::decode(body), Some(KeySet::Shared(17)));
        assert_eq!(grown.becomes_shared, kind != KeyKind::NameCompany, "a flag for people");
    }
}

#[test]
fn a_key_with_the_name_has_a_set_only_behind_a_shared_one() {
    let mut ids = IdBlock::new([1; 16]);
    let (holder, lead) = (ids.lead(), ids.lead());
    let (phone, few) = facts(KeyKind::Phone, KeySet::Leads(vec![holder]));
    let named = IndexedBy { kind: KeyKind::PhoneName, key: IndexKey::new([7; 16], true) };
    let alone = identity(&[phone, named], &few, lead, &[]);
    assert_eq!(alone.reads.len(), 1, "{alone:?}");
    let (_, shared) = facts(KeyKind::Phone, KeySet::Shared(20));
    let behind = identity(&[phone, named], &shared, lead, &[]);
    assert_eq!(behind.reads[1], crate::domain::Read { key: Key::Identity(named.key), version: 0 });
    let Write::Put { key, body, .. } = &behind.writes[1] else { panic!("{:?}", behind.writes) };
    assert_eq!(*key, Key::Identity(named.key));
    assert_eq!(KeySet::decode(body), Some(KeySet::Leads(vec![lead])));
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
