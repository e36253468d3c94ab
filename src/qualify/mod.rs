//! What an inquiry is worth: criteria, score, completeness, category. Pure.
//!
//! `settings` (as written) → `compile` (every mistake found) → `qualifier` (the judgement) → `explain`
//! (in words). Criteria are answered yes, no or unknown, and unknown is never counted as no. The score
//! is the sum of its lines and what the floor added; the category follows from eligibility and the
//! thresholds; a promising lead of which too much is unknown is marked for asking. What a lead is worth on average
//! is said beside the score and changes no category.

mod compile;
mod compile_more;
mod engagement;
mod explain;
mod fade;
mod grades;
mod more_settings;
mod now;
mod qualifier;
mod questions;
mod settings;
mod worth;

pub use explain::points_in_words;
pub use more_settings::{
    ChanceSettings, EngagementLineSettings, EngagementSettings, ExpectedValueSettings,
    GradeSettings, KindSettings, SegmentSettings, UnresponsiveSettings,
};
pub use qualifier::{
    DO_NOT_CONTACT, LineText, PERSON, Qualifier, UNSUBSCRIBED, Unresponsive, qualify,
};
pub use questions::{Because, Choices, Question};
pub use settings::{
    AskSettings, CapSettings, CapsSettings, CriteriaSettings, DefinitionSettings,
    DefinitionsSettings, EligibilitySettings, LineSettings, PointsEach, PointsSettings, Settings,
    ThresholdSettings,
};

/// The most points one answer gives, or takes away.
pub const POINTS_MAX: i64 = 10_000;
/// The most criteria and lines in all.
pub const LINES_MAX: usize = 500;
/// The longest text, question, reason or definition, in bytes.
pub const TEXT_MAX: usize = 2_000;

#[cfg(test)]
mod tests;
