//! What was found: one line per check, with what to do.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

/// How one check ended. The worst of all is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing to do. Exit code 0.
    Ok,
    /// Works, and should be looked at. Exit code 1.
    Warning,
    /// Does not work, or not for long. Exit code 2.
    Broken,
}

impl State {
    /// The word in the output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }

    /// What the process ends with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `configuration`, `destination crm` …
    pub check: String,
    pub state: State,
    /// What was found; never a secret.
    pub what: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// All lines, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Notes that something is as it should be.
    pub fn ok(&mut self, check: impl Into<String>, what: impl Into<String>) {
        self.add(check.into(), State::Ok, what.into(), None);
    }

    /// Notes something that deserves a look.
    pub fn warn(
        &mut self,
        check: impl Into<String>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(check.into(), State::Warning, what.into(), Some(mend.into()));
    }

    /// Notes something that does not work.
    pub fn broken(
        &mut self,
        check: impl Into<String>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(check.into(), State::Broken, what.into(), Some(mend.into()));
    }

    fn add(&mut self, check: String, state: State, what: String, mend: Option<String>) {
        let mend = mend.filter(|mend| !mend.is_empty());
        self.findings.push(Finding { check, state, what, mend });
    }

    /// All of them.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The worst state.
    #[must_use]
    pub fn worst(&self) -> State {
        self.findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok)
    }

    /// For people: a line per check, what to do below it, and a summary.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = self.findings.iter().map(|f| f.check.chars().count()).max().unwrap_or(0);
        for Finding { check, state, what, mend } in &self.findings {
            writeln!(out, "{:8} {check:width$}  {what}", state.as_str())?;
            if let Some(mend) = mend {
                writeln!(out, "{:8} {:width$}  -> {mend}", "", "")?;
            }
        }
        let count = |state| self.findings.iter().filter(|f| f.state == state).count();
        let (broken, warnings) = (count(State::Broken), count(State::Warning));
        writeln!(out, "\n{broken} broken, {warnings} warning(s), {} ok", count(State::Ok))
    }

    /// For programs: one JSON object.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn print_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let body = serde_json::json!({"state": self.worst(), "checks": self.findings});
        writeln!(out, "{body:#}")
    }
}
