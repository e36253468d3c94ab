//! Typed facts: each becomes a log line and its counters together, from the same fields.
//!
//! No metric label can be invented by a stranger: labels are closed words or names from the
//! configuration. No fact has a field that could hold text about a person.

mod fact;
mod gathered;
mod json_line;
mod log;
mod metric;
mod record;

pub use fact::Fact;
pub use gathered::{Gathered, LogGuard};
pub use log::{LogFormat, install};
pub use metric::{Metric, MetricKind};
pub use record::Telemetry;

#[cfg(test)]
mod tests;
