//! What the integration tests share: real servers, the service in this process and in others,
//! receivers, load.

pub mod app;
pub mod demo;
pub mod deployment;
pub mod flow;
pub mod load;
pub mod process;
pub mod receiver;
pub mod redis;
pub mod socket_receiver;
pub mod wait;
