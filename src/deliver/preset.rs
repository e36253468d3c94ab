//! Presets of destinations: what one kind of receiver wants, as data: how it is set up, how it is told, what its
//! answers mean. Without a `request` it gets our own signed JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::call::CallSettings;
use super::destination::Destination;
use crate::domain::{Name, SettingProblem, Tier};

/// The presets shipped in the binary.
#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "config/presets/destinations"]
struct Shipped;

/// One preset's file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DestinationPreset {
    /// What people call it.
    pub title: String,
    /// How well it is known to fit.
    #[serde(default)]
    pub tier: Tier,
    /// One line: what it is for.
    #[serde(default)]
    pub summary: String,
    /// Headers a new destination begins with; `{key}` is a key made for it.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Events a new destination takes, if not the usual ones.
    #[serde(default)]
    pub events: Vec<String>,
    /// What to do at the receiver's side: lines in which `{url}`, `{secret}`, `{headers}` and `{name}` are
    /// filled in.
    #[serde(default)]
    pub setup: String,
    /// How it is told of an event, if not by our own signed JSON.
    #[serde(default)]
    pub request: Option<CallSettings>,
}

/// All presets that a workspace's destinations may name.
#[derive(Debug, Clone, Default)]
pub struct DestinationPresets(BTreeMap<Name, DestinationPreset>);

impl DestinationPresets {
    /// The shipped ones.
    ///
    /// # Errors
    /// If one of the shipped files is broken; a test keeps that from happening.
    pub fn shipped() -> Result<Self, Vec<SettingProblem>> {
        let mut presets = Self::default();
        let mut problems = Vec::new();
        for file in Shipped::iter() {
            let Some(content) = Shipped::get(&file) else { continue };
            let name = file.trim_end_matches(".yaml");
            let read = std::str::from_utf8(&content.data)
                .map_err(|error| error.to_string())
                .and_then(|text| serde_saphyr::from_str(text).map_err(|error| error.to_string()));
            match (Name::parse(name), read) {
                (Ok(name), Ok(preset)) => presets.overlay(name, preset),
                (Err(error), _) => problems.push(SettingProblem::new(name, error.to_string())),
                (_, Err(error)) => problems.push(SettingProblem::new(name, error)),
            }
        }
        if problems.is_empty() { Ok(presets) } else { Err(problems) }
    }

    /// Adds a deployment's own preset, or replaces a shipped one of that name.
    pub fn overlay(&mut self, name: Name, preset: DestinationPreset) {
        self.0.insert(name, preset);
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &DestinationPreset)> {
        self.0.iter()
    }

    /// The names there are.
    pub fn names(&self) -> impl Iterator<Item = &Name> + Clone {
        self.0.keys()
    }

    /// The one named so.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&DestinationPreset> {
        self.0.get(name)
    }
}

/// What stands in the place of what is not shown.
const HIDDEN: &str = "(not shown)";

impl Destination {
    /// What the person at the receiver's side needs. `reveal` shows URL, secret and headers whole: for
    /// the person who sets the receiver up.
    #[must_use]
    pub fn setup(&self, preset: &DestinationPreset, reveal: bool) -> String {
        let url = if reveal { self.url().expose() } else { self.origin() };
        let secret = match self.secrets.first().filter(|_| reveal) {
            Some(secret) => secret.written(),
            None => HIDDEN.to_owned(),
        };
        let header = |(name, value): &(String, super::settings::Masked)| {
            format!("{name}: {}", if reveal { value.expose() } else { HIDDEN })
        };
        let headers: Vec<String> = self.headers.iter().map(header).collect();
        let filled = preset
            .setup
            .replace("{url}", url)
            .replace("{secret}", &secret)
            .replace("{headers}", &headers.join("\n    "))
            .replace("{name}", self.name.as_str());
        filled.trim_end().to_owned()
    }
}
