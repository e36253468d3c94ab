//! The structures of the steps as redb tables. Names are full names (see [`crate::store::space`]).
//!
//! | table | key | value |
//! |---|---|---|
//! | `values` | name | reclaim time in ms (8 BE, 0 = never), bytes |
//! | `reclaim` | reclaim time in ms (8 BE), name | – |
//! | `scores` | name length (2 BE), name of the index, member | score (8 BE, sign bit flipped) |
//! | `ranks` | name length (2 BE), name of the index, score (as above), member | – |
//! | `cards` | name of the index | how many members (8 BE) |
//! | `journal` | name length (2 BE), name, ms (8 BE), n (8 BE) | receipt length (2 BE), receipt, row |

use std::time::Duration;

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, StorageError, Table, TableDefinition,
    WriteTransaction,
};

use crate::domain::Timestamp;
use crate::domain::ports::StoreError;
use crate::store::step::{OnMember, OnValue, Row, Tx, View, next_position};

type Bytes = &'static [u8];
type Definition = TableDefinition<'static, Bytes, Bytes>;

const VALUES: Definition = TableDefinition::new("values");
const RECLAIM: Definition = TableDefinition::new("reclaim");
const SCORES: Definition = TableDefinition::new("scores");
const RANKS: Definition = TableDefinition::new("ranks");
const CARDS: Definition = TableDefinition::new("cards");
const JOURNAL: Definition = TableDefinition::new("journal");

/// All tables, for the backup.
pub(super) const ALL: [Definition; 6] = [VALUES, RECLAIM, SCORES, RANKS, CARDS, JOURNAL];

/// Values put until T are reclaimed so long after T.
const RECLAIM_AFTER: Duration = Duration::from_hours(7 * 24);

/// Any error of redb as the port's.
pub(super) fn failed(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Corrupted(what) => StoreError::Corrupt(what),
        // The disk failed in the middle: what was asked may or may not be on it.
        redb::Error::Io(error) => StoreError::Unreachable(format!("embedded store: {error}")),
        redb::Error::PreviousIo => {
            StoreError::Unreachable("embedded store: the disk failed before".into())
        }
        other => StoreError::Refused(format!("embedded store: {other}")),
    }
}

/// The tables of one transaction.
pub(super) struct Tables<T> {
    values: T,
    reclaim: T,
    scores: T,
    ranks: T,
    cards: T,
    journal: T,
}

pub(super) type Written<'t> = Tables<Table<'t, Bytes, Bytes>>;
pub(super) type Seen = Tables<ReadOnlyTable<Bytes, Bytes>>;

impl<'t> Written<'t> {
    pub fn of(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        let open = |table| transaction.open_table(table).map_err(failed);
        Ok(Self {
            values: open(VALUES)?,
            reclaim: open(RECLAIM)?,
            scores: open(SCORES)?,
            ranks: open(RANKS)?,
            cards: open(CARDS)?,
            journal: open(JOURNAL)?,
        })
    }

    /// Removes at most `limit` values whose time has come; whether there may be more.
    pub fn sweep(&mut self, now: Timestamp, limit: usize) -> Result<bool, StoreError> {
        let now = u64::try_from(now.as_millis()).unwrap_or(0);
        let end = now.saturating_add(1).to_be_bytes();
        let mut served = Vec::new();
        for entry in self.reclaim.range::<&[u8]>(..end.as_slice()).map_err(failed)?.take(limit) {
            served.push(entry.map_err(failed)?.0.value().to_vec());
        }
        for entry in &served {
            let (at, key) = entry.split_at(8.min(entry.len()));
            let still = self.values.get(key).map_err(failed)?;
            let still = still.is_some_and(|value| value.value().starts_with(at));
            if still {
                self.values.remove(key).map_err(failed)?;
            }
            self.reclaim.remove(entry.as_slice()).map_err(failed)?;
        }
        Ok(served.len() == limit)
    }

    /// Counts an index's members: `grown` or shrunk by one.
    fn recount(&mut self, index: &[u8], grown: bool) -> Result<(), StoreError> {
        let count = self.card(index)?;
        let count = if grown { count.saturating_add(1) } else { count.saturating_sub(1) };
        if count == 0 {
            self.cards.remove(index).map_err(failed)?;
        } else {
            self.cards.insert(index, count.to_be_bytes().as_slice()).map_err(failed)?;
        }
        Ok(())
    }
}

