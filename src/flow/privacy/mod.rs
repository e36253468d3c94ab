//! What a person may ask for: everything that is held about them, and to be forgotten.
//!
//! - `held`: whom a question means, and everything that is kept of them;
//! - `access`: all of it, to be handed out;
//! - `erase`: it goes, and whoever was told of it is told that;
//! - `revoked`: a sender says that what it sent is to be forgotten;
//! - `retention`: leads that are kept no longer go by themselves;
//! - `purge`: later it goes from the engine's files too.

mod access;
mod erase;
mod held;
mod purge;
mod retention;
mod revoked;

pub(in crate::flow) use erase::REMEMBERED;

pub use access::Everything;
pub use erase::{Erasure, Forgotten};
