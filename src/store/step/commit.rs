//! The generic commit: claim, read set, pick, writes, jobs, journal row.

use std::collections::BTreeSet;

use crate::assign::{Chosen, give_back, pack_state, pick_branch, unpack_state};
use crate::domain::ports::StoreError;
use crate::domain::{
    Claim, Commit, CommitOutcome, Committed, IndexChange, IndexKey, InquiryId, Key, KeySet, Name,
    PoolState, Read, Stored, Timestamp, Write,
};
use crate::store::space::Space;

use super::look::stored;
use super::work::Work;
use super::{Tx, View};

/// The step `commit` (see the top of [`super`]).
pub fn commit(tx: &mut dyn Tx, commit: &Commit) -> Result<CommitOutcome, StoreError> {
    let space = Space::new(&commit.workspace);
    if let Some(claim) = &commit.claim
        && let Some(taken) = taken(tx, &space, claim, commit.now)?
    {
        return Ok(taken);
    }
    let mut current = Vec::with_capacity(commit.reads.len());
    let mut stale = false;
    for read in &commit.reads {
        let value = tx.get(&space.key(&read.key))?;
        stale |= version(value.as_deref())? != read.version;
        current.push(value);
    }
    if stale {
        return all_current(tx, &space, &commit.reads, current).map(CommitOutcome::Stale);
    }
    let chosen = pick_branch(
        commit.branches.iter().map(|branch| branch.pick.as_ref()),
        commit.now,
        |pool| pool_state(tx, &space, &Key::Pool(pool.clone())),
        |counter| counter_value(tx, &space, &Key::Counter(counter.to_owned())),
    )?;
    let mut work = Work { tx, space, now: commit.now };
    work.apply(commit, chosen).map(CommitOutcome::Committed)
}

/// The bytes of a claim's entry.
#[must_use]
pub fn encode_claim(claim: &Claim) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    bytes.extend_from_slice(&claim.fingerprint);
    bytes.extend_from_slice(claim.inquiry.as_bytes());
    bytes.extend_from_slice(&claim.until.as_millis().max(0).to_be_bytes());
    bytes
}

fn taken(
    view: &dyn View,
    space: &Space,
    claim: &Claim,
    now: Timestamp,
) -> Result<Option<CommitOutcome>, StoreError> {
    let Some(entry) = view.get(&space.key(&Key::Claim(claim.key)))? else { return Ok(None) };
    let Ok(entry) = <[u8; 32]>::try_from(entry) else {
        return Err(StoreError::Corrupt("a claim that cannot be read".into()));
    };
    let mut parts = super::bytes::Bytes(&entry);
    let (Some(fingerprint), Some(inquiry), Some(until)) = (parts.take(8), parts.id(), parts.u64())
    else {
        return Ok(None);
    };
    if i64::try_from(until).unwrap_or(i64::MAX) <= now.as_millis() {
        return Ok(None);
    }
    let inquiry = InquiryId::from_bytes(inquiry);
    Ok(Some(if fingerprint == claim.fingerprint {
        CommitOutcome::Duplicate { inquiry }
    } else {
        CommitOutcome::Conflict { inquiry }
    }))
}

/// The first eight bytes; absent = 0.
fn version(value: Option<&[u8]>) -> Result<u64, StoreError> {
    let Some(value) = value else { return Ok(0) };
    value
        .first_chunk()
        .map(|bytes| u64::from_be_bytes(*bytes))
        .ok_or_else(|| StoreError::Corrupt("a value without a version".into()))
}

/// The values of all keys read, and of every lead behind the key sets among them.
fn all_current(
    view: &dyn View,
    space: &Space,
    reads: &[Read],
    current: Vec<Option<Vec<u8>>>,
) -> Result<Vec<(Key, Option<Stored>)>, StoreError> {
    let mut seen = BTreeSet::new();
    let mut leads = BTreeSet::new();
    let mut facts = Vec::with_capacity(current.len());
    for (read, value) in reads.iter().zip(current) {
        if !seen.insert(read.key.clone()) {
            continue;
        }
        let value = value.map(|bytes| stored(&read.key, bytes)).transpose()?;
        if let (Key::Identity(_), Some(value)) = (&read.key, &value) {
            match KeySet::decode(&value.body) {
                Some(KeySet::Leads(ids)) => leads.extend(ids.into_iter().map(Key::Lead)),
                Some(KeySet::Shared(_)) => {}
                None => return Err(StoreError::Corrupt("a key set that cannot be read".into())),
            }
        }
        facts.push((read.key.clone(), value));
    }
    for key in leads {
        if !seen.contains(&key) {
            let value = view.get(&space.key(&key))?;
            let value = value.map(|bytes| stored(&key, bytes)).transpose()?;
            facts.push((key, value));
        }
    }
    Ok(facts)
}

