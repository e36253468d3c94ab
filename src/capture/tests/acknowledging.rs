//! What the caller is told.

use serde_json::{Value, json};

use super::*;
use crate::domain::{IdBlock, Status};

fn body(answer: &Acknowledgement) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn every_status_has_its_http_status() {
    for status in Status::ALL {
        let answer = acknowledge(&form(), &Acked::of(*status), false);
        let expected = match status.as_str() {
            "unreadable" => 422,
            "limited" => 429,
            "unauthenticated" => 401,
            "unknown" => 404,
            "too_large" => 413,
            "unsupported_media_type" => 415,
            "malformed" => 400,
            "unavailable" => 503,
            _ => 202,
        };
        assert_eq!(answer.http, expected, "{status}");
        assert!(body(&answer).is_object());
    }
}

#[test]
fn strangers_learn_only_that_it_was_received() {
    let id = IdBlock::new([1; 16]).inquiry();
    let inquiry = Some(id);
    let mut answers: Vec<_> =
        [Status::Routed, Status::Discarded, Status::Filtered, Status::Duplicate, Status::Repeat]
            .map(|status| acknowledge(&form(), &Acked { inquiry, ..Acked::of(status) }, false))
            .into();
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let id = id.to_string();
    assert_eq!(
        body(&answers[0]),
        json!({"outcome": "success", "status": "received", "inquiry_id": id})
    );
    let revealed = json!({"lead_id": "lead_1", "category": "sell"}).as_object().cloned();
    let told =
        acknowledge(&google(), &Acked { inquiry, revealed, ..Acked::of(Status::Routed) }, false);
    assert_eq!(
        body(&told),
        json!({"outcome": "success", "status": "routed", "inquiry_id": id, "lead_id": "lead_1", "category": "sell"})
    );
}

#[test]
fn google_is_answered_as_google_wants() {
    let answer = |status| acknowledge(&google(), &Acked::of(status), false);
    for status in [Status::Routed, Status::Duplicate, Status::Test, Status::Unreadable] {
        assert_eq!((answer(status).http, answer(status).body.as_str()), (200, "{}"), "{status}");
    }
    let wrong = answer(Status::Unauthenticated);
    assert_eq!((wrong.http, wrong.content_type), (401, "application/json"));
    assert_eq!(
        body(&wrong),
        json!({"message": "The request is not proved to come from the source"})
    );
    assert_eq!(answer(Status::Unavailable).http, 503);
}

#[test]
fn failures_are_problems_with_pointers_and_without_values() {
    let violations = [Violation { pointer: "/event_id".into(), message: "too long".into() }];
    let acked = Acked {
        code: Name::parse("schema").ok(),
        message: Some("it does not fit"),
        violations: &violations,
        ..Acked::of(Status::Unreadable)
    };
    let answer = acknowledge(&form(), &acked, false);
    assert_eq!(answer.content_type, "application/problem+json");
    assert_eq!(
        body(&answer),
        json!({
            "type": "/problems/schema", "title": "The inquiry could not be read", "status": 422,
            "code": "schema", "detail": "it does not fit", "outcome": "failure", "reason": "unreadable",
            "errors": [{"pointer": "/event_id", "message": "too long"}],
        })
    );
}

#[test]
fn a_source_may_answer_in_its_own_way() {
    let source = source(
        "preset: html-form\nacknowledge: {accepted: {http: 201, body: '{\"ok\":true}'}, statuses: {limited: {http: 503}}}",
    );
    let answer = acknowledge(&source, &Acked::of(Status::Held), false);
    assert_eq!((answer.http, answer.body.as_str()), (201, "{\"ok\":true}"));
    let limited =
        acknowledge(&source, &Acked { retry_after: Some(7), ..Acked::of(Status::Limited) }, false);
    assert_eq!((limited.http, limited.retry_after), (503, Some(7)));
}

#[test]
fn browsers_are_sent_to_listed_pages() {
    let pages = "preset: html-form\nthanks_page: https://www.acme.example/thanks\nerror_page: https://www.acme.example/oops?a=1";
    let source = source(pages);
    let to = |acked: &Acked| acknowledge(&source, acked, true).location.unwrap();
    for status in [Status::Routed, Status::Duplicate, Status::Filtered] {
        assert_eq!(to(&Acked::of(status)), "https://www.acme.example/thanks");
    }
    let asked =
        Acked { thanks_page: Some("https://www.acme.example/ok"), ..Acked::of(Status::Routed) };
    assert_eq!(to(&asked), "https://www.acme.example/ok");
    let code = Name::parse("no_contact").ok();
    let failed = Acked { code, ..Acked::of(Status::Unreadable) };
    assert_eq!(to(&failed), "https://www.acme.example/oops?a=1&code=no_contact");
    assert_eq!(acknowledge(&source, &failed, true).http, 303);
    let built_in = acknowledge(&form(), &failed, true);
    assert_eq!((built_in.http, built_in.location), (422, None));
    assert!(built_in.body.contains("no_contact"));
    assert_eq!(acknowledge(&form(), &Acked::of(Status::Routed), true).http, 200);
}

#[test]
fn an_outage_gives_the_values_back_escaped() {
    let request =
        post(FORM, b"email=a%40b.example&message=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&n%22=1");
    let acked =
        Acked { request: Some(&request), retry_after: Some(5), ..Acked::of(Status::Unavailable) };
    let answer = acknowledge(
        &source("preset: html-form\nerror_page: https://www.acme.example/oops"),
        &acked,
        true,
    );
    assert_eq!((answer.http, answer.retry_after), (503, Some(5)));
    assert!(answer.body.contains(r#"name="email" value="a@b.example""#), "{}", answer.body);
    assert!(answer.body.contains(r#"name="n&quot;" value="1""#), "{}", answer.body);
    assert!(!answer.body.contains("<script"), "{}", answer.body);
    let multipart = post(
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n<x>\r\n--b--",
    );
    let answer = acknowledge(&form(), &Acked { request: Some(&multipart), ..acked.clone() }, true);
    assert!(answer.body.contains(r#"name="a" value="&lt;x&gt;""#), "{}", answer.body);
    // What is no form cannot be given back.
    let json = post(JSON, b"{}");
    let answer = acknowledge(&form(), &Acked { request: Some(&json), ..acked }, true);
    assert!(!answer.body.contains("<form"), "{}", answer.body);
}
