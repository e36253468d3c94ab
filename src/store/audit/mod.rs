//! The auditor: walks everything a workspace keeps and says what does not fit together.
//!
//! It goes by the store's canonical dump, so it works on any engine and asks for nothing that
//! the engines do not already have to agree on. Run it on a store at rest: a dump of a Redis in
//! use is not of one moment. Findings name ids only, never anything about a person.
//!
//! - `content`: the dump, read.
//! - `people`: every inquiry in exactly one state and in the journal once; leads, key sets and
//!   worklists agree; nothing acknowledged is missing.
//! - `deliveries`: jobs, chains and queues agree; pools add up.

mod content;
mod deliveries;
mod people;
mod report;

use crate::domain::Name;
use crate::domain::ports::{Store, StoreError};

pub use report::{Report, Violation};

/// Walks a workspace.
///
/// # Errors
/// Only if the store does not answer; what is wrong inside it is in the report.
pub async fn audit(store: &dyn Store, workspace: &Name) -> Result<Report, StoreError> {
    let lines = store.dump(workspace).await?;
    let content = content::Content::read(&lines);
    drop(lines);
    let mut report = Report {
        inquiries: content.entries.len(),
        unreadable: content.bodies.len(),
        leads: content.leads.len(),
        jobs: content.jobs.len(),
        rows: content.rows.len(),
        violations: Vec::new(),
    };
    report.violations.clone_from(&content.unreadable);
    people::check(&content, &mut report);
    deliveries::check(&content, &mut report.violations);
    Ok(report)
}

/// The part about jobs, chains, queues and pools alone, over the lines of a dump.
#[must_use]
pub fn audit_deliveries(lines: &[(String, String)]) -> Vec<Violation> {
    let mut violations = Vec::new();
    deliveries::check(&content::Content::read(lines), &mut violations);
    violations
}

#[cfg(test)]
mod tests;
