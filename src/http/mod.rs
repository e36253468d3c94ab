//! The two listeners: public (capture, health) and private (API, metrics). One file per operation;
//! handlers hold no state of their own, so replicas are alike.

pub mod advice;
mod answering;
pub mod body;
pub mod caller;
pub mod configuration;
pub mod keys;
pub mod openapi;
pub mod private;
mod problem;
pub mod public;
pub mod saying;
mod server;
mod state;
mod trace;

pub use problem::{PROBLEMS, Problem, ProblemCode};
pub use server::{Bound, Listeners, ServerError, bind};
pub use state::{Active, HttpLimits, HttpState};
