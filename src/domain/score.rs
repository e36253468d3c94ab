//! What qualification concluded.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{Category, Name};

/// Thousandths of a point. Scores add up exactly; display rounds.
pub type Millipoints = i64;

closed_list! {
    /// A three-valued answer: unknown is not no.
    Known3 {
        Yes = "yes",
        No = "no",
        Unknown = "unknown",
    }
}

closed_list! {
    /// The group a criterion belongs to.
    Criterion {
        Budget = "budget",
        Authority = "authority",
        Need = "need",
        Timeline = "timeline",
        Company = "company",
        Contact = "contact",
        Approach = "approach",
        Engagement = "engagement",
    }
}

/// One line of the score. The text is looked up in the configuration bundle by `line`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreLine {
    /// Index of the criterion in the compiled qualification.
    pub line: u16,
    pub group: Criterion,
    pub answer: Known3,
    pub points: Millipoints,
}

/// The whole judgement on one lead at one time. The score is the sum of the lines, never below zero:
/// what the floor took is in `floor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualification {
    pub score: Millipoints,
    pub lines: Vec<ScoreLine>,
    /// Points added to lift a negative sum to zero.
    #[serde(default)]
    pub floor: Millipoints,
    /// Per mille of the wanted criteria that are known.
    pub completeness: u16,
    pub category: Category,
    /// Promising, but too much is unknown: people should ask.
    pub ask: bool,
    /// Names of criteria still open, in the order to ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Name>,
    /// The eligibility rule that failed, if one did; the category is then `discard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ineligible: Option<Name>,
    /// Clauses that could not be evaluated (counted, shown, never a match): criterion or rule names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Name>,
}
