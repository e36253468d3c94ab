//! From the types to the schemas as they are published: what schemars makes of the types, brought to
//! the form that editors show well and that takes what loading takes.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::forms::events;
use crate::assign::{PoolSettings, RoutingSettings};
use crate::capture::{PresetSettings, SaysPreset, SourceSettings};
use crate::config::{KeysFile, ServerSettings, WorkspaceSettings};
use crate::deliver::{DestinationPreset, DestinationSettings};
use crate::domain::{Field, Status};
use crate::follow_up::FollowUpSettings;
use crate::qualify;
use crate::rules::TableFile;
use crate::simulate::CaseFile;

/// What is filled in later, in place of any value.
const FILLED: &str = "\\$\\{(env|file|demo):";

/// Every schema by file name.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("server.json", root::<ServerSettings>("server.json", "server.yaml")),
        ("keys.json", root::<KeysFile>("keys.json", "keys.yaml")),
        ("workspace.json", root::<WorkspaceSettings>("workspace.json", "workspace.yaml")),
        (
            "qualification.json",
            root::<qualify::Settings>("qualification.json", "qualification.yaml"),
        ),
        ("routing.json", root::<RoutingSettings>("routing.json", "routing.yaml")),
        ("pools.json", root::<PoolSettings>("pools.json", "pools.yaml")),
        ("follow-up.json", root::<FollowUpSettings>("follow-up.json", "follow-up.yaml")),
        ("table.json", root::<TableFile>("table.json", "tables/NAME.yaml")),
        ("source.json", root::<SourceSettings>("source.json", "sources/NAME.yaml")),
        (
            "destination.json",
            root::<DestinationSettings>("destination.json", "destinations/NAME.yaml"),
        ),
        (
            "source-preset.json",
            root::<PresetSettings>("source-preset.json", "presets/sources/NAME.yaml"),
        ),
        (
            "destination-preset.json",
            root::<DestinationPreset>("destination-preset.json", "presets/destinations/NAME.yaml"),
        ),
        (
            "disposition-preset.json",
            root::<SaysPreset>("disposition-preset.json", "presets/dispositions/NAME.yaml"),
        ),
        ("rule-tests.json", root::<CaseFile>("rule-tests.json", "tests/NAME.yaml")),
    ]
}

fn root<T: JsonSchema>(name: &str, title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut made = generator.into_root_schema_for::<T>().to_value();
    let object = made.as_object_mut().unwrap();
    let mut schema = Map::new();
    schema.insert("$schema".into(), object.remove("$schema").unwrap());
    let id = format!("https://lead-router.example/schemas/configuration/{name}");
    schema.insert("$id".into(), id.into());
    schema.insert(
        "$comment".into(),
        "Generated from the Settings types; a test holds the two equal.".into(),
    );
    object.remove("title");
    schema.insert("title".into(), title.into());
    if let Some(description) = object.remove("description") {
        schema.insert("description".into(), description);
    }
    schema.append(object);
    let mut schema = Value::Object(schema);
    known(name, &mut schema);
    tidy(&mut schema);
    schema
}

/// What the types leave open and the rooms check when they compile: the forms of texts, what must be
/// there although its absence has a better message than serde's, the keys of maps.
fn known(name: &str, schema: &mut Value) {
    let country = json!({ "pattern": "^[A-Z]{2}$", "examples": ["DE"] });
    let language = json!({ "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "examples": ["de"] });
    let duration = json!({ "pattern": "^\\s*(\\d+(\\.\\d+)?\\s*[a-zµ]+\\s*)+$" });
    let by_field = json!({ "propertyNames": { "enum": words_of(Field::ALL, Field::as_str) } });
    let by_status = json!({ "propertyNames": { "enum": words_of(Status::ALL, Status::as_str) } });
    let one_condition = json!({ "oneOf": [{ "required": ["yes"] }, { "required": ["when"] }] });
    let given = json!({ "propertyNames": { "enum": words_of(Field::ALL, Field::as_str) } });
    let table: &[(&str, &str, &Value)] = &[
        ("rule-tests.json", "/$defs/Given/properties/fields", &given),
        ("workspace.json", "/properties/country", &country),
        ("workspace.json", "/properties/language", &language),
        (
            "source.json",
            "/properties/country",
            &json!({ "pattern": "^[A-Za-z]{2}$", "examples": ["DE"] }),
        ),
        ("source.json", "/properties/language", &language),
        ("source.json", "/properties/fields", &by_field),
        ("source-preset.json", "/properties/fields", &by_field),
        ("disposition-preset.json", "/$defs/PresetSettings/properties/fields", &by_field),
        ("source.json", "/$defs/AcknowledgeSettings/properties/statuses", &by_status),
        ("source-preset.json", "/$defs/AcknowledgeSettings/properties/statuses", &by_status),
        (
            "destination.json",
            "",
            &json!({ "anyOf": [{ "required": ["url", "secrets"] }, { "required": ["preset"] }] }),
        ),
        ("destination.json", "/properties/events/items", &json!({ "enum": events() })),
        ("destination.json", "/properties/retry/items", &duration),
        ("destination.json", "/properties/give_up_after", &duration),
        ("destination.json", "/$defs/FallbackSettings/properties/after", &duration),
        ("routing.json", "", &json!({ "required": ["fallback"] })),
        ("routing.json", "/properties/fallback", &json!({ "required": ["queue"] })),
        (
            "qualification.json",
            "/$defs/ThresholdSettings",
            &json!({ "required": ["sell", "nurture"] }),
        ),
        ("qualification.json", "/$defs/LineSettings", &one_condition),
    ];
    for (_, pointer, more) in table.iter().filter(|(of, ..)| *of == name) {
        let node = schema.pointer_mut(pointer).unwrap_or_else(|| panic!("{name}: {pointer}"));
        let node = node.as_object_mut().unwrap();
        if more.get("propertyNames").is_some()
            && let Some(Value::Object(listed)) = node.remove("properties")
        {
            // One key like the other.
            let any = listed.into_iter().next().unwrap().1;
            node.insert("additionalProperties".into(), any);
        }
        node.extend(more.as_object().unwrap().clone());
    }
}

fn words_of<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| word(*one)).collect()
}

