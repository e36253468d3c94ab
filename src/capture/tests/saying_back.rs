//! CRMs' own webhooks: every shipped preset reads its sample, proved by its secret and not without.

use std::collections::BTreeMap;

use super::super::{Method, Request, Says, SaysPresets, SaysSettings};
use crate::domain::{Disposition, Name, Status, Timestamp};

const SECRET: &str = "says-secret-1";

fn compiled(preset: &str, words: &[(&str, Disposition)]) -> Says {
    let settings: SaysSettings = serde_json::from_value(serde_json::json!({
        "preset": preset, "secrets": [SECRET], "destination": "crm",
    }))
    .unwrap();
    let words: BTreeMap<String, Disposition> =
        words.iter().map(|(word, meant)| ((*word).to_owned(), *meant)).collect();
    let presets = SaysPresets::shipped().unwrap();
    let name = Name::parse("crm-hooks").unwrap();
    Says::compile(&name, &SaysSettings { words, ..settings }, &presets).unwrap()
}

/// What a body says, in one line; `Err` with the status if it is not taken.
fn said(says: &Says, body: &str, secret: Option<&str>) -> Result<Vec<String>, Status> {
    let basic = secret.map(|secret| {
        use base64::Engine as _;
        let both = base64::engine::general_purpose::STANDARD.encode(format!("user:{secret}"));
        ("authorization".to_owned(), format!("Basic {both}"))
    });
    let headers: Vec<(String, String)> = basic.into_iter().collect();
    let request = Request {
        method: Method::Post,
        batch: false,
        content_type: Some("application/json"),
        headers: &headers,
        query: None,
        path_secret: secret,
        caller_known: false,
        body: body.as_bytes(),
    };
    let said = says.read(&request, Timestamp::EPOCH).map_err(|refused| refused.status)?;
    let line = |said: &super::super::WebhookSays| {
        let parts = said.parts.iter().map(|(part, text)| format!("{part}={text}"));
        format!("{} | {}", said.words.join(" "), parts.collect::<Vec<_>>().join(" "))
    };
    Ok(said.iter().map(line).collect())
}

#[test]
fn every_shipped_preset_reads_its_sample() {
    let wanted = [
        ("hubspot", "contacted | id=1001 record_id=51 at=1772020800000"),
        (
            "pipedrive",
            "won 4 | id=c-7c1f record_id=51 at=2026-02-25 12:00:00 amount=12500.5 currency=EUR",
        ),
        ("salesforce", "contacted | record_id=00Q5e00000AbCdE at=2026-02-25T12:00:00.000+0000"),
        (
            "webhook",
            "Closed Won | id=e-1 record_id=51 at=2026-02-25T12:00:00Z amount=900 currency=EUR",
        ),
    ];
    let presets = SaysPresets::shipped().unwrap();
    let names: Vec<&str> = presets.names().map(Name::as_str).collect();
    assert_eq!(names, wanted.map(|(name, _)| name));
    for (name, line) in wanted {
        let (says, sample) = (compiled(name, &[]), &presets.get(name).unwrap().sample);
        let order = |line: &str| {
            let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            words.sort();
            words
        };
        let found = said(&says, &sample.body, Some(SECRET)).unwrap();
        assert_eq!(found.len(), 1, "{name} {found:?}");
        assert_eq!(order(&found[0]), order(line), "{name}");
        for wrong in [None, Some("another-secret")] {
            assert_eq!(said(&says, &sample.body, wrong), Err(Status::Unauthenticated), "{name}");
        }
        assert_eq!(said(&says, "{", Some(SECRET)), Err(Status::Malformed), "{name}");
    }
}

#[test]
fn stages_of_ones_own_have_words_and_other_changes_say_nothing() {
    let says = compiled("pipedrive", &[("7", Disposition::Qualified)]);
    let open = r#"{"meta": {"id": 5, "correlation_id": "x"}, "data": {"person_id": 5, "status": "open", "stage_id": 7}}"#;
    assert_eq!(said(&says, open, Some(SECRET)).unwrap(), ["open qualified | id=x record_id=5"]);
    let says = compiled("hubspot", &[]);
    let others = r#"[{"subscriptionType": "contact.creation", "objectId": 1},
        {"subscriptionType": "contact.propertyChange", "propertyName": "city", "propertyValue": "x", "objectId": 1}]"#;
    assert_eq!(said(&says, others, Some(SECRET)).unwrap(), Vec::<String>::new());
}

#[test]
fn a_preset_that_is_not_there_is_said_with_the_nearest() {
    let settings: SaysSettings =
        serde_json::from_value(serde_json::json!({"preset": "hubspott", "secrets": [SECRET]}))
            .unwrap();
    let presets = SaysPresets::shipped().unwrap();
    let wrong = Says::compile(&Name::parse("crm").unwrap(), &settings, &presets).unwrap_err();
    assert_eq!(wrong[0].suggestion.as_deref(), Some("did you mean `hubspot`?"));
}
