//! What the store knew when a decision was made.

use super::{IndexKey, KeySet, Lead, LeadId};

/// A versioned value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    pub version: u64,
    pub value: T,
}

/// All current facts behind the index keys of one inquiry. Empty for a first attempt: absent keys
/// are read as "must be absent".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Key sets that exist, in the order of the inquiry's keys.
    pub keys: Vec<(IndexKey, Known<KeySet>)>,
    /// Every lead behind them, assignments settled, sorted by id; merged ones and their survivors both.
    pub leads: Vec<(LeadId, Known<Lead>)>,
    /// Version of the overlay; 0 = none.
    pub overlay: u64,
}

impl Facts {
    /// The key set behind a key.
    #[must_use]
    pub fn key(&self, key: IndexKey) -> Option<&Known<KeySet>> {
        self.keys.iter().find(|(k, _)| *k == key).map(|(_, known)| known)
    }

    /// The lead of that id.
    #[must_use]
    pub fn lead(&self, id: LeadId) -> Option<&Known<Lead>> {
        self.leads.iter().find(|(l, _)| *l == id).map(|(_, known)| known)
    }
}
