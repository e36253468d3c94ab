//! References of the shipped presets, the requests they lead to, and what answers mean.

use bytes::Bytes;

use super::{BackfillWindow, CannotAsk, Meaning, Page};
use crate::capture::{Captured, Presets, Request, Source, SourceSettings, capture};
use crate::domain::ports::{OutboundAnswer, OutboundError};
use crate::domain::{Reference, Submission, Timestamp};

fn source(yaml: &str) -> Source {
    let settings: SourceSettings = serde_saphyr::from_str(yaml).unwrap();
    let name = "vendor".parse().unwrap();
    Source::compile(&name, &settings, &Presets::shipped().unwrap()).unwrap()
}

fn wrong(yaml: &str) -> Vec<String> {
    let settings: SourceSettings = serde_saphyr::from_str(yaml).unwrap();
    let name = "vendor".parse().unwrap();
    let problems = Source::compile(&name, &settings, &Presets::shipped().unwrap()).unwrap_err();
    problems.into_iter().map(|it| format!("{}: {}", it.path, it.message)).collect()
}

const META: &str = "{preset: meta-lead-ads, secrets: [app-secret], retrieval: {token: page-token, with: {form: '1, 2'}}}";

fn taken(source: &Source, body: &str) -> Submission {
    let request =
        Request { caller_known: true, ..Request::post(Some("application/json"), body.as_bytes()) };
    match capture(source, &request, Timestamp::from_millis(1_767_225_600_000)).unwrap() {
        Captured::Inquiry { submission, .. } => *submission,
        other => panic!("{other:?}"),
    }
}

