//! The published schemas are those of the types; every file we ship fits its own, and what has a wrong
//! shape fits none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::super::tree::{Kind, Node, Plain};
use super::super::{schemas, tree};
use super::{ConfigError, DemoValues};

mod conditions;
mod forms;
mod generate;
mod reference;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let folder = repository().join("schemas/configuration");
    let generated: BTreeMap<String, String> = generate::all()
        .into_iter()
        .map(|(name, schema)| {
            (name.to_owned(), serde_json::to_string_pretty(&schema).unwrap() + "\n")
        })
        .collect();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        for (name, text) in &generated {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let published: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for (name, text) in &generated {
        let path = folder.join(name);
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(&found == text, "{name} is out of date: run with UPDATE_SCHEMAS=1");
    }
    assert_eq!(published.len(), generated.len(), "{published:?}");
}

#[test]
fn the_schemas_in_the_binary_are_valid_and_stand_alone() {
    let all = schemas::all();
    assert_eq!(all.len(), generate::all().len());
    for (name, text) in &all {
        let schema: Value = serde_json::from_str(text).unwrap();
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        let id = format!("https://lead-router.example/schemas/configuration/{name}");
        assert_eq!(schema["$id"], id.as_str());
        every(&schema, &mut |at, node| {
            if let Some(target) = node.get("$ref").and_then(Value::as_str) {
                let target = target.strip_prefix('#').expect("no schema leans on another");
                assert!(schema.pointer(target).is_some(), "{name}: {at}");
            }
        });
    }
}

/// Every object of a schema, with its JSON Pointer.
fn every(schema: &Value, look: &mut dyn FnMut(&str, &Map<String, Value>)) {
    fn walk(at: &str, node: &Value, look: &mut dyn FnMut(&str, &Map<String, Value>)) {
        match node {
            Value::Object(map) => {
                look(at, map);
                for (key, value) in map {
                    walk(&format!("{at}/{key}"), value, look);
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    walk(&format!("{at}/{n}"), item, look);
                }
            }
            _ => {}
        }
    }
    walk("", schema, look);
}

#[test]
fn every_key_is_described_and_nothing_else_is_taken() {
    for (name, schema) in generate::all() {
        every(&schema, &mut |at, node| {
            let Some(properties) = node.get("properties").and_then(Value::as_object) else {
                return;
            };
            if at.contains("/if") || at.contains("/then") {
                return;
            }
            assert_eq!(node.get("additionalProperties"), Some(&Value::Bool(false)), "{name}: {at}");
            for (key, property) in properties {
                let text = property["description"].as_str().unwrap_or_default();
                let constant = property.get("const").is_some();
                assert!(constant || text.len() > 5, "{name}: {at}/{key} is not described");
                // What reads well in Rust need not in an editor.
                for odd in ["[`", "`]", "super::", "crate::", "Default "] {
                    assert!(!text.contains(odd), "{name}: {at}/{key}: {text}");
                }
            }
        });
    }
}

/// A file as a schema sees it: what is filled in later is still text.
fn as_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Text(text) => text.as_str().into(),
        Kind::Plain(Plain::Bool(value), _) => (*value).into(),
        Kind::Plain(Plain::Unsigned(value), _) => (*value).into(),
        Kind::Plain(Plain::Signed(value), _) => (*value).into(),
        Kind::Plain(Plain::Float(value), _) => (*value).into(),
        Kind::List(items) => items.iter().map(as_json).collect(),
        Kind::Map(entries) => entries.iter().map(|e| (e.key.clone(), as_json(&e.value))).collect(),
    }
}

/// What a file's schema says against it.
pub(super) fn objections(path: &str, text: &str) -> Vec<String> {
    let name = schemas::of(path).unwrap_or_else(|| panic!("{path} has no schema"));
    let schema = generate::all().into_iter().find(|(of, _)| *of == name).unwrap().1;
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = match tree::parse(path, text.as_bytes()) {
        Ok(tree) => as_json(&tree),
        Err(found) => return found.iter().map(ConfigError::to_string).collect(),
    };
    validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// What `init` writes: a configuration folder inside the demo's.
const STARTER: &str = "config/starter";

/// Every YAML file below a folder of the repository: (path in that folder, text).
fn yaml(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                found.push(path);
            }
        }
    }
    let root = repository().join(folder);
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.retain(|path| folder == STARTER || !path.starts_with(repository().join(STARTER)));
    found.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), text)
    };
    found.into_iter().map(read).collect()
}

