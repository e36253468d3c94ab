//! What people and tools may say back about a lead, and what follows from it.
//!
//! - [`row`], [`is_touch`], [`acknowledges`]: the one table: what each disposition means;
//! - [`mod@hear`]: one more thing said about a lead, in whatever order it arrives: how the lead stands after it;
//! - [`Dispositions`]: which of them a workspace uses, under which other words.

mod compile;
mod hear;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use compile::Dispositions;
pub use hear::{Heard, Impossible, Once, Stands, hear, left_by};
pub use settings::{DispositionSettings, LinkSettings};
pub use table::{Dealt, Effect, Row, acknowledges, is_touch, row};
