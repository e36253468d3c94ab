//! Asking many conditions through the index says what asking each one says; and what is said to be implied is.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::properties::condition;
use super::{Condition, Example, compile};
use crate::domain::Checked;
use crate::rules::Index;

/// A clause such as routing rules have, on few values, so that they meet.
pub(crate) fn clause() -> impl Strategy<Value = Value> {
    let country = prop::sample::select(vec!["DE", "AT", "CH", "FR"]);
    let countries = prop::sample::subsequence(vec!["DE", "AT", "CH", "FR"], 1..4);
    let title = prop::sample::select(vec!["head", "head of procurement", "student", "x"]);
    let size = prop::sample::select(vec![1, 10, 249, 250, 251, 1000]);
    prop_oneof![
        country.clone().prop_map(|c| json!({"field": "contact.country", "is": c})),
        country.prop_map(|c| json!({"field": "contact.country", "is_not": c})),
        countries.clone().prop_map(|c| json!({"field": "contact.country", "in": c})),
        countries.prop_map(|c| json!({"field": "contact.country", "not_in": c})),
        Just(json!({"field": "company.domain", "in_list": "rivals"})),
        Just(json!({"field": "company.domain", "not_in_list": "rivals"})),
        Just(json!({"field": "contact.email_valid", "is": true})),
        Just(json!({"field": "contact.email_valid", "is_not": true})),
        Just(json!({"field": "contact.phone_valid", "is": false})),
        Just(json!({"field": "contact.city", "exists": false})),
        Just(json!({"field": "contact.title", "exists": true})),
        title.clone().prop_map(|t| json!({"field": "contact.title", "is": t})),
        title.clone().prop_map(|t| json!({"field": "contact.title", "starts_with": t})),
        title.clone().prop_map(|t| json!({"field": "contact.title", "contains": t})),
        title.prop_map(|t| json!({"field": "answers.role", "is": t})),
        Just(json!({"field": "answers.role", "is_not": "student"})),
        Just(json!({"field": "need.budget", "gte": 50_000})),
        size.clone().prop_map(|n| json!({"field": "company.employees", "gte": n})),
        size.clone().prop_map(|n| json!({"field": "company.employees", "lt": n})),
        size.prop_map(|n| json!({"field": "company.employees", "between": [n, n + 300]})),
        Just(json!({"expr": "company.employees > 100"})),
    ]
}

pub(crate) fn rule() -> impl Strategy<Value = Value> {
    let group = prop_oneof![
        4 => clause(),
        1 => clause().prop_map(|not| json!({"not": not})),
        1 => prop::collection::vec(clause(), 1..3).prop_map(|any| json!({"any": any})),
        1 => prop::collection::vec(clause(), 1..3).prop_map(|all| json!({"all": all})),
    ];
    prop_oneof![clause(), prop::collection::vec(group, 1..4).prop_map(|all| json!({"all": all})),]
}

/// Somebody, with some of it left out.
pub(crate) fn somebody() -> impl Strategy<Value = Example> {
    let country = prop::option::of(prop::sample::select(vec!["DE", "AT", "FR", "US"]));
    let domain = prop::option::of(prop::sample::select(vec!["rival.example", "a.b.example"]));
    let title = prop::option::of(prop::sample::select(vec!["Head of Procurement", "Student"]));
    let employees = prop::option::of(prop::sample::select(vec![9_i64, 250, 5000]));
    let roles = prop::sample::subsequence(vec!["head", "student", "x"], 0..3);
    (country, domain, title, employees, roles).prop_map(
        |(country, domain, title, employees, roles)| {
            let mut example = Example::rich();
            let lead = &mut example.lead;
            lead.contact.country = country.map(|code| Checked::valid(code, code));
            lead.contact.title = title.map(Into::into);
            lead.company.domain = domain.map(str::to_owned);
            lead.company.employees = employees;
            if employees.is_none() {
                lead.contact.email = None;
                lead.answers.clear();
                example.answer("need.budget", "a lot");
            }
            for role in roles {
                example.answer("role", role);
            }
            example
        },
    )
}

