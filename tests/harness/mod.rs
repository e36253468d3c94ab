//! What the integration tests share: real servers, the service itself, a receiver.

pub mod app;
pub mod flow;
pub mod receiver;
pub mod redis;
