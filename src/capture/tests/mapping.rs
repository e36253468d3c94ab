//! What values become.

use super::*;
use crate::domain::{Channel, Flag};

#[test]
fn ids_of_many_digits_stay_what_they_are() {
    for id in [
        "7012345678901234567",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999",
        "-1",
        "1e3",
        "1.0",
    ] {
        for token in [id.to_owned(), format!("\"{id}\"")] {
            let body = format!(
                r#"{{"google_key":"a-google-key-1","lead_id":{token},"campaign_id":{token},
                    "user_column_data":[{{"column_id":"X","string_value":{token}}}]}}"#
            );
            let taken = inquiry(&google(), &post(JSON, body.as_bytes()));
            assert_eq!(taken.event_id.as_deref(), Some(id));
            assert_eq!(taken.attribution["campaign_id"], id);
            assert_eq!(answer(&taken, "x"), id);
        }
    }
}

#[test]
fn test_data_is_marked_and_keeps_its_event_id() {
    for (token, is_test) in
        [("true", true), ("\"true\"", true), ("1", true), ("false", false), ("null", false)]
    {
        let body = format!(
            r#"{{"google_key":"a-google-key-1","lead_id":"TeSter-123","is_test":{token}}}"#
        );
        let taken = inquiry(&google(), &post(JSON, body.as_bytes()));
        assert_eq!(
            (taken.is_test, taken.event_id.as_deref()),
            (is_test, Some("TeSter-123")),
            "{token}"
        );
    }
}

