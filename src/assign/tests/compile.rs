//! What does not load, what is said about it, and what is warned of.

use super::{POOLS, ROUTING, compiled, name};
use crate::assign::{PoolSettings, RoutingSettings};
use crate::domain::Name;

/// `path: message [suggestion]` of every problem.
fn problems(routing: &str, pools: &str) -> Vec<String> {
    compiled(routing, pools)
        .expect_err("it should not load")
        .into_iter()
        .map(|p| match p.suggestion {
            Some(suggestion) => format!("{}: {} [{suggestion}]", p.path, p.message),
            None => format!("{}: {}", p.path, p.message),
        })
        .collect()
}

#[track_caller]
fn check(routing: &str, pools: &str, expected: &[&str]) {
    let found = problems(routing, pools);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "found    {found}\nexpected {expected}");
    }
}

#[test]
fn a_realistic_pair_of_files_loads_without_a_warning() {
    let router = compiled(ROUTING, POOLS).unwrap();
    assert_eq!(router.warnings(), []);
    assert_eq!(router.destinations(&name("sales")), [name("crm")]);
    assert_eq!(router.destinations(&name("none")), []);
    let priorities =
        ["sales", "qualify", "students", "nurture", "none"].map(|q| router.priority(&name(q), 0));
    assert_eq!(priorities, [0, 3, 5, 7, 5]);
    assert_eq!(router.rules().count(), 4);
    let pools: Vec<_> =
        router.pools().map(|(name, members)| format!("{name} {members:?}")).collect();
    assert_eq!(pools, ["enterprise [anna, bert, dora]", "everybody [anna, emil, frida]"]);
}

#[test]
fn what_is_worth_more_goes_out_sooner() {
    let routing = "
queues: { sales: { destinations: [crm], priority: 2, sooner_from: [1000, 5000, 20000] } }
served_first: expected_value
fallback: { queue: sales }
";
    let router = compiled(routing, "{}").unwrap();
    let sales = name("sales");
    let priorities = [0, 999, 1000, 5000, 20_000].map(|worth| router.priority(&sales, worth));
    assert_eq!(priorities, [2, 2, 1, 0, 0]);
    assert_eq!(router.priority(&name("qualify"), 50_000), 3);
    assert_eq!(router.goes_by_worth().as_deref(), Some("served_first"));
    check(&routing.replace("1000, 5000", "5000, 1000"), "{}", &["queues.sales.sooner_from"]);
}

#[test]
fn the_smallest_file_loads() {
    let router = compiled("fallback: { queue: triage }", "{}").unwrap();
    let queues: Vec<_> = router.queues().map(Name::as_str).collect();
    assert_eq!(queues, ["qualify", "triage"]);
}

#[test]
fn a_file_without_fallback_does_not_load() {
    check("rules: []", "{}", &["fallback: it is missing"]);
    check(
        "fallback: { pool: p }",
        "pools: { p: { members: [anna] } }",
        &["fallback.queue: the fallback must say a queue"],
    );
}

#[test]
fn every_mistake_is_found_at_once_with_its_place_and_a_suggestion() {
    let routing = "
queues:
  sales: { destinations: [crn, crm, crm], priority: 10 }
  none: {}
  Sales: {}
rules:
  - { name: one, assign: { queue: sale, pool: enterprice } }
  - { name: one, assign: {} }
  - { name: Two, when: { field: contact.contry, is: DE }, assign: { queue: sales, else: hold } }
  - { name: three, assign: { queue: triage, pool: enterprise } }
  - { name: four, assign: { queue: sales, pool: enterprise, member: ana } }
  - { name: five, assign: { queue: sales, member: anna } }
  - { name: six, assign: { queue: sales, pool: everybody, else: { queue: quallify } } }
fallback: { queue: partners }
";
    check(
        routing,
        POOLS,
        &[
            "queues.Sales: `Sales`: a name begins with",
            "queues.none: `none` means no queue at all",
            "queues.sales.destinations[0]: there is no destination `crn` [did you mean `crm`?]",
            "queues.sales.destinations[2]: destination `crm` stands here twice",
            "queues.sales.priority: a priority is a number from 0 (first) to 9",
            "rules[0].assign.queue: there is no queue `sale` [did you mean `sales`?]",
            "rules[0].assign.pool: there is no pool `enterprice` [did you mean `enterprise`?]",
            "rules[1].name: rule 1 has the name `one` already",
            "rules[1].assign: say a `queue`, a `pool` or both",
            "rules[2].name: `Two`: a name begins with",
            "rules[2].when.field: ",
            "rules[2].assign.else: `else` is for when nobody in the pool can be picked",
            "rules[3].assign: leads in `triage` wait for whoever looks first",
            "rules[4].assign.member: there is no member `ana` [did you mean `anna`?]",
            "rules[5].assign.member: `anna` is in several pools (enterprise, everybody)",
            "rules[6].assign.else.queue: there is no queue `quallify` [did you mean `qualify`?]",
            "fallback.queue: there is no queue `partners` [declare it: `queues: { partners: { destinations: [] } }`]",
        ],
    );
}

