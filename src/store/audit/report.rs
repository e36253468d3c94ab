//! What an audit found.

use std::fmt;

/// Something that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// A fixed word for the rule broken.
    pub rule: &'static str,
    /// Where: ids and names, nothing about a person.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// One workspace, walked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Inquiries with an entry.
    pub inquiries: usize,
    /// Bodies kept because they could not be read.
    pub unreadable: usize,
    pub leads: usize,
    pub jobs: usize,
    /// Journal rows.
    pub rows: usize,
    /// Of these, rows that reports count: their sums are what these say.
    pub folded: usize,
    pub violations: Vec<Violation>,
}

impl Report {
    /// Nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            writeln!(f, "{violation}")?;
        }
        write!(
            f,
            "{} inquiries, {} unreadable, {} leads, {} jobs, {} journal rows, {} of them in reports: {} violations",
            self.inquiries,
            self.unreadable,
            self.leads,
            self.jobs,
            self.rows,
            self.folded,
            self.violations.len()
        )
    }
}

/// Adds a finding.
pub(super) fn find(violations: &mut Vec<Violation>, rule: &'static str, what: impl fmt::Display) {
    violations.push(Violation { rule, what: what.to_string() });
}
