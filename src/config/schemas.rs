//! The JSON Schemas of the configuration's files: for editors, and what is known of every key.
//!
//! They are generated from the Settings types by a test, kept in `schemas/configuration`, and are in
//! the binary. What a schema cannot know (whether a destination exists, whether a rule can ever win)
//! only loading finds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "schemas/configuration"]
struct Files;

/// Every schema: file name and text, by name. They refer to nothing outside themselves.
#[must_use]
pub fn all() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Files::iter()
        .filter_map(|name| {
            let text = String::from_utf8(Files::get(&name)?.data.into_owned()).ok()?;
            Some((name.into_owned(), text))
        })
        .collect();
    files.sort();
    files
}

/// The schema of a configuration's file, by its path in the folder; `None` = no YAML of ours.
#[must_use]
pub fn of(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    Some(match parts.as_slice() {
        ["server.yaml"] => "server.json",
        ["keys.yaml"] => "keys.json",
        ["presets", "sources", _] => "source-preset.json",
        ["presets", "destinations", _] => "destination-preset.json",
        ["presets", "dispositions", _] => "disposition-preset.json",
        ["workspaces", _, "workspace.yaml"] => "workspace.json",
        ["workspaces", _, "qualification.yaml"] => "qualification.json",
        ["workspaces", _, "routing.yaml"] => "routing.json",
        ["workspaces", _, "pools.yaml"] => "pools.json",
        ["workspaces", _, "follow-up.yaml"] => "follow-up.json",
        ["workspaces", _, "tables", file] if file.strip_suffix(".yaml").is_some() => "table.json",
        ["workspaces", _, "sources", _] => "source.json",
        ["workspaces", _, "destinations", _] => "destination.json",
        ["workspaces", _, "tests", _] => "rule-tests.json",
        _ => return None,
    })
}

/// A schema, parsed.
#[must_use]
pub fn parsed(name: &str) -> Option<&'static Value> {
    static PARSED: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    let parsed = PARSED.get_or_init(|| {
        let read = |(name, text): (String, String)| Some((name, serde_json::from_str(&text).ok()?));
        all().into_iter().filter_map(read).collect()
    });
    parsed.get(name)
}
