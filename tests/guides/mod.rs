//! Every block of every guide, and what runs it: [`table`] names all of them, the other files type
//! them as they stand, against a running service where they need one.

mod acme;
mod demo;
mod deployment;
mod folder;
mod receivers;
mod sources;
pub mod table;
