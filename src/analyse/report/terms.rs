//! What a workspace says about its reports.

use super::{Goals, Rates};

/// Currencies, goals and what counts as in time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    pub rates: Rates,
    pub goals: Goals,
    /// A lead is followed up in time within so many seconds of its inquiry.
    pub follow_up: u32,
}
