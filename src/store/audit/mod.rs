//! The auditor: walks everything a workspace keeps and says what does not fit together.
//!
//! It goes by the store's canonical dump, so it works on any engine and asks for nothing that
//! the engines do not already have to agree on. Run it on a store at rest: a dump of a Redis in
//! use is not of one moment. Findings name ids only, never anything about a person.
//!
//! - `content`: the dump, read.
//! - `people`: every inquiry in exactly one state and in the journal once; leads, key sets and
//!   worklists agree; nothing acknowledged is missing.
//! - `pairs`: those that people look at are of leads that are there.
//! - `sums`: what reports count is what the journal says.
//! - `deliveries`: jobs, chains and queues agree; pools add up.

mod content;
mod deliveries;
mod pairs;
mod people;
mod report;
mod sums;
mod walk;

pub use report::{Report, Violation};
pub use walk::{audit, audit_deliveries};

#[cfg(test)]
mod tests;
