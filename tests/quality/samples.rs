//! What real programs sent, and what other programs say of phone numbers, cards and e-mail addresses, beside what is made of
//! them here. The samples are not part of this project: `QUALITY_SAMPLES=DIR make quality` names their folder (`payloads`,
//! `corpora`). What the bodies should give stands in `samples.json`, written by a person who read them; `null` = anything.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lead_router::capture::{
    Captured, Method, Presets, Request, SchemeSettings, Source, SourceSettings, capture,
};
use lead_router::domain::{Inquiry, InquiryId, Submission, Timestamp, Validity};
use lead_router::identify::{self, Hints};
use serde::Deserialize;
use serde_json::{Value, json};

/// What a body should give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    file: String,
    preset: String,
    #[serde(default)]
    event_id: Option<String>,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, Option<String>>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    /// Whether somebody could be reached by it.
    reaches: bool,
}

fn expected() -> Vec<Expected> {
    serde_json::from_str(include_str!("samples.json")).unwrap()
}

/// A source that anybody may post to, with a token where its vendor posts references.
fn source(preset: &str) -> Source {
    let presets = Presets::shipped().unwrap();
    let mut settings = SourceSettings::trial(preset.parse().unwrap(), SchemeSettings::None);
    if preset == "meta-lead-ads" {
        settings.retrieval = Some(serde_saphyr::from_str("token: quality-token").unwrap());
    }
    Source::compile(&"sample".parse().unwrap(), &settings, &presets).unwrap()
}

fn taken(source: &Source, content_type: &str, body: &[u8]) -> Result<Submission, String> {
    let request = Request {
        method: Method::Post,
        batch: false,
        content_type: Some(content_type),
        headers: &[],
        query: None,
        path_secret: None,
        caller_known: true,
        body,
    };
    match capture(source, &request, Timestamp::from_millis(1_767_225_600_000)) {
        Ok(Captured::Inquiry { submission, .. }) => Ok(*submission),
        Ok(Captured::Unreadable(unreadable)) => Err(unreadable.reason.to_string()),
        other => Err(format!("{other:?}")),
    }
}

fn normalised(submission: Submission, country: Option<&str>) -> Inquiry {
    let hints = Hints { country: country.map(str::to_owned), language: None };
    let at = Timestamp::from_millis(1_767_225_600_000);
    identify::normalise(submission, &hints, InquiryId::from_bytes([1; 16]), at)
}

fn samples() -> Option<PathBuf> {
    std::env::var_os("QUALITY_SAMPLES").map(PathBuf::from)
}

/// A body and its content type; a multipart body says its boundary itself.
fn read(path: &Path) -> (String, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    if !path.to_string_lossy().contains("multipart") {
        return ("application/json".to_owned(), bytes);
    }
    let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    let boundary = text.lines().next().unwrap().trim_start_matches("--").to_owned();
    (format!("multipart/form-data; boundary={boundary}"), text.into_bytes())
}

fn differences(expected: &Expected, path: &Path) -> Vec<String> {
    let (content_type, body) = read(path);
    let submission = match taken(&source(&expected.preset), &content_type, &body) {
        Ok(submission) => submission,
        Err(reason) => return vec![format!("not read: {reason}")],
    };
    let mut found = Vec::new();
    let mut differs = |what: &str, wanted: &dyn std::fmt::Debug, is: &dyn std::fmt::Debug| {
        found.push(format!("{what}: {wanted:?} expected, {is:?} found"));
    };
    if expected.event_id.is_some() && expected.event_id != submission.event_id {
        differs("event id", &expected.event_id, &submission.event_id);
    }
    let reference = submission.reference.get("id").cloned();
    if expected.reference != reference {
        differs("reference", &expected.reference, &reference);
    }
    for (field, wanted) in &expected.fields {
        let is = submission.fields.iter().find(|(known, _)| known.to_string() == *field);
        let is = is.map(|(_, value)| value.expose().to_owned());
        if is.is_none() || wanted.is_some() && *wanted != is {
            differs(field, wanted, &is);
        }
    }
    for (key, wanted) in &expected.answers {
        let is =
            submission.answers.iter().find(|it| it.key.replace('_', "") == key.replace('_', ""));
        let is = is.map(|it| it.value.expose().to_owned());
        if is.as_ref() != Some(wanted) {
            differs(key, wanted, &is);
        }
    }
    let reaches = identify::least(&normalised(submission, None));
    if reaches != expected.reaches {
        differs("somebody can be reached", &expected.reaches, &reaches);
    }
    found
}

