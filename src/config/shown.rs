//! The configuration in force, value by value, and where each comes from: the file, what was filled in,
//! the preset, the workspace, the process's environment, or nowhere (a default, as the schemas have
//! them). Secrets are never in it: only whether they are set, and six digits of a hash.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::interpolate::{self, Values};
use super::tree::{self, Kind, Node};
use super::{Snapshot, schemas, shown_walk};
use crate::capture::Presets;
use crate::domain::Name;
use crate::http::configuration::{Origin, ShownFile, ShownValue, Step};

/// Environment variables that win over a key of server.yaml.
const WINNING: [(&str, &str); 2] =
    [("public_address", "LEAD_ROUTER_PUBLIC"), ("private_address", "LEAD_ROUTER_PRIVATE")];

/// Keys of a source that its preset answers if the source does not: the key, where the preset says it.
const OF_PRESET: [(&str, &str); 5] = [
    ("channel", "channel"),
    ("verify", "verification.default"),
    ("date_order", "occurred_at.order"),
    ("fill_seconds_min", "fill_seconds_min"),
    ("acknowledge", "acknowledge"),
];
/// Keys of a source that the workspace answers if the source does not.
const OF_WORKSPACE: [&str; 3] = ["zone", "country", "language"];

/// A parsed file, and what is filled in where (by node).
pub(super) struct Parsed {
    /// As it is named in places.
    pub(super) path: String,
    pub(super) tree: Node,
    pub(super) filled: BTreeMap<u32, Vec<String>>,
}

