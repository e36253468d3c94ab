//! The places that a template may name, and what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::deliver::settings::Masked;

/// The first words of places: the event's own parts, and what is made for templates.
pub(super) const ROOTS: [&str; 23] = [
    "id",
    "type",
    "timestamp",
    "data",
    "workspace",
    "sequence",
    "cycle",
    "test",
    "lead",
    "inquiry",
    "assignment",
    "brief",
    "decision",
    "links",
    "merged",
    "repeats",
    "instead_of",
    "answers",
    "person",
    "note",
    "with",
    "kept",
    "consents",
];

/// A place that exists, by its parts.
#[derive(Debug, Clone)]
pub(super) struct Place {
    root: &'static str,
    rest: String,
}

/// What a destination says under `with`.
#[derive(Debug, Clone)]
pub(super) enum With {
    Text(Masked),
    Table(BTreeMap<String, String>),
}

/// What templates of one preset may name.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// Names of `with`, and whether each is a table.
    pub(super) with: BTreeMap<&'a str, bool>,
    /// What any step keeps.
    pub(super) kept: BTreeSet<&'a str>,
}

impl Scope<'_> {
    pub(super) fn place(&self, text: &str) -> Result<Place, String> {
        let (root, rest) = text.split_once('.').unwrap_or((text, ""));
        let root = ROOTS.iter().find(|known| **known == root).copied().ok_or_else(|| {
            format!("there is no place `{text}`; places begin with {}", ROOTS.join(", "))
        })?;
        match root {
            "with" if self.with.get(rest) != Some(&false) => {
                return Err(format!("the preset's `with` has no text `{rest}`"));
            }
            "kept" if !self.kept.contains(rest) => return Err(format!("no step keeps `{rest}`")),
            "answers" if rest.is_empty() => {
                return Err("`answers` needs a key: `answers.need.message`".to_owned());
            }
            _ => {}
        }
        Ok(Place { root, rest: rest.to_owned() })
    }

    pub(super) fn table(&self, name: &str) -> Result<String, String> {
        if self.with.get(name) == Some(&true) {
            return Ok(name.to_owned());
        }
        Err(format!("the preset's `with` has no table `{name}`"))
    }
}

/// What the places hold for one event.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// The body of the event as receivers of Standard Webhooks see it.
    pub(super) body: &'a Value,
    pub(super) id: &'a str,
    pub(super) with: &'a BTreeMap<String, With>,
    pub(super) kept: &'a BTreeMap<String, String>,
    /// Those of each event, where several become one request.
    pub(super) each: &'a [Self],
}

impl Context<'_> {
    pub(super) fn look(&self, place: &Place) -> Option<Value> {
        let data = &self.body["data"];
        let found = match place.root {
            "id" => Some(self.id.into()),
            "type" | "timestamp" => self.body.get(place.root).cloned(),
            "data" => walk(data, &place.rest),
            "with" => match self.with.get(&place.rest)? {
                With::Text(text) => Some(text.expose().into()),
                With::Table(_) => None,
            },
            "kept" => self.kept.get(&place.rest).map(|text| text.as_str().into()),
            "answers" => answer(data, &place.rest),
            "consents" => data["lead"].get("consents").cloned(),
            "person" => person(&data["lead"]["contact"], &place.rest),
            "note" => Some(note(data).into()),
            "links" if place.rest.is_empty() => Some(links(data).into()),
            root => walk(data.get(root)?, &place.rest),
        };
        found.filter(|value| !is_nothing(value))
    }

    pub(super) fn mapped(&self, table: &str, key: &str) -> Option<Value> {
        match self.with.get(table)? {
            With::Table(table) => table.get(key).map(|text| text.as_str().into()),
            With::Text(_) => None,
        }
    }
}

/// Whether it is as good as not there.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn walk(from: &Value, rest: &str) -> Option<Value> {
    let mut at = from;
    for part in rest.split('.').filter(|part| !part.is_empty()) {
        at = match at {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(part)?,
        };
    }
    Some(at.clone())
}

/// What was answered: by this inquiry, else before.
fn answer(data: &Value, key: &str) -> Option<Value> {
    let among = |answers: &Value| {
        let all = answers.as_array()?.iter();
        let mut values = all.filter(|answer| answer["key"] == key).map(|answer| &answer["value"]);
        let first = values.next()?.clone();
        // Boxes that were ticked.
        let more: Vec<&str> = values.filter_map(Value::as_str).collect();
        match (first.as_str(), more.is_empty()) {
            (Some(text), false) => Some(format!("{text}, {}", more.join(", ")).into()),
            _ => Some(first),
        }
    };
    among(&data["inquiry"]["answers"]).or_else(|| among(&data["lead"]["answers"]))
}

/// The name in the parts that vendors ask for, whatever parts were given.
fn person(contact: &Value, part: &str) -> Option<Value> {
    let text = |key: &str| contact[key].as_str().map(str::trim).filter(|text| !text.is_empty());
    let full = text("full_name");
    let split = full.and_then(|full| full.rsplit_once(char::is_whitespace));
    let found = match part {
        "first_name" => text("first_name").or(split.map(|(first, _)| first)).map(str::to_owned),
        "last_name" => {
            text("last_name").or(split.map(|(_, last)| last)).or(full).map(str::to_owned)
        }
        _ => full.map(str::to_owned).or_else(|| {
            let parts: Vec<&str> =
                [text("first_name"), text("last_name")].into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        }),
    };
    found.map(|text| json!(text.trim()))
}

/// The links by which somebody answers, one a line.
fn links(data: &Value) -> String {
    let links = data["links"].as_array().into_iter().flatten();
    let line =
        |link: &Value| Some(format!("{}: {}", link["label"].as_str()?, link["url"].as_str()?));
    links.filter_map(line).collect::<Vec<_>>().join("\n")
}

/// The brief as a few lines of plain text.
fn note(data: &Value) -> String {
    let brief = &data["brief"];
    let mut lines = Vec::new();
    let mut line = |label: &str, text: Option<&str>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push(format!("{label}: {text}"));
        }
    };
    let list = |value: &Value| {
        let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.collect::<Vec<_>>().join("; ")
    };
    line("Asked", brief["asked"].as_str());
    line("Why", Some(&list(&brief["why"])));
    line("Unknown", Some(&list(&brief["unknown"])));
    line("Next step", brief["next_step"].as_str());
    line("Owner", data["assignment"]["owner"].as_str());
    line("Source", data["inquiry"]["source"].as_str());
    line("Record", data["decision"]["url"].as_str());
    lines.join("\n")
}