fn reference(pairs: &[(&str, &str)]) -> Reference {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn answered(status: u16, body: &'static str) -> OutboundAnswer {
    let body = Bytes::from_static(body.as_bytes());
    OutboundAnswer { status, retry_after: None, headers: Vec::new(), body }
}

#[test]
fn what_meta_posts_is_a_reference_whose_id_is_the_event() {
    let source = source(META);
    let body = r#"{"object":"page","entry":[{"id":1,"time":2,"changes":[{"field":"leadgen","value":{"leadgen_id":7012345678901234567,"form_id":3}}]}]}"#;
    let submission = taken(&source, body);
    assert_eq!(submission.reference, reference(&[("id", "7012345678901234567")]));
    assert_eq!(submission.event_id.as_deref(), Some("7012345678901234567"));
    let request = source.retrieval().unwrap().request(0, &submission.reference).unwrap();
    assert!(request.url.starts_with("https://graph.facebook.com/v"), "{}", request.url);
    assert!(request.url.contains("/7012345678901234567?fields="), "{}", request.url);
    assert!(request.url.ends_with("&access_token=page-token"), "{}", request.url);
    // The lead itself is none.
    let lead =
        r#"{"id":"7012345678901234567","field_data":[{"name":"email","values":["a@b.example"]}]}"#;
    assert!(taken(&source, lead).reference.is_empty());
}

#[test]
fn linkedin_names_the_response_and_its_form() {
    let source = source(
        "{preset: linkedin-lead-gen, secrets: [client-secret], retrieval: {token: access-token, with: {version: '202601'}}}",
    );
    let body = |action: &str| {
        format!(
            r#"{{"type":"LEAD_ACTION","leadGenFormResponse":"urn:li:leadGenFormResponse:1a2b3c-4","leadGenForm":"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:33, 1)","leadAction":"{action}","occurredAt":1767225600000}}"#
        )
    };
    let submission = taken(&source, &body("CREATED"));
    assert_eq!(submission.reference, reference(&[("form", "33"), ("id", "1a2b3c-4")]));
    let retrieval = source.retrieval().unwrap();
    let url = |n| retrieval.request(n, &submission.reference).unwrap().url;
    assert_eq!(url(0), "https://api.linkedin.com/rest/leadFormResponses/1a2b3c-4");
    assert_eq!(url(1), "https://api.linkedin.com/rest/leadForms/33");
    let headers = retrieval.request(0, &submission.reference).unwrap().headers;
    assert!(headers.contains(&("authorization".to_owned(), "Bearer access-token".to_owned())));
    let answers = [Bytes::from_static(br#"{"id":"1a2b3c-4"}"#), Bytes::from_static(br#"{"q":1}"#)];
    assert_eq!(retrieval.document(&answers, b"{}"), br#"{"form":{"q":1},"id":"1a2b3c-4"}"#);
    // A deletion is no reference, and is about the same event.
    let deleted = taken(&source, &body("DELETED"));
    assert!(deleted.erases && deleted.reference.is_empty());
    assert_eq!(deleted.event_id, submission.event_id);
}

#[test]
fn an_address_that_a_vendor_gives_is_asked_only_where_it_is_listed() {
    let source =
        source("{preset: eventbrite, secrets: [in-the-url], retrieval: {token: private-token}}");
    let body =
        |url: &str| format!(r#"{{"config":{{"action":"attendee.updated"}},"api_url":"{url}"}}"#);
    let good = taken(&source, &body("https://www.eventbriteapi.com/v3/events/1/attendees/77/"));
    assert_eq!(good.reference["id"], "77");
    let retrieval = source.retrieval().unwrap();
    let asked = retrieval.request(0, &good.reference).unwrap();
    assert!(asked.url.starts_with("https://www.eventbriteapi.com/v3/events/1/attendees/77/?"));
    for elsewhere in [
        "https://www.eventbriteapi.com.evil.example/v3/events/1/attendees/77/",
        "https://www.eventbriteapi.com:8443/v3/events/1/attendees/77/",
        "http://www.eventbriteapi.com/v3/events/1/attendees/77/",
        "https://me@www.eventbriteapi.com/v3/events/1/attendees/77/",
        "https://169.254.169.254/attendees/77/",
    ] {
        let reference = taken(&source, &body(elsewhere)).reference;
        let asked = retrieval.request(0, &reference).map(|request| request.url);
        assert_eq!(asked, Err(CannotAsk::Host), "{elsewhere}");
    }
}

#[test]
fn what_was_posted_beside_a_badge_stays() {
    let source = source(
        "{preset: cvent-badgekit, secrets: [in-the-url], retrieval: {token: bearer-token, with: {event: e1, exhibitor: x1}}}",
    );
    let posted = r#"{"referenceId":"R-1","notes":"wants a call"}"#;
    let reference = taken(&source, posted).reference;
    let retrieval = source.retrieval().unwrap();
    let url = retrieval.request(0, &reference).unwrap().url;
    assert_eq!(url, "https://io.cvent.com/onsite/v1/events/e1/exhibitors/x1/attendees/R-1");
    let answer = [Bytes::from_static(br#"{"firstName":"Ada","referenceId":"R-1"}"#)];
    let document = retrieval.document(&answer, posted.as_bytes());
    let whole = r#"{"firstName":"Ada","notes":"wants a call","referenceId":"R-1"}"#;
    assert_eq!(String::from_utf8(document).unwrap(), whole);
    // The attendee itself is no reference.
    assert!(taken(&source, r#"{"referenceId":"R-1","email":"a@b.example"}"#).reference.is_empty());
}

#[test]
fn an_answer_means_what_the_preset_says_or_else_its_status() {
    let source = source(META);
    let retrieval = source.retrieval().unwrap();
    for (answer, meaning) in [
        (Ok(answered(200, "{}")), Meaning::Taken),
        (
            Ok(answered(400, r#"{"error":{"type":"OAuthException","code":190}}"#)),
            Meaning::Credentials,
        ),
        (Ok(answered(400, r#"{"error":{"type":"OAuthException","code":4}}"#)), Meaning::Limited),
        (
            Ok(answered(400, r#"{"error":{"type":"GraphMethodException","code":100}}"#)),
            Meaning::Gone,
        ),
        (Ok(answered(401, "no JSON")), Meaning::Credentials),
        (Ok(answered(404, "")), Meaning::Gone),
        (Ok(answered(429, "")), Meaning::Limited),
        (Ok(answered(302, "")), Meaning::Again),
        (Ok(answered(500, "")), Meaning::Again),
        (Err(OutboundError::Timeout), Meaning::Again),
    ] {
        assert_eq!(retrieval.judge(&answer), meaning, "{answer:?}");
    }
}

#[test]
fn lists_are_walked_page_by_page_and_one_after_the_other() {
    let source = source(META);
    let retrieval = source.retrieval().unwrap();
    let window = BackfillWindow {
        since: Timestamp::from_millis(1_767_225_600_000),
        until: Timestamp::from_millis(1_767_312_000_000),
    };
    let first = Page::default();
    let url = |page: &Page| retrieval.page(window, page).unwrap().url;
    assert!(url(&first).contains("/1/leads?") && url(&first).contains("1767225600"));
    assert!(!url(&first).contains("after="), "{}", url(&first));
    let more =
        br#"{"data":[],"paging":{"cursors":{"after":"abc"},"next":"https://elsewhere.example/"}}"#;
    let second = retrieval.after(&first, more).unwrap();
    assert_eq!(second.to_string().parse::<Page>().unwrap(), second);
    assert!(url(&second).contains("after=abc"), "{}", url(&second));
    // The last page of the first list is followed by the second list, and that by nothing.
    let last = br#"{"data":[],"paging":{"cursors":{"after":"abc"}}}"#;
    let other = retrieval.after(&second, last).unwrap();
    assert!(url(&other).contains("/2/leads?"));
    assert_eq!(retrieval.after(&other, last), None);
}

#[test]
fn what_cannot_work_does_not_load() {
    let no_token =
        wrong("{preset: meta-lead-ads, secrets: [app-secret], retrieval: {token: short}}");
    assert_eq!(no_token, ["retrieval.token: must have at least 8 characters"]);
    let neither = wrong("{preset: meta-lead-ads, secrets: [app-secret], retrieval: {}}");
    assert_eq!(neither, ["retrieval: say `token` or `oauth`: what the vendor's API is asked with"]);
    let nowhere = wrong(
        "{preset: meta-lead-ads, secrets: [app-secret], retrieval: {oauth: {token_url: /token, client_id: c-1, client_secret: long-enough}}}",
    );
    assert_eq!(nowhere, ["retrieval.oauth.token_url: must be a whole URL"]);
    let whole = wrong("{preset: tally, secrets: [tally-secret], retrieval: {token: long-enough}}");
    assert_eq!(whole, ["retrieval: the preset posts whole data: nothing is fetched"]);
    let missing = wrong(
        "{preset: cvent-badgekit, secrets: [in-the-url], retrieval: {token: long-enough, with: {event: e1, exhibitors: x}}}",
    );
    assert_eq!(
        missing,
        [
            "retrieval.with.exhibitors: nothing names `{exhibitors}`",
            "retrieval.with.exhibitor: is needed to ask the vendor",
        ]
    );
}
