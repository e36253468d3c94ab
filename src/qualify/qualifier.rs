//! Compiled criteria and the judgement they give.

use super::Settings;
use crate::domain::{Category, Criterion, Name, Qualification, SettingProblem};
use crate::rules::Subject;

/// What a score line is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineText {
    pub name: Name,
    pub group: Criterion,
    /// In words, as the settings say it.
    pub text: String,
}

/// Settings, checked and compiled.
#[derive(Debug, Clone)]
pub struct Qualifier {
    lines: Vec<LineText>,
}

impl Qualifier {
    /// Checks and compiles the settings. All mistakes at once, paths from the top of the file.
    pub fn compile(settings: &Settings) -> Result<Self, Vec<SettingProblem>> {
        let _ = settings;
        Ok(Self { lines: Vec::new() })
    }

    /// The text of a score line.
    #[must_use]
    pub fn line(&self, line: u16) -> Option<&LineText> {
        self.lines.get(usize::from(line))
    }

    /// The question that finds out about an open criterion.
    #[must_use]
    pub fn question(&self, name: &Name) -> Option<&str> {
        let _ = name;
        None
    }

    /// A judgement in words, without anything about the person: names of criteria, answers, points.
    #[must_use]
    pub fn explain(&self, qualification: &Qualification) -> Vec<String> {
        let _ = qualification;
        Vec::new()
    }
}

/// Judges a subject. Same settings, subject and time: the same judgement.
#[must_use]
pub fn qualify(qualifier: &Qualifier, subject: &Subject<'_>) -> Qualification {
    let _ = (qualifier, subject);
    Qualification {
        score: 0,
        lines: Vec::new(),
        floor: 0,
        completeness: 0,
        category: Category::Discard,
        ask: false,
        open: Vec::new(),
        ineligible: None,
        errors: Vec::new(),
    }
}
