//! A store with a workspace of its own, and short words for building what goes into it.
//!
//! A bench has its store to itself: the master key's check value and the heartbeats belong to no workspace.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lead_router::domain::ports::{ClaimJobs, Claimed, Settle, Settled, Store};
use lead_router::domain::{
    Attempt, AttemptId, Branch, Candidate, Cap, Claim, Commit, CommitOutcome, Committed,
    DeliveryId, DeliveryState, Index, IndexKey, InquiryId, JobOutcome, Key, LeadId, Lease,
    LeasedJob, Method, Name, NewJob, PoolPick, Read, Route, Skip, Timestamp, Verdict, Write,
};

/// Where all cases begin in time.
const START_MS: i64 = 1_772_000_000_000;

pub struct Bench {
    pub store: Arc<dyn Store>,
    pub workspace: Name,
    // Whatever must outlive the store: its directory, its server.
    _keep: Box<dyn Any + Send + Sync>,
}

impl Bench {
    pub fn new(store: Arc<dyn Store>, keep: Box<dyn Any + Send + Sync>) -> Self {
        Self { store, workspace: fresh_workspace(), _keep: keep }
    }

    pub fn commit(&self, ms: i64) -> Commit {
        Commit {
            workspace: self.workspace.clone(),
            now: at(ms),
            claim: None,
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: br#"{"fact":"tested"}"#.to_vec(),
            lease: None,
        }
    }

    /// A commit of one branch that picks nobody, with these jobs, leased to `r1` if they may be.
    pub fn jobs(&self, ms: i64, jobs: Vec<NewJob>) -> Commit {
        let lease = Some(Lease { incarnation: name("r1") });
        let branches = vec![Branch { pick: None, jobs, indexes: Vec::new() }];
        Commit { branches, lease, ..self.commit(ms) }
    }

    pub async fn run(&self, commit: &Commit) -> CommitOutcome {
        self.store.commit(commit).await.unwrap()
    }

    pub async fn committed(&self, commit: &Commit) -> Committed {
        match self.run(commit).await {
            CommitOutcome::Committed(committed) => committed,
            other => panic!("not committed: {other:?}"),
        }
    }

    /// Commits jobs; gives those leased.
    pub async fn enqueue(&self, ms: i64, jobs: Vec<NewJob>) -> Vec<LeasedJob> {
        self.committed(&self.jobs(ms, jobs)).await.leased
    }

    pub fn claiming(&self, queue: &str, ms: i64) -> ClaimJobs {
        ClaimJobs {
            workspace: self.workspace.clone(),
            queue: name(queue),
            now: at(ms),
            incarnation: name("r1"),
            lapsed: Vec::new(),
            permits: 2,
            lease_ms: 30_000,
            pace: None,
            take: 10,
        }
    }

    pub async fn claim(&self, queue: &str, ms: i64) -> Claimed {
        self.store.claim(&self.claiming(queue, ms)).await.unwrap()
    }

    pub fn settling(
        &self,
        job: &LeasedJob,
        of: Option<LeadId>,
        ms: i64,
        outcome: JobOutcome,
    ) -> Settle {
        Settle {
            workspace: self.workspace.clone(),
            queue: job.queue.clone(),
            now: at(ms),
            incarnation: name("r1"),
            job: job.id,
            lead: of,
            outcome,
            state: br#"{"count":1,"attempts":[]}"#.to_vec(),
            pause: None,
            permits: 2,
            lease_ms: 30_000,
            pace: None,
            take: 0,
        }
    }

    pub async fn settle(&self, settle: &Settle) -> Claimed {
        match self.store.settle(settle).await.unwrap() {
            Settled::Done(claimed) => claimed,
            Settled::LeaseLost => panic!("lease lost"),
        }
    }

    pub async fn done(&self, job: &LeasedJob, of: Option<LeadId>, ms: i64) -> Claimed {
        let outcome = JobOutcome::Done { until: at(ms + 1_000_000) };
        self.settle(&self.settling(job, of, ms, outcome)).await
    }

