//! Who is this? Normalising what was sent, the index keys a person is found under, the judgement
//! whether two are the same person, and merging without loss. Pure: facts in, conclusions out.

mod account;
mod company;
mod country;
mod email;
mod found;
mod judge;
mod keys;
mod language;
mod likeness;
mod merge;
mod named;
mod normalise;
mod pair;
mod person;
mod persona;
mod phone;
mod place;
mod quantity;
mod referrer;
mod text;
mod unite;

pub use account::{NamedAccounts, account};
pub use found::{Unfit, find_out};
pub use judge::{Judgement, judge};
pub use keys::{IndexedBy, KeyKind, Pepper, keys};
pub use merge::{OTHERS_MAX, allow, merge, touch};
pub use normalise::{Hints, least, normalise};
pub use person::PersonName;
pub use referrer::referrer;

pub use unite::{Parted, Since, absorb, are_told_apart, in_common, part, set_apart};

#[cfg(test)]
mod tests;
