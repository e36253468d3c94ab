//! What must hold after kills.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lead_router::domain::Name;
use lead_router::store::audit::audit;

use super::posting::Posted;
use super::stage::Stage;
use super::ways::NAMES;
use crate::harness::deployment::WORKSPACE;
use crate::harness::socket_receiver::Arrived;

/// Checks everything and prints the run's row. All of it was told everywhere before.
pub async fn check(stage: Stage, killed: u32, posted: &[Posted], repeated: u64, settled: Duration) {
    let (engine, extent) = (stage.engine, stage.extent);
    let (store, receiver, _held) = stage.at_rest().await;
    assert_eq!(receiver.refused(), 0, "signatures that do not hold");
    let arrived = receiver.arrived();
    let ids: BTreeSet<&String> = posted.iter().map(|one| &one.inquiry).collect();
    assert_eq!(ids.len(), posted.len(), "one id for two posts");
    let deliveries = one_id_each(&arrived);
    in_order(&arrived);
    only_where_they_belong(posted, &arrived);
    let report = audit(store.as_ref(), &Name::parse(WORKSPACE).unwrap()).await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.inquiries, posted.len(), "inquiries of nobody");
    println!(
        "soak: | {engine} | {} s | {} | {killed} | {} | {repeated} | {deliveries} | {} | 0 | {:.0} s |",
        extent.length.as_secs(),
        extent.destinations(),
        posted.len(),
        arrived.len() - deliveries,
        settled.as_secs_f64(),
    );
    for name in NAMES {
        let asked = arrived.iter().filter(|one| one.destination == name).count();
        let taken = arrived.iter().filter(|one| one.destination == name && one.taken);
        let taken: BTreeSet<&String> = taken.map(|one| &one.id).collect();
        println!(
            "soak, {engine}: {name}: {asked} requests, {} deliveries taken in the end",
            taken.len()
        );
    }
}

/// At a destination an id is one delivery, and a delivery has one id; gives how many deliveries there were.
fn one_id_each(arrived: &[Arrived]) -> usize {
    let mut by_id: BTreeMap<(&str, &str), (&str, u64, &str)> = BTreeMap::new();
    let mut by_delivery: BTreeMap<(&str, &str, u64), &str> = BTreeMap::new();
    let mut by_inquiry: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for one in arrived {
        let (to, id, lead) = (one.destination.as_str(), one.id.as_str(), one.text("/data/lead/id"));
        let sequence = sequence(one);
        let delivery = (lead, sequence, one.kind.as_str());
        let known = *by_id.entry((to, id)).or_insert(delivery);
        assert_eq!(known, delivery, "{to}: two deliveries under {id}");
        let known = *by_delivery.entry((to, lead, sequence)).or_insert(id);
        assert_eq!(known, id, "{to}: {lead} {sequence} under two ids");
        for inquiry in one.inquiries() {
            let known = *by_inquiry.entry((to, inquiry.clone())).or_insert(id);
            assert_eq!(known, id, "{to}: {inquiry} under two ids");
        }
    }
    by_id.len()
}

fn sequence(one: &Arrived) -> u64 {
    one.body["data"]["sequence"].as_u64().unwrap_or(0)
}

/// At each destination the events of a lead come first in the order of their sequences, and none begins before the
/// one before it was taken.
fn in_order(arrived: &[Arrived]) {
    let mut last: BTreeMap<(&str, &str), (u64, bool)> = BTreeMap::new();
    for one in arrived {
        let key = (one.destination.as_str(), one.text("/data/lead/id"));
        let (seen, taken) = last.entry(key).or_insert((0, true));
        let now = sequence(one);
        match now.cmp(seen) {
            Ordering::Greater => {
                assert!(*taken, "{key:?}: {now} came before {seen} was taken");
                (*seen, *taken) = (now, one.taken);
            }
            Ordering::Equal => *taken |= one.taken,
            Ordering::Less => panic!("{key:?}: {now} after {seen}"),
        }
    }
}

/// A lead is told of to its group's destinations alone.
fn only_where_they_belong(posted: &[Posted], arrived: &[Arrived]) {
    let groups: BTreeMap<&str, usize> =
        posted.iter().map(|one| (one.lead.as_str(), one.group)).collect();
    for one in arrived {
        let group = groups[one.text("/data/lead/id")];
        let own = one.destination.starts_with(&format!("good-{group}-"));
        assert!(own || one.destination == NAMES[group], "{} got {}", one.destination, one.id);
    }
}
