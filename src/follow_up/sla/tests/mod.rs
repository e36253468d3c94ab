//! Clocks begin, warn, run out and are stopped.

mod compiling;
mod running;

use std::collections::BTreeSet;

use super::{ClockSettings, Sla};
use crate::assign::{PoolSettings, Router, RoutingSettings};
use crate::domain::{Name, SettingProblem, Timestamp};
use crate::follow_up::Around;
use crate::qualify::{Qualifier, Settings};
use crate::rules::Lists;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

const POOLS: &str = r#"
zone: Europe/Madrid
hours: { office: { week: { mon-fri: "09:00-17:00" } } }
pools: { emea: { hours: office, members: [ana, bo, cy] } }
"#;

const ROUTING: &str = "
queues: { sales: { destinations: [crm] }, managers: { destinations: [crm] } }
fallback: { queue: triage }
";

fn router() -> Router {
    let routing: RoutingSettings = serde_saphyr::from_str(ROUTING).unwrap();
    let pools: PoolSettings = serde_saphyr::from_str(POOLS).unwrap();
    let destinations: BTreeSet<Name> = [name("crm")].into();
    Router::compile(&routing, &pools, &destinations, &Lists::default()).unwrap()
}

fn compiled(yaml: &str) -> Result<Sla, Vec<SettingProblem>> {
    let settings: Vec<ClockSettings> = serde_saphyr::from_str(yaml).unwrap();
    let qualification: Settings =
        serde_saphyr::from_str("{ thresholds: { sell: 50, nurture: 10 }, contact: [ { name: known, points: 60, when: { field: source, exists: true } } ] }").unwrap();
    let lists = Lists::default();
    let qualifier = Qualifier::compile(&qualification, &lists).unwrap();
    let router = router();
    Sla::compile(&settings, Around { router: &router, qualifier: &qualifier, lists: &lists })
}
