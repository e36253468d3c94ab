//! What an inquiry is worth: criteria, score, completeness, category. Pure.
//!
//! Criteria are answered yes, no or unknown; unknown is never counted as no. The score is the sum of
//! its lines; the category follows from eligibility and the thresholds; a promising lead of which too
//! much is unknown is marked for asking.

mod qualifier;
mod settings;

pub use qualifier::{LineText, Qualifier, qualify};
pub use settings::{
    AskSettings, CapSettings, CapsSettings, CriteriaSettings, DefinitionSettings,
    DefinitionsSettings, EligibilitySettings, LineSettings, PointsEach, PointsSettings, Settings,
    ThresholdSettings,
};
