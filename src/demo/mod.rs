//! The demo: the whole product on the loopback with nothing to install. Starts the service on a
//! temporary embedded store and a receiver that plays the CRM, sends a scripted stream from three
//! sources, shows what became of each inquiry, and goes on running.

pub mod printing;
mod receiver;
mod run;
mod script;
mod table;

pub use run::{DemoError, DemoOptions, run};

#[cfg(test)]
mod tests;