fn pool_state(view: &dyn View, space: &Space, key: &Key) -> Result<PoolState, StoreError> {
    let Some(bytes) = view.get(&space.key(key))? else { return Ok(PoolState::default()) };
    unpack_state(&bytes)
        .ok_or_else(|| StoreError::Corrupt("a pool's state that cannot be read".into()))
}

fn counter_value(view: &dyn View, space: &Space, key: &Key) -> Result<u32, StoreError> {
    let Some(bytes) = view.get(&space.key(key))? else { return Ok(0) };
    std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| StoreError::Corrupt("a counter that cannot be read".into()))
}

impl Work<'_> {
    fn apply(&mut self, commit: &Commit, chosen: Chosen<'_>) -> Result<Committed, StoreError> {
        let packed = chosen.receipt.pack();
        for write in &commit.writes {
            self.write(write, &packed)?;
        }
        self.change(&commit.indexes)?;
        let branch = commit.branches.get(usize::from(chosen.receipt.branch));
        if let Some(branch) = branch {
            self.change(&branch.indexes)?;
        }
        if let Some((pool, state)) = chosen.pool {
            self.put(&Key::Pool(pool), &pack_state(&state), None)?;
        }
        for write in &commit.writes {
            if let Write::Credit { pool, member, by } = write {
                self.credit(pool, member, *by)?;
            }
        }
        for cap in chosen.bump {
            let key = Key::Counter(cap.counter.clone());
            let count = counter_value(&*self.tx, &self.space, &key)?.saturating_add(1);
            self.put(&key, count.to_string().as_bytes(), Some(cap.until))?;
        }
        let mut leased = Vec::new();
        for job in branch.map_or(&[][..], |branch| &branch.jobs) {
            leased.extend(self.enqueue(job, &packed, commit.lease.as_ref())?);
        }
        if !commit.journal.is_empty() {
            let journal = self.space.journal();
            self.tx.append(&journal, self.now, &packed, &commit.journal)?;
        }
        if let Some(claim) = &commit.claim {
            self.put(&Key::Claim(claim.key), &encode_claim(claim), Some(claim.until))?;
        }
        Ok(Committed { receipt: chosen.receipt, leased })
    }

    fn write(&mut self, write: &Write, receipt: &str) -> Result<(), StoreError> {
        match write {
            Write::Put { key, version, with_receipt, body, until } => {
                let receipt = if *with_receipt { receipt } else { "" };
                self.put(key, &Stored::encode(*version, receipt, body), *until)
            }
            Write::Delete { key } => self.delete(key),
            Write::CountShared { key } => self.count_shared(*key),
            Write::Remember(claim) => {
                self.put(&Key::Claim(claim.key), &encode_claim(claim), Some(claim.until))
            }
            Write::Lower { counter, by } => {
                let key = Key::Counter(counter.clone());
                let left = counter_value(&*self.tx, &self.space, &key)?.saturating_sub(*by);
                self.put(&key, left.to_string().as_bytes(), None)
            }
            // After the pick.
            Write::Credit { .. } => Ok(()),
        }
    }

    fn credit(&mut self, pool: &Name, member: &Name, by: i32) -> Result<(), StoreError> {
        let key = Key::Pool(pool.clone());
        let mut state = pool_state(&*self.tx, &self.space, &key)?;
        if give_back(&mut state, member, by) {
            self.put(&key, &pack_state(&state), None)?;
        }
        Ok(())
    }

    fn count_shared(&mut self, key: IndexKey) -> Result<(), StoreError> {
        let key = Key::Identity(key);
        let Some(bytes) = self.get(&key)? else { return Ok(()) };
        let set = stored(&key, bytes)?;
        let Some(KeySet::Shared(count)) = KeySet::decode(&set.body) else { return Ok(()) };
        let body = KeySet::Shared(count.saturating_add(1)).encode();
        self.put(&key, &Stored::encode(set.version, "", &body), None)
    }

    fn change(&mut self, changes: &[IndexChange]) -> Result<(), StoreError> {
        for change in changes {
            match change.score {
                Some(score) => self.add(&change.index, &change.member, score)?,
                None => {
                    self.remove(&change.index, &change.member)?;
                }
            }
        }
        Ok(())
    }
}
