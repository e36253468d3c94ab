//! Bad settings: each gives one problem, with its path and what to write instead.

use super::{REALISTIC, Settings, settings};
use crate::qualify::Qualifier;
use crate::rules::Lists;

/// Replaces `from` in the realistic file and expects one problem.
#[track_caller]
fn refused(from: &str, to: &str, path: &str, message: &str, suggestion: &str) {
    assert!(REALISTIC.contains(from), "{from}");
    let problems =
        Qualifier::compile(&settings(&REALISTIC.replacen(from, to, 1)), &Lists::default())
            .err()
            .unwrap_or_default();
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = &problems[0];
    assert_eq!(problem.path, path, "{problem:?}");
    assert!(problem.message.contains(message), "{problem:?}");
    let meant = problem.suggestion.clone().unwrap_or_default();
    assert_eq!(meant.is_empty(), suggestion.is_empty(), "{problem:?}");
    assert!(meant.contains(suggestion), "{problem:?}");
}

#[test]
fn names_and_texts() {
    refused("name: larger", "name: Larger One", "company[0].name", "lower-case", "`larger-one`");
    refused("name: larger", "name: decides", "company[0].name", "used twice", "");
    refused("name: country-not-served", "name: soon", "eligibility[0].name", "used twice", "");
    refused("ask: Who decides?", "ask: ' '", "criteria.authority[0].ask", "empty", "");
    refused("reason: We do not sell there.", "reason: ''", "eligibility[0].reason", "empty", "");
}

#[test]
fn conditions() {
    let path = "criteria.timeline[0].yes";
    refused(
        "need.timeline, in",
        "need.timelin, in",
        &format!("{path}.field"),
        "no field",
        "`need.timeline`",
    );
    refused(
        "{field: need.timeline, in",
        "{field: need.timeline, on",
        &format!("{path}.on"),
        "operator",
        "`in`",
    );
    refused(
        "{field: need.timeline, in: [now, 1-3 months]}",
        "{field: score, gte: 5}",
        path,
        "not known before",
        "routing.yaml",
    );
    refused(
        "{name: larger, when:",
        "{name: larger, wanted: true, no:",
        "company[0]",
        "under `yes`",
        "",
    );
    refused(
        "{name: larger, when:",
        "{name: larger, yes: {field: source, is: a}, when:",
        "company[0].when",
        "another word",
        "",
    );
    refused("[KP, SY]", "[KP, UK]", "eligibility[0].when.in[1]", "two-letter", "`GB`");
    refused("lt: 10000", "lt: ten", "criteria.budget[0].no.lt", "a number", "plain digits");
}

#[test]
fn points_and_caps() {
    refused(
        "points: 20.5",
        "points: 20.5001",
        "criteria.authority[0].points",
        "three decimals",
        "",
    );
    refused("no: -5}", "no: -50000}", "criteria.budget[0].points.no", "lie between", "");
    refused("points: 3}", "points: 0}", "approach[0].points", "does nothing", "wanted");
    refused("{max: 10}", "{max: -10}", "caps.company.max", "at or above zero", "");
    refused("{max: 10}", "{min: 10}", "caps.company.min", "at or below zero", "");
    let line = "approach:\n  - {name: referred, when: {field: channel, is: referral}, points: 3}\n";
    let yaml = REALISTIC.replacen(line, "", 1).replace("caps:", "caps:\n  approach: {max: 1}");
    let problems = Qualifier::compile(&settings(&yaml), &Lists::default()).unwrap_err();
    assert_eq!((problems.len(), problems[0].path.as_str()), (1, "caps.approach"));
}

#[test]
fn thresholds() {
    refused("  sell: 60\n", "", "thresholds.sell", "missing", "");
    refused("  nurture: 20\n", "", "thresholds.nurture", "missing", "");
    refused("nurture: 20", "nurture: 60", "thresholds.nurture", "nothing could be nurtured", "");
    refused("nurture: 20", "nurture: -1", "thresholds.nurture", "never below zero", "write 0");
    refused(
        "sell: 60",
        "sell: 120",
        "thresholds.sell",
        "no lead can reach this: all points add up to 103.5",
        "",
    );
    let part = "thresholds.ask.completeness_below";
    refused("below: 0.7", "below: 70", part, "a part of 1", "write 0.7 for 70 %");
    refused("below: 0.7", "below: 0", part, "a part of 1", "");
    refused(
        "below: 0.7}",
        "below: 0.7, min_score: 60}",
        "thresholds.ask.min_score",
        "nobody would be asked",
        "",
    );
}

#[test]
fn definitions() {
    refused(
        "agreed_on: 2026-03-01",
        "agreed_on: March",
        "definitions.lead.agreed_on",
        "2026-03-01",
        "",
    );
    refused(
        "review_by: 2026-09-01",
        "review_by: 2025-09-01",
        "definitions.lead.review_by",
        "before",
        "",
    );
}

#[test]
fn an_ask_without_wanted_criteria() {
    let yaml = "company: [{name: a, when: {field: channel, is: ad}, points: 5}]
thresholds: {sell: 5, nurture: 1, ask: {completeness_below: 0.5}}";
    let problems = Qualifier::compile(&settings(yaml), &Lists::default()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("every lead is complete"));
}

#[test]
fn several_mistakes_at_once() {
    let bad = REALISTIC
        .replace("name: larger", "name: ''")
        .replace("gte: 250", "gte: lots")
        .replace("sell: 60", "sell: 0");
    let problems = Qualifier::compile(&settings(&bad), &Lists::default()).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["company[0].name", "company[1].when.gte", "thresholds.sell"]);
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_where_they_stand() {
    for (from, to, said) in [
        ("points: 20.5", "points: many", "points such as 25"),
        ("points: {yes: 25, no: -5}", "points: {yes: 25, maybe: 3}", "maybe"),
        ("thresholds:", "treshold: 5\nthresholds:", "treshold"),
        ("ask: Who decides?", "aks: Who decides?", "aks"),
    ] {
        let bad = REALISTIC.replacen(from, to, 1);
        let error = serde_saphyr::from_str::<Settings>(&bad).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert!(error.contains("line"), "{error}");
    }
}
