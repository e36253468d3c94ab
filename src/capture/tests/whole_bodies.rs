//! Nothing that is sent is silently dropped: bodies of all fixtures are read a second time, by other means than the decoders, and
//! each text in them has to be in what was taken, or named as the vendor's own, or taken out as a secret.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::preset::{ListSettings, PresetSettings};
use super::any_preset::body_of;
use super::*;
use crate::domain::Status;

/// A text and the keys that lead to it, without the positions in lists.
type Sent = (Vec<String>, String);

/// Texts that were found somewhere; a test that finds none would hold for anything.
const TEXTS_MIN: usize = 2_000;

fn of_json(value: &Value, path: &[String], sent: &mut Vec<Sent>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, value) in members {
                of_json(value, &[path, std::slice::from_ref(key)].concat(), sent);
            }
        }
        Value::Array(items) => {
            for item in items {
                of_json(item, path, sent);
            }
        }
        Value::String(text) => sent.push((path.to_vec(), text.clone())),
        // Longer numbers than this program knows are compared elsewhere.
        Value::Number(number) if number.is_f64() => {}
        other => sent.push((path.to_vec(), other.to_string())),
    }
}

/// The keys of `a[b][]` and `a.b`.
fn keys_of(name: &str) -> Vec<String> {
    let keys = name.split(['[', ']']).filter(|key| !key.is_empty());
    keys.map(str::to_owned).collect()
}

fn of_form(body: &[u8]) -> Vec<Sent> {
    let pairs = url::form_urlencoded::parse(body);
    let latin = |text: &str| text.contains('\u{fffd}');
    pairs
        .filter(|(_, value)| !latin(value))
        .map(|(key, value)| (keys_of(&key), value.into_owned()))
        .collect()
}

fn of_multipart(body: &str) -> Vec<Sent> {
    let boundary = body.lines().next().unwrap_or_default();
    let mut sent = Vec::new();
    for part in body.split(boundary).filter(|part| !boundary.is_empty() && !part.starts_with("--"))
    {
        let Some((head, text)) = part.split_once("\r\n\r\n") else { continue };
        let named = |name: &str| {
            let (_, rest) = head.split_once(&format!(" {name}=\""))?;
            Some(rest.split('"').next()?.to_owned())
        };
        let file = named("filename");
        let file = file.and_then(|it| it.rsplit(['/', '\\']).next().map(str::to_owned));
        let text = file.unwrap_or_else(|| text.trim_end().to_owned());
        sent.push((keys_of(&named("name").unwrap_or_default()), text));
    }
    sent
}

/// Texts between tags and in attributes. A tag that is closed in the wrong place closes what is inside it.
fn of_xml(body: &str) -> Vec<Sent> {
    let (mut sent, mut open) = (Vec::new(), Vec::<String>::new());
    let mut plain = String::new();
    for (n, part) in body.split("<![CDATA[").enumerate() {
        let (data, rest) = part.split_once("]]>").filter(|_| n > 0).unwrap_or(("", part));
        sent.push((Vec::new(), data.to_owned()));
        plain.push_str(rest);
    }
    for piece in plain.split('<').skip(1).filter(|piece| !piece.starts_with(['?', '!'])) {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        let name =
            tag.split_whitespace().next().unwrap_or_default().trim_end_matches('/').to_lowercase();
        if let Some(name) = name.strip_prefix('/') {
            open.truncate(open.iter().rposition(|it| it == name).unwrap_or(open.len()));
            continue;
        }
        open.push(name);
        let pairs: Vec<&str> = tag.split('"').collect();
        for pair in pairs.chunks_exact(2) {
            let key = pair[0].trim_end_matches('=').rsplit(' ').next().unwrap_or_default();
            sent.push(([open.as_slice(), &[format!("@{key}")]].concat(), pair[1].to_owned()));
        }
        let beside = Some("#text".to_owned()).filter(|_| pairs.len() > 1);
        sent.push((open.iter().cloned().chain(beside).collect(), text.trim().to_owned()));
        if tag.ends_with('/') {
            let _ = open.pop();
        }
    }
    sent.retain(|(_, text)| !text.contains('&'));
    sent
}

fn of_table(body: &[u8]) -> Vec<Sent> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    let delimiter =
        [b';', b',', b'\t'].into_iter().max_by_key(|d| head.bytes().filter(|b| b == d).count());
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter.unwrap()).from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().unwrap().iter().map(|it| it.trim().to_owned()).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map_while(Result::ok).collect();
    let cells = rows.iter().flat_map(|row| names.iter().zip(row.iter()));
    cells.map(|(name, cell)| (vec![name.clone()], cell.to_owned())).collect()
}

fn sent(source: &Source, content_type: &str, body: &[u8]) -> Vec<Sent> {
    let text = String::from_utf8_lossy(body);
    let mut sent = Vec::new();
    let json: Vec<Value> = serde_json::Deserializer::from_slice(body)
        .into_iter::<Value>()
        .map_while(Result::ok)
        .collect();
    match source.decoding(Some(content_type), content_type.contains("csv")) {
        _ if json.iter().any(|it| it.is_object() || it.is_array()) => {
            for value in &json {
                of_json(value, &[], &mut sent);
            }
        }
        Some(Decoding::Urlencoded) => sent = of_form(body),
        Some(Decoding::Multipart) => sent = of_multipart(&text),
        Some(Decoding::Xml) => sent = of_xml(&text),
        Some(Decoding::Csv) => sent = of_table(body),
        _ => {}
    }
    sent.retain(|(_, text)| !text.trim().is_empty());
    sent
}

