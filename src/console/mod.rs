//! The console: pages for people, on the private listener under `/console`. Rendered here, nothing
//! loaded from elsewhere; everything but the live stream works without scripts.
//!
//! - [`session`]: who is logged in, sealed into a cookie; [`login`]: how people get in and out;
//! - [`visit`]: what every page begins with: session, key, workspace, scope;
//! - [`posted`]: what a form says, and that it came from a page of ours;
//! - [`shell`]: what stands around every page; [`refusal`]: pages that say no;
//! - one file per page, its template beside it in `templates/`.
//!
//! The pages ask `flow` what the private API asks it, with the scopes that the API wants.

mod act;
mod answering;
mod assets;
mod bodies;
mod configuration;
mod cookie;
mod dead;
mod deliveries;
mod destinations;
mod entrance;
mod filtered;
mod find;
mod guard;
mod inquiry;
mod lead;
mod live;
mod login;
mod merging;
mod nurture;
mod past;
mod people;
mod person;
mod pools;
mod posted;
mod privacy;
mod refusal;
mod reports;
mod roster;
mod routes;
mod saying;
mod score;
mod session;
mod shell;
mod sources;
mod stream;
mod visit;
mod words;
mod worklists;

pub use entrance::Entrance;
pub use routes::configure;

#[cfg(test)]
mod tests;
