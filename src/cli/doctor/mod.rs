//! `lead-router doctor`: looks at a deployment from end to end and says what to mend.
//!
//! Each part is looked at as far as it can be: the folder, the secrets, the store, the listeners, the
//! destinations, the running service. Nothing is changed; a destination is only sent something
//! with `--send-test`. (An empty Redis is marked as ours, as `serve` would.)

mod destinations;
mod examine;
mod files;
mod listeners;
mod report;
mod service;
mod store;

pub use examine::{DoctorArgs, Format, run};
pub use report::{Finding, Report, State};
