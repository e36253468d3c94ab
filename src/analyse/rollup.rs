//! The sums of one slot, by value, within a bound.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Figures;
use crate::domain::{Label, Name};

/// One day, view and dimension: what is counted for each value. Serialised as JSON with sorted keys, so that the same
/// sums are the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rollup {
    pub values: BTreeMap<String, Figures>,
}

impl Rollup {
    /// Values of one dimension on one day; later ones count as [`Rollup::OTHER`].
    pub const VALUES_MAX: usize = 100;
    /// What has no place of its own.
    pub const OTHER: &'static str = "(other)";
    /// What nothing was said of.
    pub const NONE: &'static str = "(none)";

    /// The value of a campaign within a source.
    #[must_use]
    pub fn pair(source: Option<&Name>, campaign: Option<&Label>) -> String {
        let source = source.map_or(Self::NONE, Name::as_str);
        format!("{source} / {}", campaign.map_or(Self::NONE, Label::as_str))
    }

    /// Adds a change. Whoever got a place keeps it, and once all places are taken nobody gets one any more: so a value is
    /// always found where it was counted before.
    pub fn change(&mut self, value: &str, by: &Figures) {
        if let Some(known) = self.values.get_mut(value) {
            return known.change(by);
        }
        let full = self.values.len() - usize::from(self.values.contains_key(Self::OTHER));
        let place = if full < Self::VALUES_MAX { value } else { Self::OTHER };
        self.values.entry(place.to_owned()).or_default().change(by);
    }
}
