//! The port over the file: steps go to the writer, looking happens at once.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use crate::domain::ports::{
    ClaimJobs, Claimed, Durability, JobView, JournalEntry, Pause, QueueDepth, Redrive, Settle,
    Settled, Store, StoreError,
};
use crate::domain::{
    Commit, CommitOutcome, DeliveryId, Index, Key, LeadId, Name, Quota, Shard, Stored, Timestamp,
};
use crate::store::step::{self, look};

use super::Embedded;
use super::file::read_latest;

#[async_trait]
impl Store for Embedded {
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        let commit = commit.clone();
        self.writer().run(commit.now, move |tx| step::commit(tx, &commit)).await
    }

    async fn due(
        &self,
        shard: Shard,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Name, Name, Timestamp)>, StoreError> {
        self.look(|view| look::due(view, shard, now, limit))
    }

    async fn claim(&self, claim: &ClaimJobs) -> Result<Claimed, StoreError> {
        let claim = claim.clone();
        self.writer().run(claim.now, move |tx| step::claim(tx, &claim)).await
    }

    async fn settle(&self, settle: &Settle) -> Result<Settled, StoreError> {
        let settle = settle.clone();
        self.writer().run(settle.now, move |tx| step::settle(tx, &settle)).await
    }

    async fn heartbeat(
        &self,
        incarnation: &Name,
        now: Timestamp,
        silent_for: Duration,
    ) -> Result<Vec<Name>, StoreError> {
        let incarnation = incarnation.clone();
        self.writer().run(now, move |tx| step::heartbeat(tx, &incarnation, now, silent_for)).await
    }

    async fn redrive(
        &self,
        workspace: &Name,
        job: DeliveryId,
        now: Timestamp,
        how: Redrive,
    ) -> Result<bool, StoreError> {
        let workspace = workspace.clone();
        self.writer().run(now, move |tx| step::redrive(tx, &workspace, job, now, how)).await
    }

    async fn pause(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
        pause: Option<Pause>,
    ) -> Result<(), StoreError> {
        let (workspace, queue) = (workspace.clone(), queue.clone());
        self.writer()
            .run(now, move |tx| step::pause(tx, &workspace, &queue, now, pause.as_ref()))
            .await
    }

    async fn expire(
        &self,
        workspace: &Name,
        now: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError> {
        let workspace = workspace.clone();
        self.writer().run(now, move |tx| step::expire(tx, &workspace, now, limit)).await
    }

    async fn read(
        &self,
        workspace: &Name,
        keys: &[Key],
    ) -> Result<Vec<Option<Stored>>, StoreError> {
        self.look(|view| look::read(view, workspace, keys))
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
        self.look(|view| look::list(view, workspace, index, (from, to), newest_first, limit))
    }

    async fn count(&self, workspace: &Name, index: &Index) -> Result<u64, StoreError> {
        self.look(|view| look::count(view, workspace, index))
    }

    async fn job(&self, workspace: &Name, job: DeliveryId) -> Result<Option<JobView>, StoreError> {
        self.look(|view| look::job(view, workspace, job))
    }

    async fn jobs_of(
        &self,
        workspace: &Name,
        lead: LeadId,
    ) -> Result<Vec<(Name, DeliveryId)>, StoreError> {
        self.look(|view| look::jobs_of(view, workspace, lead))
    }

    async fn depth(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
    ) -> Result<QueueDepth, StoreError> {
        self.look(|view| look::depth(view, workspace, queue, now))
    }

    async fn journal(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let workspace = workspace.clone();
        self.look_long(move |view| look::journal(view, &workspace, after, limit)).await
    }

    async fn journal_back(
        &self,
        workspace: &Name,
        before: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let workspace = workspace.clone();
        self.look_long(move |view| look::journal_back(view, &workspace, before, limit)).await
    }

    async fn keep_bundle(
        &self,
        workspace: &Name,
        hash: [u8; 16],
        bundle: &[u8],
    ) -> Result<(), StoreError> {
        let (workspace, bundle) = (workspace.clone(), bundle.to_vec());
        self.writer()
            .run(Timestamp::EPOCH, move |tx| step::keep::keep_bundle(tx, &workspace, hash, &bundle))
            .await
    }

    async fn dump(&self, workspace: &Name) -> Result<Vec<(String, String)>, StoreError> {
        let workspace = workspace.clone();
        self.look_long(move |view| look::dump(view, &workspace)).await
    }

    async fn admit(
        &self,
        workspace: &Name,
        bucket: [u8; 16],
        quota: Quota,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.buckets().admit(workspace, bucket, quota, now))
    }

    /// The system's time, but never before the highest time any step was told.
    #[expect(clippy::disallowed_methods, reason = "the store's own clock is the system's")]
    async fn time(&self) -> Result<Timestamp, StoreError> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = Timestamp::EPOCH.after(since);
        Ok(self.look(read_latest)?.max(system))
    }

    async fn check_key(&self, check: [u8; 16]) -> Result<bool, StoreError> {
        self.writer().run(Timestamp::EPOCH, move |tx| step::keep::check_master_key(tx, check)).await
    }

    async fn durability(&self) -> Result<Durability, StoreError> {
        Ok(Durability::Always)
    }

    async fn purge(&self) -> Result<(), StoreError> {
        self.writer().write_anew().await
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.backup_apart(to).await
    }
}
