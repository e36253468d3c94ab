//! Who is let in.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};

use super::*;

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_google_key_opens_if_it_is_one_of_the_secrets() {
    for (key, opens) in [
        ("a-google-key-1", true),
        ("a-google-key-2", true),
        ("a-google-key-3", false),
        ("a-google-key-", false),
        ("a-google-key-11", false),
        ("", false),
    ] {
        let body = format!(r#"{{"google_key":"{key}","lead_id":"1","user_column_data":[]}}"#);
        let result = capture(&google(), &post(JSON, body.as_bytes()), now());
        assert_eq!(result.is_ok(), opens, "{key}");
    }
    for body in ["{}", r#"{"google_key":null}"#, r#"{"nested":{"google_key":"a-google-key-1"}}"#] {
        let refused = refused(&google(), &post(JSON, body.as_bytes()));
        assert_eq!(refused.code.as_str(), "unauthenticated", "{body}");
    }
}

#[test]
fn a_body_that_cannot_be_parsed_is_kept_only_if_it_holds_the_key() {
    let kept = unreadable(&google(), &post(JSON, br#"{"google_key":"a-google-key-1", oops"#));
    assert_eq!(kept.reason.as_str(), "bad_json");
    assert_eq!(kept.body_redacted, br#"{"google_key":"[redacted]", oops"#);
    let refused = refused(&google(), &post(JSON, br#"{"google_key":"a-google-key-9", oops"#));
    assert_eq!(refused.code.as_str(), "unauthenticated");
}

/// Headers, query, path, and whether they open.
type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, Option<&'a str>, bool);

#[test]
fn a_key_counts_in_header_query_and_path() {
    let source = scanner();
    let body = br#"{"badge_id":"B-1"}"#;
    let cases: &[Case] = &[
        (&[("authorization", "Bearer scanner-key-1")], None, None, true),
        (&[("authorization", "bearer scanner-key-1")], None, None, true),
        (&[("authorization", "scanner-key-1")], None, None, false),
        (&[("authorization", "Basic scanner-key-1")], None, None, false),
        (&[("x-api-key", "scanner-key-1")], None, None, true),
        (&[("x-api-key", "scanner-key-2")], None, None, false),
        (&[("x-other", "scanner-key-1")], None, None, false),
        (&[], Some("a=b&key=scanner%2Dkey-1"), None, true),
        (&[], Some("other=scanner-key-1"), None, false),
        (&[], None, Some("scanner-key-1"), true),
        (&[], None, Some(""), false),
        (&[], None, None, false),
    ];
    for (given, query, path_secret, opens) in cases {
        let headers = headers(given);
        let request = Request {
            headers: &headers,
            query: *query,
            path_secret: *path_secret,
            ..post(JSON, body)
        };
        assert_eq!(capture(&source, &request, now()).is_ok(), *opens, "{given:?} {query:?}");
    }
}

/// The public vector of the specification.
#[test]
fn standard_webhooks_signatures_hold_and_one_flipped_byte_fails() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let source =
        source(&format!("preset: html-form\nverify: standard-webhooks\nsecrets: [{secret}]"));
    let body = br#"{"test": 2432232314}"#;
    let sent = Timestamp::from_millis(1_614_265_330_000);
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let try_with = |id: &str, stamp: &str, signature: &str, body: &[u8], at: Timestamp| {
        let headers = headers(&[
            ("webhook-id", id),
            ("webhook-timestamp", stamp),
            ("webhook-signature", signature),
        ]);
        capture(&source, &Request { headers: &headers, ..post(JSON, body) }, at).is_ok()
    };
    let (id, stamp) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330");
    assert!(try_with(id, stamp, signature, body, sent));
    assert!(try_with(id, stamp, &format!("v1a,xxxx v1,AAAA {signature}"), body, sent));
    assert!(!try_with(id, stamp, signature, br#"{"test": 2432232315}"#, sent));
    assert!(!try_with("msg_p5jXN8AQM9LWM0D4loKWxJel", stamp, signature, body, sent));
    assert!(!try_with(id, "1614265331", signature, body, sent));
    assert!(!try_with(id, stamp, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=", body, sent));
    assert!(!try_with(id, stamp, "", body, sent));
    let minutes = |n: i64| Timestamp::from_millis(sent.as_millis() + n * 60_000);
    assert!(try_with(id, stamp, signature, body, minutes(5)));
    assert!(!try_with(id, stamp, signature, body, minutes(6)));
    assert!(!try_with(id, stamp, signature, body, minutes(-6)));
}

/// Svix's own vector of `v1a`: the source has the public half.
#[test]
fn the_vector_of_v1a_lets_in_and_one_flipped_byte_does_not() {
    let public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    let source =
        source(&format!("preset: html-form\nverify: standard-webhooks\nsecrets: [{public}]"));
    let signature = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    let try_with = |signature: &str, body: &[u8]| {
        let headers = headers(&[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", signature),
        ]);
        let sent = Timestamp::from_millis(1_614_265_330_000);
        capture(&source, &Request { headers: &headers, ..post(JSON, body) }, sent).is_ok()
    };
    let body = br#"{"test": 2432232314}"#;
    assert!(try_with(signature, body));
    assert!(try_with(&format!("v1,AAAA {signature}"), body));
    assert!(!try_with(&signature.replacen("v1a", "v1", 1), body));
    for at in 0..body.len() {
        let mut body = body.to_vec();
        body[at] ^= 1;
        assert!(!try_with(signature, &body), "byte {at}");
    }
}

#[test]
fn several_standard_webhooks_secrets_hold_during_a_change() {
    let keys = [[7_u8; 32], [9; 32]];
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let secrets = keys.map(|key| format!("whsec_{}", encode(&key))).join(", ");
    let source =
        source(&format!("preset: html-form\nverify: standard-webhooks\nsecrets: [{secrets}]"));
    let body = br#"{"email":"a@fjordlund.example"}"#;
    let stamp = now().as_secs().to_string();
    for key in keys {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("m1.{stamp}.").as_bytes());
        mac.update(body);
        let signature = format!("v1,{}", encode(&mac.finalize().into_bytes()));
        let headers = headers(&[
            ("webhook-id", "m1"),
            ("webhook-timestamp", &stamp),
            ("webhook-signature", &signature),
        ]);
        let _ = inquiry(&source, &Request { headers: &headers, ..post(JSON, body) });
    }
}

#[test]
fn a_public_form_takes_batches_only_from_callers_with_an_api_key() {
    let request = Request { batch: true, ..post("text/csv", b"email\na@fjordlund.example\n") };
    assert_eq!(refused(&form(), &request).code.as_str(), "unauthenticated");
    assert_eq!(rows(&form(), "text/csv", request.body).len(), 1);
}

#[test]
fn each_row_of_a_google_batch_needs_the_key() {
    let line =
        |key: &str| format!(r#"{{"google_key":"{key}","lead_id":"1","user_column_data":[]}}"#);
    let source = google();
    let mixed = format!("{}\n{}\n", line("a-google-key-1"), line("wrong"));
    let request = Request { batch: true, ..post("application/x-ndjson", mixed.as_bytes()) };
    let Ok(Captured::Batch(rows)) = capture(&source, &request, now()) else { panic!() };
    assert!(rows[0].is_ok());
    let problem = rows[1].as_ref().unwrap_err();
    assert_eq!((problem.row, problem.reason.as_str()), (2, "unauthenticated"));
    assert!(problem.row_redacted.is_empty());
    let wrong = line("wrong");
    let request = Request { body: wrong.as_bytes(), ..request };
    assert_eq!(refused(&source, &request).code.as_str(), "unauthenticated");
}