impl Seen {
    pub fn of(transaction: &ReadTransaction) -> Result<Self, StoreError> {
        let open = |table| transaction.open_table(table).map_err(failed);
        Ok(Self {
            values: open(VALUES)?,
            reclaim: open(RECLAIM)?,
            scores: open(SCORES)?,
            ranks: open(RANKS)?,
            cards: open(CARDS)?,
            journal: open(JOURNAL)?,
        })
    }
}

/// `name length | name`, so that no name is the beginning of another.
fn within(name: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 64);
    key.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
    key.extend_from_slice(name);
    key
}

fn scored(name: &[u8], member: &[u8]) -> Vec<u8> {
    [within(name).as_slice(), member].concat()
}

/// Bytes in the order of the numbers.
fn ordered(score: i64) -> [u8; 8] {
    (score.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn number(bytes: &[u8]) -> Result<i64, StoreError> {
    let bytes = bytes.first_chunk().ok_or_else(|| corrupt("a score"))?;
    Ok((u64::from_be_bytes(*bytes) ^ (1 << 63)).cast_signed())
}

fn ranked(name: &[u8], score: i64, member: &[u8]) -> Vec<u8> {
    [within(name).as_slice(), &ordered(score), member].concat()
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} that cannot be read"))
}

fn position(bytes: &[u8]) -> Result<(u64, u64), StoreError> {
    let at = |place: usize| bytes.get(place..).and_then(|rest| rest.first_chunk());
    match (at(0), at(8)) {
        (Some(ms), Some(n)) => Ok((u64::from_be_bytes(*ms), u64::from_be_bytes(*n))),
        _ => Err(corrupt("a position")),
    }
}

fn place((ms, n): (u64, u64)) -> [u8; 16] {
    ((u128::from(ms) << 64) | u128::from(n)).to_be_bytes()
}

impl<T: ReadableTable<Bytes, Bytes>> View for Tables<T> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.values.get(key).map_err(failed)?;
        value
            .map(|value| {
                value.value().get(8..).map(<[u8]>::to_vec).ok_or_else(|| corrupt("a value"))
            })
            .transpose()
    }

    fn score(&self, index: &[u8], member: &[u8]) -> Result<Option<i64>, StoreError> {
        let score = self.scores.get(scored(index, member).as_slice()).map_err(failed)?;
        score.map(|score| number(score.value())).transpose()
    }

    fn card(&self, index: &[u8]) -> Result<u64, StoreError> {
        let count = self.cards.get(index).map_err(failed)?;
        count
            .map(|count| {
                let bytes = count.value().first_chunk().copied();
                bytes.map(u64::from_be_bytes).ok_or_else(|| corrupt("a count"))
            })
            .transpose()
            .map(Option::unwrap_or_default)
    }

    fn range(
        &self,
        index: &[u8],
        from: i64,
        to: i64,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        if from > to || limit == 0 {
            return Ok(Vec::new());
        }
        let head = within(index);
        let start = [head.as_slice(), &ordered(from)].concat();
        // Behind the last member with score `to`: its score + 1, or the end of the index.
        let end = match to.checked_add(1) {
            Some(next) => [head.as_slice(), &ordered(next)].concat(),
            None => after_all(&head),
        };
        let found = self.ranks.range::<&[u8]>(start.as_slice()..end.as_slice()).map_err(failed)?;
        let give = |entry: Result<(redb::AccessGuard<'_, Bytes>, _), StorageError>| {
            let entry = entry.map_err(failed)?.0;
            let rest = entry.value().get(head.len()..).unwrap_or_default();
            Ok((rest.get(8..).unwrap_or_default().to_vec(), number(rest)?))
        };
        if backwards {
            found.rev().take(limit).map(give).collect()
        } else {
            found.take(limit).map(give).collect()
        }
    }

    fn rows(
        &self,
        journal: &[u8],
        after: (u64, u64),
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let head = within(journal);
        let start = [head.as_slice(), &place(after), &[0]].concat();
        let end = after_all(&head);
        let found =
            self.journal.range::<&[u8]>(start.as_slice()..end.as_slice()).map_err(failed)?;
        let mut rows = Vec::new();
        for entry in found.take(limit) {
            let (key, value) = entry.map_err(failed)?;
            rows.push(read_row(&head, key.value(), value.value())?);
        }
        Ok(rows)
    }

    fn rows_back(
        &self,
        journal: &[u8],
        before: Option<(u64, u64)>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let head = within(journal);
        let end = before
            .map_or_else(|| after_all(&head), |before| [head.as_slice(), &place(before)].concat());
        let found = self.journal.range::<&[u8]>(head.as_slice()..end.as_slice()).map_err(failed)?;
        let mut rows = Vec::new();
        for entry in found.rev().take(limit) {
            let (key, value) = entry.map_err(failed)?;
            rows.push(read_row(&head, key.value(), value.value())?);
        }
        Ok(rows)
    }

    fn each_value(&self, prefix: &[u8], found: OnValue<'_>) -> Result<(), StoreError> {
        for entry in self.values.range::<&[u8]>(prefix..).map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            if !key.value().starts_with(prefix) {
                break;
            }
            found(key.value(), value.value().get(8..).unwrap_or_default());
        }
        Ok(())
    }

    fn each_member(&self, prefix: &[u8], found: OnMember<'_>) -> Result<(), StoreError> {
        for entry in self.cards.range::<&[u8]>(prefix..).map_err(failed)? {
            let name = entry.map_err(failed)?.0;
            let name = name.value();
            if !name.starts_with(prefix) {
                break;
            }
            for (member, score) in self.range(name, i64::MIN, i64::MAX, false, usize::MAX)? {
                found(name, &member, score);
            }
        }
        Ok(())
    }
}

