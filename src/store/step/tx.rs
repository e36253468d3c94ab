//! The small transaction trait the steps run over.

use crate::domain::Timestamp;
use crate::domain::ports::StoreError;

/// Receives what a walk over values finds: name and bytes.
pub type OnValue<'a> = &'a mut dyn FnMut(&[u8], &[u8]);

/// Receives what a walk over indexes finds: index, member, score.
pub type OnMember<'a> = &'a mut dyn FnMut(&[u8], &[u8], i64);

/// A row of the journal as kept: position, receipt text, row bytes.
pub type Row = ((u64, u64), String, Vec<u8>);

/// Looking at one consistent state. All names are full names (see [`crate::store::space`]).
pub trait View {
    /// A value.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// A member's score.
    fn score(&self, index: &[u8], member: &[u8]) -> Result<Option<i64>, StoreError>;

    /// How many members an index has.
    fn card(&self, index: &[u8]) -> Result<u64, StoreError>;

    /// Members with scores from `from` to `to` (both included) by score, then member; or backwards.
    fn range(
        &self,
        index: &[u8],
        from: i64,
        to: i64,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, i64)>, StoreError>;

    /// Rows of a journal after a position, oldest first.
    fn rows(&self, journal: &[u8], after: (u64, u64), limit: usize)
    -> Result<Vec<Row>, StoreError>;

    /// Rows of a journal before a position, newest first; `None` = from the newest one on.
    fn rows_back(
        &self,
        journal: &[u8],
        before: Option<(u64, u64)>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// Every value whose name begins so, in order of names.
    fn each_value(&self, prefix: &[u8], found: OnValue<'_>) -> Result<(), StoreError>;

    /// Every member of every index whose name begins so.
    fn each_member(&self, prefix: &[u8], found: OnMember<'_>) -> Result<(), StoreError>;

    /// The first member of an index.
    fn first(&self, index: &[u8]) -> Result<Option<(Vec<u8>, i64)>, StoreError> {
        Ok(self.range(index, i64::MIN, i64::MAX, false, 1)?.pop())
    }
}

/// Changing it, all or nothing: who runs a step throws its changes away if it fails.
pub trait Tx: View {
    /// Puts a value; reclaimed some days after `until` if given, kept for good otherwise.
    fn put(&mut self, key: &[u8], value: &[u8], until: Option<Timestamp>)
    -> Result<(), StoreError>;

    /// Removes a value.
    fn delete(&mut self, key: &[u8]) -> Result<(), StoreError>;

    /// Adds a member or changes its score.
    fn add(&mut self, index: &[u8], member: &[u8], score: i64) -> Result<(), StoreError>;

    /// Removes a member; whether it was there.
    fn remove(&mut self, index: &[u8], member: &[u8]) -> Result<bool, StoreError>;

    /// Appends a row to a journal.
    fn append(
        &mut self,
        journal: &[u8],
        now: Timestamp,
        receipt: &str,
        row: &[u8],
    ) -> Result<(), StoreError>;
}