#[test]
fn mistakes_in_pools_are_found_too() {
    let pools = "
zone: Europe/Berln
pools:
  a:
    method: wieghted
    zone: Mars/Olympus
    members:
      - { name: anna, weight: 0, caps: { day: 0, month: 2000000 } }
      - anna
      - Bert
  b: { members: [] }
";
    check(
        "fallback: { queue: triage }",
        pools,
        &[
            "zone: `Europe/Berln` is not a time zone's IANA name [did you mean `Europe/Berlin`?]",
            "pools.a.zone: `Mars/Olympus` is not a time zone's IANA name",
            "pools.a.method: unknown method `wieghted`; there are round_robin, weighted, least_assigned, longest_idle, least_busy [did you mean `weighted`?]",
            "pools.a.members[0].weight: a weight is a number from 1 to 1000",
            "pools.a.members[0].caps.day: a cap is a number from 1 to 1000000",
            "pools.a.members[0].caps.month: a cap is",
            "pools.a.members[1]: `anna` is in this pool twice",
            "pools.a.members[2].name: `Bert`: a name begins with",
            "pools.b.members: a pool needs at least one member",
        ],
    );
    let many: Vec<_> = (0..201).map(|n| format!("m{n}")).collect();
    let pools = format!("pools: {{ a: {{ members: [{}] }} }}", many.join(", "));
    check(
        "fallback: { queue: triage }",
        &pools,
        &["pools.a.members: a pool has at most 200 members"],
    );
}

#[test]
fn a_way_that_goes_on_for_ever_does_not_load() {
    let mut target = "{ pool: everybody }".to_owned();
    for _ in 0..9 {
        target = format!("{{ pool: everybody, else: {target} }}");
    }
    let routing =
        format!("rules: [ {{ name: long, assign: {target} }} ]\nfallback: {{ queue: triage }}");
    let found = problems(&routing, POOLS);
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("a way has at most 8 stations"), "{found:?}");
}

#[test]
fn unknown_keys_are_refused_while_reading() {
    for text in
        ["rule: []", "fallback: { queues: triage }", "queues: { sales: { destination: [crm] } }"]
    {
        assert!(serde_saphyr::from_str::<RoutingSettings>(text).is_err(), "{text}");
    }
    for text in [
        "pool: {}",
        "pools: { a: { member: [] } }",
        "pools: { a: { members: [ { name: anna, cap: {} } ] } }",
        "pools: { a: { members: [ { weight: 1 } ] } }",
        "pools: { a: { members: [ { name: anna, caps: { dya: 1 } } ] } }",
    ] {
        assert!(serde_saphyr::from_str::<PoolSettings>(text).is_err(), "{text}");
    }
}

#[test]
fn what_can_never_happen_is_warned_of() {
    let routing = "
queues: { sales: {}, partners: { destinations: [crm] } }
rules:
  - { name: german, when: { field: contact.country, is: DE }, assign: { queue: partners } }
  - { name: german-too, when: { field: contact.country, is: DE }, assign: { queue: sales } }
  - { name: all, assign: { queue: sales } }
  - { name: never, when: { field: contact.country, is: AT }, assign: { queue: sales } }
  - { name: binned, when: { field: category, is: discard }, assign: { queue: partners } }
fallback: { queue: triage }
";
    let pools = "
pools:
  idle: { members: [ { name: anna, weight: 3 } ] }
  away: { members: [ { name: bert, paused: true } ] }
";
    let router = compiled(routing, pools).unwrap();
    let warnings: Vec<_> =
        router.warnings().iter().map(|w| format!("{}: {}", w.path, w.message)).collect();
    assert_eq!(
        warnings,
        [
            "pools.away.members: everybody here is paused: whatever the pool should get goes to `else`",
            "pools.idle.members[0].weight: method `round_robin` does not look at weights; say `method: weighted`",
            "rules[1]: `german-too` can never win: `german` (rule 1) before it takes all it would take",
            "rules[3]: `never` can never win: `all` (rule 3) before it takes all it would take",
            "pools.away: no rule uses this pool",
            "pools.idle: no rule uses this pool",
            "queues.sales: it has no destinations: nobody is told about its leads",
        ]
    );
    let routing = "rules: [ { name: all, assign: { pool: idle } } ]\nfallback: { queue: triage }";
    let router = compiled(routing, "pools: { idle: { members: [anna] } }").unwrap();
    assert!(router.warnings()[0].message.contains("`sales` is not declared"));
}
