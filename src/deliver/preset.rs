//! Presets of destinations: what one kind of receiver wants, as data: how it is set up, how it is told, what its
//! answers mean. Without a `request` it gets our own signed JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::call::CallSettings;
use super::destination::Destination;
use crate::domain::{PresetsOf, SettingProblem, Tier, embedded_files};

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
pub type DestinationPresets = PresetsOf<DestinationPreset>;

impl DestinationPresets {
    /// The shipped ones.
    ///
    /// # Errors
    /// If one of the shipped files is broken; a test keeps that from happening.
    pub fn shipped() -> Result<Self, Vec<SettingProblem>> {
        Self::embedded::<Shipped>()
    }

    /// The names and bytes of the shipped ones' files.
    #[must_use]
    pub fn shipped_files() -> Vec<(String, Vec<u8>)> {
        embedded_files::<Shipped>()
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
