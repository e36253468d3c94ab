//! Lead router.
#![forbid(unsafe_code)]
pub mod domain;
pub mod telemetry;
