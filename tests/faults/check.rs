//! What must hold after a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lead_router::domain::ports::Store;
use lead_router::domain::{InquiryId, Key, Name};
use lead_router::store::audit::audit;

use super::outage::{CAPS, Engine, Victim};
use crate::harness::deployment::WORKSPACE;
use crate::harness::load::Acknowledged;
use crate::harness::socket_receiver::{Arrived, SocketReceiver};

/// A run, over.
pub struct Outcome {
    pub engine: Engine,
    pub victim: Victim,
    pub kills: u64,
    /// By inquiry id.
    pub acknowledged: BTreeMap<String, Acknowledged>,
    /// Posts that got no answer, or 5xx, and were repeated.
    pub repeated: u64,
    /// From the last kill until everything was delivered.
    pub settled: Duration,
}

fn workspace() -> Name {
    Name::parse(WORKSPACE).unwrap()
}

/// How many jobs wait or run.
pub async fn queued(store: &dyn Store) -> u64 {
    let crm = Name::parse("crm").unwrap();
    let far = lead_router::domain::Timestamp::from_millis(i64::MAX / 2);
    match store.depth(&workspace(), &crm, far).await {
        Ok(depth) => depth.ready + depth.delayed + depth.leased,
        Err(_) => u64::MAX,
    }
}

/// Which of these inquiries the store holds.
async fn held<'a>(store: &dyn Store, ids: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let ids: Vec<&String> = ids.collect();
    let mut held = BTreeSet::new();
    for some in ids.chunks(500) {
        let keys: Vec<Key> = some
            .iter()
            .map(|id| Key::Inquiry(id.parse::<InquiryId>().expect("an inquiry's id")))
            .collect();
        let values = store.read(&workspace(), &keys).await.unwrap();
        let there = some.iter().zip(values).filter(|(_, value)| value.is_some());
        held.extend(there.map(|(id, _)| (*id).clone()));
    }
    held
}

/// Checks everything, and prints the run's row.
pub async fn check(run: &Outcome, store: &dyn Store, receiver: &SocketReceiver) {
    let arrived = receiver.arrived();
    assert_eq!(receiver.refused(), 0, "signatures that do not hold");
    let held = held(store, run.acknowledged.keys()).await;
    let untold = receiver.untold(run.acknowledged.keys());
    let lost = run.acknowledged.keys().filter(|id| !held.contains(*id)).count();
    let kept_but_untold: Vec<_> = untold.intersection(&held).collect();
    assert!(kept_but_untold.is_empty(), "acknowledged, kept, not delivered: {kept_but_untold:?}");
    if run.engine != Engine::RedisEverysec {
        assert!(untold.is_empty(), "acknowledged and not delivered: {untold:?}");
        assert_eq!(lost, 0, "acknowledged and not in the store");
        one_lead_per_person(run, &arrived);
    }
    owners_are_as_answered(run, &arrived);
    one_webhook_id_per_event(&arrived);
    in_order(&arrived);
    caps_hold(&arrived, store).await;
    let report = audit(store, &workspace()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    if run.engine != Engine::RedisEverysec {
        // Every post was answered in the end: a repeated one left nothing of its own.
        assert_eq!(report.inquiries, run.acknowledged.len(), "inquiries of nobody");
    }
    let distinct: BTreeSet<_> = arrived.iter().map(|one| &one.id).collect();
    println!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {:.1} s |",
        run.engine,
        run.victim,
        run.kills,
        run.acknowledged.len(),
        run.repeated,
        distinct.len(),
        arrived.len() - distinct.len(),
        lost,
        run.settled.as_secs_f64()
    );
}

/// No inquiry is told of under two ids.
fn one_webhook_id_per_event(arrived: &[Arrived]) {
    let mut ids: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in arrived {
        for inquiry in one.inquiries() {
            ids.entry(inquiry).or_default().insert(&one.id);
        }
    }
    let twice: Vec<_> = ids.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(twice.is_empty(), "inquiries told of under two webhook-ids: {twice:?}");
}

/// A person is one lead, and becomes one once.
fn one_lead_per_person(run: &Outcome, arrived: &[Arrived]) {
    let mut leads: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut routed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in arrived {
        let person = one.text("/data/lead/contact/email").to_owned();
        leads.entry(person.clone()).or_default().insert(one.text("/data/lead/id"));
        if one.kind == "lead.routed" {
            routed.entry(person).or_default().insert(&one.id);
        }
    }
    let people: BTreeSet<_> = run.acknowledged.values().map(|one| &one.person).collect();
    for person in people {
        assert_eq!(leads.get(person).map(BTreeSet::len), Some(1), "leads of {person}");
        assert_eq!(routed.get(person).map(BTreeSet::len), Some(1), "lead.routed of {person}");
    }
}

/// What the poster was told is what the receiver was told.
fn owners_are_as_answered(run: &Outcome, arrived: &[Arrived]) {
    for one in arrived {
        for inquiry in one.inquiries() {
            let Some(told) = run.acknowledged.get(&inquiry) else { continue };
            if let (Some(owner), Some(lead)) = (&told.owner, &told.lead) {
                assert_eq!(one.text("/data/assignment/owner"), owner, "owner of {inquiry}");
                assert_eq!(one.text("/data/lead/id"), lead, "lead of {inquiry}");
            }
        }
    }
}

/// Events of a lead arrive first in the order of their sequences.
fn in_order(arrived: &[Arrived]) {
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for one in arrived {
        let sequence = one.body["data"]["sequence"].as_u64().unwrap_or(0);
        if seen.insert(&one.id) {
            let before = last.insert(one.text("/data/lead/id"), sequence).unwrap_or(0);
            assert!(before < sequence, "{}: {sequence} after {before}", one.id);
        }
    }
}

/// No member has more leads of one day than the cap. Leads that Redis forgot are not counted.
async fn caps_hold(arrived: &[Arrived], store: &dyn Store) {
    let routed = arrived.iter().filter(|one| one.kind == "lead.routed");
    let first: Vec<String> =
        routed.clone().map(|one| one.text("/data/inquiry/id").to_owned()).collect();
    let held = held(store, first.iter()).await;
    let mut leads: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for one in routed.filter(|one| held.contains(one.text("/data/inquiry/id"))) {
        let day = one.text("/data/lead/created_at").get(..10).unwrap_or_default();
        let owner = one.text("/data/assignment/owner");
        leads.entry((owner, day)).or_default().insert(one.text("/data/lead/id"));
    }
    for (member, cap) in CAPS {
        for ((owner, day), leads) in leads.iter().filter(|((owner, _), _)| *owner == member) {
            assert!(leads.len() <= cap, "{owner} got {} on {day}, cap {cap}", leads.len());
        }
    }
}
