//! Tests of assign, and what they share.
mod availability;
mod business;
mod calendar;
mod caps;
mod compile;
mod credit;
mod fairness;
mod index;
mod methods;
mod pick;
mod plan;
mod tables;

use std::collections::BTreeSet;

use super::{PoolSettings, Router, RoutingSettings};
use crate::domain::{Name, SettingProblem};
use crate::rules::Lists;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn compiled(routing: &str, pools: &str) -> Result<Router, Vec<SettingProblem>> {
    let routing: RoutingSettings = serde_saphyr::from_str(routing).unwrap();
    let pools: PoolSettings = serde_saphyr::from_str(pools).unwrap();
    let destinations: BTreeSet<Name> =
        ["crm", "newsletter", "inside-sales", "ops"].into_iter().map(name).collect();
    Router::compile(&routing, &pools, &destinations, &Lists::default())
}

const POOLS: &str = "
zone: Europe/Berlin
pools:
  enterprise:
    method: weighted
    members:
      - { name: anna, weight: 2, caps: { day: 10, week: 40 } }
      - { name: bert, caps: { day: 5 } }
      - { name: dora, paused: true }
  everybody:
    members: [emil, anna, frida]
";

const ROUTING: &str = "
queues:
  sales: { destinations: [crm], priority: 0 }
  nurture: { destinations: [newsletter] }
  qualify: { destinations: [inside-sales] }
  triage: { destinations: [ops] }
  students: { destinations: [newsletter] }
rules:
  - name: key-account
    when: { field: company.domain, is: zanzotter.example }
    assign: { queue: sales, pool: enterprise, member: anna, else: { pool: everybody } }
  - name: enterprise-dach
    when: { all: [ {field: category, is: sell}, {field: contact.country, in: [DE, AT, CH]}, {field: company.employees, gte: 1000} ] }
    assign: { queue: sales, pool: enterprise, else: hold }
  - name: students
    when: { all: [ {field: category, is: discard}, {field: contact.title, contains: student} ] }
    assign: { queue: students }
  - name: german
    when: { field: contact.country, is: DE }
    assign: { pool: everybody }
fallback: { queue: triage }
";
