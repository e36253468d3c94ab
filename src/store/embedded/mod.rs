//! The embedded engine: one redb file, one writer thread with group commit.
//!
//! - `file`: opening (one process at a time), the format's version, online backup.
//! - `tables`: the structures of [`crate::store::step`] as tables.
//! - `writer`: the thread that runs the steps, many to one durable commit.
//! - `port`: [`crate::domain::ports::Store`] over the two.

mod file;
mod port;
mod tables;
mod writer;

pub use file::Embedded;
