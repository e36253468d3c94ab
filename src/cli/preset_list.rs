//! What `sources` and `destinations` have in common: which presets there are, and listing them.

use std::io::Write;

use super::client::ClientError;
use super::folder::{ConfigArgs, Env};
use crate::capture::PresetSettings;
use crate::config::Loaded;
use crate::deliver::DestinationPreset;
use crate::domain::{PresetsOf, SettingProblem, Tier};

/// Presets of one kind.
pub trait Listed: Clone + Sized {
    /// Those in the binary.
    fn shipped() -> Result<PresetsOf<Self>, Vec<SettingProblem>>;
    /// Those that a folder's files may name: the shipped ones with its own over them.
    fn of(loaded: &Loaded) -> &PresetsOf<Self>;
    /// How well it is known to fit, what it is called and what it is for.
    fn described(&self) -> (Tier, &str, &str);
}

impl Listed for PresetSettings {
    fn shipped() -> Result<PresetsOf<Self>, Vec<SettingProblem>> {
        PresetsOf::<Self>::shipped()
    }

    fn of(loaded: &Loaded) -> &PresetsOf<Self> {
        &loaded.presets
    }

    fn described(&self) -> (Tier, &str, &str) {
        (self.tier, &self.title, &self.summary)
    }
}

impl Listed for DestinationPreset {
    fn shipped() -> Result<PresetsOf<Self>, Vec<SettingProblem>> {
        PresetsOf::<Self>::shipped()
    }

    fn of(loaded: &Loaded) -> &PresetsOf<Self> {
        &loaded.destination_presets
    }

    fn described(&self) -> (Tier, &str, &str) {
        (self.tier, &self.title, &self.summary)
    }
}

/// The presets there are. Needs no folder: without one they are the shipped ones.
///
/// # Errors
/// If there is a configuration, and it does not load.
pub fn known<P: Listed>(config: &ConfigArgs, env: &Env<'_>) -> Result<PresetsOf<P>, ClientError> {
    if config.is_there() {
        return Ok(P::of(&config.open(env)?.loaded).clone());
    }
    Ok(P::shipped().unwrap_or_default())
}

/// A line each, and how to use one.
///
/// # Errors
/// As [`known`], or if nothing can be written.
pub fn list<P: Listed>(
    config: &ConfigArgs,
    env: &Env<'_>,
    out: &mut dyn Write,
    add: &str,
) -> Result<(), ClientError> {
    let presets = known::<P>(config, env)?;
    let width = presets.names().map(|name| name.as_str().len()).max().unwrap_or(0);
    for (name, preset) in presets.iter() {
        let ((tier, title, summary), name) = (preset.described(), name.as_str());
        writeln!(out, "{name:width$}  {:12}  {title}: {summary}", tier.as_str())?;
    }
    Ok(writeln!(out, "\nadd one: {add}")?)
}
