//! What a destination's file may add to a request, and what it may not, however it is written.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::super::headers::{COUNT_MAX, NAME_BYTES_MAX, VALUE_BYTES_MAX};
use super::super::{Destination, DestinationSettings};
use super::sample::{SECRET, name, now};

/// What HTTP (RFC 9110), Standard Webhooks and our own requests keep for themselves: written out once more, so
/// that a row lost from the table is missed here.
const RESERVED: [&str; 15] = [
    "accept-encoding",
    "connection",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
];
const RESERVED_BEGINNINGS: [&str; 3] = ["content-", "proxy-", "webhook-"];
/// What every request of ours has.
const OURS: [&str; 4] = ["user-agent", "webhook-id", "webhook-timestamp", "webhook-signature"];

fn compiled(headers: &[(String, String)]) -> Result<Destination, Vec<String>> {
    let headers: BTreeMap<&str, &str> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let value = json!({"url": "https://crm.example/", "secrets": [SECRET], "headers": headers});
    let settings: DestinationSettings = serde_json::from_value(value).unwrap();
    Destination::compile(&name("crm"), &settings)
        .map_err(|found| found.iter().map(|it| format!("{}: {}", it.path, it.message)).collect())
}

fn one(name: &str, value: &str) -> Result<Destination, Vec<String>> {
    compiled(&[(name.to_owned(), value.to_owned())])
}

/// The same name as somebody may write it: letters large or small, `_` for `-`.
fn spelling(name: String) -> impl Strategy<Value = String> {
    let length = name.len();
    (prop::collection::vec(any::<bool>(), length), any::<bool>()).prop_map(move |(large, low)| {
        let letters = name.chars().zip(&large).map(|(letter, large)| match letter {
            '-' if low => '_',
            letter if *large => letter.to_ascii_uppercase(),
            letter => letter,
        });
        letters.collect()
    })
}

fn reserved() -> impl Strategy<Value = String> {
    let begun = (select(RESERVED_BEGINNINGS.to_vec()), "[a-z0-9-]{0,20}");
    prop_oneof![
        select(RESERVED.to_vec()).prop_map(str::to_owned),
        begun.prop_map(|(beginning, rest)| beginning.to_owned() + &rest),
    ]
    .prop_flat_map(spelling)
}

/// Names that are ours to give: a few letters before them and none is reserved.
fn free() -> impl Strategy<Value = String> {
    "[xX]-[a-zA-Z0-9!#$%&'*+.^`|~-]{1,30}"
        .prop_filter("reserved", |name| !name.eq_ignore_ascii_case("x-request-id"))
}

/// Texts that no header may hold: one character that is neither visible ASCII, blank nor tab among any.
fn breaking() -> impl Strategy<Value = String> {
    let bad = prop_oneof![
        (0_u8..0x20).prop_filter("a tab may be", |b| *b != b'\t').prop_map(char::from),
        Just('\u{7f}'),
        Just('\u{85}'),
        Just('\u{2028}'),
        prop::char::range('\u{80}', '\u{ffff}'),
    ];
    ("[ -~]{0,20}", bad, "[ -~]{0,20}")
        .prop_map(|(before, bad, after)| format!("{before}{bad}{after}"))
}

