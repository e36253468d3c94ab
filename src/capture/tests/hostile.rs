//! Whatever arrives: no panic, no secret in any output, no digit lost.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "k3y/with+odd \"chars\" ü";

fn google_odd() -> Source {
    let secret = serde_json::to_string(SECRET).unwrap();
    source(&format!("preset: google-ads-lead-form\nsecrets: [{secret}]"))
}

fn content_types() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(FORM.to_owned()),
        Just(JSON.to_owned()),
        Just("multipart/form-data; boundary=b".to_owned()),
        Just("text/csv".to_owned()),
        Just("application/x-ndjson".to_owned()),
        Just("text/plain; charset=utf-16".to_owned()),
        ".{0,60}",
    ]
}

/// Bytes that look like something, broken at random.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just(b"{\"".to_vec()),
        Just(b"\":".to_vec()),
        Just(b"email".to_vec()),
        Just(b"\"}".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b",".to_vec()),
        Just(b"&a[b][]=".to_vec()),
        Just(b"%c3%28%".to_vec()),
        Just(b"\r\n--b\r\n".to_vec()),
        Just(b"--b--".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"x\"; filename=\"".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"badge;scanned_at;time\n".to_vec()),
        Just(b"\xff\xfe".to_vec()),
        Just(b"\\ud800".to_vec()),
        Just(b"99999999999999999999".to_vec()),
        Just(b"2026-11-20 25:00 PM +99".to_vec()),
        Just(b"_started_at=-9223372036854775808".to_vec()),
        vec(any::<u8>(), 0..12),
    ];
    vec(words, 0..24).prop_map(|words| words.concat())
}

/// JSON with the secret written in one of many ways.
fn json_with_secret() -> impl Strategy<Value = Vec<u8>> {
    let escaped =
        SECRET.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat();
    let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let ways =
        prop_oneof![Just(serde_json::to_string(SECRET).unwrap()), Just(format!("\"{escaped}\"")),];
    (ways, vec((".{0,8}", ".{0,30}"), 0..5), any::<bool>(), 0..400_usize).prop_map(
        move |(way, pairs, broken, id)| {
            let mut body = format!("{{\"google_key\":{way}");
            for (key, value) in pairs {
                let (key, value) = (json!(key), json!(format!("{value}{SECRET}{form}")));
                let _ = write!(body, ",{key}:{value}");
            }
            let _ = write!(body, ",\"lead_id\":\"{}\"", "7".repeat(id));
            body.push_str(if broken { ",x" } else { "}" });
            body.into_bytes()
        },
    )
}

fn assert_no_secret(bytes: &[u8]) {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(!has(SECRET.as_bytes()), "{}", String::from_utf8_lossy(bytes));
    let json = serde_json::to_string(SECRET).unwrap();
    assert!(!has(json.trim_matches('"').as_bytes()), "{}", String::from_utf8_lossy(bytes));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        content_type in content_types(),
        body in bodies(),
        batch: bool,
        caller_known: bool,
        at in any::<i64>(),
        headers in vec(("[a-z-]{1,20}", ".{0,40}"), 0..4),
        query in proptest::option::of(".{0,40}"),
    ) {
        for source in [form(), google(), scanner()] {
            let request = Request {
                batch, caller_known, headers: &headers, query: query.as_deref(),
                ..post(&content_type, &body)
            };
            for now in [now(), Timestamp::from_millis(at)] {
                let taken = capture(&source, &request, now);
                if let Ok(Captured::Inquiry { submission, .. }) = &taken {
                    prop_assert!(super::super::schema::violations(submission).is_empty());
                }
            }
            let acked = Acked { request: Some(&request), ..Acked::of(crate::domain::Status::Unavailable) };
            let _ = acknowledge(&source, &acked, true);
        }
    }

    #[test]
    fn secrets_appear_in_no_output(body in json_with_secret(), batch: bool) {
        let source = google_odd();
        let request = Request { batch, ..post(JSON, &body) };
        match capture(&source, &request, now()) {
            Ok(Captured::Inquiry { submission, .. }) => {
                assert_no_secret(&redacted_body(&source, &request));
                assert_no_secret(serde_json::to_string(&submission).unwrap().as_bytes());
                assert_no_secret(&submission.content);
            }
            Ok(Captured::Batch(rows)) => for (row, kept) in rows.into_iter().zip(redacted_rows(&source, &request)) {
                assert_no_secret(&kept);
                match row {
                    Ok(submission) => {
                        assert_no_secret(serde_json::to_string(&submission).unwrap().as_bytes());
                        assert_no_secret(&submission.content);
                    }
                    Err(problem) => assert_no_secret(&problem.row_redacted),
                }
            },
            Ok(Captured::Unreadable(kept)) => {
                assert_no_secret(&kept.body_redacted);
                assert_no_secret(format!("{:?}", kept.violations).as_bytes());
            }
            Ok(Captured::Ping | Captured::Handshake(_)) => {}
            Err(refused) => assert_no_secret(refused.message.as_bytes()),
        }
    }

    #[test]
    fn ids_of_up_to_thirty_digits_are_exact(id in "[1-9][0-9]{0,29}", quoted: bool) {
        let token = if quoted { format!("\"{id}\"") } else { id.clone() };
        let body = format!(r#"{{"google_key":"a-google-key-1","lead_id":{token},"form_id":{token}}}"#);
        let taken = inquiry(&google(), &post(JSON, body.as_bytes()));
        prop_assert_eq!(taken.event_id.as_deref(), Some(id.as_str()));
        prop_assert_eq!(&taken.attribution["form_id"], &id);
    }

    #[test]
    fn forms_say_the_same_in_every_encoding(pairs in vec(("[a-z]{1,8}z", "[^\\x00-\\x1f]{1,30}"), 1..8)) {
        let pairs: std::collections::BTreeMap<String, String> = pairs.into_iter().collect();
        let form_body = serde_urlencoded::to_string(&pairs).unwrap();
        let json_body = serde_json::to_string(&pairs).unwrap();
        let parts: Vec<String> = pairs
            .iter()
            .map(|(k, v)| format!("--b0undary\r\nContent-Disposition: form-data; name=\"{k}\"\r\n\r\n{v}\r\n"))
            .collect();
        let parts = parts.concat();
        let multipart = format!("{parts}--b0undary--\r\n");
        let read = |content_type: &str, body: &str| -> Value {
            serde_json::to_value(inquiry(&form(), &post(content_type, body.as_bytes()))).unwrap()
        };
        let of_form = read(FORM, &form_body);
        prop_assert_eq!(&of_form, &read(JSON, &json_body));
        prop_assert_eq!(&of_form, &read("multipart/form-data; boundary=b0undary", &multipart));
    }

    #[test]
    fn tables_give_back_what_was_written(
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        cells in vec(vec("[^\\x00\\r]{0,20}", 3), 1..6),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["badge_id", "alpha", "beta", "gamma"]).unwrap();
        for (n, row) in cells.iter().enumerate() {
            let id = format!("B-{n}");
            writer.write_record(std::iter::once(&id).chain(row)).unwrap();
        }
        let rows = rows(&scanner(), "text/csv", &writer.into_inner().unwrap());
        prop_assert_eq!(rows.len(), cells.len());
        for (row, cells) in rows.iter().zip(&cells) {
            let row = row.as_ref().unwrap();
            for (key, cell) in ["alpha", "beta", "gamma"].iter().zip(cells) {
                let expected = if cell.trim().is_empty() { "" } else { cell };
                prop_assert_eq!(answer(row, key), expected);
            }
        }
    }
}
