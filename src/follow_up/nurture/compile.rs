//! Checks `nurture:` of `follow-up.yaml`.

use std::time::Duration;

use super::{NurtureSettings, Stops};
use crate::domain::{SettingProblem, Timestamp};
use crate::follow_up::Around;

/// Nobody remembers longer why.
const COOL_DOWN_MAX: Duration = Duration::from_hours(365 * 24);

/// `nurture:`, compiled.
#[derive(Debug, Clone, Default)]
pub struct Nurture {
    settings: NurtureSettings,
}

impl Nurture {
    /// Checks and compiles the section.
    ///
    /// # Errors
    /// Everything that is wrong, with paths below the section.
    pub fn compile(
        settings: &NurtureSettings,
        _around: Around<'_>,
    ) -> Result<Self, Vec<SettingProblem>> {
        if settings.cool_down.0 > COOL_DOWN_MAX {
            return Err(vec![SettingProblem::new("cool_down", "expected at most 365d")]);
        }
        Ok(Self { settings: settings.clone() })
    }

    /// Until when a lead that is passed back now is left in peace; `None` = it is not.
    #[must_use]
    pub fn cools_until(&self, now: Timestamp) -> Option<Timestamp> {
        let length = self.settings.cool_down.0;
        (!length.is_zero()).then(|| now.after(length))
    }

    /// Whether an unsubscription takes leads out of sales too.
    #[must_use]
    pub fn stops_everything(&self) -> bool {
        self.settings.unsubscribe_stops == Stops::Everything
    }
}
