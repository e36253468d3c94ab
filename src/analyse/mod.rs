//! Journal rows become figures: how many inquiries became leads, prospects and sales, what they cost, how soon
//! people dealt with them. Every figure's definition is in `docs/reports.md`. Pure.
//!
//! - [`Fold`] takes the rows in the journal's order. Of every lead it remembers its [`Trail`] (where it came from, how
//!   far it got, when), and says by how much each row changes which sums ([`Changes`]);
//! - a [`Rollup`] holds the sums of one [`Slot`]: one day, one view, one dimension. Whatever strangers send, it
//!   has at most [`Rollup::VALUES_MAX`] values; the rest is one;
//! - [`spend`] is what was spent, spread over days;
//! - [`report`] makes tables of rollups and spending.
//!
//! The same rows in the same order give the same bytes, in whatever steps they are folded.

mod calendar;
mod changes;
mod checkpoint;
mod entries;
mod figures;
mod fold;
mod journey;
pub mod report;
mod rollup;
mod seconds;
mod slot;
pub mod spend;

pub use calendar::{Calendar, Day};
pub use changes::Changes;
pub use checkpoint::Checkpoint;
pub use figures::Figures;
pub use fold::Fold;
pub use journey::Trail;
pub use rollup::Rollup;
pub use seconds::{quantile, rounded};
pub use slot::{Dimension, Slot, View};

#[cfg(test)]
mod tests;
