//! What the integration tests share: real servers.

pub mod flow;
pub mod redis;
