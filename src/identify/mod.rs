//! Who is this? Normalising what was sent, the index keys a person is found under, the judgement
//! whether two are the same person, and merging without loss. Pure: facts in, conclusions out.

mod judge;
mod keys;
mod merge;
mod normalise;

pub use judge::{Judgement, judge};
pub use keys::{IndexedBy, KeyKind, Pepper, keys};
pub use merge::merge;
pub use normalise::{Hints, least, normalise};
