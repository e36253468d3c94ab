//! Cells as they are kept: small, for there are many.

use super::{Asks, Cell, Postings};

impl Cell {
    pub(super) const ANY: Self = Self(u32::MAX);
    pub(super) const SET: u32 = 1 << 31;

    pub(super) fn one(id: u32) -> Self {
        Self(id)
    }

    pub(super) fn set(index: u32) -> Self {
        Self(index | Self::SET)
    }

    pub(super) fn asks(self, sets: &[Box<[u32]>]) -> Asks<'_> {
        if self == Self::ANY {
            return Asks::Nothing;
        }
        if self.0 & Self::SET == 0 {
            return Asks::One(self.0);
        }
        let index = usize::try_from(self.0 & !Self::SET).unwrap_or(usize::MAX);
        sets.get(index).map_or(Asks::Nothing, |ids| Asks::OneOf(ids))
    }
}

impl Postings {
    pub(super) fn of(&self, id: u32) -> &[u32] {
        let id = id as usize;
        let start =
            id.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(id).copied().unwrap_or(start);
        self.rows.get(start as usize..end as usize).unwrap_or(&[])
    }
}
