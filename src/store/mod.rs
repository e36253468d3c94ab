//! The store: one port ([`crate::domain::ports::Store`]), two engines, one contract suite.
//!
//! - [`step`]: every business step once, in Rust, over a small transaction trait. What the
//!   structures look like and what each step does in which order is written at its top; that text
//!   binds both engines.
//! - [`embedded`]: runs the steps on one file (redb), one writer with group commit.
//! - `redis`: mirrors the steps in scripts.
//! - [`memory`]: runs them on maps; for tests and simulation.
//! - [`audit`]: walks any store and says what does not fit together.
//! - [`space`]: the names under which things are kept.

pub mod audit;
pub mod embedded;
pub mod memory;
pub mod redis;
pub mod space;
pub mod step;