proptest! {
    #[test]
    fn what_the_protocol_or_the_contract_uses_is_refused_in_every_spelling(
        header in reserved(), value in "[ -~]{1,20}",
    ) {
        let found = one(&header, &value).unwrap_err();
        prop_assert_eq!(found.len(), 1);
        prop_assert!(found[0].starts_with(&format!("headers.{header}: ")), "{:?}", found);
    }

    #[test]
    fn a_name_that_is_no_token_is_refused(before in "[a-z-]{0,5}", after in "[a-z-]{0,5}", bad in breaking()) {
        for wrong in [format!("x{before}{bad}{after}"), format!("x {after}"), format!("x:{after}"), String::new()] {
            prop_assert!(one(&wrong, "v").is_err(), "{:?}", wrong);
        }
    }

    #[test]
    fn a_value_that_would_break_out_is_refused_and_not_repeated(header in free(), value in breaking()) {
        let found = one(&header, &value).unwrap_err();
        prop_assert_eq!(found.len(), 1);
        prop_assert!(value.len() < 6 || !found[0].contains(&value), "{:?}", found);
    }

    #[test]
    fn whatever_is_added_each_header_is_there_once_and_ours_are_ours(
        added in prop::collection::btree_map(prop_oneof![9 => free(), 1 => "[ -~]{1,12}"], "[ -~\t]{0,40}", 0..6),
        body: Vec<u8>,
    ) {
        let added: Vec<(String, String)> = added.into_iter().collect();
        let Ok(destination) = compiled(&added) else { return Ok(()) };
        let sent = destination.request_headers("evt_1", now(), &body);
        let names: BTreeSet<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(names.len(), sent.len(), "one of them twice: {:?}", sent);
        prop_assert_eq!(sent.len(), OURS.len() + added.len());
        let plain = compiled(&[]).unwrap().request_headers("evt_1", now(), &body);
        prop_assert_eq!(&sent[..OURS.len()], &plain[..]);
        for (name, value) in &added {
            let there = sent.iter().any(|(known, said)| *known == name.to_ascii_lowercase() && said == value);
            prop_assert!(there, "{} is not sent", name);
        }
    }
}

#[test]
fn every_reserved_name_is_refused_as_it_stands() {
    for header in RESERVED {
        assert!(one(header, "x").is_err(), "{header}");
    }
    for beginning in RESERVED_BEGINNINGS {
        assert!(one(&format!("{beginning}x"), "x").is_err(), "{beginning}");
    }
    for header in ["authorization", "x-api-key", "idempotency-key", "accept", "x-team_name"] {
        assert!(one(header, "Bearer x\ty").is_ok(), "{header}");
    }
}

#[test]
fn count_and_lengths_have_limits() {
    let pairs = |count: usize| {
        let made = (0..count).map(|number| (format!("x-{number}"), "v".to_owned()));
        made.collect::<Vec<_>>()
    };
    assert!(compiled(&pairs(COUNT_MAX)).is_ok() && compiled(&pairs(COUNT_MAX + 1)).is_err());
    let long = |bytes: usize| "x".repeat(bytes);
    assert!(
        one(&long(NAME_BYTES_MAX), "v").is_ok() && one(&long(NAME_BYTES_MAX + 1), "v").is_err()
    );
    let (most, more) = (long(VALUE_BYTES_MAX), long(VALUE_BYTES_MAX + 1));
    assert!(one("x-long", &most).is_ok() && one("x-long", &more).is_err());
}

#[test]
fn one_header_in_two_spellings_is_one_too_many() {
    let pair = |name: &str| (name.to_owned(), "v".to_owned());
    for (first, second) in [("X-Key", "x-key"), ("x-team-name", "x-team_name")] {
        let found = compiled(&[pair(first), pair(second)]).unwrap_err();
        assert_eq!(found, [format!("headers.{second}: this header is there already")]);
    }
}

#[test]
fn a_header_that_oauth_fills_is_not_given_too() {
    let mut value: Value = json!({
        "url": "https://crm.example/", "secrets": [SECRET],
        "oauth": {"token_url": "/token", "client_id": "c", "client_secret": "s"},
    });
    let paths = |value: &Value| {
        let settings: DestinationSettings = serde_json::from_value(value.clone()).unwrap();
        let compiled = Destination::compile(&name("crm"), &settings);
        compiled.err().unwrap_or_default().into_iter().map(|it| it.path).collect::<Vec<_>>()
    };
    assert!(paths(&value).is_empty());
    value["headers"] = json!({"Authorization": "Bearer x"});
    assert_eq!(paths(&value), ["headers.authorization"]);
}
