//! What nurture knows of a lead: what the person did, how it left sales, and what stopped.

use serde::{Deserialize, Serialize};

use super::{Engagements, Name, Timestamp};

/// What most leads have nothing of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Nurture {
    #[serde(skip_serializing_if = "Engagements::is_empty")]
    pub engagements: Engagements,
    /// How it left sales; gone when it is back there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftSales>,
    /// Since when nothing goes out any more that happened before, but that it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
}

impl Nurture {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How a lead left sales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftSales {
    pub at: Timestamp,
    /// `decay`, `unresponsive`, or what sales said: `timeline_later` …
    pub reason: Name,
    /// Who had it, and is asked first when it comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Name>,
    /// Until then nothing but an inquiry, or people's word, brings it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cool_until: Option<Timestamp>,
}