/// Everything that was taken, as one text.
fn said(taken: &[&Submission]) -> String {
    let mut all = String::new();
    for it in taken {
        let fields = it.fields.values().chain(it.answers.iter().map(|answer| &answer.value));
        let texts = fields.map(crate::domain::Pii::expose).chain(it.event_id.as_deref());
        let texts =
            texts.chain(it.attribution.values().chain(it.reference.values()).map(String::as_str));
        for text in texts.chain(it.consents.iter().filter_map(|consent| consent.text.as_deref())) {
            let _ = writeln!(all, "{text}");
        }
    }
    all
}

fn without_positions(path: &str) -> String {
    let number = |key: &&str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    path.split('.').filter(|key| !number(key)).collect::<Vec<_>>().join(".")
}

/// What is left of a path behind a list of name and value.
fn within<'a>(list: &ListSettings, path: &'a [String]) -> Option<&'a [String]> {
    let at: Vec<&str> = list.at.split('.').collect();
    let is = at.len() <= path.len() && at.iter().zip(path).all(|(at, key)| *at == "*" || at == key);
    is.then(|| &path[at.len() + usize::from(list.keyed && path.len() > at.len())..])
}

/// Whether what stands there names the item or is the vendor's own, as the preset says; what a person said has to be found.
fn of_an_item(preset: &PresetSettings, path: &[String]) -> bool {
    let mut lists = preset.lists.iter().filter_map(|list| Some((list, within(list, path)?)));
    lists.any(|(list, inner)| {
        let is_value = list.value.contains(&inner.join("."));
        let chosen = list.options.is_some();
        inner.first().is_some_and(|key| list.names(key)) && (!is_value || chosen)
    })
}

/// What was sent and is nowhere, by its place.
fn lost(
    source: &Source,
    sent: &[Sent],
    taken: &[&Submission],
    origins: &[Vec<Origin>],
) -> Vec<String> {
    let said = said(taken);
    let origins: Vec<(String, &str)> =
        origins.iter().flatten().map(|it| (without_positions(&it.at), it.to.as_str())).collect();
    let kept = |to: &str| crate::domain::Field::parse(to).is_some() || to.starts_with("answer ");
    // A box that was ticked is a consent; its words are not kept twice.
    let named = |path: &str| origins.iter().any(|(at, to)| at == path && !kept(to));
    let listed = || origins.iter().any(|(at, to)| at.starts_with('\u{201c}') && !kept(to));
    // What cards say is compared where cards are.
    let card = |text: &str| {
        let marks = ["BEGIN:VCARD", "MECARD:", "BIZCARD:"];
        source.preset.cards && marks.iter().any(|mark| text.starts_with(mark))
    };
    let inside = |text: &str| {
        let inner = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
        let mut sent = Vec::new();
        inner.inspect(|inner| of_json(inner, &[], &mut sent)).is_some()
            && lost_texts(&sent, &said, &named).is_empty()
    };
    sent.iter()
        .filter(|(path, text)| {
            let place = without_positions(&path.join("."));
            let secret = source.secret_paths.contains(&place);
            let in_list = source.preset.lists.iter().any(|list| within(list, path).is_some());
            let found = said.contains(text.trim()) || secret || named(&place);
            let other = of_an_item(&source.preset, path) || in_list && listed();
            !(found || other || card(text) || inside(text))
        })
        .map(|(path, _)| path.join("."))
        .collect()
}

fn lost_texts(sent: &[Sent], said: &str, named: &dyn Fn(&str) -> bool) -> Vec<String> {
    let gone = sent.iter().filter(|(path, text)| {
        !text.trim().is_empty()
            && !said.contains(text.trim())
            && !named(&without_positions(&path.join(".")))
    });
    gone.map(|(path, _)| path.join(".")).collect()
}

#[test]
fn nothing_in_any_fixture_is_silently_dropped() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    let (mut found, mut dropped) = (0, Vec::new());
    for name in PRESETS.names() {
        let settings = SourceSettings::trial(name.clone(), SchemeSettings::None);
        let source = Source::compile(name, &settings, &PRESETS).unwrap();
        for path in fs::read_dir(root.join(name.as_str())).unwrap().map(|it| it.unwrap().path()) {
            if path.extension().is_none_or(|it| it != "in") {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let (content_type, body) = body_of(&bytes);
            let batch = bytes.starts_with(b"batch");
            let request = Request { batch, caller_known: true, ..post(&content_type, &body) };
            let (captured, origins) = match explain(&source, &request, now()) {
                Ok(explained) => explained,
                Err(refused) => {
                    assert_ne!(refused.status, Status::Unavailable);
                    continue;
                }
            };
            let taken: Vec<&Submission> = match &captured {
                Captured::Inquiry { submission, .. } => vec![&**submission],
                // A row that is not understood is kept as it came.
                Captured::Batch(rows) if rows.iter().all(Result::is_ok) => {
                    rows.iter().flatten().collect()
                }
                _ => continue,
            };
            let sent = sent(&source, &content_type, &body);
            found += sent.len();
            let lost = lost(&source, &sent, &taken, &origins);
            dropped.extend(
                lost.into_iter().map(|at| format!("{name} {:?}: {at}", path.file_stem().unwrap())),
            );
        }
    }
    assert!(found >= TEXTS_MIN, "only {found} texts were sent");
    assert!(dropped.is_empty(), "{dropped:#?}");
}
