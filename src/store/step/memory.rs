//! The steps over ordered maps in memory: the oracle of the engines' tests, and what simulate runs on.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Timestamp;
use crate::domain::ports::StoreError;

use super::{OnMember, OnValue, Row, Tx, View};

/// Rows by position: receipt, row.
type Journal = BTreeMap<(u64, u64), (String, Vec<u8>)>;

#[derive(Debug, Clone, Default)]
struct Ordered {
    scores: BTreeMap<Vec<u8>, i64>,
    ranks: BTreeSet<(i64, Vec<u8>)>,
}

/// A store's content. Never reclaims anything. A step that fails may leave its first changes
/// behind: clone it before, where that matters.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    indexes: BTreeMap<Vec<u8>, Ordered>,
    journals: BTreeMap<Vec<u8>, Journal>,
}

impl View for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.values.get(key).cloned())
    }

    fn score(&self, index: &[u8], member: &[u8]) -> Result<Option<i64>, StoreError> {
        Ok(self.indexes.get(index).and_then(|index| index.scores.get(member).copied()))
    }

    fn card(&self, index: &[u8]) -> Result<u64, StoreError> {
        Ok(self.indexes.get(index).map_or(0, |index| index.scores.len() as u64))
    }

    fn range(
        &self,
        index: &[u8],
        from: i64,
        to: i64,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        let Some(index) = self.indexes.get(index) else { return Ok(Vec::new()) };
        let inside = |(score, _): &&(i64, Vec<u8>)| *score <= to;
        let found = index.ranks.range((from, Vec::new())..);
        let give = |(score, member): &(i64, Vec<u8>)| (member.clone(), *score);
        Ok(if backwards {
            let mut found: Vec<_> = found.take_while(inside).collect();
            found.reverse();
            found.into_iter().take(limit).map(give).collect()
        } else {
            found.take_while(inside).take(limit).map(give).collect()
        })
    }

    fn rows(
        &self,
        journal: &[u8],
        after: (u64, u64),
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let Some(journal) = self.journals.get(journal) else { return Ok(Vec::new()) };
        Ok(journal
            .range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded))
            .take(limit)
            .map(|(position, (receipt, row))| (*position, receipt.clone(), row.clone()))
            .collect())
    }

    fn rows_back(
        &self,
        journal: &[u8],
        before: Option<(u64, u64)>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let Some(journal) = self.journals.get(journal) else { return Ok(Vec::new()) };
        let end = before.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        Ok(journal
            .range((std::ops::Bound::Unbounded, end))
            .rev()
            .take(limit)
            .map(|(position, (receipt, row))| (*position, receipt.clone(), row.clone()))
            .collect())
    }

    fn each_value(&self, prefix: &[u8], found: OnValue<'_>) -> Result<(), StoreError> {
        for (key, value) in self.values.range(prefix.to_vec()..) {
            if !key.starts_with(prefix) {
                break;
            }
            found(key, value);
        }
        Ok(())
    }

    fn each_member(&self, prefix: &[u8], found: OnMember<'_>) -> Result<(), StoreError> {
        for (name, index) in self.indexes.range(prefix.to_vec()..) {
            if !name.starts_with(prefix) {
                break;
            }
            for (member, score) in &index.scores {
                found(name, member, *score);
            }
        }
        Ok(())
    }
}

impl Tx for Memory {
    fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        _until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.values.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.values.remove(key);
        Ok(())
    }

    fn add(&mut self, index: &[u8], member: &[u8], score: i64) -> Result<(), StoreError> {
        let index = self.indexes.entry(index.to_vec()).or_default();
        if let Some(old) = index.scores.insert(member.to_vec(), score) {
            index.ranks.remove(&(old, member.to_vec()));
        }
        index.ranks.insert((score, member.to_vec()));
        Ok(())
    }

    fn remove(&mut self, index: &[u8], member: &[u8]) -> Result<bool, StoreError> {
        let Some(index) = self.indexes.get_mut(index) else { return Ok(false) };
        let Some(score) = index.scores.remove(member) else { return Ok(false) };
        index.ranks.remove(&(score, member.to_vec()));
        Ok(true)
    }

    fn append(
        &mut self,
        journal: &[u8],
        now: Timestamp,
        receipt: &str,
        row: &[u8],
    ) -> Result<(), StoreError> {
        let journal = self.journals.entry(journal.to_vec()).or_default();
        let position = super::next_position(journal.keys().next_back().copied(), now);
        journal.insert(position, (receipt.to_owned(), row.to_vec()));
        Ok(())
    }
}
