//! Lead router.
#![forbid(unsafe_code)]
pub mod assign;
pub mod domain;
pub mod egress;
pub mod store;
pub mod telemetry;
