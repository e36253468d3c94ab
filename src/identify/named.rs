//! Comparing two names: the one way in which it is done, for matching and for merging.

use super::likeness::{Alike, first_names, last_names, two_slips};
use super::person::PersonName;

/// What comparing two names says, part by part.
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub(super) first: Alike,
    pub(super) last: Alike,
    /// The first names are not alike, but both may be slips of a third one.
    pub(super) near: bool,
}

/// What two whole names say about being one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// First and last name are one person's.
    Agree,
    /// Too little is known on one side.
    Unknown,
    /// They are two people's.
    Differ,
}

impl Names {
    fn both(alike: Alike) -> Self {
        Self { first: alike, last: alike, near: false }
    }

    pub(super) fn of(a: &PersonName, b: &PersonName) -> Self {
        let joined = |name: &PersonName| name.first.replace(' ', "");
        // First and last name exchanged is the same name.
        let exchanged = !a.first.is_empty() && joined(a) == b.last && joined(b) == a.last;
        if exchanged {
            return Self::both(Alike::Same);
        }
        if a.lone.is_empty() && b.lone.is_empty() {
            return Self {
                first: first_names(&a.first, &b.first),
                last: last_names(&a.last_parts, &b.last_parts),
                near: two_slips(&a.first, &b.first),
            };
        }
        // A name that could not be split stands for all of it or for a part.
        let whole = |it: &PersonName| [joined(it), it.last.clone(), it.lone.clone()].concat();
        let (one, other) = (whole(a), whole(b));
        let part = |lone: &str, it: &PersonName| {
            !lone.is_empty() && (lone == it.last || lone == joined(it))
        };
        if one.is_empty() || other.is_empty() || part(&a.lone, b) || part(&b.lone, a) {
            Self::both(Alike::Missing)
        } else if one == other {
            Self::both(Alike::Same)
        } else {
            Self::both(Alike::Other)
        }
    }

    /// What the whole names say where only they can tell (a phone, a function's mailbox).
    pub(super) fn full(self) -> Full {
        match (self.first, self.last) {
            (Alike::Other, _) | (_, Alike::Other) => Full::Differ,
            (Alike::Missing, _)
            | (_, Alike::Missing | Alike::Initial)
            | (Alike::Initial, Alike::Like) => Full::Unknown,
            _ => Full::Agree,
        }
    }

    /// Both agree, and at most one of them not quite.
    pub(super) fn in_full(self) -> bool {
        self.first.agrees()
            && self.last.agrees()
            && (self.first == Alike::Same || self.last == Alike::Same)
    }
}
