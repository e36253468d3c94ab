//! Double opt-in: an address is taken to be the person's once somebody who reads its mail has said so.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{Name, Pii, Timestamp};

closed_list! {
    /// What becomes of a lead whose address nobody confirmed in time.
    Unconfirmed {
        /// It is given up and kept, discarded for the reason `unconfirmed`.
        Keep = "keep",
        /// The person is forgotten.
        Erase = "erase",
    }
}

/// How a source has addresses confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationTerms {
    /// The destination that owns mail: it is told whom to write to.
    pub destination: Name,
    /// So long after it was asked for, the link in the mail is good.
    pub within: Duration,
    /// Whoever inquires again while it waits is written to again after this.
    pub again_after: Duration,
    pub unconfirmed: Unconfirmed,
    /// The page a browser is sent to afterwards: a whole URL.
    pub page: Option<String>,
}

/// That somebody was asked whether an address is theirs, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The address, in its normal form.
    pub email: Pii,
    /// The source by whose terms it is asked.
    pub source: Name,
    /// When the mail was last asked for.
    pub asked_at: Timestamp,
    /// How often.
    pub asked: u32,
    /// Until when it may be confirmed.
    pub until: Timestamp,
    pub unconfirmed: Unconfirmed,
    /// Who had the lead before, and is asked first when it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
}

/// The evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub at: Timestamp,
    /// The network it was confirmed from, if that is known: an address without what tells its user from the neighbours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Pii>,
}

impl Confirmation {
    /// Whether that address was confirmed.
    #[must_use]
    pub fn holds_for(&self, email: &Pii) -> bool {
        self.confirmed.is_some() && self.email == *email
    }
}
