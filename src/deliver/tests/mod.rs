//! Delivering: destinations, bodies, schedules, the courier.

mod batch;
mod courier;
mod destination;
mod envelope;
mod follows;
mod headers;
mod preview;
mod retry;
pub(crate) mod sample;
mod sign;
mod vendor;
