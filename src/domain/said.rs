//! What people said back about a lead, as its record keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Assignment, Disposition, Money, Name, Timestamp};

/// What people said back in the lead's present cycle. When things were said does not matter, only when they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// When the cycle began, to the second; what happened before moves the lead no more. Absent in the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The newest time of each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub last: BTreeMap<Disposition, Timestamp>,
    /// When somebody first answered for it in any way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Timestamp>,
    /// When somebody first dealt with the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_touch: Option<Timestamp>,
    /// What they bought for, by the newest `won`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal: Option<Money>,
    /// Why it is where it is, by whatever moved it last: `lost`, or passed back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Name>,
    /// When it is worth another try, by whatever passed it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revisit_at: Option<Timestamp>,
    /// When the tries to reach the person were given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gave_up: Option<Timestamp>,
    /// Where it was, and whose, before it was passed back or discarded by what was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_back: Option<Assignment>,
    /// Whoever had it got the turn back for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub credited: bool,
}

impl Said {
    /// Who had it before it was passed back.
    #[must_use]
    pub fn previous_owner(&self) -> Option<&Name> {
        self.handed_back.as_ref()?.owner()
    }
}
