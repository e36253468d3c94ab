//! What people paste at a vendor, and posts made as the vendor makes them.

use super::*;

/// Every shipped preset under every scheme it knows that can be signed for.
fn all() -> Vec<Source> {
    let mut sources = Vec::new();
    for (name, preset) in PRESETS.iter() {
        for (scheme, settings) in &preset.verification.schemes {
            let secret = match settings {
                SchemeSettings::None => "[]",
                SchemeSettings::StandardWebhooks => {
                    "[whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=]"
                }
                // Only the vendor has the private key.
                SchemeSettings::Ed25519(_) => continue,
                _ => "[\"a key/with+odd=signs\"]",
            };
            sources.push(source(&format!("preset: {name}\nverify: {scheme}\nsecrets: {secret}")));
        }
    }
    sources
}

fn base() -> PublicBase {
    let url = url::Url::parse("https://in.acme.example/leads/").unwrap();
    PublicBase::new(Some(&url), ([127, 0, 0, 1], 8080).into())
}

/// What the source makes of a proved post.
fn taken(source: &Source, proved: &Proved, batch: bool) -> Result<Captured, Refused> {
    let (path, query) = proved.suffix.split_once('?').unwrap_or((&proved.suffix, ""));
    let inside = path.trim_end_matches("/batch").trim_start_matches('/');
    let secret = String::from_utf8(decode::form::percent_decoded(inside.as_bytes()));
    let request = Request {
        method: Method::Post,
        batch,
        content_type: Some(&proved.headers[0].1),
        headers: &proved.headers,
        query: Some(query).filter(|query| !query.is_empty()),
        path_secret: Some(secret.as_deref().unwrap()).filter(|secret| !secret.is_empty()),
        caller_known: false,
        body: &proved.body,
    };
    capture(source, &request, now())
}

#[test]
fn every_preset_says_what_it_is_and_what_to_do() {
    for (name, preset) in PRESETS.iter() {
        assert!(!preset.summary.is_empty() && !preset.summary.contains('\n'), "{name}");
        assert!(preset.setup.contains("{url}") || preset.setup.contains("{batch_url}"), "{name}");
        assert!(preset.sample.is_some(), "{name}");
    }
}

#[test]
fn every_sample_is_taken_as_a_test_under_every_scheme() {
    for source in all() {
        let at = format!("{} {}", source.preset().0, source.scheme());
        let sample = source.sample().unwrap().clone();
        let post = Post {
            batch: sample.batch,
            content_type: &sample.content_type,
            body: sample.body.as_bytes(),
        };
        let proved = source.prove(post, "msg_1", now()).unwrap_or_else(|e| panic!("{at}: {e}"));
        match taken(&source, &proved, sample.batch).unwrap_or_else(|e| panic!("{at}: {e}")) {
            Captured::Inquiry { submission, .. } => {
                assert!(submission.is_test && submission.fields.len() >= 3, "{at}");
                assert!(submission.answers.iter().all(|a| a.value.expose() != "true"), "{at}");
            }
            Captured::Batch(rows) => {
                assert!(rows.iter().all(|row| row.as_ref().is_ok_and(|s| s.is_test)), "{at}");
            }
            other => panic!("{at}: {other:?}"),
        }
        let mut forged = proved.clone();
        forged.headers.truncate(1);
        forged.suffix.clear();
        if !source.is_public() && source.secret_paths.is_empty() {
            assert!(taken(&source, &forged, sample.batch).is_err(), "{at}");
        }
    }
}

#[test]
fn instructions_name_the_url_and_show_the_secret_only_when_asked() {
    let workspace = Name::parse("acme").unwrap();
    for source in all() {
        let at = format!("{} {}", source.preset().0, source.scheme());
        let shown = source.setup(&base(), &workspace, Reveal::Secret);
        assert_eq!(shown.url, "https://in.acme.example/leads/v1/acme/inquiries/test-source");
        assert!(shown.text.contains(&shown.url), "{at}: {}", shown.text);
        assert!(!shown.text.contains("{url}") && !shown.text.contains("{secret}"), "{at}");
        let hidden = source.setup(&base(), &workspace, Reveal::Nothing);
        if let Some(secret) = source.expose_secret() {
            assert!(shown.text.contains(secret), "{at}: {}", shown.text);
            assert!(!hidden.text.contains(secret), "{at}");
            assert!(hidden.text.contains(HIDDEN), "{at}");
        }
    }
}

#[test]
fn a_base_that_is_not_configured_is_where_the_listener_listens() {
    let listening = PublicBase::new(None, ([0, 0, 0, 0], 8080).into());
    assert_eq!((listening.url(), listening.configured), ("http://127.0.0.1:8080", false));
    assert!(base().configured);
}

#[test]
fn a_secret_in_the_body_leaves_the_rest_as_it_was() {
    let body =
        br#"{"lead_id": 12345678901234567890123, "user_column_data": [], "google_key": "?"}"#;
    let post = Post { batch: false, content_type: JSON, body };
    let proved = google().prove(post, "", now()).unwrap();
    let text = String::from_utf8(proved.body).unwrap();
    assert!(text.contains("12345678901234567890123"), "{text}");
    assert!(text.contains(r#""google_key":"a-google-key-1""#), "{text}");
    let post = Post { body: b"[]", ..post };
    assert_eq!(google().prove(post, "", now()), Err(ProofError::NoPlace("google_key".to_owned())));
    let post = Post { batch: true, ..post };
    assert_eq!(form().prove(post, "", now()), Err(ProofError::NeedsApiKey));
}

#[test]
fn a_public_form_has_a_snippet_for_a_page_and_others_have_none() {
    let snippet = |yaml: &str| source(yaml).snippet(&base(), &"acme".parse().unwrap());
    let form = snippet("preset: html-form").unwrap();
    assert!(form.starts_with("<form data-lead-router method=\"post\" action=\"https://in.acme.example/leads/v1/acme/inquiries/"), "{form}");
    assert!(
        form.ends_with("<script src=\"https://in.acme.example/leads/form.js\" defer></script>"),
        "{form}"
    );
    assert!(!form.contains('{') && form.contains("_gotcha"), "{form}");
    assert_eq!(snippet("preset: html-form\nverify: key\nsecrets: [long-enough]"), None);
    assert_eq!(snippet("preset: tally\nsecrets: [long-enough]"), None);
}
