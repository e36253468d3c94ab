//! What the rooms with I/O implement. A port method is one atomic business step or one read.

mod outbound;
mod preview;
mod running;
mod secrets;
mod tokens;

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;

use super::{
    Commit, CommitOutcome, DeliveryId, DeliveryState, Index, JobOutcome, Key, LeasedJob, Name,
    Pace, Quota, Receipt, Shard, Stored, Timestamp, TrialReport,
};

pub use outbound::{OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest, Transport};
pub use preview::{Preview, Previewed, RequestShown};
pub use running::{Gather, JobReport, JobRunner};
pub use secrets::{NotRotated, RotateSecret, Rotated, Rotation, Vault};
pub use tokens::{AccessTokens, NoToken, TokenGrant};

/// The latest score of an index, to list it to its end: the scripts count in doubles, exact below 2^53.
pub const LATEST: i64 = (1 << 53) - 1;

/// The time everything is judged by. Never goes backwards within a process.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where ids come from: sixteen bytes of a fresh UUIDv7.
pub trait Mint: Send + Sync {
    fn mint(&self) -> [u8; 16];
}

/// Why the store did not answer. Everything here is worth a 503 and another try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Not reached, or no answer in time. The step may or may not have happened.
    #[error("the store is not reachable: {0}")]
    Unreachable(String),
    /// It answered that it will not: read-only replica, out of memory, misconfigured.
    #[error("the store refused: {0}")]
    Refused(String),
    /// What it holds is not of our format (or a newer one).
    #[error("the store holds something unexpected: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// The word for logs and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Corrupt(_) => "corrupt",
        }
    }
}

/// Asking for jobs of one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimJobs {
    pub workspace: Name,
    pub queue: Name,
    pub now: Timestamp,
    pub incarnation: Name,
    /// Incarnations whose heartbeats lapsed: their leases are free.
    pub lapsed: Vec<Name>,
    pub permits: u32,
    pub lease_ms: u32,
    /// No faster than that.
    pub pace: Option<Pace>,
    /// At most so many.
    pub take: u32,
}

/// What a claim or a settle gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claimed {
    pub jobs: Vec<LeasedJob>,
    /// When this queue next needs looking at; `None` = only when something is added.
    pub next_due: Option<Timestamp>,
}

/// Ending or postponing a leased job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    pub workspace: Name,
    pub queue: Name,
    pub now: Timestamp,
    pub incarnation: Name,
    pub job: DeliveryId,
    pub lead: Option<super::LeadId>,
    pub outcome: JobOutcome,
    /// [`DeliveryState`] as JSON.
    pub state: Vec<u8>,
    /// Stop leasing jobs of this queue until then (`Retry-After`), or until a person resumes it (`None` in the inner option).
    pub pause: Option<Pause>,
    pub permits: u32,
    pub lease_ms: u32,
    pub pace: Option<Pace>,
    /// Lease up to so many further jobs of the queue in the same step.
    pub take: u32,
}

/// Why a destination takes nothing for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// `gone` (410), `retry_after`, `credentials`, `failing`, `operator`.
    pub reason: Name,
    /// `None` = until a person resumes it.
    pub until: Option<Timestamp>,
}

/// How a settle ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Done(Claimed),
    /// The lease was no longer ours: somebody else has the job. Nothing was changed.
    LeaseLost,
}

/// A person acting on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redrive {
    /// Run a dead one again, with its id and sequence.
    Replay,
    /// Give it up for good; what is left of it stays until then.
    Drop { until: Timestamp },
}

/// A job as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    pub id: DeliveryId,
    pub sequence: u64,
    pub receipt: Option<Receipt>,
    pub absorbed: u32,
    /// When it may run, while it has not ended.
    pub due: Timestamp,
    pub state: DeliveryState,
    /// Absent once done.
    pub body: Option<super::Job>,
}

/// What one queue looks like now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueDepth {
    pub ready: u64,
    pub delayed: u64,
    pub leased: u64,
    /// Due time of the oldest job not yet leased.
    pub oldest: Option<Timestamp>,
    pub paused: Option<(String, Option<Timestamp>)>,
}

/// How durable an acknowledged commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On disk before the answer.
    Always,
    /// On disk within about a second (`appendfsync everysec`).
    EverySecond,
    /// In memory only.
    None,
}

/// One row of the journal: its position, the receipt and the row's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// `<ms>-<n>`, ordered.
    pub position: (u64, u64),
    pub receipt: Option<Receipt>,
    pub row: Vec<u8>,
}

/// The store. Two engines, one contract suite. Every call concerns one workspace, thus one shard.
#[async_trait]
pub trait Store: Send + Sync {
    /// The one atomic step. Repeating it with the same claim and inquiry id is harmless.
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError>;

    /// Which queues of the shard have something due by `now`, and when the next one will.
    /// (workspace, queue, due), earliest first, at most `limit`, including the first one not yet due.
    async fn due(
        &self,
        shard: Shard,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Name, Name, Timestamp)>, StoreError>;

