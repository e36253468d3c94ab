//! Who is away, as people say while the service runs: an overlay over the configured pools.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Name, Timestamp};

/// What was said about members, kept under [`super::Key::Overlay`]; its version is the overlay's revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Roster {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<Name, Absence>,
}

/// What was said about one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Absence {
    /// Paused, or not, whatever the configuration says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Paused>,
    /// At most [`Absence::MAX`], sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub time_off: Vec<TimeOff>,
}

/// A pause, or its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    pub paused: bool,
    /// The name of the key used.
    pub by: Name,
    pub at: Timestamp,
}

/// Not to be given anything from `from` until `until`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimeOff {
    pub from: Timestamp,
    pub until: Timestamp,
    /// The name of the key used.
    pub by: Name,
    pub at: Timestamp,
}

impl Absence {
    /// More periods than this for one member are refused.
    pub const MAX: usize = 32;

    /// Whether somebody said that the member is paused, or is not.
    #[must_use]
    pub fn paused(&self) -> Option<bool> {
        self.pause.as_ref().map(|said| said.paused)
    }

    /// From and until, of each.
    pub fn times_off(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.time_off.iter().map(|off| (off.from, off.until))
    }

    /// Whether nothing is said any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pause.is_none() && self.time_off.is_empty()
    }
}
