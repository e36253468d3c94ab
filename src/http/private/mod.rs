//! The private listener: reading, acting, metrics. Every operation but the health checks and the
//! API's own description needs a key with the scope that its description names.
//!
//! One list (`operations!`, in `routes`) makes both the routes and the OpenAPI document, so neither can have
//! what the other lacks.

mod backfill;
mod call;
mod configuration;
mod consents;
mod dead;
mod dead_export;
mod deliveries;
mod destinations;
mod explain;
mod export;
mod feed;
mod filtered;
mod find;
mod given;
mod inquiries;
mod leads;
mod members;
mod merging;
mod page;
mod pools;
mod privacy;
mod process;
mod referrals;
mod refusal;
mod reports;
mod rotate;
mod routes;
mod rules;
mod sources;
mod spend;
mod trial;
mod unreadable;
pub mod view;
pub mod which;
mod worklists;

pub use dead::RequestBody;
pub use privacy::EverythingBody;
pub use refusal::refused;
pub use reports::{ReportQuery, Wanted};
pub use routes::{Documented, configure};
pub use trial::TrialBody;
