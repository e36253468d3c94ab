//! Configuration: a folder of YAML files, read whole, checked whole, and swapped whole.
//!
//! ```text
//! DIR/server.yaml                 addresses, egress, log, limits                  (ServerSettings)
//! DIR/keys.yaml                   API keys as SHA-256, with scopes                (KeyRing)
//! DIR/presets/**                  a deployment's own presets, over the embedded ones
//! DIR/workspaces/NAME/workspace.yaml      zone, country, retention, alerts       (WorkspaceSettings)
//!                     qualification.yaml  criteria, eligibility, thresholds      (qualify::Settings)
//!                     routing.yaml        queues, rules, fallback                (assign::RoutingSettings)
//!                     pools.yaml          pools and their members                (assign::PoolSettings)
//!                     follow-up.yaml      what is done about leads handed over   (follow_up::FollowUpSettings)
//!                     sources/*.yaml      where inquiries come from              (capture::SourceSettings)
//!                     destinations/*.yaml where leads go                         (deliver::DestinationSettings)
//!                     lists/*.csv         what `in_list` names                   (rules::Lists)
//!                     tables/*.csv, *.yaml  what rules name by `table`           (rules::Table)
//!                     tests/*.yaml        cases for `lead-router test`; not read by a service, not in the hash
//! ```
//!
//! The way of a file: [`Snapshot`] reads the bytes once; [`tree`] parses them (serde-saphyr, with a
//! small budget) to a tree that knows line and column of every node; [`interpolate`] fills in
//! `${env:…}`, `${file:…}` and `${demo:…}`; [`shape`] deserialises the tree to the Settings of the
//! room that owns the file; the room compiles them and names its [`crate::domain::SettingProblem`]s
//! by path, which the tree turns back into line and column.
//!
//! All errors of all files come at once. Within one file every bad entry and list element is
//! reported: a node that does not fit is noted, cut out, and the rest is tried again. Only broken YAML
//! (a syntax error) hides what else is wrong with its file. Semantic checks of a room run when its
//! files have the right shape.

mod account;
mod assemble;
mod between;
mod confirming;
mod error;
mod filters;
mod follow_up;
mod hints;
pub mod interpolate;
mod lists;
mod load;
mod reload;
mod reports;
mod retention;
mod says;
pub mod schemas;
mod server;
pub mod shape;
mod shape_error;
mod shown;
mod shown_walk;
mod snapshot;
pub mod tree;
mod workspace;

pub use crate::domain::Period;
pub use crate::http::keys::{ApiKey, KeyRing, KeySettings, KeysFile, Scope, fingerprint, mint};
pub use error::{ConfigError, Position, Severity};
pub use interpolate::DemoValues;
pub use load::{Loaded, load, load_snapshot, recompile};
pub use reload::{Env, Place, Reload, Reloader};
pub use retention::{LeadRetentionSettings, RetentionSettings};
pub use server::{LimitSettings, LogFormat, LogSettings, ServerSettings};
pub use snapshot::Snapshot;
pub use workspace::{AlertSettings, FilterSettings, Workspace, WorkspaceSettings};

#[cfg(test)]
mod tests;
