//! Checks `dispositions:` of `follow-up.yaml`.

use super::DispositionSettings;
use crate::domain::SettingProblem;
use crate::follow_up::Around;

/// `dispositions:`, compiled.
#[derive(Debug, Clone, Default)]
pub struct Dispositions {}

impl Dispositions {
    /// Checks and compiles the section.
    ///
    /// # Errors
    /// Everything that is wrong, with paths below the section.
    pub fn compile(
        _settings: &DispositionSettings,
        _around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        Ok(Self {})
    }
}
