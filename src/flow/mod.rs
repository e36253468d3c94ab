//! One file per thing that can happen. Calls the pure rooms and the ports; speaks neither HTTP nor
//! any vendor's language.
//!
//! - [`inquiry`]: an inquiry comes in: decide, commit, and again if the facts were stale;
//! - [`unreadable`]: what could not be read is kept, listed, reprocessed or discarded;
//! - [`operate`]: a person assigns, releases, re-decides or discards a lead;
//! - [`look_up`]: where is my lead?
//! - [`alert`]: operators' alerts.

mod alert;
mod context;
mod gate;
mod inquiry;
mod look_up;
mod operate;
mod reprocess;
mod unreadable;
mod workspace;

pub use alert::{AlertSettings, Watch, word};
pub use context::{Flow, Outlet, Unavailable};
pub use inquiry::{Answer, Caller, Detail, Received};
pub use look_up::{Found, LeadView, RecordView};
pub use operate::{Action, ActionError};
pub use unreadable::{Kept, KeptBody, RawBody};
pub use workspace::Workspace;
