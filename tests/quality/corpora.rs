//! What other programs and specifications say of phone numbers, cards and e-mail addresses, beside what is made of them here. They are
//! not part of this project: `QUALITY_SAMPLES=DIR make quality` names their folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lead_router::domain::{Checked, Submission, Timestamp, Validity};
use serde_json::{Value, json};

use super::sampling::{normalised, samples, source, submissions};

fn cases(folder: &Path, file: &str) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap()
}

fn one(preset: &str, content_type: &str, body: &str) -> Result<Submission, String> {
    let found = submissions(&source(preset), content_type, body.as_bytes(), Timestamp::EPOCH)?;
    found.into_iter().next().ok_or_else(|| "nothing in it".to_owned())
}

/// A phone number or an address as an inquiry of a form has it.
fn checked(field: &str, raw: &str, country: Option<&str>) -> Option<Checked> {
    let body = json!({ field: raw }).to_string();
    let contact = normalised(one("html-form", "application/json", &body).ok()?, country).contact;
    if field == "phone" { contact.phone } else { contact.email }
}

#[test]
fn phone_numbers_are_read_as_another_program_reads_them() {
    let Some(folder) = samples() else { return };
    let cases = cases(&folder, "corpora/phones/phones_100.json");
    let mut wrong = Vec::new();
    for case in &cases {
        let (raw, region) = (case["raw"].as_str().unwrap(), case["default_region"].as_str());
        let is = checked("phone", raw, region);
        let oracle = &case["oracle"];
        let valid = is.as_ref().is_some_and(|it| it.validity == Validity::Valid);
        let e164 = oracle["e164"].as_str().filter(|_| oracle["valid"] == true);
        let same = is.as_ref().and_then(Checked::normal) == e164;
        if valid != (oracle["valid"] == true) || !same {
            let source = &case["source"];
            wrong.push(format!("{raw} ({region:?}, {source}): {e164:?} expected, {is:?} found"));
        }
    }
    let agree = cases.len() - wrong.len();
    println!("phone numbers, E.164 and validity: {agree} of {} agree (target: all)", cases.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is said of a card's person, by the words of the corpus.
fn said(of: &Submission) -> BTreeMap<&'static str, Vec<String>> {
    let field = |path: &str| {
        let known = of.fields.iter().find(|(field, _)| field.as_str() == path);
        known.map(|(_, text)| text.expose().to_owned())
    };
    let answers = |key: &str| -> Vec<String> {
        let numbered =
            |it: &str| it.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_') == key;
        let known = of.answers.iter().filter(|answer| numbered(&answer.key));
        known.map(|answer| answer.value.expose().to_owned()).collect()
    };
    let parts = [
        answers("name_prefix"),
        Vec::from_iter(field("contact.first_name")),
        answers("middle_name"),
        Vec::from_iter(field("contact.last_name")),
        answers("name_suffix"),
    ];
    let name = field("contact.full_name").unwrap_or_else(|| parts.concat().join(" "));
    let all = |path: &str, key: &str| field(path).into_iter().chain(answers(key)).collect();
    BTreeMap::from([
        ("names", Vec::from_iter(Some(name).filter(|name| !name.is_empty()))),
        ("emails", all("contact.email", "email")),
        ("phone_numbers", all("contact.phone", "phone")),
        ("org", all("company.name", "company_name")),
        ("title", all("contact.title", "title")),
        ("note", all("need.message", "message")),
    ])
}

#[test]
fn cards_give_names_addresses_numbers_and_firms() {
    let Some(folder) = samples() else { return };
    let cases = cases(&folder, "corpora/qr/contact_cases.json");
    let mut wrong = Vec::new();
    for case in &cases {
        let name = &case["test"];
        let found = one("business-card", "text/plain", case["contents"].as_str().unwrap());
        let found = match found {
            Ok(found) => said(&found),
            Err(reason) => {
                wrong.push(format!("{name}: not read: {reason}"));
                continue;
            }
        };
        for (what, is) in found {
            let wanted: Vec<String> = match &case[what] {
                Value::String(one) => vec![one.clone()],
                Value::Array(several) => {
                    several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                _ => Vec::new(),
            };
            if is != wanted {
                wrong.push(format!("{name}, {what}: {wanted:?} expected, {is:?} found"));
            }
        }
    }
    println!(
        "cards: {} of {} whole: names, e-mails, phones, organisations, titles, notes (target: all)\n{}",
        cases.len() - wrong.len().min(cases.len()),
        cases.len(),
        wrong.join("\n")
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Why an address is judged otherwise on purpose; docs/quality.md says more.
fn purpose(address: &str, valid_here: bool) -> Option<&'static str> {
    let bare: String = address.split_whitespace().collect();
    let bare = bare.trim_end_matches('.');
    let domain = bare.rsplit('@').next().unwrap_or_default();
    let number =
        domain.rsplit('.').next().is_some_and(|end| end.bytes().all(|b| b.is_ascii_digit()));
    let odd = |c: char| c.is_control() || c == '\u{ffff}';
    let full_width = valid_here && !address.is_ascii();
    let purposes = [
        (valid_here && address.contains('<'), "of `Name <address>` the address is taken"),
        (valid_here && bare != address, "blanks, line ends and a full stop around it are dropped"),
        (full_width, "full-width letters are the usual ones"),
        (address.starts_with('"'), "nothing, blanks and more than ASCII are not quoted"),
        (!domain.contains('.'), "a domain has a dot"),
        (domain.starts_with('[') || number, "a domain is no number"),
        (address.contains(odd), "nobody types controls and what is no character"),
    ];
    purposes.into_iter().find(|(holds, _)| *holds).map(|(_, purpose)| purpose)
}

/// How many addresses are judged as a list of them does, and why the others are not.
fn compared(list: &str, cases: impl Iterator<Item = (String, bool, String)>) -> String {
    let (mut all, mut agree, mut differs) = (0, 0, BTreeMap::<String, usize>::new());
    for (address, valid, why) in cases {
        let is = checked("email", &address, None).is_some_and(|it| it.validity == Validity::Valid);
        all += 1;
        if is == valid {
            agree += 1;
        } else {
            let judged = if is { "valid here" } else { "not valid here" };
            let purpose = purpose(&address, is);
            let purpose = purpose.unwrap_or_else(|| panic!("{list}: {judged}: {why}, {address:?}"));
            *differs.entry(format!("{judged}: {purpose}")).or_default() += 1;
        }
    }
    let differs = differs.into_iter().map(|(purpose, count)| format!("\n  {count} {purpose}"));
    let differs: Vec<String> = differs.collect();
    format!(
        "{list}: {agree} of {all} agree (target: none differs but on purpose){}",
        differs.concat()
    )
}

/// Control characters, which the list writes by the pictures that Unicode has for them.
fn with_controls(pictured: &str) -> String {
    let control = |c: char| match u32::from(c) {
        picture @ 0x2400..=0x2420 => char::from_u32(picture - 0x2400),
        0x2421 => Some('\u{7f}'),
        _ => Some(c),
    };
    pictured.chars().filter_map(control).collect()
}

#[test]
fn addresses_are_valid_or_not_as_lists_of_them_say() {
    let Some(folder) = samples() else { return };
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let isemail = cases(&folder, "corpora/email/isemail_tests.json");
    let isemail = isemail.iter().map(|case| {
        // What a mail server takes on the open internet; the rest is deprecated, a comment, or an error.
        let valid = matches!(
            case["category"].as_str(),
            Some("ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN" | "ISEMAIL_RFC5321")
        );
        (with_controls(&text(&case["address"])), valid, text(&case["diagnosis"]))
    });
    println!("{}", compared("isemail", isemail));
    for name in ["jsonschema_email", "jsonschema_idn-email"] {
        let groups = cases(&folder, &format!("corpora/email/{name}.json"));
        let tests = groups.iter().flat_map(|group| group["tests"].as_array().unwrap());
        let tests = tests.filter_map(|test| {
            let address = test["data"].as_str()?.to_owned();
            Some((address, test["valid"] == true, text(&test["description"])))
        });
        println!("{}", compared(name, tests));
    }
}

#[test]
fn throw_away_addresses_are_known() {
    let Some(folder) = samples() else { return };
    let list = folder.join("corpora/email/disposable_email_blocklist.conf");
    let list = fs::read_to_string(list).unwrap();
    let domains: Vec<&str> = list.lines().filter(|line| !line.is_empty()).collect();
    let form = source("html-form");
    let thrown = |domain: &&&str| {
        let body = json!({ "email": format!("a@{domain}") }).to_string();
        let found = submissions(&form, "application/json", body.as_bytes(), Timestamp::EPOCH);
        normalised(found.unwrap().remove(0), None).contact.email_disposable
    };
    let known = domains.iter().filter(thrown).count();
    println!("throw-away domains: {known} of {} are known", domains.len());
    assert!(known * 100 >= domains.len() * 40, "{known} of {}", domains.len());
}
