//! A compiled condition and its answer.

use super::{ConditionSource, Subject};
use crate::domain::SettingProblem;

/// What a condition says about a subject. Only [`Says::Match`] is a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Says {
    Match,
    NoMatch,
    /// The field it asks for is not known: neither a match nor a no.
    Missing,
    /// The value is there but cannot be judged (a text where a number was needed).
    Error,
}

impl Says {
    /// Whether it is a match.
    #[must_use]
    pub fn is_match(self) -> bool {
        self == Self::Match
    }

    /// The letter in [`crate::domain::Record::rules`].
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Match => 'y',
            Self::NoMatch => 'n',
            Self::Missing => 'm',
            Self::Error => 'e',
        }
    }
}

/// A condition ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Condition {
    fields: Vec<String>,
}

impl Condition {
    /// Checks and compiles a condition. All mistakes at once, paths relative to the condition.
    pub fn compile(source: &ConditionSource) -> Result<Self, Vec<SettingProblem>> {
        let _ = source;
        Ok(Self { fields: Vec::new() })
    }

    /// What it says about the subject. Total; an error is never a match.
    #[must_use]
    pub fn evaluate(&self, subject: &Subject<'_>) -> Says {
        let _ = subject;
        Says::Missing
    }

    /// The paths of the fields it asks for, sorted, each once.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }
}
