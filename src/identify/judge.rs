//! Whether an inquiry comes from somebody known.

use super::IndexedBy;
use crate::domain::{Facts, Inquiry, LeadId};

/// What was concluded about who inquired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The known lead it belongs to; `None` = somebody new.
    pub lead: Option<LeadId>,
    /// The kinds of keys that prove it, in the order of [`super::KeyKind`].
    pub matched_on: Vec<String>,
    /// Leads that share a key but were judged to be somebody else, with a fixed word for why.
    pub refused: Vec<(LeadId, String)>,
    /// Whether a shared key stands among the keys (switchboard, info@).
    pub shared: bool,
}

/// Judges which known lead, if any, an inquiry belongs to.
#[must_use]
pub fn judge(inquiry: &Inquiry, keys: &[IndexedBy], facts: &Facts) -> Judgement {
    let _ = (inquiry, keys, facts);
    Judgement::default()
}