fn all(rules: &[Value]) -> Vec<Condition> {
    rules.iter().filter_map(|rule| compile(rule).ok()).collect()
}

/// Every condition, asked through the index and by itself.
fn agree(conditions: &[Condition], example: &Example) -> Result<(), TestCaseError> {
    let index = Index::new(conditions.iter().map(Some));
    let subject = example.subject();
    let sifted = index.sift(&subject);
    let open: Vec<usize> = sifted.open().collect();
    for (at, condition) in conditions.iter().enumerate() {
        let says = condition.evaluate(&subject);
        if let Some(known) = sifted.says(at) {
            prop_assert_eq!(known, says, "{:?}", condition);
        }
        prop_assert!(open.contains(&at) || !says.is_match());
    }
    prop_assert!(open.is_sorted());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_says_what_each_condition_says(
        rules in prop::collection::vec(rule(), 1..140), example in somebody(),
    ) {
        agree(&all(&rules), &example)?;
    }

    #[test]
    fn and_so_for_any_condition(rules in prop::collection::vec(condition(), 1..20)) {
        for example in [Example::unknown(), Example::rich()] {
            agree(&all(&rules), &example)?;
        }
    }

    /// Where it is proved that one takes whoever another takes, it does.
    #[test]
    fn what_is_implied_follows(
        narrow in rule(), wide in rule(), people in prop::collection::vec(somebody(), 20),
    ) {
        let (Ok(narrow), Ok(wide)) = (compile(&narrow), compile(&wide)) else { return Ok(()) };
        if narrow.implies(&wide) {
            for example in people {
                let subject = example.subject();
                prop_assert!(
                    !narrow.evaluate(&subject).is_match() || wide.evaluate(&subject).is_match(),
                    "{:?} {:?}", narrow, wide
                );
            }
        }
    }
}

#[test]
fn what_follows_is_proved() {
    let field = |name: &str, operator: &str, value: Value| json!({"field": name, operator: value});
    let de = field("contact.country", "is", json!("DE"));
    let dach = field("contact.country", "in", json!(["DE", "AT", "CH"]));
    let large = field("company.employees", "gte", json!(1000));
    let some = field("company.employees", "gt", json!(10));
    let rival = field("company.domain", "in_list", json!("rivals"));
    let proved =
        |narrow: &Value, wide: &Value| compile(narrow).unwrap().implies(&compile(wide).unwrap());
    for (narrow, wide) in [
        (&de, &dach),
        (&large, &some),
        (&json!({"all": [&de, &large]}), &json!({"all": [&some, &dach]})),
        (&json!({"all": [&de, &large]}), &json!({"any": [&rival, &some]})),
        (&json!({"any": [&de, {"field": "contact.country", "is": "AT"}]}), &dach),
        (
            &json!({"all": [{"field": "company.employees", "gte": 20}, {"field": "company.employees", "lte": 30}]}),
            &field("company.employees", "between", json!([10, 30])),
        ),
        (&de, &field("contact.country", "is_not", json!("FR"))),
        (
            &field("contact.country", "not_in", json!(["FR", "US"])),
            &field("contact.country", "is_not", json!("FR")),
        ),
        (&json!({"not": &dach}), &field("contact.country", "is_not", json!("DE"))),
        (&de, &field("contact.country", "exists", json!(true))),
        (&rival, &rival),
        (
            &field("contact.title", "starts_with", json!("head of")),
            &field("contact.title", "contains", json!("head")),
        ),
    ] {
        assert!(proved(narrow, wide), "{narrow} takes no more than {wide}");
        assert!(narrow == wide || !proved(wide, narrow), "{wide} takes more than {narrow}");
    }
    // Of several answers, another may be the one that counts.
    assert!(!proved(
        &field("answers.role", "is", json!("a")),
        &field("answers.role", "is_not", json!("b"))
    ));
}
