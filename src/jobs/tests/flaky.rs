//! A store that can be down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::ports::*;
use crate::domain::*;
use crate::store::memory::MemoryStore;

pub(super) struct Flaky {
    pub(super) inner: Arc<MemoryStore>,
    pub(super) down: AtomicBool,
    /// So many settles are answered with an error after they were done: replies that got lost.
    pub(super) lose_settles: AtomicU32,
    pub(super) refused: AtomicU32,
    /// How often the loop looked for due queues.
    pub(super) looks: AtomicU32,
}

impl Flaky {
    fn up(&self) -> Result<(), StoreError> {
        if self.down.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError::Unreachable("down".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Flaky {
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        self.up()?;
        self.inner.commit(commit).await
    }
    async fn due(
        &self,
        shard: Shard,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Name, Name, Timestamp)>, StoreError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.up()?;
        self.inner.due(shard, now, limit).await
    }
    async fn claim(&self, claim: &ClaimJobs) -> Result<Claimed, StoreError> {
        self.up()?;
        self.inner.claim(claim).await
    }
    async fn settle(&self, settle: &Settle) -> Result<Settled, StoreError> {
        self.up()?;
        let settled = self.inner.settle(settle).await?;
        let lose = |left: u32| left.checked_sub(1);
        if self.lose_settles.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lose).is_ok() {
            return Err(StoreError::Unreachable("the reply got lost".into()));
        }
        Ok(settled)
    }
    async fn heartbeat(
        &self,
        incarnation: &Name,
        now: Timestamp,
        silent_for: Duration,
    ) -> Result<Vec<Name>, StoreError> {
        self.up()?;
        self.inner.heartbeat(incarnation, now, silent_for).await
    }
    async fn redrive(
        &self,
        workspace: &Name,
        job: DeliveryId,
        now: Timestamp,
        how: Redrive,
    ) -> Result<bool, StoreError> {
        self.up()?;
        self.inner.redrive(workspace, job, now, how).await
    }
    async fn pause(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
        pause: Option<Pause>,
    ) -> Result<(), StoreError> {
        self.up()?;
        self.inner.pause(workspace, queue, now, pause).await
    }
    async fn expire(
        &self,
        workspace: &Name,
        now: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError> {
        self.up()?;
        self.inner.expire(workspace, now, limit).await
    }
    async fn read(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<Stored>>, StoreError> {
        self.up()?;
        self.inner.read(workspace, keys).await
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
        self.inner.list(workspace, index, from, to, newest_first, limit).await
    }
    async fn count(&self, workspace: &Name, index: &Index) -> Result<u64, StoreError> {
        self.inner.count(workspace, index).await
    }
    async fn job(&self, workspace: &Name, job: DeliveryId) -> Result<Option<JobView>, StoreError> {
        self.inner.job(workspace, job).await
    }
    async fn jobs_of(
        &self,
        workspace: &Name,
        lead: LeadId,
    ) -> Result<Vec<(Name, DeliveryId)>, StoreError> {
        self.inner.jobs_of(workspace, lead).await
    }
    async fn depth(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
    ) -> Result<QueueDepth, StoreError> {
        self.inner.depth(workspace, queue, now).await
    }
    async fn journal(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.journal(workspace, after, limit).await
    }
    async fn journal_back(
        &self,
        workspace: &Name,
        before: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.inner.journal_back(workspace, before, limit).await
    }
    async fn keep_bundle(
        &self,
        workspace: &Name,
        hash: [u8; 16],
        bundle: &[u8],
    ) -> Result<(), StoreError> {
        self.inner.keep_bundle(workspace, hash, bundle).await
    }
    async fn dump(&self, workspace: &Name) -> Result<Vec<(String, String)>, StoreError> {
        self.inner.dump(workspace).await
    }
    async fn admit(
        &self,
        workspace: &Name,
        bucket: [u8; 16],
        quota: Quota,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.up()?;
        self.inner.admit(workspace, bucket, quota, now).await
    }
    async fn time(&self) -> Result<Timestamp, StoreError> {
        self.inner.time().await
    }
    async fn check_key(&self, check: [u8; 16]) -> Result<bool, StoreError> {
        self.inner.check_key(check).await
    }
    async fn durability(&self) -> Result<Durability, StoreError> {
        self.inner.durability().await
    }
    async fn purge(&self) -> Result<(), StoreError> {
        self.inner.purge().await
    }
}
