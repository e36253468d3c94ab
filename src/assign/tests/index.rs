//! Rules asked through their index: the same winner and the same record as asking one after the other; and which
//! rules can be proved never to win.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::name;
use crate::assign::{PoolSettings, Router, RoutingSettings, Situation, plan};
use crate::domain::{Category, Qualification, Roster};
use crate::rules::example::Example;
use crate::rules::{Condition, ConditionSource, Lists, Says};

fn router(rules: &[Value]) -> Option<Router> {
    let rules: Vec<Value> = rules
        .iter()
        .enumerate()
        .map(|(n, when)| json!({"name": format!("r{n}"), "when": when, "assign": {"queue": "sales"}}))
        .collect();
    let routing = json!({
        "queues": {"sales": {"destinations": []}}, "rules": rules, "fallback": {"queue": "triage"},
    });
    let routing: RoutingSettings = serde_json::from_value(routing).unwrap();
    let none = std::iter::empty().collect();
    Router::compile(&routing, &PoolSettings::default(), &none, &Lists::default()).ok()
}

fn clause() -> impl Strategy<Value = Value> {
    let country = prop::sample::select(vec!["DE", "AT", "CH", "FR"]);
    let category = prop::sample::select(vec!["sell", "nurture", "discard"]);
    prop_oneof![
        country.clone().prop_map(|c| json!({"field": "contact.country", "is": c})),
        country.prop_map(|c| json!({"field": "contact.country", "not_in": [c]})),
        category.prop_map(|c| json!({"field": "category", "is": c})),
        (0_i64..400).prop_map(|n| json!({"field": "company.employees", "gte": n})),
        Just(json!({"field": "contact.email_free", "is": false})),
        Just(json!({"field": "need.budget", "gte": 100_000})),
        Just(json!({"field": "contact.city", "exists": true})),
    ]
}

fn judged(category: Category) -> Qualification {
    Qualification {
        score: 1000,
        lines: Vec::new(),
        floor: 0,
        completeness: 1000,
        grade: None,
        category,
        ask: false,
        open: Vec::new(),
        ineligible: None,
        errors: Vec::new(),
        expected: None,
    }
}

/// The rules one after the other, as the words of `assign` say it.
fn linear(rules: &[Value], example: &Example) -> (String, Option<usize>) {
    let category = example.qualification.as_ref().unwrap().category;
    let mut letters = String::new();
    for (at, rule) in rules.iter().enumerate() {
        let source: ConditionSource = serde_json::from_value(rule.clone()).unwrap();
        let condition = Condition::compile(&source, &Lists::default()).unwrap();
        if category == Category::Discard && !condition.fields().contains(&"category".to_owned()) {
            letters.push('-');
            continue;
        }
        let says = condition.evaluate(&example.subject());
        letters.push(says.letter());
        if says == Says::Match {
            return (letters, Some(at));
        }
    }
    (letters, None)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_index_decides_and_records_as_asking_each_rule_would(
        rules in prop::collection::vec(
            prop::collection::vec(clause(), 1..4).prop_map(|all| json!({"all": all})), 1..150,
        ),
        country in prop::option::of(prop::sample::select(vec!["DE", "AT", "US"])),
        category in prop::sample::select(Category::ALL.to_vec()),
        budget in prop::sample::select(vec!["", "a lot", "200000"]),
    ) {
        let Some(router) = router(&rules) else { return Ok(()) };
        let mut example = Example::rich();
        example.lead.contact.country = country.map(|c| crate::domain::Checked::valid(c, c));
        example.lead.answers.clear();
        if !budget.is_empty() {
            example.answer("need.budget", budget);
        }
        example.qualification = Some(judged(category));
        let nobody = Roster::default();
        let situation = Situation::at(example.inquiry.received_at, &nobody);
        let planned = plan(&router, &example.subject(), situation);
        let (letters, winner) = linear(&rules, &example);
        prop_assert_eq!(planned.rules, letters);
        prop_assert_eq!(planned.rule, winner.map(|at| name(&format!("r{at}"))));
        prop_assert!(planned.errors.iter().all(|rule| rule.as_str().starts_with('r')));
    }
}

fn warned(rules: &[Value]) -> Vec<String> {
    let router = router(rules).unwrap();
    let words = router.warnings().iter().filter(|warning| warning.path.starts_with("rules"));
    words.map(|warning| format!("{}: {}", warning.path, warning.message)).collect()
}

#[test]
fn rules_that_can_never_win_are_named_with_what_stands_before_them() {
    let sell = json!({"field": "category", "is": "sell"});
    let kept = json!({"field": "category", "in": ["sell", "nurture"]});
    let germany = json!({"field": "contact.country", "is": "DE"});
    let dach = json!({"field": "contact.country", "in": ["DE", "AT"]});
    let large = json!({"field": "company.employees", "gte": 500});
    let found = warned(&[
        json!({"all": [sell, dach]}),
        json!({"all": [sell, germany, large]}),
        json!({"all": [sell, large]}),
        json!({"all": [{"field": "company.employees", "gte": 1000}, germany]}),
    ]);
    assert_eq!(
        found,
        ["rules[1]: `r1` can never win: `r0` (rule 1) before it takes all it would take"]
    );
    // A rule that does not ask for the category passes by what is to be discarded.
    assert_eq!(
        warned(&[
            germany.clone(),
            json!({"all": [germany, {"field": "category", "is": "discard"}]})
        ])
        .len(),
        0
    );
    assert_eq!(warned(&[germany.clone(), json!({"all": [germany, kept]})]).len(), 1);
}
