//! The schema of a condition: which operators a field takes and what they take, as far as an editor can
//! use it.

use schemars::Schema;
use serde_json::{Value, json};

use crate::domain::{Category, Channel, Stage};
use crate::rules::{FieldType, LIST_MAX, Operand, SOURCE_BYTES_MAX, fields, operators};

/// A two-letter code, in either case; whether there is such a country only loading knows.
const COUNTRY: &str = "^[A-Za-z]{2}$";

/// What stands after an operator, whatever the field.
fn operand(operand: Operand) -> Value {
    match operand {
        Operand::Value => json!({ "type": ["string", "number", "boolean"] }),
        Operand::Values => list(&json!({ "type": ["string", "number"] })),
        Operand::Number => json!({ "type": "number" }),
        Operand::Bounds => {
            let number = json!({ "type": "number" });
            json!({ "type": "array", "items": number, "minItems": 2, "maxItems": 2 })
        }
        Operand::Text => json!({ "type": "string", "minLength": 1 }),
        Operand::Pattern => json!({ "type": "string", "minLength": 1, "format": "regex" }),
        Operand::List => {
            let name =
                |about: &str| json!({ "description": about, "type": "string", "minLength": 1 });
            let list = name("A file lists/NAME.csv of the workspace.");
            let column = name("One of its columns; may be left out if there is only one.");
            json!({ "oneOf": [list.clone(), {
                "type": "object",
                "properties": { "list": list, "column": column },
                "required": ["list"],
                "additionalProperties": false,
            }] })
        }
        Operand::Flag => json!({ "type": "boolean" }),
    }
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 1, "maxItems": LIST_MAX })
}

/// What `is` takes on a field.
fn value(kind: FieldType, path: &str) -> Value {
    match kind {
        FieldType::Text => json!({ "type": "string", "minLength": 1 }),
        FieldType::Country => json!({ "type": "string", "pattern": COUNTRY }),
        FieldType::Word => json!({ "enum": words(path) }),
        FieldType::Answer => json!({ "type": ["string", "number"] }),
        FieldType::Number => json!({ "type": "number" }),
        FieldType::Flag => json!({ "type": "boolean" }),
    }
}

/// The words a field of type word can have.
fn words(path: &str) -> Vec<&'static str> {
    match path {
        "channel" => Channel::ALL.iter().map(|word| word.as_str()).collect(),
        "lead.stage" => Stage::ALL.iter().map(|word| word.as_str()).collect(),
        "category" => Category::ALL.iter().map(|word| word.as_str()).collect(),
        other => panic!("which words can `{other}` have?"),
    }
}

/// `answers.<key>` to what such paths look like.
fn open(path: &str) -> String {
    let parts: Vec<String> = path
        .split('.')
        .map(|part| if part.starts_with('<') { "[^.]+".to_owned() } else { part.to_owned() })
        .collect();
    let last = if path.starts_with("consent.") { "" } else { "(\\..+)?" };
    format!("^{}{last}$", parts.join("\\."))
}

/// What a clause about these fields is held to.
fn of_type(kind: FieldType, paths: &[&str]) -> Value {
    let (open_paths, closed): (Vec<&str>, Vec<&str>) = paths.iter().partition(|p| p.contains('<'));
    let mut named: Vec<Value> = Vec::new();
    if !closed.is_empty() {
        named.push(json!({ "enum": closed }));
    }
    named.extend(open_paths.iter().map(|path| json!({ "pattern": open(path) })));
    let named = if named.len() == 1 { named.remove(0) } else { json!({ "anyOf": named }) };
    let rows: Vec<_> = operators().iter().filter(|row| row.types.contains(&kind)).collect();
    let mut keys = vec!["field"];
    keys.extend(rows.iter().map(|row| row.name));
    let of_value = value(kind, paths[0]);
    let mut properties = serde_json::Map::new();
    for row in rows {
        let held = match row.operand {
            Operand::Value => of_value.clone(),
            Operand::Values => list(&of_value),
            _ => continue,
        };
        properties.insert(row.name.to_owned(), held);
    }
    json!({
        "if": { "required": ["field"], "properties": { "field": named } },
        "then": { "propertyNames": { "enum": keys }, "properties": properties },
    })
}

/// One group per type; fields with words of their own stand alone.
fn groups() -> Vec<Value> {
    let rows = fields();
    let mut groups = Vec::new();
    for kind in
        [FieldType::Text, FieldType::Country, FieldType::Answer, FieldType::Number, FieldType::Flag]
    {
        let paths: Vec<&str> =
            rows.iter().filter(|row| row.kind == kind).map(|row| row.path).collect();
        groups.push(of_type(kind, &paths));
    }
    for row in rows.iter().filter(|row| row.kind == FieldType::Word) {
        groups.push(of_type(FieldType::Word, &[row.path]));
    }
    groups
}

/// The whole.
pub fn schema() -> Schema {
    let rows = fields();
    let closed: Vec<_> = rows.iter().filter(|row| !row.path.contains('<')).collect();
    let paths: Vec<&str> = closed.iter().map(|row| row.path).collect();
    let meanings: Vec<&str> = closed.iter().map(|row| row.meaning).collect();
    let open_rows = rows.iter().filter(|row| row.path.contains('<'));
    let open_paths: Vec<Value> = open_rows
        .map(|row| json!({ "pattern": open(row.path), "description": format!("`{}`: {}.", row.path, row.meaning) }))
        .collect();
    let mut field = vec![json!({ "enum": paths, "enumDescriptions": meanings })];
    field.extend(open_paths);
    let this = json!({ "$ref": "#/$defs/Condition" });
    let several = json!({ "type": "array", "minItems": 1, "maxItems": LIST_MAX, "items": this });
    let mut properties = serde_json::Map::new();
    let mut add = |key: &str, description: &str, schema: Value| {
        let mut property = json!({ "description": description });
        property.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
        properties.insert(key.to_owned(), property);
    };
    let about = "What is asked about: a field of the person, the company, the need, the inquiry or the lead; also `answers.KEY`, `attribution.KEY`, `consent.PURPOSE` and `consent.PURPOSE.CHANNEL`.";
    add("field", about, json!({ "type": "string", "anyOf": field }));
    for row in operators() {
        add(row.name, &format!("Matches if: {}.", row.meaning), operand(row.operand));
    }
    add("all", "Matches if every one of these does.", several.clone());
    add("any", "Matches if one of these does.", several);
    add("not", "Matches if this is answered and does not match.", this);
    let expr = "Matches if this CEL expression is true; what it may hold is in docs/rules.md.";
    let text = json!({ "type": "string", "minLength": 1, "maxLength": SOURCE_BYTES_MAX });
    add("expr", expr, text);
    let alone = |key: &str| json!({ "required": [key], "maxProperties": 1 });
    let schema = json!({
        "description": "One clause, `{field, operator: value}`, an expression `{expr: …}`, or several joined by `all`, `any`, `not`. What is missing never matches.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "oneOf": [
            { "required": ["field"], "minProperties": 2, "maxProperties": 2 },
            alone("all"),
            alone("any"),
            alone("not"),
            alone("expr"),
        ],
        "allOf": groups(),
    });
    schema.try_into().unwrap()
}
