//! What a person may ask for: everything that is held about them, and to be forgotten.
//!
//! - `held`: whom a question means, and everything that is kept of them;
//! - `access`: all of it, to be handed out;
//! - `erase`: it goes, and whoever was told of it is told that;
//! - `purge`: later it goes from the engine's files too.

mod access;
mod erase;
mod held;
mod purge;

pub use access::Everything;
pub use erase::{Erasure, Forgotten};