/// The smallest bytes behind everything that begins with `head`. A length never is 0xffff.
fn after_all(head: &[u8]) -> Vec<u8> {
    let mut end = head.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// One row, its name behind the journal's.
fn read_row(head: &[u8], key: &[u8], value: &[u8]) -> Result<Row, StoreError> {
    let position = position(key.get(head.len()..).unwrap_or_default())?;
    let (receipt, row) = receipt_and_row(value).ok_or_else(|| corrupt("a row"))?;
    Ok((position, receipt, row))
}

fn receipt_and_row(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let length = usize::from(u16::from_be_bytes(*bytes.first_chunk()?));
    let receipt = std::str::from_utf8(bytes.get(2..2 + length)?).ok()?.to_owned();
    Some((receipt, bytes.get(2 + length..)?.to_vec()))
}

impl Tx for Written<'_> {
    fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let at = until.map_or(0, |until| {
            u64::try_from(until.after(RECLAIM_AFTER).as_millis()).unwrap_or(1).max(1)
        });
        let at = at.to_be_bytes();
        if until.is_some() {
            let entry = [at.as_slice(), key].concat();
            self.reclaim.insert(entry.as_slice(), [].as_slice()).map_err(failed)?;
        }
        let value = [at.as_slice(), value].concat();
        self.values.insert(key, value.as_slice()).map_err(failed)?;
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.values.remove(key).map_err(failed)?;
        Ok(())
    }

    fn add(&mut self, index: &[u8], member: &[u8], score: i64) -> Result<(), StoreError> {
        let key = scored(index, member);
        let old = self.scores.insert(key.as_slice(), ordered(score).as_slice()).map_err(failed)?;
        let old = old.map(|old| number(old.value())).transpose()?;
        match old {
            Some(old) if old == score => return Ok(()),
            Some(old) => {
                let rank = ranked(index, old, member);
                self.ranks.remove(rank.as_slice()).map_err(failed)?;
            }
            None => self.recount(index, true)?,
        }
        let rank = ranked(index, score, member);
        self.ranks.insert(rank.as_slice(), [].as_slice()).map_err(failed)?;
        Ok(())
    }

    fn remove(&mut self, index: &[u8], member: &[u8]) -> Result<bool, StoreError> {
        let old = self.scores.remove(scored(index, member).as_slice()).map_err(failed)?;
        let Some(old) = old.map(|old| number(old.value())).transpose()? else {
            return Ok(false);
        };
        self.ranks.remove(ranked(index, old, member).as_slice()).map_err(failed)?;
        self.recount(index, false)?;
        Ok(true)
    }

    fn append(
        &mut self,
        journal: &[u8],
        now: Timestamp,
        receipt: &str,
        row: &[u8],
    ) -> Result<(), StoreError> {
        let head = within(journal);
        let end = after_all(&head);
        let last = {
            let mut rows =
                self.journal.range::<&[u8]>(head.as_slice()..end.as_slice()).map_err(failed)?;
            match rows.next_back() {
                Some(entry) => {
                    let key = entry.map_err(failed)?.0;
                    Some(position(key.value().get(head.len()..).unwrap_or_default())?)
                }
                None => None,
            }
        };
        let key = [head.as_slice(), &place(next_position(last, now))].concat();
        let length = u16::try_from(receipt.len()).unwrap_or(u16::MAX).to_be_bytes();
        let value = [length.as_slice(), receipt.as_bytes(), row].concat();
        self.journal.insert(key.as_slice(), value.as_slice()).map_err(failed)?;
        Ok(())
    }
}
