//! The names of a commit, numbered as its script wants them: first those that are read.

use super::pieces::Pieces;
use crate::domain::Key;
use crate::store::space::Space;

/// The names a commit reads, numbered from 1, and those it only writes, numbered behind them.
pub(super) struct Names<'a> {
    pub(super) space: &'a Space,
    reads: Pieces,
    writes: Pieces,
    /// Where a name is put together.
    place: Vec<u8>,
}

impl<'a> Names<'a> {
    pub(super) fn new(space: &'a Space) -> Self {
        let (reads, writes) = (Pieces::with_capacity(512, 16), Pieces::with_capacity(256, 8));
        Self { space, reads, writes, place: Vec::with_capacity(80) }
    }

    /// Reads a name, known or not: the read set is numbered without gaps.
    pub(super) fn push(&mut self, key: &Key) {
        self.put_together(key);
        self.reads.push(&self.place);
    }

    /// The number of a name that is read. All of these come before the first that is only written.
    pub(super) fn number(&mut self, key: &Key) -> usize {
        self.put_together(key);
        if let Some(number) = self.read() {
            return number;
        }
        self.reads.push(&self.place);
        self.reads.len()
    }

    /// The number of a name that is written.
    pub(super) fn written(&mut self, key: &Key) -> usize {
        self.put_together(key);
        if let Some(number) = self.read() {
            return number;
        }
        // One change per name is written, so each comes once.
        self.writes.push(&self.place);
        self.reads.len() + self.writes.len()
    }

    /// The names read, and those only written.
    pub(super) fn into_lists(self) -> (Pieces, Pieces) {
        (self.reads, self.writes)
    }

    fn put_together(&mut self, key: &Key) {
        self.place.clear();
        self.place.extend_from_slice(self.space.prefix());
        key.encode_to(&mut self.place);
    }

    /// Looked for from the end of the name, where names differ.
    fn read(&self) -> Option<usize> {
        let tail = self.place.last_chunk::<8>();
        let same = |name: &[u8]| name.last_chunk::<8>() == tail && name == self.place;
        self.reads.iter().position(same).map(|at| at + 1)
    }
}
