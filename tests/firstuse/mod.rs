//! A newcomer's way: init, serve, curl, find the lead; a source, a destination, a test of it; doctor.

mod beginning;
mod destinations;
mod doctor;
mod doctor_redis;
pub mod newcomer;
mod quick_start;
mod sources;
