//! Runs one sequence of operations on two stores and compares every answer and the dumps.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::Strategy as _;
use proptest::test_runner::{Config, TestCaseError, TestRng, TestRunner};

use lead_router::domain::ports::{ClaimJobs, Claimed, Pause, Redrive, Settle, Settled, Store};
use lead_router::domain::{
    Branch, Candidate, Cap, Claim, Commit, CommitOutcome, DeliveryId, Index, IndexChange,
    JobOutcome, Key, KeySet, LeadId, Lease, Method, Name, NewJob, Pace, PoolPick, Quota, Read,
    Route, Shard, Skip, Timestamp, Verdict, Write,
};
use lead_router::store::audit::audit_deliveries;
use lead_router::store::memory::MemoryStore;
use lead_router::store::step::expire;

use super::bench::{Bench, at, fresh_workspace, index_key, inquiry, job_id, lead, name, tried};
use super::operations::{
    BranchShape, CommitShape, Ending, JobShape, Operation, PauseShape, PickShape, WriteShape,
    operations,
};

const QUEUES: [&str; 3] = ["crm", "erp", "spare"];
const REPLICAS: [&str; 3] = ["r1", "r2", "r3"];
const LEASE_MS: u32 = 5000;

/// Mostly none.
fn pace_of(number: u8) -> Option<Pace> {
    let pace = |every_us, burst, jobs| Some(Pace { every_us, burst, jobs });
    match number {
        0 => pace(333_333, 1, 1),
        1 => pace(700, 3, 2),
        2 => pace(1_500_001, 2, 3),
        _ => None,
    }
}

fn quota_of(number: u8) -> Quota {
    let (count, ms) = [(1, 100), (3, 1000), (7, 10_000)][usize::from(number) % 3];
    Quota { count, within: Duration::from_millis(ms) }
}

