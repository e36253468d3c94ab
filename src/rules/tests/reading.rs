//! What each field reads, numbers as people write them, and YAML.

use serde_json::json;

use super::{Example, Says, says};
use crate::domain::{Answer, Checked, Consent, Timestamp};
use crate::rules::{Condition, ConditionSource, fields, quantity};

#[test]
fn every_listed_field_can_be_named() {
    let example = Example::unknown();
    for row in fields() {
        let path =
            row.path.replace("<key>", "x").replace("<purpose>", "y").replace("<channel>", "z");
        let clause = json!({"field": path, "exists": true});
        let known = ["source", "channel", "inquiry.is_repeat", "inquiry.is_test"];
        let known = known.contains(&row.path) || row.path.starts_with("lead.");
        let expected = if known { Says::Match } else { Says::NoMatch };
        assert_eq!(says(&clause, &example), expected, "{path}");
    }
}

#[test]
fn fields_read_what_they_say() {
    let mut example = Example::rich();
    example.known = true;
    example.answer("Team Size", "12");
    for (field, operator, value) in [
        ("contact.email", "ends_with", json!("@nordwind.example")),
        ("contact.email_valid", "is", json!(true)),
        ("contact.phone_valid", "is", json!(false)),
        ("contact.phone", "is", json!("12")),
        ("contact.country", "is", json!("de")),
        ("company.name", "contains", json!("GRÖSSE")),
        ("company.domain", "is", json!("nordwind.example")),
        ("company.employees", "between", json!([250, 250])),
        ("need.budget", "gte", json!(50_000)),
        ("need.budget", "contains", json!("€")),
        ("answers.team size", "is", json!(12)),
        ("attribution.utm_campaign", "starts_with", json!("spring")),
        ("source", "is", json!("web-form")),
        ("channel", "is", json!("website")),
        ("inquiry.is_repeat", "is", json!(true)),
        ("inquiry.is_test", "is", json!(false)),
        ("lead.cycle", "is", json!(1)),
        ("lead.inquiries", "lt", json!(2)),
        ("lead.stage", "is", json!("inquiry")),
    ] {
        let clause = json!({"field": field, operator: value});
        assert_eq!(says(&clause, &example), Says::Match, "{clause}");
    }
    example.lead.contact.country = Some(Checked::invalid("Atlantis"));
    let country = json!({"field": "contact.country", "not_in": ["DE"]});
    assert_eq!(says(&country, &example), Says::Missing);
}

#[test]
fn of_several_answers_one_is_enough() {
    let mut example = Example::unknown();
    for ticked in [" ", "Pumps", "Valves"] {
        example.answer("interest", ticked);
    }
    for (operator, value, expected) in [
        ("is", json!("valves"), Says::Match),
        ("in", json!(["pipes", "pumps"]), Says::Match),
        ("is", json!("pipes"), Says::NoMatch),
        ("is_not", json!("valves"), Says::NoMatch),
        ("not_in", json!(["pipes"]), Says::Match),
        ("starts_with", json!("pu"), Says::Match),
        ("exists", json!(true), Says::Match),
        ("gte", json!(5), Says::Error),
    ] {
        let clause = json!({"field": "answers.interest", operator: value});
        assert_eq!(says(&clause, &example), expected, "{clause}");
    }
    example.answer("interest", "7");
    let five = json!({"field": "answers.interest", "gte": 5});
    assert_eq!(says(&five, &example), Says::Match);
}

#[test]
fn the_leads_answers_come_before_the_inquirys() {
    let mut example = Example::unknown();
    let six = json!({"field": "need.budget", "is": 6000});
    example.inquiry.answers.push(Answer { key: "need.budget".to_owned(), value: "6k".into() });
    assert_eq!(says(&six, &example), Says::Match);
    // An inquiry that happened earlier and arrived late takes nothing back.
    example.answer("need.budget", "7k");
    assert_eq!(says(&six, &example), Says::NoMatch);
}

