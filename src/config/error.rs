//! What is wrong, where, and what was probably meant.

use std::fmt;

use crate::domain::SettingProblem;

/// A place in a file; lines and columns (in characters) count from 1. Zero = the file as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// Whether the configuration can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is not loaded.
    Error,
    /// It is loaded; `check --strict` refuses it.
    Warning,
}

/// One finding in the configuration. Shows as `file:line:col: message (suggestion)`. Never holds a
/// secret's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    /// Relative to the configuration folder, with `/`.
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub severity: Severity,
    pub message: String,
    pub suggestion: Option<String>,
}

impl ConfigError {
    /// An error at a place.
    pub fn new(file: &str, at: Position, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: at.line,
            column: at.column,
            severity: Severity::Error,
            message: message.into(),
            suggestion: None,
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same with a suggestion, if there is one.
    #[must_use]
    pub fn suggesting(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }

    /// A room's problem, at the place its path has in the file.
    #[must_use]
    pub fn of_problem(file: &str, at: Position, problem: SettingProblem) -> Self {
        Self::new(file, at, problem.message).suggesting(problem.suggestion)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if self.severity == Severity::Warning {
            write!(f, ": warning")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " ({suggestion})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}
