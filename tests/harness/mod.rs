//! What the integration tests share: real servers.

pub mod redis;
