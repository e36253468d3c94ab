//! Pairs of leads that people look at.

use std::collections::BTreeMap;

use super::world::Done;
use super::{Person, World, name};
use crate::decide::{Said, distinguish, merge_leads};
use crate::domain::{Index, KeySet, Known, Lead, LeadId};

const SWITCHBOARD: &str = "+4930231250";

/// A colleague at the switchboard.
fn colleague(email: &'static str, full_name: &'static str) -> Person {
    Person { phone: SWITCHBOARD, full_name, ..Person::BUYER.of(email) }
}

fn ottilie() -> Person {
    colleague("ottilie@brummelkamp.example", "Ottilie Brummelkamp")
}

fn tilo() -> Person {
    colleague("tilo@brummelkamp.example", "Tilo Quillfeather")
}

/// How many stand on `review`, on `refused`, and among the pairs of that lead.
fn on_lists(world: &World, lead: LeadId) -> [usize; 3] {
    [Index::Review, Index::Refused, Index::PairsOf(lead)]
        .map(|index| world.indexes.get(&index).map_or(0, BTreeMap::len))
}

/// How much a commit changes there.
fn changes(done: &Done) -> usize {
    let indexes = done.decision.commit.indexes.iter().map(|change| &change.index);
    let of_pairs =
        |index: &&Index| matches!(index, Index::Review | Index::Refused | Index::PairsOf(_));
    indexes.filter(of_pairs).count()
}

/// Says something of two leads.
fn say(world: &mut World, pair: [LeadId; 2], merges: bool) {
    let [one, other]: [Known<Lead>; 2] = pair.map(|id| world.lead(id));
    let entries = BTreeMap::new();
    let (actor, now, mut ids) = (name("ops-key"), world.now, world.ids());
    let said = Said { actor: &actor, entries: &entries, lease: None, now };
    let commit = if merges {
        merge_leads(&world.configuration, (&one, &other), &said, &mut ids).unwrap().1
    } else {
        distinguish(&world.configuration, (&one, &other), &said).unwrap()
    };
    assert!(world.apply(&commit).is_some());
}

#[test]
fn whoever_was_refused_is_listed_once_and_until_somebody_says_what_is_so() {
    for merges in [false, true] {
        let mut world = World::new();
        let one = world.inquire(ottilie()).lead();
        assert_eq!(on_lists(&world, one), [0, 0, 0]);
        let other = world.inquire(tilo()).lead();
        assert_ne!(one, other);
        let noticed = world.indexes[&Index::Refused].clone();
        assert_eq!((on_lists(&world, one), on_lists(&world, other)), ([0, 1, 1], [0, 1, 1]));
        // The same once more is nothing new.
        assert_eq!((changes(&world.inquire(ottilie())), changes(&world.inquire(tilo()))), (0, 0));
        assert_eq!(world.indexes[&Index::Refused], noticed);
        say(&mut world, [other, one], merges);
        assert_eq!((on_lists(&world, one), on_lists(&world, other)), ([0, 0, 0], [0, 0, 0]));
        if !merges {
            world.inquire(Person { full_name: "Tilo Fjordlund", ..tilo() });
            assert_eq!(on_lists(&world, one), [0, 0, 0], "it was answered");
        }
    }
}

#[test]
fn whoever_has_nobody_beside_them_costs_nothing() {
    let mut world = World::new();
    for _ in 0..2 {
        assert_eq!(changes(&world.inquire(ottilie())), 0);
    }
}

#[test]
fn a_pair_that_may_be_one_person_after_all_goes_to_review() {
    let mut world = World::new();
    let one = world.inquire(ottilie()).lead();
    let married = colleague("oq@brummelkamp.example", "Ottilie Quillfeather");
    let other = world.inquire(married).lead();
    assert_eq!((on_lists(&world, one), on_lists(&world, other)), ([0, 1, 1], [0, 1, 1]));
    let before = Person { full_name: "Ottilie Brummelkamp", phone: "", ..married };
    assert_eq!(world.inquire(before).lead(), other);
    assert_eq!((on_lists(&world, one), on_lists(&world, other)), ([1, 0, 1], [1, 0, 1]));
}

#[test]
fn what_is_refused_is_bounded_by_the_shared_key() {
    const FIRST_NAMES: [&str; 20] = [
        "Albrecht",
        "Benedikta",
        "Cordula",
        "Dietlinde",
        "Eberhard",
        "Friederike",
        "Gottlieb",
        "Hannelore",
        "Irmgard",
        "Joachim",
        "Kunigunde",
        "Leopold",
        "Mechthild",
        "Norbert",
        "Ortrud",
        "Pankratius",
        "Quirin",
        "Roswitha",
        "Siegfried",
        "Theresia",
    ];
    let mut world = World::new();
    for (number, first) in FIRST_NAMES.into_iter().enumerate() {
        let full_name = Box::leak(format!("{first} Zanzotter").into_boxed_str());
        let lead = world.inquire(colleague("", full_name)).lead();
        let beside = if number <= KeySet::IDS_MAX { number } else { 0 };
        assert_eq!(on_lists(&world, lead)[2], beside, "{number}");
    }
    let most = KeySet::IDS_MAX * (KeySet::IDS_MAX + 1) / 2;
    assert_eq!(world.indexes[&Index::Refused].len(), most);
}
