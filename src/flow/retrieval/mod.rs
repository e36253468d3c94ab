//! Data that are still with the vendor: a reference is taken, what stands behind it is fetched and decided under the id
//! that was answered. What cannot be had is kept where people see it.

mod accept;
mod backfill;
mod conclude;
mod fetch;
mod token;

pub use backfill::{Backfilled, CannotBackfill};
pub use fetch::retrieval_route;
