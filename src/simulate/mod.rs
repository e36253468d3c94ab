//! What a configuration would do, without a service: rule tests, and one configuration against another. Pure.
//!
//! A [`World`] takes inquiries one after another as a service does: capture reads a raw body through the source's
//! preset, identify normalises it, [`decide`](crate::decide::decide) decides on what is known, and the store's own
//! step commits it in memory. So matching, repeats, pools and caps are the real ones; nothing is sent, and nothing
//! depends on the clock.
//!
//! - [`Given`]: one inquiry as people write it down, by canonical fields or as the body a source would post;
//! - [`CaseFile`]: given, when, then; [`Expected`] against the [`Outcome`];
//! - [`compare()`]: the same inquiries through two worlds, and what came out differently.

mod answered;
mod case;
mod compare;
mod expected;
mod given;
mod outcome;
mod world;

pub use answered::Answered;
pub use case::{Becomes, Before, Case, CaseFile, Verdict, check, run, start};
pub use compare::{Comparison, Difference, Move, Value, compare};
pub use expected::{Bounds, Expected, Matched, Mismatch, OneOf};
pub use given::{Body, Given, Taken, Text, Texts};
pub use outcome::Outcome;
pub use world::{Business, Fault, World};

#[cfg(test)]
mod tests;