    /// Leases jobs of one queue: moves due ones to ready, frees lapsed leases, takes while permits last.
    async fn claim(&self, claim: &ClaimJobs) -> Result<Claimed, StoreError>;

    /// Ends or postpones a leased job; may lease further ones.
    async fn settle(&self, settle: &Settle) -> Result<Settled, StoreError>;

    /// Says that this process lives; gives the incarnations not heard of for `silent_for`.
    async fn heartbeat(
        &self,
        incarnation: &Name,
        now: Timestamp,
        silent_for: Duration,
    ) -> Result<Vec<Name>, StoreError>;

    /// Puts a dead job back at work, or gives it up. `false` = it is not on the dead list.
    async fn redrive(
        &self,
        workspace: &Name,
        job: DeliveryId,
        now: Timestamp,
        how: Redrive,
    ) -> Result<bool, StoreError>;

    /// Pauses (`Some`) or resumes (`None`) a queue.
    async fn pause(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
        pause: Option<Pause>,
    ) -> Result<(), StoreError>;

    /// Removes what has served by `now` (unreadable, returned, filtered, test); how many.
    async fn expire(&self, workspace: &Name, now: Timestamp, limit: u32)
    -> Result<u32, StoreError>;

    /// Current values, in the order asked.
    async fn read(&self, workspace: &Name, keys: &[Key])
    -> Result<Vec<Option<Stored>>, StoreError>;

    /// Members of an index with their scores, by score from `after` (exclusive of nothing), ascending or descending.
    async fn list(
        &self,
        workspace: &Name,
        index: &Index,
        from: i64,
        to: i64,
        newest_first: bool,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, i64)>, StoreError>;

    /// How many members an index has.
    async fn count(&self, workspace: &Name, index: &Index) -> Result<u64, StoreError>;

    /// A job as it stands, dead or alive or lately done.
    async fn job(&self, workspace: &Name, job: DeliveryId) -> Result<Option<JobView>, StoreError>;

    /// The deliveries of a lead: (queue, job), oldest first, the newest fifty.
    async fn jobs_of(
        &self,
        workspace: &Name,
        lead: super::LeadId,
    ) -> Result<Vec<(Name, DeliveryId)>, StoreError>;

    /// A queue's depth.
    async fn depth(
        &self,
        workspace: &Name,
        queue: &Name,
        now: Timestamp,
    ) -> Result<QueueDepth, StoreError>;

    /// Journal rows after a position, oldest first.
    async fn journal(
        &self,
        workspace: &Name,
        after: (u64, u64),
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// Journal rows before a position, newest first; `None` = from the newest one on.
    async fn journal_back(
        &self,
        workspace: &Name,
        before: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// Keeps a configuration bundle under its hash, if it is not there yet.
    async fn keep_bundle(
        &self,
        workspace: &Name,
        hash: [u8; 16],
        bundle: &[u8],
    ) -> Result<(), StoreError>;

    /// Everything of a workspace in canonical form, for audit and for comparing engines: pages of
    /// (what, text) lines sorted by key; `after` = last key seen.
    async fn dump(&self, workspace: &Name) -> Result<Vec<(String, String)>, StoreError>;

    /// Counts one in a bucket, over all who share the store, if there is room: then `None`, else when there is. What was
    /// counted may be lost with a process or a server: it bounds something, it accounts for nothing.
    async fn admit(
        &self,
        workspace: &Name,
        bucket: [u8; 16],
        quota: Quota,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// The store's own time (for the clock), and that it answers.
    async fn time(&self) -> Result<Timestamp, StoreError>;

    /// The check value of the master key: kept at first use, compared afterwards.
    async fn check_key(&self, check: [u8; 16]) -> Result<bool, StoreError>;

    /// How durable an acknowledged commit is here.
    async fn durability(&self) -> Result<Durability, StoreError>;

    /// Has what was deleted go from the engine's files too, as soon as it can: they are rewritten from what there is.
    /// May return before that is done.
    async fn purge(&self) -> Result<(), StoreError>;

    /// Copies the store as it is now into a folder of this machine, while it is in use.
    /// [`StoreError::Refused`] if there is a store in the folder already, or the store is kept by a
    /// server that has its own ways (Redis).
    async fn backup(&self, to: &std::path::Path) -> Result<(), StoreError> {
        let _ = to;
        Err(StoreError::Refused(
            "the store is kept by a server: back it up by its own means (a replica, BGSAVE, the AOF)"
                .to_owned(),
        ))
    }
}

/// Trying a destination out: one marked event, sent now and once. It is no delivery.
#[async_trait]
pub trait Trial: Send + Sync {
    /// `None` = there is no such destination.
    async fn send_test(&self, workspace: &Name, destination: &Name) -> Option<TrialReport>;
}

/// Names to addresses: a port, so that tests can give a table.
#[async_trait]
pub trait Resolver: Send + Sync {
    async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>>;
}
