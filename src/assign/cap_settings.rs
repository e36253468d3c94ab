//! Caps as written in `pools.yaml`.

use serde::Deserialize;

use crate::domain::Category;

/// At most so many leads within a window of time; of several caps the lower one wins. A member's counts are shared
/// by all pools in which the member has a cap of that window in the same zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    /// In one minute of the clock.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub minute: Option<i64>,
    /// In one hour of the clock.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub hour: Option<i64>,
    /// From midnight to midnight.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub day: Option<i64>,
    /// From Monday to Sunday.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub week: Option<i64>,
    /// In one month of the calendar.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub month: Option<i64>,
    /// Open leads at a time, counted from when some pool first asked for it.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub open: Option<i64>,
    /// In any stretch of that length, wherever it begins.
    pub rolling: WindowSettings,
    /// At most so many of one source's or category's leads.
    pub of: Vec<CapOfSettings>,
}

/// Caps by the length of their window. Rolling ones: room comes back in steps of a twelfth (minute, hour), of an
/// hour (day), of six hours (week) or of a day (month), never too early.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WindowSettings {
    /// In 60 seconds.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub minute: Option<i64>,
    /// In 60 minutes.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub hour: Option<i64>,
    /// In 24 hours.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub day: Option<i64>,
    /// In 7 times 24 hours.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub week: Option<i64>,
    /// In 30 times 24 hours.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub month: Option<i64>,
}

impl WindowSettings {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A cap on the leads of one source, of one category, or of both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CapOfSettings {
    /// Only leads whose latest inquiry came from this source.
    #[cfg_attr(test, schemars(with = "Option<crate::domain::Name>"))]
    pub source: Option<String>,
    /// Only leads of this category.
    pub category: Option<Category>,
    /// In one minute of the clock.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub minute: Option<i64>,
    /// In one hour of the clock.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub hour: Option<i64>,
    /// From midnight to midnight.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub day: Option<i64>,
    /// From Monday to Sunday.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub week: Option<i64>,
    /// In one month of the calendar.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub month: Option<i64>,
    /// In any stretch of that length, wherever it begins.
    pub rolling: WindowSettings,
}
