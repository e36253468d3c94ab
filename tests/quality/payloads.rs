//! Bodies that real programs sent, and names of their columns, beside what is made of them. They are not part of this project:
//! `QUALITY_SAMPLES=DIR make quality` names their folder. What they should give stands in `payloads.json`, written by a person
//! who read them; of what belongs to somebody it holds the beginning of a hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use lead_router::capture::{Request, Source, capture};
use lead_router::domain::{Attribution, Field, Reference, Submission, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::sampling::{normalised, request, samples, source, submissions};

/// How a text of somebody's is written down.
const HASHED: &str = "sha256:";
/// Folders of real programs' bodies.
const FOLDERS: [&str; 2] = ["payloads", "corpora/vcards"];
/// What is read elsewhere, or is no body.
const ELSEWHERE: [&str; 2] = ["payloads/MANIFEST.tsv", SIGNATURES];
const SIGNATURES: &str = "payloads/signatures/public_vectors.json";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectations {
    bodies: Vec<Body>,
    columns: Vec<Columns>,
}

/// What a body should give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    file: String,
    preset: String,
    received: Timestamp,
    /// Only what is named has to be as expected; there may be more.
    #[serde(default)]
    part: bool,
    inquiries: Vec<Expected>,
}

/// What one inquiry of it should be; without `part` nothing else may be in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Expected {
    event_id: Option<String>,
    reference: Reference,
    occurred_at: Option<Timestamp>,
    fields: BTreeMap<Field, String>,
    answers: BTreeMap<String, String>,
    attribution: Attribution,
    /// Whether somebody could be reached by it.
    reaches: bool,
}

/// What the names of a vendor's questions should mean; all others are answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    file: String,
    preset: String,
    /// How the line with the names begins; without it each line is one.
    #[serde(default)]
    line: Option<String>,
    #[serde(default)]
    except: Vec<String>,
    fields: BTreeMap<String, Field>,
}

fn expectations() -> Expectations {
    serde_json::from_str(include_str!("payloads.json")).unwrap()
}

/// Whether a text is what was expected, by its hash where that stands for it.
fn same(wanted: &str, is: &str) -> bool {
    let Some(hash) = wanted.strip_prefix(HASHED) else { return wanted == is };
    let digest = Sha256::digest(is);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let whole: String = digits.filter_map(|it| char::from_digit(it.into(), 16)).collect();
    whole.starts_with(hash)
}

/// What differs between texts by name; no text of `is` is said that is not expected openly.
fn texts<'a>(
    what: &str,
    wanted: &BTreeMap<String, String>,
    is: impl Iterator<Item = (String, &'a str)>,
    part: bool,
) -> Vec<String> {
    let is: BTreeMap<String, &str> = is.collect();
    let missing = wanted.iter().filter_map(|(name, wanted)| match is.get(name) {
        None => Some(format!("{what} {name} is missing")),
        Some(is) => (!same(wanted, is)).then(|| format!("{what} {name} is not {wanted}")),
    });
    let more = is.keys().filter(|name| !part && !wanted.contains_key(*name));
    missing.chain(more.map(|name| format!("{what} {name} is not expected"))).collect()
}

fn differences(expected: &Expected, is: Submission, part: bool) -> Vec<String> {
    let by_path = expected.fields.iter().map(|(field, text)| (field.to_string(), text.clone()));
    let fields = is.fields.iter().map(|(field, text)| (field.to_string(), text.expose()));
    let answers = is.answers.iter().map(|it| (it.key.clone(), it.value.expose()));
    let attribution = is.attribution.iter().map(|(key, text)| (key.clone(), text.as_str()));
    let mut found = texts("field", &by_path.collect(), fields, part);
    found.extend(texts("answer", &expected.answers, answers, part));
    found.extend(texts("attribution", &expected.attribution, attribution, part));
    let mut differs = |what: &str, wanted: &dyn std::fmt::Debug, is: &dyn std::fmt::Debug| {
        found.push(format!("{what}: {wanted:?} expected, {is:?} found"));
    };
    if expected.event_id != is.event_id {
        differs("event id", &expected.event_id, &is.event_id);
    }
    if expected.reference != is.reference {
        differs("reference", &expected.reference, &is.reference);
    }
    if expected.occurred_at != is.occurred_at {
        differs("time", &expected.occurred_at, &is.occurred_at);
    }
    if is.is_test || is.filtered || !is.flags.is_empty() {
        differs("marks", &"none", &(is.is_test, &is.filtered_by, &is.flags));
    }
    let reaches = lead_router::identify::least(&normalised(is, None));
    if expected.reaches != reaches {
        differs("somebody can be reached", &expected.reaches, &reaches);
    }
    found
}

/// A body and its content type; a multipart body says its boundary itself.
fn read(path: &Path) -> (String, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    let name = path.to_string_lossy();
    if Path::new(&*name).extension().is_some_and(|it| it == "vcf") {
        return ("text/vcard".to_owned(), bytes);
    }
    if !name.contains("multipart") {
        return ("application/json".to_owned(), bytes);
    }
    let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    let boundary = text.lines().next().unwrap().strip_prefix("--").unwrap().to_owned();
    (format!("multipart/form-data; boundary={boundary}"), text.into_bytes())
}