/// The configuration folders of the repository.
fn shipped() -> Vec<String> {
    let mut folders = vec!["config".to_owned(), STARTER.to_owned()];
    for entry in std::fs::read_dir(repository().join("examples")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            folders.push(format!("examples/{}", entry.file_name().to_str().unwrap()));
        }
    }
    folders
}

#[test]
fn every_file_that_is_shipped_fits_its_schema_and_names_it() {
    let mut count = 0;
    for folder in shipped() {
        for (path, text) in yaml(&folder) {
            count += 1;
            assert_eq!(objections(&path, &text), Vec::<String>::new(), "{folder}/{path}");
            let depth = folder.split('/').count() + path.split('/').count() - 1;
            let schema = schemas::of(&path).unwrap();
            let up = "../".repeat(depth);
            let line =
                format!("# yaml-language-server: $schema={up}schemas/configuration/{schema}\n");
            assert!(text.starts_with(&line), "{folder}/{path} begins without {line}");
        }
    }
    assert!(count > 15, "only {count} files were read");
}

#[test]
fn the_demo_fits_also_filled_in() {
    // As an editor of a person sees it who wrote the values out.
    let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    for (path, mut text) in yaml("config") {
        for name in ["receiver", "google_key", "scanner_key", "api_key_sha256", "signing_secret"] {
            let value = demo.get(&format!("demo:{name}")).unwrap();
            text = text.replace(&format!("${{demo:{name}}}"), &value);
        }
        assert_eq!(objections(&path, &text), Vec::<String>::new(), "{path}");
    }
}

/// Shapes that both refuse: (path, text).
const MISSHAPEN: &[(&str, &str)] = &[
    ("server.yaml", "public_address: 8080\n"),
    ("server.yaml", "limits: {in_flight: -1}\n"),
    ("server.yaml", "limits: {in_flight: many}\n"),
    ("server.yaml", "log: {format: yaml}\n"),
    ("server.yaml", "egress: [127.0.0.1/32:*]\n"),
    ("server.yaml", "egress: {http: yes}\n"),
    ("keys.yaml", "keys: {name: a}\n"),
    ("keys.yaml", "keys:\n  - {name: A, sha256: x, scopes: [metrics]}\n"),
    ("workspaces/a/workspace.yaml", "coalesce: 5\n"),
    ("workspaces/a/workspace.yaml", "retention: {tests: a week}\n"),
    ("workspaces/a/workspace.yaml", "alerts: {source_silent: [form]}\n"),
    ("workspaces/a/qualification.yaml", "company: []\n"),
    ("workspaces/a/qualification.yaml", "thresholds: {sell: 5}\n"),
    ("workspaces/a/qualification.yaml", "thresholds: {sell: hot, nurture: 0}\n"),
    (
        "workspaces/a/qualification.yaml",
        "thresholds: {sell: 5, nurture: 0}\ncontact:\n  - {name: x, points: 5}\n",
    ),
    (
        "workspaces/a/qualification.yaml",
        "thresholds: {sell: 5, nurture: 0}\ncontact:\n  - {name: x, points: {yes: 5, maybe: 1}, when: {field: score, gt: 1}}\n",
    ),
    ("workspaces/a/routing.yaml", "queues: {}\n"),
    ("workspaces/a/routing.yaml", "rules: {}\nfallback: {queue: triage}\n"),
    ("workspaces/a/routing.yaml", "queues: [sales]\nfallback: {queue: triage}\n"),
    (
        "workspaces/a/routing.yaml",
        "queues: {sales: {destinations: crm}}\nfallback: {queue: triage}\n",
    ),
    ("workspaces/a/pools.yaml", "pools: {reps: [ada]}\n"),
    ("workspaces/a/pools.yaml", "pools: {reps: {members: [{nmae: ada}]}}\n"),
    ("workspaces/a/pools.yaml", "pools: {reps: {members: [{name: ada, caps: {day: 0}}]}}\n"),
    ("workspaces/a/follow-up.yaml", "nurture: []\n"),
    ("workspaces/a/follow-up.yaml", "nurtrue: {}\n"),
    ("workspaces/a/sources/form.yaml", "channel: website\n"),
    ("workspaces/a/sources/form.yaml", "preset: html-form\nchannel: web\n"),
    ("workspaces/a/sources/form.yaml", "preset: html-form\nfields: {contact.mail: [x]}\n"),
    ("workspaces/a/sources/form.yaml", "preset: html-form\nlimits: {rows: 6000}\n"),
    ("workspaces/a/destinations/crm.yaml", "url: https://crm.example.com/\n"),
    (
        "workspaces/a/destinations/crm.yaml",
        "url: crm.example.com\nsecrets: [\"${env:CRM_SECRET}\"]\n",
    ),
    (
        "workspaces/a/destinations/crm.yaml",
        "url: https://crm.example.com/\nsecrets: [\"${env:CRM_SECRET}\"]\nretry: [soon]\n",
    ),
    (
        "workspaces/a/destinations/crm.yaml",
        "url: https://crm.example.com/\nsecrets: [\"${env:CRM_SECRET}\"]\nevents: [lead.route]\n",
    ),
    ("presets/sources/own.yaml", "title: Own\nchannel: ad\n"),
    (
        "presets/sources/own.yaml",
        "title: Own\nchannel: ad\nverification: {default: x, schemes: {x: {kind: magic}}}\n",
    ),
];

