//! Whose lead it is: ordered routing rules lead to a queue and a pool, calendars and caps say who may be picked,
//! and [`pick`] is the one algorithm that picks. Pure: the store runs it inside its atomic step, and its script
//! mirrors it.

mod pick;

pub use pick::{Chosen, Picked, pack_state, pick, pick_branch, unpack_state};

#[cfg(test)]
mod tests;