/// Every file of a configuration that loads.
pub(super) fn all(
    snapshot: &Snapshot,
    dir: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Vec<ShownFile> {
    let mut values = Values { env, dir, files: std::collections::BTreeSet::new() };
    let mut parse = |path: &str, bytes: &[u8]| parsed(path, bytes, &mut values);
    let presets = presets(snapshot, &mut parse);
    let mut files = Vec::new();
    for path in ["server.yaml", "keys.yaml"] {
        let bytes = snapshot.files.get(path).map_or(&[][..], Vec::as_slice);
        if let Some(parsed) = parse(path, bytes) {
            let mut file = shown(&parsed, None);
            if path == "server.yaml" {
                file.values.iter_mut().for_each(|value| overridden(value, env));
            }
            files.push(file);
        }
    }
    for workspace in snapshot.workspaces() {
        let inside = format!("workspaces/{workspace}/");
        let of_workspace = format!("{inside}workspace.yaml");
        let bytes = snapshot.files.get(&of_workspace).map_or(&[][..], Vec::as_slice);
        let Some(hints) = parse(&of_workspace, bytes) else { continue };
        files.push(shown(&hints, Some(&workspace)));
        for (path, bytes) in snapshot.files.iter().filter(|(path, _)| path.starts_with(&inside)) {
            // Tables are data, as lists are.
            let is_table = path.starts_with(&format!("{inside}tables/"));
            if *path == of_workspace || is_table || schemas::of(path).is_none() {
                continue;
            }
            let Some(parsed) = parse(path, bytes) else { continue };
            let mut file = shown(&parsed, Some(&workspace));
            if path.starts_with(&format!("{inside}sources/")) {
                answered_by_preset(&mut file, &parsed, &presets);
                for key in OF_WORKSPACE {
                    answered_by(&mut file, key, &hints);
                }
            } else if path.ends_with("/pools.yaml") {
                answered_by(&mut file, "zone", &hints);
            }
            files.push(file);
        }
    }
    files
}

/// Reads one file; `None` if it is broken, which loading has said.
fn parsed(path: &str, bytes: &[u8], values: &mut Values) -> Option<Parsed> {
    let mut tree = tree::parse(path, bytes).ok()?;
    let mut filled = BTreeMap::new();
    references(&tree, &mut filled);
    interpolate::fill(path, &mut tree, values, &mut Vec::new());
    Some(Parsed { path: path.to_owned(), tree, filled })
}

/// What is to be filled in, before it is.
fn references(node: &Node, found: &mut BTreeMap<u32, Vec<String>>) {
    if let Kind::Text(text) = &node.kind {
        let names: Vec<String> = text
            .replace("$${", "")
            .split("${")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
            .collect();
        if !names.is_empty() {
            found.insert(node.id, names);
        }
    }
    node.children().for_each(|child| references(child, found));
}

fn presets(
    snapshot: &Snapshot,
    parse: &mut dyn FnMut(&str, &[u8]) -> Option<Parsed>,
) -> BTreeMap<String, Parsed> {
    let mut presets = BTreeMap::new();
    let mut add = |folder: &str, name: &str, bytes: &[u8]| {
        if let Some(parsed) = parse(&format!("{folder}{name}"), bytes) {
            presets.insert(name.trim_end_matches(".yaml").to_owned(), parsed);
        }
    };
    for (name, bytes) in Presets::shipped_files() {
        add("(shipped) presets/sources/", &name, &bytes);
    }
    for (path, bytes) in &snapshot.files {
        if let Some(name) = path.strip_prefix("presets/sources/") {
            add("presets/sources/", name, bytes);
        }
    }
    presets
}

fn shown(parsed: &Parsed, workspace: Option<&Name>) -> ShownFile {
    let schema = schemas::of(&parsed.path).and_then(schemas::parsed);
    let values = schema.map_or_else(Vec::new, |schema| shown_walk::values(parsed, schema));
    ShownFile { file: parsed.path.clone(), workspace: workspace.cloned(), values }
}

/// Puts the environment's value in the place of the file's.
fn overridden(value: &mut ShownValue, env: &dyn Fn(&str) -> Option<String>) {
    let [Step::Key(key)] = value.path.as_slice() else { return };
    let wins = WINNING.iter().find(|(name, _)| name == key);
    if let Some((variable, text)) = wins.and_then(|(_, variable)| Some((variable, env(variable)?)))
    {
        value.value = text.into();
        value.origin = Origin::Environment;
        value.place = None;
        value.filled = vec![format!("env:{variable}")];
    }
}

fn said(file: &ShownFile, key: &str) -> bool {
    file.values.iter().any(|value| {
        value.origin == Origin::File && value.path.first() == Some(&Step::Key(key.to_owned()))
    })
}

fn answered_by_preset(file: &mut ShownFile, source: &Parsed, presets: &BTreeMap<String, Parsed>) {
    let name = source.tree.get("preset").and_then(|node| match &node.kind {
        Kind::Text(text) | Kind::Plain(_, text) => Some(text.as_str()),
        _ => None,
    });
    let Some(preset) = name.and_then(|name| presets.get(name)) else { return };
    for (key, path) in OF_PRESET {
        let found = path.split('.').try_fold(&preset.tree, |node, step| node.get(step));
        if let Some(node) = found
            && !said(file, key)
        {
            replace(file, key, preset, node, Origin::Preset);
        }
    }
}

fn answered_by(file: &mut ShownFile, key: &str, hints: &Parsed) {
    if said(file, key) {
        return;
    }
    if let Some(node) = hints.tree.get(key) {
        replace(file, key, hints, node, Origin::Workspace);
    }
}

/// Shows another file's answer instead of a default.
fn replace(file: &mut ShownFile, key: &str, from: &Parsed, node: &Node, origin: Origin) {
    let first = Step::Key(key.to_owned());
    file.values.retain(|value| value.path.first() != Some(&first));
    let mut found = Vec::new();
    shown_walk::plainly(from, node, vec![first], &mut found);
    file.values.extend(found.into_iter().map(|value| ShownValue { origin, ..value }));
}

/// Six digits that are equal where the secret is; too few to find it by trying.
pub(super) fn fingerprint(secret: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::new().chain_update("lead-router shown").chain_update(secret).finalize();
    super::snapshot::hex(&digest[..3])
}

/// A default, as a value.
pub(super) fn default(path: Vec<Step>, value: Value) -> ShownValue {
    ShownValue {
        path,
        value,
        set: None,
        fingerprint: None,
        origin: Origin::Default,
        place: None,
        filled: Vec::new(),
    }
}
