//! Lead router.
#![forbid(unsafe_code)]
pub mod assign;
pub mod capture;
pub mod cli;
pub mod config;
pub mod decide;
pub mod deliver;
pub mod domain;
pub mod egress;
pub mod identify;
pub mod jobs;
pub mod qualify;
pub mod rules;
pub mod store;
pub mod telemetry;
