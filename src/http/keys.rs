//! API keys and their scopes.

pub use crate::config::{ApiKey, KeyRing, Scope};