    pub async fn members(&self, index: Index) -> Vec<(Vec<u8>, i64)> {
        self.store.list(&self.workspace, &index, i64::MIN, i64::MAX, false, 1000).await.unwrap()
    }

    pub async fn dump(&self) -> Vec<(String, String)> {
        self.store.dump(&self.workspace).await.unwrap()
    }
}

pub fn fresh_workspace() -> Name {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    name(&format!("w{}-{number}", std::process::id()))
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + ms)
}

fn id(kind: u8, number: u32) -> [u8; 16] {
    let mut bytes = [kind; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes
}

pub fn lead(number: u32) -> LeadId {
    LeadId::from_bytes(id(0x1e, number))
}

pub fn job_id(number: u32) -> DeliveryId {
    DeliveryId::from_bytes(id(0xd1, number))
}

pub fn inquiry(number: u32) -> InquiryId {
    InquiryId::from_bytes(id(0x14, number))
}

pub fn index_key(number: u32) -> IndexKey {
    IndexKey(id(0x4e, number))
}

pub fn route(queue: &str) -> Route {
    Route { queue: name(queue), permits: 2, lease_ms: 30_000, pace: None }
}

/// Due at once in queue `crm`, of lead 1, priority 5.
pub fn job(number: u32) -> NewJob {
    NewJob {
        id: job_id(number),
        lead: Some(lead(1)),
        route: route("crm"),
        fallback: None,
        resets_handover: false,
        due: at(0),
        priority: 5,
        coalesces: false,
        inquiry: Some(inquiry(number)),
        body: format!("body of {number}").into_bytes(),
    }
}

/// The same without a lead.
pub fn lone(number: u32) -> NewJob {
    NewJob { lead: None, ..job(number) }
}

pub fn claim_entry(key: u8, content: u8, of: InquiryId, until_ms: i64) -> Claim {
    Claim { key: [key; 16], fingerprint: [content; 8], inquiry: of, until: at(until_ms) }
}

pub fn read(key: Key, version: u64) -> Read {
    Read { key, version }
}

pub fn put(key: Key, version: u64, body: &[u8]) -> Write {
    Write::Put { key, version, with_receipt: false, body: body.to_vec(), until: None }
}

pub fn put_with_receipt(key: Key, version: u64, body: &[u8]) -> Write {
    Write::Put { key, version, with_receipt: true, body: body.to_vec(), until: None }
}

/// The state of a job after so many attempts, the last of which ended so.
pub fn tried(count: u32, verdict: Verdict, http_status: u16) -> Vec<u8> {
    let attempt = Attempt {
        id: AttemptId::from_bytes(id(0xa7, count)),
        at: at(0),
        verdict,
        http_status: Some(http_status),
        error: None,
        step: None,
        said: None,
        took_ms: 1,
        next: None,
    };
    let state = DeliveryState { count, attempts: vec![attempt], ..DeliveryState::default() };
    serde_json::to_vec(&state).unwrap()
}

/// Members of weight 1, each with one cap.
pub fn pool(pool: &str, members: &[&str], limit: u32) -> PoolPick {
    let candidates = members
        .iter()
        .map(|member| Candidate {
            member: name(member),
            weight: 1,
            caps: vec![Cap {
                counter: format!("{member}:day:20260225"),
                limit,
                until: at(86_400_000),
                earlier: 0,
            }],
        })
        .collect();
    PoolPick {
        pool: name(pool),
        method: Method::RoundRobin,
        skip: Skip::KeepTurn,
        candidates,
        beside: Vec::new(),
    }
}

pub fn branch(pick: Option<PoolPick>, jobs: Vec<NewJob>) -> Branch {
    Branch { pick, jobs, indexes: Vec::new() }
}

pub fn ids(jobs: &[LeasedJob]) -> Vec<DeliveryId> {
    jobs.iter().map(|job| job.id).collect()
}