#[test]
fn bodies_of_real_programs_give_what_a_person_reads_in_them() {
    let all = expected();
    // Without the samples too: what is expected is of presets that there are.
    for it in &all {
        drop(source(&it.preset));
    }
    let Some(folder) = samples() else { return };
    let mut wrong = Vec::new();
    for it in &all {
        let found = differences(it, &folder.join("payloads").join(&it.file));
        println!("{}: {}", it.file, if found.is_empty() { "as expected" } else { "differs" });
        wrong.extend(found.into_iter().map(|found| format!("{}: {found}", it.file)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn phone_numbers_are_read_as_another_program_reads_them() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join("corpora/phones/phones_100.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let form = source("html-form");
    let mut wrong = Vec::new();
    for case in &cases {
        let (raw, region) = (case["raw"].as_str().unwrap(), case["default_region"].as_str());
        let body = json!({ "phone": raw }).to_string();
        let inquiry =
            normalised(taken(&form, "application/json", body.as_bytes()).unwrap(), region);
        let phone = inquiry.contact.phone.filter(|it| it.validity == Validity::Valid);
        let is = phone.as_ref().and_then(|it| it.normal()).map(str::to_owned);
        let oracle = &case["oracle"];
        let wanted = oracle["e164"].as_str().filter(|_| oracle["valid"] == true);
        if is.as_deref() != wanted {
            wrong
                .push(format!("{region:?}, {}: {wanted:?} expected, {is:?} found", case["source"]));
        }
    }
    println!(
        "phone numbers: {} of {} agree\n{}",
        cases.len() - wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn cards_give_names_addresses_numbers_and_firms() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join("corpora/qr/contact_cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let cards = source("business-card");
    let mut wrong = Vec::new();
    for case in &cases {
        let name = &case["test"];
        let submission =
            match taken(&cards, "text/plain", case["contents"].as_str().unwrap().as_bytes()) {
                Ok(submission) => submission,
                Err(reason) => {
                    wrong.push(format!("{name}: not read: {reason}"));
                    continue;
                }
            };
        let said = serde_json::to_string(&submission).unwrap();
        let listed =
            ["emails", "phone_numbers"].iter().filter_map(|key| case[key].as_array()).flatten();
        let parts = case["names"].as_array().into_iter().flatten();
        let parts =
            parts.flat_map(|name| name.as_str().unwrap_or_default().split(' ').map(Value::from));
        for wanted in listed.cloned().chain(parts).chain(case["org"].as_str().map(Value::from)) {
            if !said.contains(wanted.as_str().unwrap_or_default()) {
                wrong.push(format!("{name}: {wanted} is nowhere"));
            }
        }
    }
    println!(
        "cards: {} of {} whole\n{}",
        cases.len() - wrong.len().min(cases.len()),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn addresses_are_valid_or_not_as_a_list_of_them_says() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join("corpora/email/isemail_tests.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let form = source("html-form");
    let (mut agree, mut differs) = (0, BTreeMap::<String, usize>::new());
    for case in &cases {
        let Some(address) = case["address"].as_str().filter(|it| !it.trim().is_empty()) else {
            continue;
        };
        let body = json!({ "email": address, "name": "A B", "company": "C" }).to_string();
        let Ok(submission) = taken(&form, "application/json", body.as_bytes()) else { continue };
        let email = normalised(submission, None).contact.email;
        let is = email.is_some_and(|it| it.validity == Validity::Valid);
        let category = case["category"].as_str().unwrap_or_default();
        let wanted = matches!(category, "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN");
        if is == wanted {
            agree += 1;
        } else {
            let taken = if is { "taken" } else { "not taken" };
            let why = case["diagnosis"].as_str().unwrap_or_default();
            *differs.entry(format!("{why}: {taken}")).or_default() += 1;
        }
    }
    println!("e-mail addresses: {agree} of {} agree; the rest: {differs:#?}", cases.len());
}
