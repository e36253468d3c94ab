//! Presets of one kind, by name: those shipped in the binary, with a deployment's own laid over them.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;

use super::{Name, SettingProblem};

/// All presets of one kind that a workspace's files may name.
#[derive(Debug, Clone)]
pub struct PresetsOf<P>(BTreeMap<Name, P>);

impl<P> Default for PresetsOf<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<P: DeserializeOwned> PresetsOf<P> {
    /// Reads the files of an embedded folder, each named after its preset.
    ///
    /// # Errors
    /// If one of them is broken; tests keep that from happening to shipped ones.
    pub fn embedded<E: RustEmbed>() -> Result<Self, Vec<SettingProblem>> {
        let (mut presets, mut problems) = (Self::default(), Vec::new());
        for (file, bytes) in embedded_files::<E>() {
            let name = file.trim_end_matches(".yaml");
            let read = std::str::from_utf8(&bytes)
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
}

impl<P> PresetsOf<P> {
    /// Adds a deployment's own preset, or replaces a shipped one of that name.
    pub fn overlay(&mut self, name: Name, preset: P) {
        self.0.insert(name, preset);
    }

    /// The names there are.
    pub fn names(&self) -> impl Iterator<Item = &Name> + Clone {
        self.0.keys()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &P)> {
        self.0.iter()
    }

    /// The one named so.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&P> {
        self.0.get(name)
    }
}

/// The names and bytes of an embedded folder's files, by name: part of what a configuration's hash
/// covers.
#[must_use]
pub fn embedded_files<E: RustEmbed>() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = E::iter()
        .filter_map(|file| Some((file.to_string(), E::get(&file)?.data.into_owned())))
        .collect();
    files.sort();
    files
}