fn judged(body: &Body, folder: &Path) -> Vec<String> {
    let (content_type, bytes) = read(&folder.join(&body.file));
    let found = match submissions(&source(&body.preset), &content_type, &bytes, body.received) {
        Ok(found) => found,
        Err(reason) => return vec![format!("not read: {reason}")],
    };
    if found.len() != body.inquiries.len() {
        return vec![format!("{} inquiries expected, {} found", body.inquiries.len(), found.len())];
    }
    let pairs = body.inquiries.iter().zip(found).enumerate();
    let said = |(n, it): (usize, String)| format!("inquiry {}: {it}", n + 1);
    pairs
        .flat_map(|(n, (wanted, is))| {
            differences(wanted, is, body.part).into_iter().map(move |it| (n, it))
        })
        .map(said)
        .collect()
}

#[test]
fn bodies_of_real_programs_give_what_a_person_reads_in_them() {
    let all = expectations().bodies;
    // Without the samples too: what is expected is of presets that there are.
    for body in &all {
        drop(source(&body.preset));
    }
    let Some(folder) = samples() else { return };
    let mut wrong = Vec::new();
    for body in &all {
        let found = judged(body, &folder);
        println!("{}: {}", body.file, if found.is_empty() { "as expected" } else { "differs" });
        wrong.extend(found.into_iter().map(|found| format!("{}: {found}", body.file)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The names in a file, as one who reads it sees them.
fn names(columns: &Columns, folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(&columns.file)).unwrap();
    let names: Vec<&str> = match &columns.line {
        None => text.lines().collect(),
        Some(start) => {
            let line = text.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap();
            line.split(';').next().unwrap().split(' ').collect()
        }
    };
    let said = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
    said.filter(|name| !columns.except.iter().any(|it| it == name)).map(str::to_owned).collect()
}

/// What a name is taken for that is not what was expected.
fn misread(columns: &Columns, source: &Source, name: &str) -> Option<String> {
    let item = serde_json::json!({"column_id": name, "string_value": "42"});
    let body = serde_json::json!({"user_column_data": [item]}).to_string();
    let at = Timestamp::EPOCH;
    let found = submissions(source, "application/json", body.as_bytes(), at).unwrap().remove(0);
    let is = match found.fields.keys().next() {
        Some(field) => field.to_string(),
        None => format!("answers {:?}", found.answers.iter().map(|it| &it.key).collect::<Vec<_>>()),
    };
    let wanted = match columns.fields.get(name) {
        Some(field) => field.to_string(),
        None => format!("answers {:?}", [name.to_lowercase()]),
    };
    (is != wanted).then(|| format!("{}: {name} is {is}, not {wanted}", columns.file))
}

#[test]
fn columns_of_real_vendors_mean_what_they_say() {
    let Some(folder) = samples() else { return };
    let mut wrong = Vec::new();
    for columns in expectations().columns {
        let source = source(&columns.preset);
        let names = names(&columns, &folder);
        assert!(columns.fields.keys().all(|name| names.contains(name)), "{}", columns.file);
        let misread: Vec<String> =
            names.iter().filter_map(|name| misread(&columns, &source, name)).collect();
        println!("{}: {} of {} names", columns.file, names.len() - misread.len(), names.len());
        wrong.extend(misread);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn published_signatures_hold() {
    let Some(folder) = samples() else { return };
    let text = fs::read_to_string(folder.join(SIGNATURES)).unwrap();
    let vectors: Vec<BTreeMap<String, String>> = serde_json::from_str(&text).unwrap();
    for vector in &vectors {
        let signed: BTreeSet<&str> = vector.keys().map(String::as_str).collect();
        let preset = if signed.contains("webhook-signature") {
            "preset: standard-webhooks"
        } else {
            "preset: meta-lead-ads"
        };
        let at = vector.get("webhook-timestamp").map_or(0, |it| it.parse::<i64>().unwrap());
        let secret = serde_json::to_string(&vector["secret"]).unwrap();
        let source = super::sampling::compiled(&format!("{preset}\nsecrets: [{secret}]"));
        let headers: Vec<(String, String)> =
            vector.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        let held = |body: &str| {
            let request = Request {
                headers: &headers,
                caller_known: false,
                ..request("application/json", body.as_bytes())
            };
            !matches!(capture(&source, &request, Timestamp::from_millis(at * 1000)), Err(refused)
                if refused.code.as_str() == "unauthenticated")
        };
        let body = &vector["body"];
        assert!(held(body) && !held(&format!("{body} ")), "{}", vector["scheme"]);
        println!("{SIGNATURES}: {} holds", vector["scheme"]);
    }
}

#[test]
fn nothing_in_the_folder_is_passed_over() {
    let Some(folder) = samples() else { return };
    let all = expectations();
    let read = all.bodies.iter().map(|it| &it.file).chain(all.columns.iter().map(|it| &it.file));
    let read: BTreeSet<&str> = read.map(String::as_str).chain(ELSEWHERE).collect();
    let mut folders: Vec<_> = FOLDERS.iter().map(|it| folder.join(it)).collect();
    let mut over = Vec::new();
    while let Some(at) = folders.pop() {
        for path in fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !read.contains(name.as_str()) {
                over.push(name);
            }
        }
    }
    assert!(over.is_empty(), "nobody wrote down what these should give: {over:?}");
}