/// Brings every schema below to our form.
fn tidy(node: &mut Value) {
    let Some(map) = node.as_object_mut() else { return };
    without_null(map);
    words(map);
    said(map);
    for key in ["properties", "patternProperties", "$defs"] {
        if let Some(inside) = map.get_mut(key).and_then(Value::as_object_mut) {
            // Conditions are never numbers filled in, and were made by us.
            inside.iter_mut().filter(|(name, _)| *name != "Condition").for_each(|(_, v)| tidy(v));
        }
    }
    for key in ["anyOf", "oneOf"] {
        for inside in map.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
            tidy(inside);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inside) = map.get_mut(key) {
            tidy(inside);
        }
    }
    fillable(map);
}

/// A key without a value loads where it may be left out, but in an editor it is unfinished.
fn without_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(forms)) = map.get_mut("anyOf") {
        forms.retain(|form| form["type"] != "null");
        if let [only] = forms.as_slice() {
            let only = only.as_object().unwrap().clone();
            map.remove("anyOf");
            for (key, value) in only {
                map.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(words)) = map.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    let idle = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if map.get("default").is_some_and(idle) {
        map.remove("default");
    }
    // Of Rust's numbers.
    map.remove("format");
}

/// One `enum` with a description per word instead of one schema per word.
fn words(map: &mut Map<String, Value>) {
    let Some(Value::Array(forms)) = map.get("oneOf") else { return };
    let mut texts: Vec<Value> = Vec::new();
    let mut meanings: Vec<Value> = Vec::new();
    for form in forms {
        if let Some(word) = form.get("const") {
            texts.push(word.clone());
            meanings.push(form.get("description").cloned().unwrap_or_else(|| "".into()));
        } else if let Some(Value::Array(words)) = form.get("enum") {
            texts.extend(words.iter().cloned());
            meanings.extend(words.iter().map(|_| Value::from("")));
        } else {
            return;
        }
    }
    let meanings = meanings.iter().map(|text| flowing(text.as_str().unwrap()).into()).collect();
    map.remove("oneOf");
    map.insert("type".into(), "string".into());
    map.insert("enum".into(), Value::Array(texts));
    map.insert("enumDescriptions".into(), Value::Array(meanings));
}

/// Lines of a comment as flowing text.
fn flowing(text: &str) -> String {
    text.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

fn said(map: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = map.get_mut("description") {
        *text = flowing(text);
    }
}

/// Every value may be filled in (`${env:…}`); where no text is wanted, or only some texts, that is one
/// more form.
fn fillable(map: &mut Map<String, Value>) {
    let Some(kind) = map.get("type").and_then(Value::as_str).map(str::to_owned) else { return };
    match kind.as_str() {
        "integer" | "number" | "boolean" => {
            map.insert("type".into(), json!([kind, "string"]));
            map.insert("pattern".into(), FILLED.into());
        }
        "string" if map.contains_key("enum") => {
            let mut form = Map::new();
            form.insert("type".into(), "string".into());
            for key in ["enum", "enumDescriptions"] {
                if let Some(value) = map.remove(key) {
                    form.insert(key.into(), value);
                }
            }
            map.remove("type");
            let filled = json!({ "type": "string", "pattern": FILLED });
            map.insert("anyOf".into(), json!([form, filled]));
        }
        "string" => {
            if let Some(Value::String(pattern)) = map.get_mut("pattern") {
                *pattern = format!("({pattern})|{FILLED}");
            }
        }
        _ => {}
    }
}
