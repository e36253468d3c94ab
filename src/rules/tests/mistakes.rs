//! What does not load, where it says so, and what it suggests.

use serde_json::{Value, json};

use super::{compile, parse};
use crate::rules::{DEPTH_MAX, LIST_MAX};

/// The only problem: path, message, suggestion.
#[track_caller]
fn problem(json: &Value) -> (String, String, Option<String>) {
    let mut problems = compile(json).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    (problem.path, problem.message, problem.suggestion)
}

#[track_caller]
fn refused(json: &Value, path: &str, message: &str, suggestion: &str) {
    let (at, said, meant) = problem(json);
    assert_eq!(at, path, "{said}");
    assert!(said.contains(message), "{said}");
    assert!(meant.clone().unwrap_or_default().contains(suggestion), "{meant:?}");
    assert_eq!(meant.is_none(), suggestion.is_empty(), "{meant:?}");
}

#[test]
fn the_form_of_a_clause() {
    let is = json!({"field": "source", "is": "a"});
    refused(&json!([is]), "", "is a mapping", "write `all: [...]`");
    refused(&json!("x"), "", "not a text", "");
    refused(&json!({}), "", "needs `field`", "");
    refused(&json!({"is": "a"}), "", "needs `field`", "");
    refused(&json!({"field": "source"}), "", "needs an operator", "");
    refused(&json!({"field": 5, "is": "a"}), "field", "the path of a field", "");
    refused(&json!({"field": "source", "equals": "a"}), "equals", "nor an operator", "");
    refused(&json!({"field": "source", "start_with": "a"}), "start_with", "", "`starts_with`");
    refused(&json!({"feld": "source", "is": "a"}), "feld", "neither", "`field`");
    let two = json!({"field": "company.employees", "gte": 10, "lt": 100});
    refused(&two, "lt", "one operator", "between");
    refused(&json!({"all": [], }), "all", "at least one", "");
    refused(&json!({"any": {"a": 1}}), "any", "a list of conditions", "");
    refused(&json!({"all": [is], "any": [is]}), "", "stands alone", "");
    refused(&json!({"expr": 5}), "expr", "as a text", "quotes");
    refused(&json!({"expr": "score > 5", "any": [is]}), "", "stands alone", "");
    refused(&json!({"exp": "score > 5"}), "exp", "neither", "`expr`");
    refused(
        &json!({"not": {"any": [is, {"field": "source", "is": 5}]}}),
        "not.any[1].is",
        "",
        "quotes",
    );
}

#[test]
fn the_same_key_twice() {
    let source = serde_json::from_str(r#"{"field": "source", "is": "a", "is": "b"}"#).unwrap();
    let problems = crate::rules::Condition::compile(&source, &super::lists()).unwrap_err();
    assert_eq!((problems.len(), problems[0].path.as_str()), (1, "is"));
}

#[test]
fn unknown_fields() {
    for (given, meant) in [
        ("contact.contry", "`contact.country`"),
        ("country", "`contact.country`"),
        ("budget", "`need.budget`"),
        ("company.employes", "`company.employees`"),
        ("nonsense", ""),
        ("answers.", ""),
        ("consent.a.", ""),
    ] {
        refused(&json!({"field": given, "is": "a"}), "field", "there is no field", meant);
    }
}

#[test]
fn values_that_cannot_be() {
    let number =
        |operator: &str, value: Value| json!({"field": "company.employees", operator: value});
    refused(&number("between", json!([20, 10])), "between", "lower end lies above", "");
    refused(&number("lt", json!(0)), "lt", "never matches", "");
    refused(&json!({"field": "completeness", "gte": 60}), "gte", "never matches", "0.6");
    let both = json!({"all": [number("gte", json!(100)), number("lt", json!(100))]});
    refused(&both, "all[1]", "no number satisfies", "");
    let fine = json!({"any": [number("gte", json!(100)), number("lt", json!(100))]});
    assert!(compile(&fine).is_ok());
    let country = |code: &str| json!({"field": "contact.country", "is": code});
    refused(&country("UK"), "is", "two-letter", "`GB`");
    refused(&country("DEU"), "is", "two-letter", "`DE`");
    refused(&country("Germany"), "is", "two-letter", "`DE`");
    let region = |operator: &str, value: serde_json::Value| json!({"field": "contact.region", operator: value});
    refused(&region("is", json!("Bavaria")), "is", "known by its code", "`BY`");
    refused(&region("in", json!(["NY", "California"])), "in[1]", "known by its code", "`CA`");
    refused(
        &json!({"field": "contact.country", "in": ["DE", false]}),
        "in[1]",
        "true or false",
        "quotes",
    );
    refused(
        &json!({"field": "channel", "in": ["website", "trade-show"]}),
        "in[1]",
        "none of",
        "`trade_show`",
    );
    refused(&json!({"field": "source", "matches": "a("}), "matches", "unclosed group", "");
    refused(
        &json!({"field": "source", "matches": "a".repeat(1001)}),
        "matches",
        "at most 1000",
        "",
    );
    let large = json!({"field": "source", "matches": r"(\w{500}){500}"});
    refused(&large, "matches", "does not compile", "");
}

#[test]
fn limits_hold() {
    let mut deep = json!({"field": "source", "is": "a"});
    for _ in 1..DEPTH_MAX {
        deep = json!({"not": deep});
    }
    assert!(compile(&deep).is_ok());
    let (_, message, _) = problem(&json!({"not": deep}));
    assert!(message.contains("16 deep"), "{message}");
    let names: Vec<String> = (0..=LIST_MAX).map(|n| format!("s{n}")).collect();
    assert!(compile(&json!({"field": "source", "in": names[1..]})).is_ok());
    refused(&json!({"field": "source", "in": names}), "in", "10000 elements", "");
    let clauses = vec![json!({"field": "source", "is": "a"}); LIST_MAX];
    let (_, message, _) = problem(&json!({"any": clauses}));
    assert!(message.contains("10000 clauses"), "{message}");
}

#[test]
fn every_mistake_is_reported_at_once() {
    let bad = json!({"all": [
        {"field": "contry", "is": "DE"},
        {"field": "contact.country", "is": "DE"},
        {"any": [{"field": "source", "like": "x"}, {"field": "company.employees", "gte": "many"}]},
    ]});
    let problems = compile(&bad).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["all[0].field", "all[2].any[0].like", "all[2].any[1].gte"]);
}

#[test]
fn reading_a_source_keeps_everything() {
    let odd = json!({"a": [1, -2, 0.5, null, true, {"b": "c"}]});
    assert_eq!(parse(&odd), parse(&odd.clone()));
    assert_ne!(parse(&odd), parse(&json!({"a": []})));
}
