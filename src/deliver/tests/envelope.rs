//! Bodies against their published schemas.

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::super::envelope::{BODY_BYTES_MAX, Parts, render};
use super::sample;
use crate::domain::*;

fn schema(file: &str) -> Value {
    let path = format!("{}/schemas/events/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn validator(kind: EventType) -> Validator {
    let common = schema("common");
    assert!(jsonschema::meta::is_valid(&common));
    let id = common["$id"].as_str().unwrap().to_owned();
    let registry = Registry::new().add(id, common).unwrap().prepare().unwrap();
    let schema = schema(kind.as_str());
    assert!(jsonschema::meta::is_valid(&schema), "{kind}");
    jsonschema::options()
        .should_validate_formats(true)
        .with_registry(&registry)
        .build(&schema)
        .unwrap()
}

fn rendered(event: &EventRow, lead: &Lead, entry: &InquiryEntry) -> (usize, Value) {
    let receipt = Receipt { member: Some(sample::name("anna")), ..Receipt::of_branch(0) };
    let lead = (event.lead.is_some() && event.kind != EventType::LeadErased).then_some(lead);
    let bytes = render(&Parts {
        workspace: &sample::name("demo"),
        event,
        sequence: 3,
        instead_of: None,
        receipt: Some(&receipt),
        absorbed: 2,
        absorbed_ids: &[sample::inquiry_id(7), sample::inquiry_id(8)],
        lead,
        inquiry: lead.map(|_| entry),
        line: &|line| (line == 1).then(|| "needs pumps".to_owned()),
        record_url: Some("https://leads.example/r/1"),
        links: &[],
        confirm: Some("https://in.leads.example/v1/demo/confirmations/AQ"),
    });
    (bytes.len(), serde_json::from_slice(&bytes).unwrap())
}

fn settled(n: u8) -> (Lead, InquiryEntry) {
    let receipt = Receipt::of_branch(0);
    let (mut lead, mut entry) = (sample::lead(n), sample::entry(n));
    lead.assignment = lead.assignment.settle(Some(&receipt));
    entry.assignment = entry.assignment.settle(Some(&receipt));
    (lead, entry)
}

fn alert(kind: EventType) -> EventRow {
    let detail = match kind {
        EventType::AlertDestinationDead => {
            json!({"destination": "crm", "dead": 2, "faults": 1, "refusals": 1, "oldest_seconds": 90})
        }
        EventType::AlertOldestUndelivered => {
            json!({"destination": "crm", "oldest_seconds": 1000, "waiting": 3, "paused": null})
        }
        EventType::AlertCredentialsBroken => json!({"source": "ads", "http_status": 401}),
        EventType::AlertRuleFailed => json!({"rule": "rich", "inquiries": 3}),
        _ => json!({"source": "web-form", "silent_seconds": 90_000}),
    };
    EventRow {
        lead: None,
        inquiry: None,
        outcome: None,
        detail: Some(detail),
        ..sample::event(kind, 1)
    }
}

#[test]
fn every_event_type_has_a_schema_and_its_bodies_follow_it() {
    let (lead, entry) = settled(1);
    for kind in EventType::ALL.iter().copied() {
        let event =
            if kind.as_str().starts_with("alert.") { alert(kind) } else { sample::event(kind, 1) };
        let validator = validator(kind);
        let (_, body) = rendered(&event, &lead, &entry);
        let errors: Vec<_> = validator.iter_errors(&body).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{kind}: {errors:?}\n{body:#}");
        assert_eq!(body["type"], kind.as_str());
        // The schema is no empty promise: it tells another type and an unknown property.
        let mut wrong = body.clone();
        wrong["type"] = "lead.unheard_of".into();
        assert!(!validator.is_valid(&wrong), "{kind}");
        let mut wrong = body.clone();
        wrong["data"]["surprise"] = 1.into();
        assert!(!validator.is_valid(&wrong), "{kind}");
    }
}

#[test]
fn a_routed_lead_says_who_what_why_and_what_next() {
    let (lead, entry) = settled(1);
    let (_, body) = rendered(&sample::event(EventType::LeadRouted, 1), &lead, &entry);
    let data = &body["data"];
    assert_eq!(body["timestamp"], "2026-03-01T12:00:00.000Z");
    assert_eq!((&data["sequence"], &data["cycle"]), (&json!(3), &json!(1)));
    assert_eq!(data["assignment"], json!({"queue": "sales", "pool": "dach", "owner": "anna"}));
    assert_eq!(data["lead"]["score"], json!(62.5));
    assert_eq!(data["lead"]["contact"]["email"], "ida@mill.example");
    assert_eq!(data["lead"]["contact"]["phone_validity"], "valid");
    let brief = &data["brief"];
    assert_eq!(brief["asked"], "Could you quote for forty of the large pumps? · this quarter");
    assert_eq!(brief["why"], json!(["needs pumps (+42.5)", "budget: yes (+20)"]));
    assert_eq!(brief["next_step"], "Call the person. Ask about: authority");
    assert_eq!(data["decision"]["rule"], "dach");
    assert_eq!(data["decision"]["completeness_percent"], 75);
    assert_eq!(data["decision"]["url"], "https://leads.example/r/1");
    assert!(data.get("test").is_none() && data.get("repeats").is_none());
}

#[test]
fn what_a_clock_said_is_told() {
    let (lead, entry) = settled(1);
    let clock = |kind| rendered(&sample::event(kind, 1), &lead, &entry).1["data"]["clock"].clone();
    let breach = json!({
        "name": "sales", "awaited": "first_touch", "owner": "anna",
        "assigned_at": "2026-03-01T12:00:00.000Z", "due_at": "2026-03-01T12:00:00.000Z",
        "late_seconds": 1, "reassignments": 1,
    });
    assert_eq!(clock(EventType::LeadSlaBreached), breach);
    assert_eq!(clock(EventType::LeadSlaWarning)["warned_at"], json!(0.8));
    assert_eq!(clock(EventType::LeadRouted), json!(null));
}

#[test]
fn tests_repeats_and_erasures_say_so() {
    let (lead, entry) = settled(1);
    let test = EventRow { is_test: true, ..sample::event(EventType::LeadRouted, 1) };
    assert_eq!(rendered(&test, &lead, &entry).1["data"]["test"], true);
    let (_, again) = rendered(&sample::event(EventType::LeadInquiredAgain, 1), &lead, &entry);
    assert_eq!(again["data"]["repeats"]["count"], 3);
    assert_eq!(again["data"]["repeats"]["inquiries"].as_array().unwrap().len(), 3);
    let (_, erased) = rendered(&sample::event(EventType::LeadErased, 1), &lead, &entry);
    assert_eq!(erased["data"]["lead"], json!({"id": sample::lead_id(1)}));
    assert!(!erased.to_string().contains("zanzotter") && !erased.to_string().contains("mill"));
}

#[test]
fn what_was_frozen_is_not_what_the_lead_became_since() {
    let (mut lead, entry) = settled(1);
    lead.score = 1000;
    lead.assignment = Assignment::Settled {
        outcome: BranchOutcome {
            category: Category::Nurture,
            ..sample::outcome(Status::Nurtured, "nurture")
        },
        owner: Some(sample::name("bert")),
    };
    lead.contact.email = Some(Checked::valid("new@mill.example", "new@mill.example"));
    let (_, body) = rendered(&sample::event(EventType::LeadRouted, 1), &lead, &entry);
    let data = &body["data"];
    assert_eq!((&data["lead"]["category"], &data["lead"]["score"]), (&json!("sell"), &json!(62.5)));
    assert_eq!(data["assignment"]["owner"], "anna");
    assert_eq!(data["lead"]["contact"]["email"], "new@mill.example", "contact data is read anew");
}

#[test]
fn however_much_was_written_the_body_stays_short_and_valid() {
    let validator = validator(EventType::LeadRouted);
    for filler in ["x", "\u{1}", "\"", "語", "🦀", "a\n"] {
        let (mut lead, mut entry) = settled(1);
        let long = filler.repeat(100_000);
        for n in 0..300 {
            lead.answers.push(sample::answer(&format!("{n}{long}"), &long));
            entry.inquiry.answers.push(sample::answer(&format!("k{n}"), &long));
            lead.contact.others.push((Field::Email, long.clone().into()));
            lead.consents.push(Consent {
                text: Some(long.clone()),
                purpose: long.clone(),
                ..lead.consents[0].clone()
            });
            entry.inquiry.attribution.insert(format!("{n}{long}"), long.clone());
        }
        lead.contact.full_name = Some(long.clone().into());
        lead.company.name = Some(long.clone().into());
        entry.inquiry.answers[0].value = long.into();
        let (bytes, body) = rendered(&sample::event(EventType::LeadRouted, 1), &lead, &entry);
        assert!(bytes < BODY_BYTES_MAX, "{filler:?}: {bytes}");
        assert_eq!(body["data"]["truncated"], true);
        assert!(validator.is_valid(&body));
        assert!(body["data"]["brief"]["asked"].as_str().unwrap().ends_with('…'));
    }
}