#[test]
fn consent_is_the_latest_statement() {
    let mut example = Example::unknown();
    let mut state = |channel: &str, granted: bool, at: i64| {
        example.lead.consents.push(Consent {
            purpose: "marketing".to_owned(),
            channel: channel.to_owned(),
            granted,
            text: None,
            at: Timestamp::from_millis(at),
        });
        ["consent.marketing", "consent.marketing.email", "consent.marketing.phone", "consent.other"]
            .map(|field| says(&json!({"field": field, "is": true}), &example))
    };
    let (yes, no, unknown) = (Says::Match, Says::NoMatch, Says::Missing);
    assert_eq!(state("email", true, 10), [yes, yes, unknown, unknown]);
    assert_eq!(state("email", false, 5), [yes, yes, unknown, unknown], "an older refusal");
    assert_eq!(state("any", false, 20), [no, no, no, unknown], "do not contact");
    assert_eq!(state("phone", true, 30), [yes, no, yes, unknown], "a newer opt-in");
    assert_eq!(state("phone", false, 30), [no, no, no, unknown], "at the same time: refused");
}

#[test]
fn numbers_as_people_write_them() {
    for (text, number) in [
        ("50000", 50_000.0),
        ("10.000 €", 10_000.0),
        ("€ 10,000", 10_000.0),
        ("10 000 EUR", 10_000.0),
        ("CHF 10'000.–", 10_000.0),
        ("1.234.567,89", 1_234_567.89),
        ("1,234.50", 1_234.5),
        ("10k", 10_000.0),
        ("10 Tsd. €", 10_000.0),
        ("1,5 Mio", 1_500_000.0),
        ("5-10k", 5_000.0),
        ("5k – 10k", 5_000.0),
        ("500-1k", 500.0),
        ("10.000 bis 20.000 Euro", 10_000.0),
        ("between 5 and 10", 5.0),
        ("500+", 500.0),
        ("5 to", 5.0),
        ("> 50k", 50_000.0),
        ("mehr als 100 Mitarbeiter", 100.0),
        ("< 10k", 0.0),
        ("up to 10", 0.0),
        ("bis 10k", 0.0),
        ("less than 10", 0.0),
        ("0.500", 0.5),
        ("0,5", 0.5),
        ("-5", -5.0),
        ("12345.678", 12_345.678),
        ("１０", 10.0),
    ] {
        assert_eq!(quantity(text), Some(number), "{text}");
    }
    for text in [
        "",
        "soon",
        "k",
        "€",
        "3 offices",
        "1.2.2026",
        "2026-03-01",
        "01/02",
        "10-5",
        "1.23.4",
        "1,2,3",
        "10k m",
        "3 4",
        "1234567890123456",
        &"1 ".repeat(60),
        "+49 30 23125 100",
        "5000 per month",
    ] {
        assert_eq!(quantity(text), None, "{text}");
    }
}

#[test]
fn yaml_reads_as_json_does() {
    let yaml = "
all:
  - {field: contact.country, in: [DE, AT, CH]}
  - any:
      - field: company.employees
        gte: 100
      - {field: need.budget, between: [0.5, 10]}
  - not: {field: contact.email_free, is: true}
";
    let source: ConditionSource = serde_saphyr::from_str(yaml).unwrap();
    let condition = Condition::compile(&source, &super::lists()).unwrap();
    assert_eq!(condition.evaluate(&Example::rich().subject()), Says::Match);
    assert_eq!(
        condition.fields(),
        ["company.employees", "contact.country", "contact.email_free", "need.budget"]
    );
    // Whatever a reader makes of Norway, the mistake is said, not guessed.
    let norway: ConditionSource =
        serde_saphyr::from_str("{field: contact.country, in: [DE, NO]}").unwrap();
    match Condition::compile(&norway, &super::lists()) {
        Ok(_) => {}
        Err(problems) => assert_eq!(problems[0].suggestion.as_deref(), Some("put it in quotes")),
    }
}

#[test]
fn long_and_odd_texts_fold_alike() {
    let long = "Ünïcödé ".repeat(100);
    let mut example = Example::unknown();
    example.lead.contact.title = Some(long.to_uppercase().into());
    let clause = json!({"field": "contact.title", "is": long});
    // 1,000 bytes are the limit of a text in a condition.
    assert!(super::compile(&clause).is_err());
    let clause = json!({"field": "contact.title", "ends_with": "ünïcödé"});
    assert_eq!(says(&clause, &example), Says::Match);
    example.lead.contact.title = Some("X".repeat(5000).into());
    let clause = json!({"field": "contact.title", "contains": "x".repeat(1000)});
    assert_eq!(says(&clause, &example), Says::Match);
}
