//! The port over [`Memory`]: for tests and simulation. Keeps nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::ports::{
    ClaimJobs, Claimed, Durability, JobView, JournalEntry, Pause, QueueDepth, Redrive, Settle,
    Settled, Store, StoreError,
};
use crate::domain::{
    Commit, CommitOutcome, DeliveryId, Index, Key, LeadId, Name, Quota, Shard, Stored, Timestamp,
};

use super::step::{self, Buckets, Memory, look};

#[derive(Debug, Default)]
struct Inside {
    memory: Memory,
    buckets: Buckets,
    latest: Timestamp,
}

/// A store in memory. Its time is the latest it was told.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Inside>);

impl MemoryStore {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step<T>(
        &self,
        now: Timestamp,
        step: impl FnOnce(&mut Memory) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut inside = self.inside();
        inside.latest = inside.latest.max(now);
        step(&mut inside.memory)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        self.step(commit.now, |memory| step::commit(memory, commit))
    }

    async fn due(
        &self,
        shard: Shard,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Name, Name, Timestamp)>, StoreError> {
        look::due(&self.inside().memory, shard, now, limit)
    }

    async fn claim(&self, claim: &ClaimJobs) -> Result<Claimed, StoreError> {
        self.step(claim.now, |memory| step::claim(memory, claim))
    }

    async fn settle(&self, settle: &Settle) -> Result<Settled, StoreError> {
        self.step(settle.now, |memory| step::settle(memory, settle))
    }

    async fn heartbeat(
        &self,
        incarnation: &Name,
        now: Timestamp,
        silent_for: Duration,
    ) -> Result<Vec<Name>, StoreError> {
        self.step(now, |memory| step::heartbeat(memory, incarnation, now, silent_for))
    }

    async fn redrive(
        &self,
        workspace: &Name,
        job: DeliveryId,
        now: Timestamp,
        how: Redrive,
    ) -> Result<bool, StoreError> {
        self.step(now, |memory| step::redrive(memory, workspace, job, now, how))
    }

    async fn pause(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
        pause: Option<Pause>,
    ) -> Result<(), StoreError> {
        self.step(now, |memory| step::pause(memory, workspace, queue, now, pause.as_ref()))
    }

    async fn expire(
        &self,
        workspace: &Name,
        now: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError> {
        self.step(now, |memory| step::expire(memory, workspace, now, limit))
    }

    async fn read(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<Stored>>, StoreError> {
        look::read(&self.inside().memory, workspace, keys)
    }

    async fn list(
        &self,
        workspace: &Name,
        index: &Index,
        from: i64,
        to: i64,
        newest_first: bool,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        look::list(&self.inside().memory, workspace, index, (from, to), newest_first, limit)
    }

    async fn count(&self, workspace: &Name, index: &Index) -> Result<u64, StoreError> {
        look::count(&self.inside().memory, workspace, index)
    }

    async fn job(&self, workspace: &Name, job: DeliveryId) -> Result<Option<JobView>, StoreError> {
        look::job(&self.inside().memory, workspace, job)
    }

    async fn jobs_of(
        &self,
        workspace: &Name,
        lead: LeadId,
    ) -> Result<Vec<(Name, DeliveryId)>, StoreError> {
        look::jobs_of(&self.inside().memory, workspace, lead)
    }

    async fn depth(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
    ) -> Result<QueueDepth, StoreError> {
        look::depth(&self.inside().memory, workspace, queue, now)
    }

    async fn journal(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        look::journal(&self.inside().memory, workspace, after, limit)
    }

    async fn journal_back(
        &self,
        workspace: &Name,
        before: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        look::journal_back(&self.inside().memory, workspace, before, limit)
    }

    async fn keep_bundle(
        &self,
        workspace: &Name,
        hash: [u8; 16],
        bundle: &[u8],
    ) -> Result<(), StoreError> {
        step::keep::keep_bundle(&mut self.inside().memory, workspace, hash, bundle)
    }

    async fn dump(&self, workspace: &Name) -> Result<Vec<(String, String)>, StoreError> {
        look::dump(&self.inside().memory, workspace)
    }

    async fn admit(
        &self,
        workspace: &Name,
        bucket: [u8; 16],
        quota: Quota,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.inside().buckets.admit(workspace, bucket, quota, now))
    }

    async fn time(&self) -> Result<Timestamp, StoreError> {
        Ok(self.inside().latest)
    }

    async fn check_key(&self, check: [u8; 16]) -> Result<bool, StoreError> {
        step::keep::check_master_key(&mut self.inside().memory, check)
    }

    async fn durability(&self) -> Result<Durability, StoreError> {
        Ok(Durability::None)
    }

    async fn purge(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