/// Conditions that both refuse.
const MISASKED: &[&str] = &[
    "{field: contact.contry, is: DE}",
    "{field: contact.country, is: Germany}",
    "{field: contact.country, in: DE}",
    "{field: contact.country, gt: 5}",
    "{field: company.employees, is: many}",
    "{field: company.employees, contains: x}",
    "{field: company.employees, between: [1]}",
    "{field: contact.email_valid, is: \"true\"}",
    "{field: channel, is: web}",
    "{field: lead.stage, in: [hot]}",
    "{field: source, is: 5}",
    "{field: score}",
    "{is: 5}",
    "{field: score, gt: 5, lt: 9}",
    "{all: []}",
    "{all: [{field: score, gt: 5}], any: [{field: score, gt: 5}]}",
    "{not: [{field: score, gt: 5}]}",
    "[{field: score, gt: 5}]",
    "{field: consent, is: true}",
    "{}",
    "true",
];

#[test]
fn wrong_shapes_are_refused_by_schema_and_loading() {
    for (path, text) in MISSHAPEN {
        assert!(!objections(path, text).is_empty(), "the schema takes {path}: {text}");
        let dir = super::folder(&[(path, text)]);
        super::complete(dir.path(), "a");
        assert!(super::load(dir.path(), &super::no_env).is_err(), "loads {path}: {text}");
    }
    for condition in MISASKED {
        let text = format!(
            "fallback: {{queue: triage}}\nrules:\n  - {{name: x, when: {condition}, assign: {{queue: triage}}}}\n"
        );
        let path = "workspaces/a/routing.yaml";
        assert!(!objections(path, &text).is_empty(), "the schema takes {condition}");
        let dir = super::folder(&[(path, &text)]);
        super::complete(dir.path(), "a");
        assert!(super::load(dir.path(), &super::no_env).is_err(), "loads {condition}");
    }
}

#[test]
fn what_loads_is_taken() {
    for condition in [
        "{field: contact.country, not_in: [DE, ch]}",
        "{field: answers.how many, gte: 5}",
        "{field: answers.plant, in: [a, b]}",
        "{field: answers.x.y, is: 5}",
        "{field: attribution.utm_source, starts_with: new}",
        "{field: consent.marketing, is: true}",
        "{field: consent.marketing.email, exists: false}",
        "{field: need.budget, between: [1, 2.5]}",
        "{not: {any: [{field: channel, is: ad}, {field: lead.stage, in: [won]}]}}",
    ] {
        let text = format!(
            "fallback: {{queue: triage}}\nrules:\n  - {{name: x, when: {condition}, assign: {{queue: triage}}}}\n"
        );
        let path = "workspaces/a/routing.yaml";
        assert_eq!(objections(path, &text), Vec::<String>::new(), "{condition}");
        let dir = super::folder(&[(path, &text)]);
        super::complete(dir.path(), "a");
        let found = super::load(dir.path(), &super::no_env).err().unwrap_or_default();
        assert!(found.is_empty(), "{condition}: {found:?}");
    }
    let filled = "public_address: \"${env:A}\"\nlimits: {in_flight: \"${env:N}\"}\nlog: {format: \"${env:F}\"}\negress: {http: \"${env:H}\"}\n";
    assert_eq!(objections("server.yaml", filled), Vec::<String>::new());
}
