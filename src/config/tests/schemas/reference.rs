//! The reference of the configuration (docs/configuration.md) is written from the schemas: every file,
//! every key.

use std::fmt::Write as _;

use serde_json::Value;

use super::{generate, repository};

const BEGIN: &str =
    "<!-- generated from the schemas: UPDATE_DOCS=1 cargo test config::tests::schemas -->\n";
const END: &str = "<!-- end of what is generated -->\n";

#[test]
fn the_reference_has_every_file_and_key() {
    let path = repository().join("docs/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(BEGIN).expect("the mark where it begins");
    let (found, tail) = rest.split_once(END).expect("the mark where it ends");
    let written = written();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}{BEGIN}{written}{END}{tail}")).unwrap();
        return;
    }
    assert!(found == written, "docs/configuration.md is out of date: run with UPDATE_DOCS=1");
}

fn written() -> String {
    let mut text = String::new();
    for (name, schema) in generate::all() {
        let title = schema["title"].as_str().unwrap();
        let about = schema["description"].as_str().unwrap();
        let about = about.split_once(": ").map_or(about, |(_, about)| about);
        let mut letters = about.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        write!(
            text,
            "\n## {title}\n\n{first}{}\n\nSchema: `schemas/configuration/{name}`.\n",
            letters.as_str()
        )
        .unwrap();
        let mut page = Page { root: &schema, text: String::new(), open: Vec::new() };
        page.table(&schema, "");
        text.push_str(&page.text);
    }
    text.push('\n');
    text
}

struct Page<'a> {
    root: &'a Value,
    text: String,
    /// What is being written: forms that hold themselves are written once.
    open: Vec<&'a str>,
}

impl<'a> Page<'a> {
    fn table(&mut self, form: &'a Value, prefix: &str) {
        self.text.push_str("\n| key | type | default | meaning |\n|---|---|---|---|\n");
        self.rows(form, prefix);
    }

    fn rows(&mut self, form: &'a Value, prefix: &str) {
        let required: Vec<&str> =
            form["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (key, property) in form["properties"].as_object().into_iter().flatten() {
            let path = format!("{prefix}{key}");
            if let Some(word) = property["const"].as_str() {
                self.row(
                    &path,
                    &format!("`{word}`"),
                    "required",
                    form["description"].as_str().unwrap_or_default(),
                );
                continue;
            }
            let default = self.default(property, required.contains(&key.as_str()));
            let meaning = self.meaning(property);
            let kind = self.kind(property);
            self.row(&path, &kind, &default, &meaning);
            self.inside(property, &path);
        }
    }

    fn row(&mut self, path: &str, kind: &str, default: &str, meaning: &str) {
        let cell = |text: &str| text.replace('|', "\\|").replace("\n\n", " ");
        writeln!(self.text, "| `{path}` | {} | {default} | {} |", cell(kind), cell(meaning))
            .unwrap();
    }

