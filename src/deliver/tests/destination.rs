//! Settings of destinations: good ones, and every mistake at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{Destination, DestinationSettings, check_fallbacks};
use super::sample::{SECRET, destination, name};
use crate::domain::EventType;

fn settings(value: Value) -> DestinationSettings {
    serde_json::from_value(value).unwrap()
}

fn paths(value: Value) -> Vec<String> {
    let problems = Destination::compile(&name("crm"), &settings(value)).unwrap_err();
    problems.into_iter().map(|problem| problem.path).collect()
}

#[test]
fn defaults_are_what_the_documentation_says() {
    let settings =
        settings(json!({"url": "https://crm.example/hook?token=x", "secrets": [SECRET]}));
    let crm = Destination::compile(&name("crm"), &settings).unwrap();
    assert_eq!((crm.route().permits, crm.route().lease_ms), (16, 30_000));
    assert!(!crm.tests && crm.fallback.is_none());
    assert!(crm.takes(EventType::LeadRouted, false) && !crm.takes(EventType::LeadRouted, true));
    assert!(!crm.takes(EventType::LeadDiscarded, false));
    assert!(!crm.takes(EventType::AlertSourceSilent, false));
    assert_eq!(crm.origin(), "https://crm.example");
    let printed = format!("{settings:?} {crm:?}");
    assert!(!printed.contains("token") && !printed.contains(&SECRET[6..]), "{printed}");
}

#[test]
fn event_filters_take_names_and_stars() {
    let taken = |events: Value| {
        let value = json!({"url": "https://x.example", "secrets": [SECRET], "events": events});
        Destination::compile(&name("x"), &settings(value)).unwrap().events.len()
    };
    assert_eq!(taken(json!(["*"])), EventType::ALL.len());
    let alerts = EventType::ALL.iter().filter(|it| it.as_str().starts_with("alert.")).count();
    assert_eq!(taken(json!(["alert.*"])), alerts);
    assert_eq!(taken(json!(["lead.*"])), EventType::ALL.len() - alerts);
    assert_eq!(taken(json!(["lead.routed", "lead.promoted"])), 2);
}

#[test]
fn every_mistake_is_told_at_once() {
    let found = paths(json!({
        "url": "ftp://x.example",
        "secrets": ["whsec_", "whsec_AAAA", SECRET],
        "events": ["lead.routd", "lead.held"],
        "timeout_ms": 500,
        "concurrency": 0,
        "retry": ["0s", "soon", "10000h"],
        "give_up_after": "0s",
        "fallback": {"to": "crm", "after": "-5m"},
        "headers": {"Webhook-Id": "x", "host": "y", "x-ok": "a\nb", "authorization": "Bearer z"},
    }));
    let expected = [
        "url",
        "secrets[0]",
        "secrets[1]",
        "events[0]",
        "retry[1]",
        "retry[2]",
        "give_up_after",
        "fallback.after",
        "fallback.to",
        "timeout_ms",
        "concurrency",
        "headers.Webhook-Id",
        "headers.host",
        "headers.x-ok",
    ];
    assert_eq!(found, expected);
    assert_eq!(paths(json!({"url": "https://u:p@x.example"})), ["url", "secrets"]);
    assert_eq!(
        paths(json!({"url": "no url", "secrets": [SECRET], "events": [], "retry": []})),
        ["url", "events", "retry"]
    );
    let unknown = json!({"url": "https://x.example", "secrets": [SECRET], "timeout": 5});
    assert!(serde_json::from_value::<DestinationSettings>(unknown).is_err());
}

#[test]
fn a_near_miss_is_suggested_and_no_problem_holds_a_value() {
    let value = json!({
        "url": "https://secret-token@x.example", "secrets": ["whsec_@@sesame@@"],
        "events": ["lead.routd"], "headers": {"cookie": "sesame"},
    });
    let problems = Destination::compile(&name("crm"), &settings(value)).unwrap_err();
    let text = format!("{problems:?}");
    assert!(text.contains("did you mean `lead.routed`?"), "{text}");
    assert!(!text.contains("sesame") && !text.contains("secret-token"), "{text}");
}

#[test]
fn fallbacks_must_exist_and_not_run_in_circles() {
    let all: BTreeMap<_, _> = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "inboxx"), ("inbox", "")]
        .into_iter()
        .map(|(own, to)| {
            let mut value = json!({"url": "https://x.example", "secrets": [SECRET]});
            if !to.is_empty() {
                value["fallback"] = json!({"to": to, "after": "15m"});
            }
            (name(own), Destination::compile(&name(own), &settings(value)).unwrap())
        })
        .collect();
    let found: Vec<_> = check_fallbacks(&all)
        .into_iter()
        .map(|(own, problem)| (own.to_string(), problem.suggestion))
        .collect();
    let suggestion = Some("did you mean `inbox`?".to_owned());
    assert_eq!(found, [("b".into(), None), ("c".into(), None), ("d".into(), suggestion)]);
}

#[test]
fn a_rate_is_a_bucket_that_requests_share() {
    let pace = |more: Value| {
        let made = destination("crm", more).route().pace.unwrap();
        (made.every_us, made.burst)
    };
    assert_eq!(pace(json!({"rate": "100/s"})), (10_000, 10));
    assert_eq!(pace(json!({"rate": "600 / min"})), (100_000, 1));
    assert_eq!(pace(json!({"rate": "5000/h", "burst": 30})), (720_000, 15));
    assert_eq!(pace(json!({"rate": "7/s"})), (142_858, 1), "never faster");
    assert_eq!(destination("crm", json!({})).route().pace, None);
    for wrong in
        [json!({"rate": "0/s"}), json!({"rate": "5"}), json!({"rate": "5/d"}), json!({"burst": 3})]
    {
        let mut value = json!({"url": "https://crm.example/", "secrets": [SECRET]});
        value.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let settings: DestinationSettings = serde_json::from_value(value).unwrap();
        assert_eq!(Destination::compile(&name("crm"), &settings).unwrap_err().len(), 1, "{wrong}");
    }
}