/// Random sequences on an engine and on the oracle; a failing one is shortened and shown.
///
/// `LR_CONTRACT_CASES` overrides how many sequences, `LR_CONTRACT_SEED` (any text) which ones.
pub fn agrees_with_the_oracle<F: Future<Output = Bench>>(cases: u32, open: impl Fn() -> F) {
    let cases = std::env::var("LR_CONTRACT_CASES").ok().map_or(cases, |text| text.parse().unwrap());
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let algorithm = proptest::test_runner::RngAlgorithm::ChaCha;
    let mut seed = [7; 32];
    for (place, byte) in std::env::var("LR_CONTRACT_SEED").unwrap_or_default().bytes().enumerate() {
        seed[place % 32] ^= byte.rotate_left(u32::try_from(place / 32 % 8).unwrap());
    }
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(algorithm, &seed));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = runtime.block_on(open());
    let result = runner.run(&operations(100).prop_map(Arc::new), |sequence| {
        let oracle: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let mut pair = Pair::new(oracle, Arc::clone(&bench.store));
        runtime.block_on(pair.run(&sequence)).map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Two stores that are told the same.
pub struct Pair {
    a: Arc<dyn Store>,
    b: Arc<dyn Store>,
    workspace: Name,
    now: i64,
    next: u32,
    /// Every lease ever given: job, queue, lead, by whom.
    leases: Vec<(DeliveryId, Name, Option<LeadId>, Name)>,
    /// The lead of every job.
    leads: BTreeMap<DeliveryId, Option<LeadId>>,
}

/// Asks both and compares.
macro_rules! both {
    ($pair:expr, $what:expr, $store:ident => $ask:expr) => {{
        let a = {
            let $store = &$pair.a;
            $ask
        };
        let b = {
            let $store = &$pair.b;
            $ask
        };
        if a == b { Ok(a) } else { Err(format!("{}:\noracle: {a:?}\nengine: {b:?}", $what)) }
    }};
}

impl Pair {
    pub fn new(a: Arc<dyn Store>, b: Arc<dyn Store>) -> Self {
        Self {
            a,
            b,
            workspace: fresh_workspace(),
            now: 0,
            next: 0,
            leases: Vec::new(),
            leads: BTreeMap::new(),
        }
    }

    pub async fn run(&mut self, sequence: &[Operation]) -> Result<(), String> {
        for (number, operation) in sequence.iter().enumerate() {
            self.apply(operation)
                .await
                .map_err(|error| format!("operation {number}: {operation:?}\n{error}"))?;
        }
        self.look().await
    }

    async fn apply(&mut self, operation: &Operation) -> Result<(), String> {
        let now = at(self.now);
        match operation {
            Operation::Wait(ms) => self.now = (self.now + i64::from(*ms)).max(0),
            Operation::Commit(shape) => return self.commit(shape).await,
            Operation::Claim { queue, replica, lapsed, permits, take, pace } => {
                let claim = ClaimJobs {
                    workspace: self.workspace.clone(),
                    queue: queue_name(*queue),
                    now,
                    incarnation: replica_name(*replica),
                    lapsed: lapsed.iter().map(|replica| replica_name(*replica)).collect(),
                    permits: u32::from(*permits),
                    lease_ms: LEASE_MS,
                    pace: pace_of(*pace),
                    take: u32::from(*take),
                };
                let claimed = both!(self, "claim", store => store.claim(&claim).await)?;
                self.remember(&claimed.map_err(|e| e.to_string())?, &claim.incarnation);
            }
            Operation::Settle { .. } => return self.settle(operation).await,
            Operation::Redrive { dead, replay } => {
                let until = now.after(std::time::Duration::from_mins(1));
                let how = if *replay { Redrive::Replay } else { Redrive::Drop { until } };
                let job = self.dead_job(*dead).await;
                both!(self, "redrive", store => store.redrive(&self.workspace, job, now, how).await)?
                    .map_err(|e| e.to_string())?;
            }
            Operation::Pause { queue, pause } => {
                let queue = queue_name(*queue);
                let pause = pause.as_ref().map(|pause| self.pause(pause));
                both!(self, "pause", store =>
                    store.pause(&self.workspace, &queue, now, pause.clone()).await)?
                .map_err(|e| e.to_string())?;
            }
            Operation::Expire { limit } => {
                both!(self, "expire", store =>
                    store.expire(&self.workspace, now, u32::from(*limit)).await)?
                .map_err(|e| e.to_string())?;
            }
            Operation::Heartbeat { replica, silent_ms } => {
                let incarnation = name(&format!("{}-{}", self.workspace, replica_name(*replica)));
                let silent = Duration::from_millis(u64::from(*silent_ms));
                let ours = |lapsed: Vec<Name>| {
                    let mine = |name: &Name| name.as_str().starts_with(self.workspace.as_str());
                    lapsed.into_iter().filter(mine).collect::<Vec<_>>()
                };
                both!(self, "heartbeat", store =>
                    store.heartbeat(&incarnation, now, silent).await.map(ours))?
                .map_err(|e| e.to_string())?;
            }
            Operation::Bundle { number } => {
                let bundle = self.next.to_be_bytes();
                both!(self, "bundle", store =>
                    store.keep_bundle(&self.workspace, [*number; 16], &bundle).await)?
                .map_err(|e| e.to_string())?;
            }
            Operation::Admit { bucket, quota } => {
                let (bucket, quota) = ([*bucket; 16], quota_of(*quota));
                both!(self, "admit", store =>
                    store.admit(&self.workspace, bucket, quota, now).await)?
                .map_err(|e| e.to_string())?;
            }
            Operation::Look => return self.look().await,
        }
        Ok(())
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn pause(&self, shape: &PauseShape) -> Pause {
        let until = shape.for_ms.map(|ms| at(self.now + i64::from(ms)));
        Pause { reason: name(if until.is_some() { "retry_after" } else { "gone" }), until }
    }

    fn remember(&mut self, claimed: &Claimed, incarnation: &Name) {
        for job in &claimed.jobs {
            let lead = self.leads.get(&job.id).copied().flatten();
            self.leases.push((job.id, job.queue.clone(), lead, incarnation.clone()));
        }
    }

    async fn dead_job(&self, which: u8) -> DeliveryId {
        let dead = self
            .a
            .list(&self.workspace, &Index::Dead, i64::MIN, i64::MAX, false, 1000)
            .await
            .unwrap_or_default();
        if dead.is_empty() || which >= 240 {
            return job_id(u32::from(which));
        }
        let (member, _) = &dead[usize::from(which) % dead.len()];
        DeliveryId::from_bytes(member.as_slice().try_into().unwrap_or([0; 16]))
    }

    async fn settle(&mut self, operation: &Operation) -> Result<(), String> {
        let Operation::Settle { lease, replica, ending, pause, permits, take, pace } = operation
        else {
            return Ok(());
        };
        if self.leases.is_empty() {
            return Ok(());
        }
        // Mostly one of the newest.
        let back = usize::from(*lease) % self.leases.len().min(6);
        let at_lease = self.leases.len() - 1 - back;
        let (job, queue, of, holder) = self.leases[at_lease].clone();
        // A few are settled again, when they are lost.
        if lease % 8 != 7 {
            self.leases.remove(at_lease);
        }
        let now = at(self.now);
        let until = at(self.now + 100_000);
        let outcome = match ending {
            Ending::Done => JobOutcome::Done { until },
            Ending::Again { in_ms } => JobOutcome::Again { due: at(self.now + i64::from(*in_ms)) },
            Ending::Dead => JobOutcome::Dead,
            Ending::Released => JobOutcome::Released,
            Ending::HandedOver { job } => {
                let new = NewJob { lead: of, ..self.job(job) };
                self.leads.insert(new.id, of);
                JobOutcome::HandedOver { until, job: Box::new(new) }
            }
        };
        let number = self.number();
        let settle = Settle {
            workspace: self.workspace.clone(),
            queue,
            now,
            incarnation: replica.map_or(holder, replica_name),
            job,
            lead: of,
            outcome,
            state: match number % 3 {
                0 => format!(r#"{{"count":{number},"attempts":[],"ended":"x"}}"#).into_bytes(),
                1 => tried(number, Verdict::Invalid, 422),
                _ => tried(number, Verdict::Retriable, 503),
            },
            pause: pause.as_ref().map(|pause| self.pause(pause)),
            permits: u32::from(*permits),
            lease_ms: LEASE_MS,
            pace: pace_of(*pace),
            take: u32::from(*take),
        };
        let settled = both!(self, "settle", store => store.settle(&settle).await)?;
        if let Ok(Settled::Done(claimed)) = settled {
            self.remember(&claimed, &settle.incarnation);
        }
        Ok(())
    }

    async fn commit(&mut self, shape: &CommitShape) -> Result<(), String> {
        let commit = self.build(shape).await;
        for job in commit.branches.iter().flat_map(|branch| &branch.jobs) {
            self.leads.insert(job.id, job.lead);
        }
        let sorted = |outcome: CommitOutcome| match outcome {
            CommitOutcome::Stale(mut facts) => {
                facts.sort_by(|a, b| a.0.cmp(&b.0));
                CommitOutcome::Stale(facts)
            }
            other => other,
        };
        let outcome = both!(self, "commit", store => store.commit(&commit).await.map(sorted))?
            .map_err(|e| e.to_string())?;
        if let (CommitOutcome::Committed(committed), Some(lease)) = (outcome, &commit.lease) {
            let claimed = Claimed { jobs: committed.leased, next_due: None };
            self.remember(&claimed, &lease.incarnation);
        }
        Ok(())
    }

    async fn build(&mut self, shape: &CommitShape) -> Commit {
        let mut reads = Vec::new();
        for (key, current) in &shape.reads {
            let key = key_of(*key);
            let version = self.version(&key).await;
            reads.push(Read { key, version: if *current { version } else { version + 1 } });
        }
        let mut writes = Vec::new();
        for write in &shape.writes {
            writes.push(self.write(write).await);
        }
        let claim = shape.claim.map(|(key, content, ms)| Claim {
            key: [key; 16],
            fingerprint: [content; 8],
            inquiry: inquiry(self.number()),
            until: at(self.now + i64::from(ms)),
        });
        let journal = if shape.journal {
            format!("row {} \u{fc}\n", self.number()).into_bytes()
        } else {
            Vec::new()
        };
        Commit {
            workspace: self.workspace.clone(),
            now: at(self.now),
            claim,
            reads,
            writes,
            indexes: self.changes(&shape.indexes),
            branches: shape.branches.iter().map(|branch| self.branch(branch)).collect(),
            journal,
            lease: shape.replica.map(|replica| Lease { incarnation: replica_name(replica) }),
        }
    }

    async fn version(&self, key: &Key) -> u64 {
        let values =
            self.a.read(&self.workspace, std::slice::from_ref(key)).await.unwrap_or_default();
        values.into_iter().flatten().next().map_or(0, |stored| stored.version)
    }

    async fn write(&mut self, shape: &WriteShape) -> Write {
        let put = |key, version, with_receipt, body, until| Write::Put {
            key,
            version,
            with_receipt,
            body,
            until,
        };
        match shape {
            WriteShape::Value { key, receipt, until } => {
                let key = key_of(3 + key % 8);
                let version = self.version(&key).await + 1;
                let until = until.then(|| at(self.now + 1000));
                let body = format!("body {}", self.number()).into_bytes();
                put(key, version, *receipt, body, until)
            }
            WriteShape::KeySet { key, leads } => {
                let key = key_of(*key % 3);
                let version = self.version(&key).await + 1;
                let ids = leads.iter().map(|of| lead(u32::from(*of))).collect();
                put(key, version, false, KeySet::Leads(ids).encode(), None)
            }
            WriteShape::Shared { key } => {
                let key = key_of(*key % 3);
                let version = self.version(&key).await + 1;
                put(key, version, false, KeySet::Shared(17).encode(), None)
            }
            WriteShape::Lower { member, by } => {
                Write::Lower { counter: format!("m{member}:open"), by: u32::from(*by) }
            }
            WriteShape::Credit { pool, member, by } => Write::Credit {
                pool: name(&format!("pool{pool}")),
                member: name(&format!("m{member}")),
                by: i32::from(*by),
            },
            WriteShape::CountShared { key } => {
                Write::CountShared { key: index_key(u32::from(*key % 3)) }
            }
            WriteShape::Delete { key } => Write::Delete { key: key_of(*key) },
        }
    }

    fn changes(&self, shapes: &[(u8, u8, Option<i8>)]) -> Vec<IndexChange> {
        let lists = [Index::Unreadable, Index::Returned, Index::Filtered, Index::Tests];
        let change = |&(index, member, score): &(u8, u8, Option<i8>)| {
            let id = inquiry(u32::from(member));
            let list = &lists[usize::from(member) % 4];
            let (index, member) = if index == 8 {
                let of = (*list == Index::Tests).then(|| lead(3));
                (Index::Expiry, expire::member(list, id, of).unwrap_or_default())
            } else {
                (Index::WORKLISTS[usize::from(index) % 7].clone(), id.as_bytes().to_vec())
            };
            let score = score.map(|score| at(self.now + 10 * i64::from(score)).as_millis());
            IndexChange { index, member, score }
        };
        shapes.iter().map(change).collect()
    }

    fn branch(&mut self, shape: &BranchShape) -> Branch {
        Branch {
            pick: shape.pick.as_ref().map(|pick| self.pick(pick)),
            jobs: shape.jobs.iter().map(|job| self.job(job)).collect(),
            indexes: self.changes(&shape.indexes),
        }
    }

    fn pick(&self, shape: &PickShape) -> PoolPick {
        let day = self.now / 10_000;
        let members: BTreeMap<u8, _> =
            shape.candidates.iter().map(|candidate| (candidate.0, candidate)).collect();
        let method = Method::ALL[usize::from(shape.method) % Method::ALL.len()];
        let asked = |member: &u8| shape.candidates.iter().any(|candidate| candidate.0 == *member);
        let beside = (0..5_u8).filter(|member| shape.skip == 2 && !asked(member));
        let beside = beside.map(|member| name(&format!("m{member}"))).collect();
        let candidate = |(member, weight, limit): &(u8, u8, Option<u8>)| {
            let cap = |window: &str, limit: u32| Cap {
                counter: format!("m{member}:{window}:{day}"),
                limit,
                until: at((day + 1) * 10_000),
                earlier: 0,
            };
            let mut caps = limit.map_or_else(Vec::new, |limit| {
                vec![cap("day", u32::from(limit)), cap("week", u32::from(limit) * 2 + 1)]
            });
            // Of some members only, and with few parts, so that they overlap.
            if member % 2 == 1 {
                let part = self.now / 3_000;
                caps.extend(limit.map(|limit| Cap {
                    counter: format!("m{member}:rolling-day:{part}"),
                    limit: u32::from(limit) + 1,
                    until: at((part + 4) * 3_000),
                    earlier: 3,
                }));
            }
            if method == Method::LeastBusy {
                let counter = format!("m{member}:open");
                let limit = limit.map_or(u32::MAX, |limit| 3 * u32::from(limit) + 1);
                caps.insert(0, Cap { counter, limit, until: at(1 << 45), earlier: 0 });
            }
            Candidate { member: name(&format!("m{member}")), weight: u32::from(*weight), caps }
        };
        PoolPick {
            pool: name(&format!("pool{}", shape.pool)),
            method,
            skip: Skip::ALL[usize::from(shape.skip) % Skip::ALL.len()],
            candidates: members.into_values().map(candidate).collect(),
            beside,
        }
    }

    fn job(&mut self, shape: &JobShape) -> NewJob {
        let number = self.number();
        let route = |queue: u8| Route {
            queue: queue_name(queue),
            permits: u32::from(shape.permits),
            lease_ms: LEASE_MS,
            pace: pace_of(shape.pace),
        };
        NewJob {
            id: job_id(number),
            lead: shape.lead.map(|of| lead(u32::from(of))),
            route: route(shape.queue),
            fallback: shape.fallback.map(route),
            resets_handover: shape.resets,
            due: Timestamp::from_millis(at(self.now).as_millis() + i64::from(shape.due)),
            priority: shape.priority,
            coalesces: shape.coalesces,
            inquiry: (!number.is_multiple_of(4)).then(|| inquiry(number)),
            body: format!("{{\"body\":{number}}}").into_bytes(),
        }
    }

    async fn look(&self) -> Result<(), String> {
        let workspace = &self.workspace;
        let a = self.a.dump(workspace).await.map_err(|e| e.to_string())?;
        let b = self.b.dump(workspace).await.map_err(|e| e.to_string())?;
        if a != b {
            let only = |of: &[(String, String)], not: &[(String, String)]| {
                let lines: Vec<String> = of
                    .iter()
                    .filter(|line| !not.contains(line))
                    .map(|line| format!("{line:?}"))
                    .collect();
                lines.join("\n")
            };
            return Err(format!(
                "dumps differ:\noracle:\n{}engine:\n{}",
                only(&a, &b),
                only(&b, &a)
            ));
        }
        let findings = audit_deliveries(&a);
        if !findings.is_empty() {
            return Err(format!("out of order: {findings:?}"));
        }
        let now = at(self.now);
        let mine = |due: Vec<(Name, Name, Timestamp)>| {
            let ours = |(of, _, when): &(Name, Name, Timestamp)| of == workspace && *when <= now;
            due.into_iter().filter(ours).collect::<Vec<_>>()
        };
        let shard = Shard::of(workspace);
        let checked = |error: lead_router::domain::ports::StoreError| error.to_string();
        both!(self, "due", s => s.due(shard, now, 100_000).await.map(mine))?.map_err(checked)?;
        for queue in QUEUES.map(name) {
            both!(self, "depth", s => s.depth(workspace, &queue, now).await)?.map_err(checked)?;
            let ready = Index::Ready(queue);
            both!(self, "list", s => s.list(workspace, &ready, 0, i64::MAX, true, 3).await)?
                .map_err(checked)?;
            both!(self, "count", s => s.count(workspace, &ready).await)?.map_err(checked)?;
        }
        for of in 0..3 {
            let jobs = both!(self, "jobs_of", s => s.jobs_of(workspace, lead(of)).await)?;
            for (_, job) in jobs.map_err(checked)? {
                let view = both!(self, "job", s => s.job(workspace, job).await)?;
                view.map_err(checked)?;
            }
        }
        let keys: Vec<Key> = (0..11).map(key_of).collect();
        both!(self, "read", s => s.read(workspace, &keys).await)?.map_err(checked)?;
        both!(self, "journal", s => s.journal(workspace, (0, 0), 7).await)?.map_err(checked)?;
        both!(self, "journal", s => s.journal_back(workspace, None, 7).await)?.map_err(checked)?;
        Ok(())
    }
}

fn queue_name(number: u8) -> Name {
    name(QUEUES[usize::from(number) % QUEUES.len()])
}

fn replica_name(number: u8) -> Name {
    name(REPLICAS[usize::from(number) % REPLICAS.len()])
}

/// Eleven keys: three key sets, then values of several kinds.
fn key_of(number: u8) -> Key {
    match number {
        0..=2 => Key::Identity(index_key(u32::from(number))),
        3..=6 => Key::Lead(lead(u32::from(number) - 3)),
        7 | 8 => Key::Inquiry(inquiry(u32::from(number))),
        9 => Key::Body(inquiry(9)),
        _ => Key::Overlay,
    }
}

#[test]
fn the_embedded_store_agrees_with_the_oracle() {
    agrees_with_the_oracle(60, super::engines::embedded);
}

#[test]
fn redis_agrees_with_the_oracle() {
    agrees_with_the_oracle(60, super::engines::redis);
}

#[test]
fn a_redis_cluster_agrees_with_the_oracle() {
    agrees_with_the_oracle(20, super::engines::cluster);
}
