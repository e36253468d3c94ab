//! Checks `nurture:` of `follow-up.yaml`.

use super::NurtureSettings;
use crate::domain::SettingProblem;
use crate::follow_up::Around;

/// `nurture:`, compiled.
#[derive(Debug, Clone, Default)]
pub struct Nurture {}

impl Nurture {
    /// Checks and compiles the section.
    ///
    /// # Errors
    /// Everything that is wrong, with paths below the section.
    pub fn compile(
        _settings: &NurtureSettings,
        _around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        Ok(Self {})
    }
}
