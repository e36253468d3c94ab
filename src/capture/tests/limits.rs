//! What is too much, and what is not taken.

use super::*;
use crate::domain::{Flag, Status};

#[test]
fn size_is_judged_before_anything_else() {
    let source = source("preset: html-form\nlimits: {body_bytes: 20}");
    assert_eq!(refused(&source, &post(FORM, &[b'x'; 21])).status, Status::TooLarge);
    let _ = inquiry(&source, &post(FORM, b"email=a@b.example&xx"));
    assert_eq!(form().bytes_max(false), 256 * 1024);
    assert_eq!(form().bytes_max(true), 8 * 1024 * 1024);
}

#[test]
fn depth_and_keys_are_limited() {
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let _ = inquiry(&form(), &post(JSON, nested(32).as_bytes()));
    assert_eq!(unreadable(&form(), &post(JSON, nested(33).as_bytes())).reason.as_str(), "too_deep");
    let deep = unreadable(&form(), &post(JSON, nested(30_000).as_bytes()));
    assert_eq!(deep.reason.as_str(), "too_deep");
    let lists = format!("{{\"a\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(unreadable(&form(), &post(JSON, lists.as_bytes())).reason.as_str(), "too_deep");
    let object = |keys: usize| {
        let pairs: Vec<String> = (0..keys).map(|n| format!("\"k{n}\":{n}")).collect();
        format!("{{{}}}", pairs.join(","))
    };
    let _ = inquiry(&form(), &post(JSON, object(500).as_bytes()));
    let many = unreadable(&form(), &post(JSON, object(501).as_bytes()));
    assert_eq!(many.reason.as_str(), "too_many_keys");
    let pairs = |keys: usize| (0..keys).map(|n| format!("k{n}={n}")).collect::<Vec<_>>().join("&");
    let _ = inquiry(&form(), &post(FORM, pairs(500).as_bytes()));
    let many = unreadable(&form(), &post(FORM, pairs(501).as_bytes()));
    assert_eq!(many.reason.as_str(), "too_many_keys");
    let items = format!("{{\"a\":[{}1]}}", "1,".repeat(500));
    assert_eq!(unreadable(&form(), &post(JSON, items.as_bytes())).reason.as_str(), "too_many_keys");
    let brackets = format!("a{}=1", "[b]".repeat(40));
    assert_eq!(unreadable(&form(), &post(FORM, brackets.as_bytes())).reason.as_str(), "too_deep");
}

#[test]
fn long_values_are_cut_between_characters_and_flagged() {
    let body = format!("message={}&{}=1", "ü".repeat(9_000), "k".repeat(300));
    let taken = inquiry(&form(), &post(FORM, body.as_bytes()));
    assert_eq!(field(&taken, "need.message"), "ü".repeat(8_192));
    assert_eq!(answer(&taken, &"k".repeat(200)), "1");
    assert_eq!(taken.flags, [Flag::Truncated]);
}

#[test]
fn more_rows_than_the_limit_are_refused_whole() {
    let source = source("preset: scanner-batch\nsecrets: [scanner-key-1]\nlimits: {rows: 2}");
    for (content_type, two, three) in [
        ("text/csv", "badge\n1\n2\n", "badge\n1\n2\n3\n"),
        ("application/x-ndjson", "{}\n\n{}\n", "{}\n{}\n{}"),
        ("application/json", "[{},{}]", "[{},{},{}]"),
    ] {
        assert_eq!(rows(&source, content_type, two.as_bytes()).len(), 2, "{content_type}");
        let request =
            Request { batch: true, caller_known: true, ..post(content_type, three.as_bytes()) };
        let refused = refused(&source, &request);
        assert_eq!((refused.status, refused.code.as_str()), (Status::TooLarge, "too_many_rows"));
    }
}

#[test]
fn encodings_and_content_types_that_are_not_taken_are_refused() {
    for (content_type, taken) in [
        ("application/x-www-form-urlencoded; charset=UTF-8", true),
        ("Application/JSON", true),
        ("application/vnd.acme+json", true),
        ("text/plain;charset=UTF-8", true),
        ("text/csv", false),
        ("application/xml", false),
        ("", false),
    ] {
        assert_eq!(form().accepts(Some(content_type), false), taken, "{content_type}");
    }
    let refused_type = refused(&form(), &post("application/xml", b"<a/>"));
    assert_eq!(refused_type.status, Status::UnsupportedMediaType);
    for (encoding, taken) in [("gzip", false), ("zstd", false), ("identity", true), ("", true)] {
        let headers = [("content-encoding".to_owned(), encoding.to_owned())];
        let request = Request { headers: &headers, ..post(FORM, b"email=a@b.example") };
        match capture(&form(), &request, now()) {
            Ok(_) => assert!(taken, "{encoding}"),
            Err(refused) => {
                assert!(!taken, "{encoding}");
                assert_eq!(refused.code.as_str(), "unsupported_encoding");
            }
        }
    }
    let request = Request { method: Method::Get, ..post(FORM, b"") };
    assert_eq!(refused(&form(), &request).code.as_str(), "method_not_allowed");
}
