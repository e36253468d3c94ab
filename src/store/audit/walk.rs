//! One walk over a workspace.

use super::{Report, Violation, content, deliveries, pairs, people, sums};
use crate::domain::Name;
use crate::domain::ports::{Store, StoreError};

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
        folded: 0,
        violations: Vec::new(),
    };
    report.violations.clone_from(&content.unreadable);
    people::check(&content, &mut report);
    pairs::check(&content, &mut report.violations);
    sums::check(&content, &mut report);
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