#[test]
fn one_person_in_every_spelling_of_a_form() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"your-email\"\r\n\r\nq@brummelkamp.example\r\n\
         --b\r\nContent-Disposition: form-data; name=\"Vorname\"\r\n\r\nQuirin\r\n--b--\r\n";
    let cases = [
        (FORM, "email=q%40brummelkamp.example&first_name=Quirin"),
        (FORM, "E-Mail=q@brummelkamp.example&firstName=Quirin"),
        (FORM, "fields[email][value]=q@brummelkamp.example&fields%5Bvorname%5D%5Bvalue%5D=Quirin"),
        (FORM, "form_fields[email]=q@brummelkamp.example&form_fields[First%20Name]=Quirin"),
        (FORM, "contact.email=q@brummelkamp.example&contact.first_name=Quirin"),
        (JSON, r#"{"email":"q@brummelkamp.example","Pr\u00e9nom":"Quirin"}"#),
        (JSON, r#"{"data":{"email":["q@brummelkamp.example"],"given name":["Quirin"]}}"#),
        (JSON, r#"{"contact":{"email":"q@brummelkamp.example","first_name":"Quirin"}}"#),
        (
            JSON,
            "\u{feff}{\"fields\":{\"contact.email\":\"q@brummelkamp.example\",\"contact.first_name\":\"Quirin\"}}",
        ),
        ("text/plain", r#"{"mail":"q@brummelkamp.example","fname":"Quirin"}"#),
        ("multipart/form-data; boundary=b", multipart),
    ];
    for (content_type, body) in cases {
        let taken = inquiry(&form(), &post(content_type, body.as_bytes()));
        assert_eq!(field(&taken, "contact.email"), "q@brummelkamp.example", "{body}");
        assert_eq!(field(&taken, "contact.first_name"), "Quirin", "{body}");
        assert_eq!((taken.answers.len(), taken.channel), (0, Channel::Website), "{body}");
    }
}

#[test]
fn the_content_of_a_form_is_what_the_person_said() {
    let content = |body: &str| inquiry(&form(), &post(FORM, body.as_bytes())).content;
    let one = content("email=a@fjordlund.example&interest=boats&colour=red");
    assert_eq!(
        one,
        content(
            "colour=red&email=a@fjordlund.example&interest=boats&_started_at=5000&gclid=x&submit=Go"
        )
    );
    assert_ne!(one, content("email=a@fjordlund.example&interest=boats&colour=blue"));
    assert_ne!(one, content("email=a@fjordlund.example&interest=boats&colour=red&newsletter=yes"));
    let twin = |body: &str| content(body);
    assert_ne!(twin("a=1&ab=2"), twin("a=1ab&b=2"));
}

#[test]
fn the_content_of_a_row_is_its_cells_and_no_upload_time() {
    let source = scanner();
    let row = |csv: &str, at: &str| {
        let request =
            Request { batch: true, caller_known: true, ..post("text/csv", csv.as_bytes()) };
        let Ok(Captured::Batch(mut rows)) =
            capture(&source, &request, Timestamp::parse(at).unwrap())
        else {
            panic!()
        };
        rows.remove(0).unwrap()
    };
    let first = row("badge;scanned_at;notes\nB-1;2026-11-20 09:00;warm\n", "2026-11-22T12:00:00Z");
    // Uploaded months later the time is clamped, but the row is the same.
    let late = row("badge;scanned_at;notes\nB-1;2026-11-20 09:00;warm\n", "2027-03-01T12:00:00Z");
    assert_ne!(first.occurred_at, late.occurred_at);
    assert!(late.flags.contains(&Flag::TimeClamped));
    assert_eq!(first.content, late.content);
    let moved = row("notes;badge;scanned_at\nwarm;B-1;2026-11-20 09:00\n", "2026-11-22T12:00:00Z");
    assert_eq!(first.content, moved.content);
    let other = row("badge;scanned_at;notes\nB-1;2026-11-20 09:01;warm\n", "2026-11-22T12:00:00Z");
    assert_ne!(first.content, other.content);
}

#[test]
fn a_touched_honeypot_marks_spam_and_leaves_no_answer() {
    let source = source("preset: html-form\nhoneypots: [fax]");
    for (body, filtered) in [
        ("email=a@b.example&_gotcha=", false),
        ("email=a@b.example&_gotcha=x", true),
        ("email=a@b.example&fax=1", true),
        ("email=a@b.example&bot-field=++", false),
    ] {
        let taken = inquiry(&source, &post(FORM, body.as_bytes()));
        assert_eq!((taken.filtered, taken.answers.len()), (filtered, 0), "{body}");
    }
}

#[test]
fn filling_in_fast_is_flagged_and_not_knowing_is_not() {
    let milliseconds = |before: i64| (now().as_millis() - before).to_string();
    for (started, fast) in [
        ("1200".to_owned(), true),
        ("45000".to_owned(), false),
        (milliseconds(900), true),
        (milliseconds(60_000), false),
        (milliseconds(-60_000), false),
        (milliseconds(90_000_000), false),
        (String::new(), false),
        ("soon".to_owned(), false),
        ("-5".to_owned(), false),
        (i64::MIN.to_string(), false),
        (i64::MAX.to_string(), false),
    ] {
        let body = format!("email=a@b.example&_started_at={started}");
        let taken = inquiry(&form(), &post(FORM, body.as_bytes()));
        assert_eq!(taken.flags.contains(&Flag::FilledFast), fast, "{started}");
    }
}

#[test]
fn only_listed_pages_are_ever_named() {
    let source = source(
        "preset: html-form\npages: ['https://www.acme.example/ok']\nthanks_page: https://www.acme.example/thanks",
    );
    for (asked, named) in [
        ("https://www.acme.example/ok", true),
        ("https://www.acme.example/thanks", true),
        ("https://www.acme.example/ok/../evil", false),
        ("https://www.acme.example/ok?x", false),
        ("https://evil.example", false),
        ("//evil.example", false),
        ("javascript:alert(1)", false),
    ] {
        let body = format!("email=a@b.example&_redirect={asked}");
        let Ok(Captured::Inquiry { thanks_page, .. }) =
            capture(&source, &post(FORM, body.as_bytes()), now())
        else {
            panic!()
        };
        assert_eq!(thanks_page.as_deref(), named.then_some(asked));
    }
}

#[test]
fn origins_are_flagged_only_where_some_are_listed() {
    let listed = source("preset: html-form\norigins: ['https://www.acme.example']");
    for (source, origin, flagged) in [
        (&listed, "https://www.acme.example", false),
        (&listed, "https://WWW.acme.example", false),
        (&listed, "https://evil.example", true),
        (&listed, "null", true),
        (&form(), "https://evil.example", false),
    ] {
        let headers = [("origin".to_owned(), origin.to_owned())];
        let taken =
            inquiry(source, &Request { headers: &headers, ..post(FORM, b"email=a@b.example") });
        assert_eq!(taken.flags.contains(&Flag::UnlistedOrigin), flagged, "{origin}");
    }
    assert!(inquiry(&listed, &post(FORM, b"email=a@b.example")).flags.is_empty());
    let allowed = listed.cors(Some("https://www.acme.example")).headers(true);
    assert!(
        allowed.contains(&("access-control-allow-origin", "https://www.acme.example".to_owned()))
    );
    assert_eq!(
        listed.cors(Some("https://evil.example")).headers(true),
        [("vary", "Origin".to_owned())]
    );
    assert_eq!(form().cors(Some("https://www.acme.example")), Cors::Unlisted);
    assert_eq!(form().cors(None), Cors::NotAsked);
}

#[test]
fn values_that_lose_stay_as_answers() {
    let taken = inquiry(
        &form(),
        &post(
            FORM,
            b"work_email=w@b.example&email=a@b.example&name=Ann&E-Mail=c@b.example&x=1&X=2&x_=1",
        ),
    );
    assert_eq!(field(&taken, "contact.email"), "a@b.example");
    assert_eq!(answer(&taken, "work_email"), "w@b.example");
    assert_eq!(answer(&taken, "e_mail"), "c@b.example");
    assert_eq!(
        (answer(&taken, "x"), answer(&taken, "x_2"), answer(&taken, "x_3")),
        ("1".into(), "2".into(), "1".into())
    );
}

#[test]
fn repeated_keys_are_lists_where_lists_make_sense() {
    let body = b"products[]=Boats&products[]=Oars&colour=red&colour=blue&email=a@b.example&email=c@d.example&newsletter=0&newsletter=1";
    let taken = inquiry(&form(), &post(FORM, body));
    assert_eq!(field(&taken, "need.product"), "Boats, Oars");
    assert_eq!(answer(&taken, "colour"), "red, blue");
    assert_eq!(
        (field(&taken, "contact.email"), answer(&taken, "email")),
        ("c@d.example".into(), "a@b.example".into())
    );
    assert_eq!(taken.flags, [Flag::KeyTwice]);
    assert!(taken.consents[0].granted);
}

#[test]
fn the_last_of_equal_json_keys_wins_and_is_flagged() {
    let taken = inquiry(
        &form(),
        &post(JSON, br#"{"email":"a@b.example","x":1,"email":"c@d.example","x":1}"#),
    );
    assert_eq!(field(&taken, "contact.email"), "c@d.example");
    assert_eq!(taken.flags, [Flag::KeyTwice]);
    let same = inquiry(&form(), &post(JSON, br#"{"email":"a@b.example","email":"a@b.example"}"#));
    assert_eq!(same.flags, []);
}

#[test]
fn consent_is_said_or_it_is_not() {
    for (body, granted) in [
        ("newsletter=on", Some(true)),
        ("newsletter=Ja", Some(true)),
        ("newsletter=Nein", Some(false)),
        ("newsletter=0", Some(false)),
        ("newsletter=", None),
        ("email=a@b.example", None),
    ] {
        let taken = inquiry(&form(), &post(FORM, body.as_bytes()));
        let said = taken.consents.first().map(|consent| consent.granted);
        assert_eq!(said, granted, "{body}");
    }
    let taken = inquiry(
        &form(),
        &post(FORM, b"dsgvo=Ich+stimme+zu&newsletter=1&newsletter_text=Monthly+news"),
    );
    let words: Vec<_> =
        taken.consents.iter().map(|c| (c.purpose.as_str(), c.text.as_deref())).collect();
    assert_eq!(words, [("marketing", Some("Monthly news")), ("contact", Some("Ich stimme zu"))]);
}

#[test]
fn files_are_reduced_to_their_names() {
    let body = "--x\r\nContent-Disposition: form-data; name=\"plan\"; filename=\"C:\\\\docs\\\\plan.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\n%PDF\0\u{1}\r\n--x\r\n\
         Content-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--x--";
    let taken = inquiry(&form(), &post("multipart/form-data; boundary=\"x\"", body.as_bytes()));
    assert_eq!((answer(&taken, "plan"), taken.answers.len()), ("plan.pdf".into(), 1));
}

#[test]
fn json_under_a_forms_content_type_is_read_as_json() {
    let taken = inquiry(&form(), &post(FORM, b" {\"email\": \"a@fjordlund.example\"}"));
    assert_eq!(field(&taken, "contact.email"), "a@fjordlund.example");
    let odd = inquiry(&form(), &post(FORM, b"{x=1&email=a@fjordlund.example"));
    assert_eq!(field(&odd, "contact.email"), "a@fjordlund.example");
}

#[test]
fn what_is_kept_after_the_fact_has_no_secrets_either() {
    let body = br#"{"google_key":"\u0061-google-key-1","x":"a-google-key-2"}"#;
    let kept = redacted_body(&google(), &post(JSON, body));
    assert_eq!(kept, br#"{"google_key":"[redacted]","x":"[redacted]"}"#);
    let lines = [&body[..], b"\n{}\n"].concat();
    let request = Request { batch: true, ..post("application/x-ndjson", &lines) };
    assert_eq!(redacted_rows(&google(), &request), [kept, b"{}".to_vec()]);
    let table = Request {
        batch: true,
        ..post("text/csv", b"EMAIL,google_key\na@fjordlund.example,a-google-key-1\n")
    };
    assert_eq!(redacted_rows(&google(), &table), [br#"{"EMAIL":"a@fjordlund.example"}"#.to_vec()]);
}

#[test]
fn a_source_may_add_names_before_the_presets() {
    let source =
        source("preset: html-form\nfields: {contact.email: [kontakt_1], contact.phone: [email]}");
    let taken = inquiry(
        &source,
        &post(FORM, b"email=%2B1+202+555+0100&kontakt_1=a@b.example&mail=z@b.example"),
    );
    assert_eq!(field(&taken, "contact.email"), "a@b.example");
    assert_eq!(field(&taken, "contact.phone"), "+1 202 555 0100");
    assert_eq!(answer(&taken, "mail"), "z@b.example");
}

#[test]
fn what_does_not_fit_the_canonical_schema_is_kept_unreadable_without_values_or_secrets() {
    let long = "9".repeat(300);
    let body = format!(r#"{{"google_key":"\u0061-google-key-1","lead_id":"{long}"}}"#);
    let kept = unreadable(&google(), &post(JSON, body.as_bytes()));
    assert_eq!(kept.reason.as_str(), "schema");
    assert_eq!(kept.violations[0].pointer, "/event_id");
    assert!(!kept.violations[0].message.contains("999"), "{:?}", kept.violations);
    let text = String::from_utf8(kept.body_redacted).unwrap();
    assert!(text.starts_with(r#"{"google_key":"[redacted]","lead_id":"9"#), "{text}");
}

#[test]
fn the_published_schema_names_every_field_flag_and_channel() {
    let schema: serde_json::Value = serde_json::from_str(INQUIRY_SCHEMA).unwrap();
    let properties = &schema["properties"];
    let mut fields: Vec<&str> = properties["fields"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut known: Vec<&str> =
        crate::domain::Field::ALL.iter().map(|field| field.as_str()).collect();
    fields.sort_unstable();
    known.sort_unstable();
    assert_eq!(fields, known);
    let flags: Vec<&str> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
    assert_eq!(properties["flags"]["items"]["enum"], serde_json::json!(flags));
    let channels: Vec<&str> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
    assert_eq!(properties["channel"]["enum"], serde_json::json!(channels));
}
