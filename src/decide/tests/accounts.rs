//! Whose account a lead belongs to, and what a company costs.

use super::world::Done;
use super::{Person, World, name};
use crate::decide::Action;
use crate::domain::{AccountOwner, Index, Key, KeySet, LeadId, Write};
use crate::identify::NamedAccounts;
use crate::rules::Sheet;

const FIRST: Person = Person::BUYER;
const SECOND: Person =
    Person { email: "tilo@brummelkamp.example", full_name: "Tilo Zanzotter", ..Person::BUYER };
const THIRD: Person =
    Person { email: "ida@brummelkamp.example", full_name: "Ida Fjordlund", ..Person::BUYER };

fn owner(done: &Done) -> Option<(String, Option<LeadId>)> {
    let found = done.decision.record.account_owner.as_ref();
    found.map(|it| (it.member.to_string(), it.lead))
}

fn listed(world: &World) -> Vec<LeadId> {
    let members = world.indexes.iter().filter(|(index, _)| matches!(index, Index::Account(_)));
    let members = members.flat_map(|(_, members)| members.keys());
    members.map(|id| LeadId::from_bytes(id.clone().try_into().unwrap())).collect()
}

#[test]
fn a_company_costs_its_first_person_one_small_value() {
    let mut world = World::new();
    let writes = |done: &Done| {
        let commit = &done.decision.commit;
        (commit.reads.len(), commit.writes.len(), commit.indexes.len())
    };
    let free = world.inquire(Person { email: "ottilie@gmail.com", ..FIRST });
    let first = world.inquire(FIRST);
    assert_eq!(owner(&free), None);
    // The name at the company is a key of its own, with its own set.
    assert_eq!(writes(&free), (1, 3, 0));
    assert_eq!(writes(&first), (3, 5, 0));
    let account = first.decision.lead.as_ref().unwrap().account.unwrap();
    let stands = first.decision.commit.writes.iter().find_map(|write| match write {
        Write::Put { key, body, .. } if *key == Key::Identity(account) => Some(body.clone()),
        _ => None,
    });
    assert_eq!(stands, Some(KeySet::Leads(vec![first.lead()]).encode()));
}

#[test]
fn the_account_is_its_oldest_leads_owners_and_later_ones_change_nothing() {
    let mut world = World::new();
    let first = world.inquire(FIRST);
    let second = world.inquire(SECOND);
    let third = world.inquire(THIRD);
    assert_eq!(owner(&first), None);
    for later in [&second, &third] {
        assert_eq!(owner(later), Some(("anna".to_owned(), Some(first.lead()))));
        let account = later.decision.lead.as_ref().unwrap().account.unwrap();
        let key = Key::Identity(account);
        assert_eq!(world.values[&key].version, 1, "one company is no hot record");
    }
    assert_eq!(listed(&world), [second.lead(), third.lead()]);
}

#[test]
fn when_it_is_closed_the_next_open_one_stands_for_the_account() {
    let mut world = World::new();
    let (first, second) = (world.inquire(FIRST), world.inquire(SECOND));
    world
        .operate(second.lead(), Action::Assign { queue: None, member: Some(name("carl")) })
        .unwrap();
    world.operate(first.lead(), Action::Discard { reason: None }).unwrap();
    let third = world.inquire(THIRD);
    assert_eq!(owner(&third), Some(("carl".to_owned(), Some(second.lead()))));
    let mut people = listed(&world);
    people.dedup();
    assert_eq!(people.len(), 3, "who stood for it is listed from then on");
}

#[test]
fn whoever_is_owned_stands_for_an_account_that_was_nobodys() {
    let mut world = World::new();
    let cold = world.inquire(Person { need: "no", budget: "10", ..FIRST });
    let second = world.inquire(SECOND);
    let third = world.inquire(THIRD);
    assert_eq!((owner(&cold), owner(&second)), (None, None));
    assert_eq!(owner(&third), Some(("anna".to_owned(), Some(second.lead()))));
}

#[test]
fn a_named_account_is_whose_the_list_says() {
    let mut world = World::new();
    let list = "domain,company,owner\nbrummelkamp.example,,dora\n,Fjordlund Werke GmbH,carl\n";
    let list = Sheet::csv(list.as_bytes()).unwrap();
    world.configuration.named_accounts = NamedAccounts::compile("named", &list).unwrap();
    let first = world.inquire(FIRST);
    let expected = AccountOwner { member: name("dora"), lead: None };
    assert_eq!(first.decision.record.account_owner, Some(expected));
}
