//! Walking a file beside its schema: what stands there, and the defaults of what does not.

use serde_json::{Map, Value};

use super::shown::{Parsed, default, fingerprint};
use super::tree::{Entry, Kind, Node, Plain};
use crate::http::configuration::{Origin, ShownValue, Step};

/// Keys of destinations and sources that hold secrets, wherever they stand.
const SECRET: [&str; 5] = ["secrets", "retiring", "headers", "with", "oauth"];

/// Everything in a file: what it says in its order, then the defaults in the schema's.
pub(super) fn values(parsed: &Parsed, schema: &'static Value) -> Vec<ShownValue> {
    let mut walk = Walk { parsed, root: schema, found: Vec::new() };
    walk.node(&parsed.tree, Some(schema), &mut Vec::new());
    walk.found
}

/// What stands in a node, without defaults.
pub(super) fn plainly(parsed: &Parsed, node: &Node, path: Vec<Step>, found: &mut Vec<ShownValue>) {
    let mut walk = Walk { parsed, root: &Value::Null, found: std::mem::take(found) };
    let mut path = path;
    walk.node(node, None, &mut path);
    *found = walk.found;
}

struct Walk<'a> {
    parsed: &'a Parsed,
    root: &'a Value,
    found: Vec<ShownValue>,
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &Node, schema: Option<&'a Value>, path: &mut Vec<Step>) {
        match &node.kind {
            Kind::Map(entries) => {
                let form = schema.and_then(|schema| self.form(schema, Some(entries)));
                if entries.is_empty() && !path.is_empty() {
                    self.leaf(node, Value::Object(Map::new()), path);
                }
                for entry in entries {
                    let inside = form.and_then(|form| member(form, &entry.key));
                    path.push(Step::Key(entry.key.clone()));
                    self.node(&entry.value, inside, path);
                    path.pop();
                }
                if let Some(form) = form {
                    self.defaults(form, entries, path);
                }
            }
            Kind::List(items) => {
                let form = schema.and_then(|schema| self.form(schema, None));
                if items.is_empty() {
                    self.leaf(node, Value::Array(Vec::new()), path);
                }
                for (n, item) in items.iter().enumerate() {
                    path.push(Step::Index(n));
                    self.node(item, form.and_then(|form| form.get("items")), path);
                    path.pop();
                }
            }
            Kind::Null => self.leaf(node, Value::Null, path),
            Kind::Text(text) => self.text(node, text, schema, path),
            Kind::Plain(plain, written) => {
                let value = match plain {
                    Plain::Bool(value) => (*value).into(),
                    Plain::Unsigned(value) => (*value).into(),
                    Plain::Signed(value) => (*value).into(),
                    Plain::Float(value) => (*value).into(),
                };
                if is_secret(path) {
                    self.secret(node, written, path);
                } else {
                    self.leaf(node, value, path);
                }
            }
        }
    }

    fn place(&self, node: &Node) -> String {
        format!("{}:{}", self.parsed.path, node.at.line)
    }

    fn filled(&self, node: &Node) -> Vec<String> {
        self.parsed.filled.get(&node.id).cloned().unwrap_or_default()
    }

    fn leaf(&mut self, node: &Node, value: Value, path: &[Step]) {
        self.found.push(ShownValue {
            origin: Origin::File,
            place: Some(self.place(node)),
            filled: self.filled(node),
            ..default(path.to_vec(), value)
        });
    }

    fn text(&mut self, node: &Node, text: &str, schema: Option<&'a Value>, path: &[Step]) {
        if is_secret(path) {
            return self.secret(node, text, path);
        }
        if self.is_address_of_destination(path) {
            // Paths and queries hold tokens.
            let origin = url::Url::parse(text).map(|url| url.origin().ascii_serialization());
            self.leaf(node, format!("{}/…", origin.unwrap_or_default()).into(), path);
            if let Some(value) = self.found.last_mut() {
                value.fingerprint = Some(fingerprint(text));
            }
            return;
        }
        // What is filled in may be a secret in a place nobody thought of.
        let form = schema.map(|schema| self.resolved(schema));
        let known = form.is_some_and(|form| {
            ["pattern", "enum", "anyOf"].iter().any(|word| form.get(*word).is_some())
        });
        if node.filled && !known {
            return self.secret(node, text, path);
        }
        self.leaf(node, text.into(), path);
    }

    fn secret(&mut self, node: &Node, text: &str, path: &[Step]) {
        self.leaf(node, Value::Null, path);
        if let Some(value) = self.found.last_mut() {
            value.set = Some(true);
            value.fingerprint = Some(fingerprint(text));
        }
    }

    fn is_address_of_destination(&self, path: &[Step]) -> bool {
        self.parsed.path.contains("/destinations/")
            && matches!(path, [Step::Key(key)] if key == "url")
    }

    /// The schema a `$ref` leads to.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| self.root.pointer(target.strip_prefix('#')?));
        target.unwrap_or(schema)
    }

    /// Of several forms the one that a map (with these keys) or a list can have.
    fn form(&self, schema: &'a Value, map: Option<&[Entry]>) -> Option<&'a Value> {
        let schema = self.resolved(schema);
        let wanted = if map.is_some() { "object" } else { "array" };
        if schema.get("type").and_then(Value::as_str) == Some(wanted) {
            return Some(schema);
        }
        let forms = ["anyOf", "oneOf"].iter().find_map(|word| schema.get(*word)?.as_array())?;
        forms.iter().map(|form| self.resolved(form)).find(|form| {
            let same_type = form.get("type").and_then(Value::as_str) == Some(wanted);
            same_type && map.is_none_or(|entries| may_be(form, entries))
        })
    }

    /// What is not said: its default, or the defaults inside.
    fn defaults(&mut self, form: &'a Value, entries: &[Entry], path: &mut Vec<Step>) {
        let Some(properties) = form.get("properties").and_then(Value::as_object) else { return };
        for (key, property) in properties {
            // Conditions have no defaults, and hold themselves.
            let condition = property.get("$ref").is_some_and(|to| to == "#/$defs/Condition");
            if condition || entries.iter().any(|entry| entry.key == *key) {
                continue;
            }
            path.push(Step::Key(key.clone()));
            let inside = self.resolved(property);
            if let Some(value) = property.get("default").or_else(|| inside.get("default")) {
                self.found.push(default(path.clone(), value.clone()));
            } else if is_secret(path) && path.len() == 1 && key == "secrets" {
                let unset = default(path.clone(), Value::Null);
                self.found.push(ShownValue { set: Some(false), ..unset });
            } else if inside.get("type").and_then(Value::as_str) == Some("object")
                && inside.get("required").is_none()
            {
                self.defaults(inside, &[], path);
            }
            path.pop();
        }
    }
}

fn is_secret(path: &[Step]) -> bool {
    matches!(path.first(), Some(Step::Key(key)) if SECRET.contains(&key.as_str()))
}

/// What a schema says of one key of a map.
fn member<'a>(form: &'a Value, key: &str) -> Option<&'a Value> {
    let named = form.get("properties").and_then(|properties| properties.get(key));
    let by_pattern = || form.get("patternProperties")?.as_object()?.values().next();
    named.or_else(by_pattern).or_else(|| form.get("additionalProperties"))
}

/// Whether a map with these keys may have that form: its words that never differ are the same.
fn may_be(form: &Value, entries: &[Entry]) -> bool {
    let properties = form.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().all(|(key, property)| match property.get("const") {
        Some(word) => entries.iter().any(|entry| {
            entry.key == *key
                && matches!(&entry.value.kind, Kind::Text(text) if Some(text.as_str()) == word.as_str())
        }),
        None => true,
    })
}
