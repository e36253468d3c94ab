//! Lead router.
#![forbid(unsafe_code)]
pub mod assign;
pub mod domain;
pub mod store;
pub mod telemetry;
