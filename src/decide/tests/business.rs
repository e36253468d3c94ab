//! The workspace of these tests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::name;
use crate::assign::{PoolSettings, Router, RoutingSettings};
use crate::decide::{Configuration, DestinationRoute, EventFilter};
use crate::domain::{EventType, Name, Route};
use crate::follow_up::FollowUp;
use crate::identify::NamedAccounts;
use crate::qualify::{Qualifier, Settings};
use crate::rules::Lists;

pub(super) const QUALIFICATION: &str = "
criteria:
  need:
    - { name: needs, yes: { field: answers.need, is: 'yes' }, no: { field: answers.need, is: 'no' }, points: { yes: 40 }, ask: 'What for?' }
  budget:
    - { name: pays, yes: { field: answers.budget, gte: 1000 }, points: { yes: 30 }, ask: 'How much?' }
contact:
  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 10 }
eligibility:
  - { name: student, when: { field: contact.title, is: student }, reason: 'Students cannot buy' }
thresholds: { sell: 50, nurture: 10, ask: { completeness_below: 0.6, min_score: 35 } }
";

const ROUTING: &str = "
queues:
  sales: { destinations: [crm, audit-log], priority: 1 }
  nurture: { destinations: [newsletter, audit-log] }
  qualify: { destinations: [inside-sales] }
  triage: { destinations: [ops] }
rules:
  - { name: dach, when: { all: [ {field: category, is: sell}, {field: contact.country, in: [DE, AT, CH]} ] }, assign: { queue: sales, pool: dach, else: { pool: spare } } }
  - { name: french, when: { all: [ {field: category, is: sell}, {field: contact.country, is: FR} ] }, assign: { queue: sales, pool: spare } }
fallback: { queue: triage }
";

const POOLS: &str = "
zone: Europe/Berlin
pools:
  dach: { members: [ { name: anna, caps: { day: 2 } }, { name: bert, caps: { day: 1 } }, { name: dora, paused: true } ] }
  spare: { members: [ { name: carl, caps: { day: 1 } } ] }
";

pub(super) fn configuration() -> Configuration {
    let settings: Settings = serde_saphyr::from_str(QUALIFICATION).unwrap();
    let routing: RoutingSettings = serde_saphyr::from_str(ROUTING).unwrap();
    let pools: PoolSettings = serde_saphyr::from_str(POOLS).unwrap();
    let destinations: BTreeMap<Name, DestinationRoute> =
        ["crm", "newsletter", "inside-sales", "ops", "audit-log"]
            .into_iter()
            .map(|text| (name(text), destination(text)))
            .collect();
    let names: BTreeSet<Name> = destinations.keys().cloned().collect();
    Configuration {
        workspace: name("demo"),
        hash: "00112233445566778899aabbccddeeff".to_owned(),
        filters: crate::decide::Filters::default(),
        qualifier: Qualifier::compile(&settings, &Lists::default()).unwrap(),
        router: Router::compile(&routing, &pools, &names, &Lists::default()).unwrap(),
        follow_up: FollowUp::default(),
        destinations,
        confirmations: BTreeMap::new(),
        known_person: BTreeMap::new(),
        costs: BTreeMap::new(),
        named_accounts: NamedAccounts::default(),
        alerted: None,
        coalesce: Duration::from_mins(1),
        claim_ttl: Duration::from_hours(30 * 24),
        test_ttl: Duration::from_hours(7 * 24),
        filtered_ttl: Duration::from_hours(14 * 24),
    }
}

/// `crm` hands over to `ops` and takes tests; `audit-log` takes only what is discarded, promoted or reassigned.
fn destination(text: &str) -> DestinationRoute {
    let events = if text == "audit-log" {
        EventFilter::of([
            EventType::LeadDiscarded,
            EventType::LeadPromoted,
            EventType::LeadReassigned,
        ])
    } else {
        EventFilter::default()
    };
    DestinationRoute {
        route: Route { queue: name(text), permits: 4, lease_ms: 20_000, pace: None },
        tests: text == "crm",
        events,
        fallback: (text == "crm").then(|| name("ops")),
        preset: None,
    }
}