    /// The rows of what a value holds.
    fn inside(&mut self, schema: &'a Value, path: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            if name.ends_with("/Condition") || self.open.contains(&name) {
                return;
            }
            self.open.push(name);
            self.inside(self.resolved(schema), path);
            self.open.pop();
            return;
        }
        for form in ["anyOf", "oneOf"].iter().filter_map(|word| schema[*word].as_array()).flatten()
        {
            self.inside(form, path);
        }
        self.rows(schema, &format!("{path}."));
        if let Some(items) = schema.get("items") {
            self.inside(items, &format!("{path}[]"));
        }
        let keys = schema["patternProperties"].as_object().and_then(|forms| forms.values().next());
        if let Some(values) =
            keys.or_else(|| schema.get("additionalProperties").filter(|v| v.is_object()))
        {
            let word = if schema.get("propertyNames").is_some() { "<word>" } else { "<name>" };
            self.inside(values, &format!("{path}.{word}"));
        }
    }

    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let target = schema["$ref"].as_str().and_then(|target| self.root.pointer(&target[1..]));
        target.unwrap_or(schema)
    }

    fn default(&self, property: &'a Value, required: bool) -> String {
        if required {
            return "required".to_owned();
        }
        let inside = self.resolved(property);
        match property.get("default").or_else(|| inside.get("default")) {
            Some(Value::String(text)) => format!("`{text}`"),
            Some(value) => format!("`{value}`"),
            None => String::new(),
        }
    }

    /// The description, and what single words mean.
    fn meaning(&self, property: &'a Value) -> String {
        let said = property["description"].as_str().unwrap_or_default();
        let words = Self::words(self.items(property));
        let explained: Vec<String> = words
            .into_iter()
            .filter(|(_, meaning)| !meaning.is_empty())
            .map(|(word, meaning)| format!("`{word}`: {}", meaning.trim_end_matches('.')))
            .collect();
        if explained.is_empty() {
            said.to_owned()
        } else {
            format!("{said} {}.", explained.join("; "))
        }
    }

    fn items(&self, property: &'a Value) -> &'a Value {
        let schema = self.resolved(property);
        schema.get("items").map_or(schema, |items| self.resolved(items))
    }

    fn words(schema: &'a Value) -> Vec<(&'a str, &'a str)> {
        let form = schema["anyOf"]
            .as_array()
            .and_then(|forms| forms.iter().find(|form| form.get("enum").is_some()));
        let form = form.unwrap_or(schema);
        let words = form["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let meaning = |n: usize| form["enumDescriptions"][n].as_str().unwrap_or_default();
        words.enumerate().map(|(n, word)| (word, meaning(n))).collect()
    }

    fn kind(&self, schema: &'a Value) -> String {
        if let Some(name) = schema["$ref"].as_str() {
            match name.trim_start_matches("#/$defs/") {
                "Name" => return "name".to_owned(),
                "Period" => return "length of time".to_owned(),
                "BusinessTime" => return "business time".to_owned(),
                "Condition" => return "[condition](rules.md)".to_owned(),
                _ => {}
            }
        }
        let schema = self.resolved(schema);
        let words = Self::words(schema);
        if !words.is_empty() {
            return words
                .iter()
                .map(|(word, _)| format!("`{word}`"))
                .collect::<Vec<_>>()
                .join(", ");
        }
        if let Some(forms) = ["anyOf", "oneOf"].iter().find_map(|word| schema[*word].as_array()) {
            let mut kinds: Vec<String> = forms.iter().map(|form| self.kind(form)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds[0].as_str(),
            kind => kind.as_str(),
        };
        match kind.unwrap_or_default() {
            "array" => format!("list of {}", self.kind(&schema["items"])),
            "object" if schema.get("propertyNames").is_some() => {
                format!("map of {}", self.kind(&schema["additionalProperties"]))
            }
            "object" => {
                let by_name =
                    schema["patternProperties"].as_object().and_then(|f| f.values().next());
                let values = by_name
                    .or_else(|| schema.get("additionalProperties").filter(|v| v.is_object()));
                values.map_or_else(
                    || "map".to_owned(),
                    |values| format!("map of {} by name", self.kind(values)),
                )
            }
            "string" => "text".to_owned(),
            "boolean" => "`true` or `false`".to_owned(),
            number => {
                let word = if number == "integer" { "whole number" } else { "number" };
                let bound = |key: &str| {
                    schema
                        .get(key)
                        .filter(|v| v.is_number())
                        .map(|v| v.to_string().trim_end_matches(".0").to_owned())
                };
                match (bound("minimum"), bound("maximum")) {
                    (Some(least), Some(most)) => format!("{word}, {least} to {most}"),
                    (Some(least), None) => format!("{word}, at least {least}"),
                    (None, Some(most)) => format!("{word}, at most {most}"),
                    (None, None) => word.to_owned(),
                }
            }
        }
    }
}
