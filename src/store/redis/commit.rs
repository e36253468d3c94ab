//! The commit: its arguments in the order `scripts/commit.lua` names them, and its answer.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use ::redis::Value;

use super::answer::Answer;
use super::script::{COMMIT, Call};
use crate::domain::ports::StoreError;
use crate::domain::{
    Branch, Commit, CommitOutcome, Committed, IndexChange, InquiryId, Key, KeySet, LeadId,
    LeasedJob, Method, NewJob, PoolPick, Receipt, Route, Shard, Stored, Timestamp, Write,
};
use crate::store::space::Space;
use crate::store::step::{Chain, JobValue, encode_claim, look};

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
/// As far as `PEXPIRE` need look: a thousand years.
const LIFE_MAX_MS: i64 = 1000 * 366 * 24 * 3600 * 1000;

/// How long from `now` a value put until then is kept, in milliseconds.
pub(super) fn life(until: Timestamp, now: Timestamp) -> i64 {
    until.as_millis().saturating_sub(now.as_millis()).clamp(0, LIFE_MAX_MS) + WEEK_MS
}

/// The names a commit reads, numbered as in `KEYS`: the shard's tag is 1.
struct Names<'a> {
    space: &'a Space,
    list: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, usize, ahash::RandomState>,
}

impl Names<'_> {
    /// Adds a name at the end, known or not.
    fn push(&mut self, key: &Key) -> usize {
        let name = self.space.key(key);
        let number = self.list.len() + 2;
        self.numbers.entry(name.clone()).or_insert(number);
        self.list.push(name);
        number
    }

    fn number(&mut self, key: &Key) -> usize {
        let known = self.numbers.get(&self.space.key(key)).copied();
        known.unwrap_or_else(|| self.push(key))
    }
}

/// The call of a commit.
pub(super) fn call(commit: &Commit) -> Call {
    let space = Space::new(&commit.workspace);
    let mut names = Names { space: &space, list: Vec::new(), numbers: HashMap::default() };
    if let Some(claim) = &commit.claim {
        names.push(&Key::Claim(claim.key));
    }
    let mut versions = Vec::with_capacity(8 * commit.reads.len());
    for read in &commit.reads {
        names.push(&read.key);
        versions.extend_from_slice(&read.version.to_be_bytes());
    }
    let writes = Writes::of(commit, &mut names);
    let branches: Vec<BranchArguments> = commit
        .branches
        .iter()
        .map(|branch| BranchArguments::of(commit, branch, &mut names))
        .collect();

    let mut call = Call::with_keys(&COMMIT, Shard::of(&commit.workspace), &names.list);
    call.arg(commit.workspace.as_str()).arg(commit.now.as_millis());
    call.arg(commit.lease.as_ref().map_or("", |lease| lease.incarnation.as_str()));
    call.arg(&commit.journal).arg(format!("{}-*", commit.now.as_millis().max(1)));
    match &commit.claim {
        Some(claim) => call.arg(encode_claim(claim)).arg(life(claim.until, commit.now)),
        None => call.arg("").arg(0),
    };
    call.arg(commit.reads.len()).arg(versions);
    writes.add_to(&mut call);
    add_indexes(&mut call, &space, &commit.indexes);
    call.arg(branches.len());
    for (branch, arguments) in commit.branches.iter().zip(branches) {
        arguments.add_to(&mut call, &space, branch);
    }
    call
}

/// The writes, one per name, sorted by how the script does them.
#[derive(Default)]
struct Writes {
    /// Name, value.
    puts: Vec<(Vec<u8>, Vec<u8>)>,
    /// Name, version, body.
    with_receipt: Vec<(Vec<u8>, u64, Vec<u8>)>,
    /// Kind, name, life, two more.
    others: Vec<[Vec<u8>; 5]>,
}

impl Writes {
    fn of(commit: &Commit, names: &mut Names<'_>) -> Self {
        let mut writes = Self::default();
        for (key, change) in last_changes(&commit.writes) {
            let name = names.space.key(&key);
            let text = |number: i64| number.to_string().into_bytes();
            let kind = |letter: &[u8]| letter.to_vec();
            match change {
                Change::Put(version, true, body, None) => {
                    writes.with_receipt.push((name, version, body));
                }
                Change::Put(version, false, body, None) => {
                    writes.puts.push((name, Stored::encode(version, "", &body)));
                }
                Change::Put(version, true, body, Some(until)) => {
                    let version = version.to_be_bytes().to_vec();
                    let life = text(life(until, commit.now));
                    writes.others.push([kind(b"r"), name, life, version, body]);
                }
                Change::Put(version, false, body, Some(until)) => {
                    let value = Stored::encode(version, "", &body);
                    let life = text(life(until, commit.now));
                    writes.others.push([kind(b"p"), name, life, value, Vec::new()]);
                }
                Change::Delete => {
                    writes.others.push([kind(b"d"), name, Vec::new(), Vec::new(), Vec::new()]);
                }
                Change::CountShared(times) => {
                    let number = names.number(&key).to_string().into_bytes();
                    let times = text(i64::from(times));
                    writes.others.push([kind(b"s"), name, Vec::new(), times, number]);
                }
            }
        }
        writes
    }

    fn add_to(self, call: &mut Call) {
        call.arg(2 * self.puts.len());
        for (name, value) in self.puts {
            call.arg(name).arg(value);
        }
        call.arg(self.with_receipt.len());
        for (name, version, body) in self.with_receipt {
            call.arg(name).arg(&version.to_be_bytes()[..]).arg(body);
        }
        call.arg(self.others.len());
        for other in self.others {
            for argument in other {
                call.arg(argument);
            }
        }
    }
}

/// What becomes of one value in all.
enum Change {
    /// Version, with the receipt, body, until.
    Put(u64, bool, Vec<u8>, Option<Timestamp>),
    Delete,
    /// So many more behind what is a shared key.
    CountShared(u32),
}

/// The writes as if done one after another: one change per key, in order of first mention.
fn last_changes(writes: &[Write]) -> Vec<(Key, Change)> {
    let mut changes: Vec<(Key, Change)> = Vec::with_capacity(writes.len());
    for write in writes {
        let key = match write {
            Write::Put { key, .. } | Write::Delete { key } => key.clone(),
            Write::CountShared { key } => Key::Identity(*key),
        };
        let before = changes.iter().position(|(known, _)| *known == key);
        let change = match (write, before.map(|at| &changes[at].1)) {
            (Write::Put { version, with_receipt, body, until, .. }, _) => {
                Change::Put(*version, *with_receipt, body.clone(), *until)
            }
            (Write::Delete { .. }, _) | (_, Some(Change::Delete)) => Change::Delete,
            (_, None) => Change::CountShared(1),
            (_, Some(Change::CountShared(times))) => Change::CountShared(times.saturating_add(1)),
            (_, Some(Change::Put(version, receipt, body, until))) => match KeySet::decode(body) {
                Some(KeySet::Shared(count)) => {
                    let body = KeySet::Shared(count.saturating_add(1)).encode();
                    Change::Put(*version, false, body, None)
                }
                _ => Change::Put(*version, *receipt, body.clone(), *until),
            },
        };
        match before {
            Some(at) => changes[at].1 = change,
            None => changes.push((key, change)),
        }
    }
    changes
}

fn add_indexes(call: &mut Call, space: &Space, changes: &[IndexChange]) {
    call.arg(changes.len());
    for change in changes {
        call.arg(space.index(&change.index)).arg(&change.member);
        match change.score {
            Some(score) => call.arg(score),
            None => call.arg(""),
        };
    }
}

/// What of a branch's arguments needs numbers of names.
struct BranchArguments {
    /// Number of the pool's name, candidates packed.
    pick: Option<(usize, String)>,
    /// Number of each lead's chain, and its value if it has none yet.
    chains: Vec<(usize, Chain)>,
    /// Per job: the number of its destination's state, and whether it may go the short way.
    jobs: Vec<(usize, bool)>,
}

impl BranchArguments {
    fn of(commit: &Commit, branch: &Branch, names: &mut Names<'_>) -> Self {
        let mut chains: Vec<(usize, Chain)> = Vec::new();
        let mut jobs = Vec::with_capacity(branch.jobs.len());
        for job in &branch.jobs {
            let destination = names.number(&Key::Destination(job.route.queue.clone()));
            if let Some(fallback) = &job.fallback {
                names.number(&Key::Destination(fallback.queue.clone()));
            }
            let short = match job.lead {
                Some(lead) => {
                    let number = names.number(&Key::Chain(lead));
                    let written = |write: &Write| match write {
                        Write::Put { key, .. } | Write::Delete { key } => *key == Key::Chain(lead),
                        Write::CountShared { .. } => false,
                    };
                    let first = begin_chain(&mut chains, number, job);
                    first && !commit.writes.iter().any(written)
                }
                None => true,
            };
            jobs.push((destination, short && !job.coalesces));
        }
        let pick = branch.pick.as_ref().map(|pick| {
            let pool = names.number(&Key::Pool(pick.pool.clone()));
            (pool, candidates(pick, commit.now, names))
        });
        Self { pick, chains, jobs }
    }

    fn add_to(self, call: &mut Call, space: &Space, branch: &Branch) {
        let lists = 2 * self.chains.len() + 7 * branch.jobs.len() + 3 * branch.indexes.len();
        call.arg(3 + 3 + lists);
        match (&branch.pick, &self.pick) {
            (Some(pick), Some((pool, candidates))) => {
                let method = match pick.method {
                    Method::Weighted => "w",
                    Method::RoundRobin => "r",
                };
                call.arg(*pool).arg(method).arg(candidates);
            }
            _ => {
                call.arg("").arg("").arg("");
            }
        }
        call.arg(self.chains.len());
        for (number, chain) in &self.chains {
            call.arg(*number).arg(chain.encode());
        }
        call.arg(branch.jobs.len());
        for (job, (destination, short)) in branch.jobs.iter().zip(self.jobs) {
            add_job(call, job);
            add_short_way(call, space, job, destination, short);
        }
        add_indexes(call, space, &branch.indexes);
    }
}

/// Notes a job as the head of its queue in a chain that begins with this commit; `false` if there
/// is one before it.
fn begin_chain(chains: &mut Vec<(usize, Chain)>, number: usize, job: &NewJob) -> bool {
    let at = chains.iter().position(|(known, _)| *known == number).unwrap_or_else(|| {
        chains.push((number, Chain::default()));
        chains.len() - 1
    });
    let chain = &mut chains[at].1;
    if chain.find(&job.route.queue).is_some() {
        return false;
    }
    let Ok(link) = chain.find_or_add(&job.route.queue) else { return false };
    chain.links[link].sequence = 1;
    chain.links[link].head = Some(job.id);
    chain.remember(link, job.id);
    true
}

/// `member:weight:caps|…`, caps = `number of the counter's name,limit,life;…`.
fn candidates(pick: &PoolPick, now: Timestamp, names: &mut Names<'_>) -> String {
    let mut text = String::with_capacity(32 * pick.candidates.len());
    for candidate in &pick.candidates {
        // Writing to a string does not fail.
        let _ = write!(text, "{}:{}:", candidate.member, candidate.weight);
        for cap in &candidate.caps {
            let counter = names.number(&Key::Counter(cap.counter.clone()));
            let _ = write!(text, "{counter},{},{};", cap.limit, life(cap.until, now));
        }
        text.push('|');
    }
    text
}

/// A new job in four arguments: what has a fixed place, queue, fallback's queue, an empty state's
/// length + body.
pub(super) fn add_job(call: &mut Call, job: &NewJob) {
    let mut fixed = Vec::with_capacity(75);
    fixed.extend_from_slice(job.id.as_bytes());
    fixed.extend_from_slice(&job.lead.map_or([0; 16], |lead| *lead.as_bytes()));
    fixed.extend_from_slice(&job.inquiry.map_or([0; 16], |inquiry| *inquiry.as_bytes()));
    let route = |route: &Route| [route.permits.to_be_bytes(), route.lease_ms.to_be_bytes()];
    fixed.extend(route(&job.route).concat());
    fixed.extend(job.fallback.as_ref().map_or([[0; 4]; 2], route).concat());
    fixed.push(u8::from(job.resets_handover));
    fixed.push(u8::from(job.coalesces));
    fixed.push(job.priority.min(JobValue::PRIORITY_MAX));
    fixed.extend_from_slice(&job.due.max(Timestamp::EPOCH).as_millis().to_be_bytes());
    call.arg(fixed).arg(job.route.queue.as_str());
    call.arg(job.fallback.as_ref().map_or("", |fallback| fallback.queue.as_str()));
    call.arg([&[0; 4], job.body.as_slice()].concat());
}

/// Three more arguments: the job's name, its value up to the receipt, and what its place depends
/// on; the last is empty if it must go the general way.
fn add_short_way(call: &mut Call, space: &Space, job: &NewJob, destination: usize, short: bool) {
    let destination = u16::try_from(destination).ok().filter(|_| short);
    let Some(destination) = destination else {
        call.arg("").arg("").arg("");
        return;
    };
    let sequence = u8::from(job.lead.is_some());
    let empty = NewJob { body: Vec::new(), ..job.clone() };
    let value = JobValue::of(&empty, &job.route.queue, u64::from(sequence), "");
    let mut head = value.encode();
    // Behind the head stand the lengths of receipt (2) and state (4), both empty here.
    head.truncate(head.len() - 6);
    let mut fixed = Vec::with_capacity(27);
    fixed.extend_from_slice(&destination.to_be_bytes());
    fixed.extend_from_slice(&job.route.permits.to_be_bytes());
    fixed.extend_from_slice(&job.route.lease_ms.to_be_bytes());
    fixed.extend_from_slice(&value.due.as_millis().to_be_bytes());
    fixed.extend_from_slice(&value.ready_score().to_be_bytes());
    fixed.push(sequence);
    call.arg(space.key(&Key::Job(job.id))).arg(head).arg(fixed);
}

/// What the commit came to.
pub(super) fn outcome(commit: &Commit, value: Value) -> Result<CommitOutcome, StoreError> {
    let mut answer = Answer::of(value)?;
    match answer.int()? {
        0 => committed(commit, answer).map(CommitOutcome::Committed),
        1 => Ok(CommitOutcome::Duplicate { inquiry: InquiryId::from_bytes(answer.id()?) }),
        2 => Ok(CommitOutcome::Conflict { inquiry: InquiryId::from_bytes(answer.id()?) }),
        _ => stale(commit, answer),
    }
}

fn committed(commit: &Commit, mut answer: Answer) -> Result<Committed, StoreError> {
    let corrupt = || StoreError::Corrupt("a receipt or lease that was not asked for".to_owned());
    let receipt = Receipt::unpack(&answer.text()?).ok_or_else(corrupt)?;
    let jobs = commit.branches.get(usize::from(receipt.branch)).map_or(&[][..], |b| &b.jobs);
    let mut leased = Vec::new();
    while !answer.is_over() {
        let number = usize::try_from(answer.int()?).map_err(|_| corrupt())?;
        let job = jobs.get(number).ok_or_else(corrupt)?;
        let lease_until = Timestamp::from_millis(answer.int()?);
        let sequence = u64::try_from(answer.int()?).map_err(|_| corrupt())?;
        let queue = answer.text()?.parse().map_err(|_| corrupt())?;
        leased.push(LeasedJob {
            id: job.id,
            queue,
            sequence,
            lease_until,
            receipt: Some(receipt.clone()),
            absorbed: 0,
            absorbed_ids: Vec::new(),
            state: Vec::new(),
            body: job.body.clone(),
        });
    }
    Ok(Committed { receipt, leased })
}

fn stale(commit: &Commit, mut answer: Answer) -> Result<CommitOutcome, StoreError> {
    let mut facts: Vec<(Key, Option<Stored>)> = Vec::new();
    let mut seen = HashSet::new();
    let mut tell = |key: Key, value: Option<Vec<u8>>| {
        if seen.insert(key.clone()) {
            let value = value.map(|bytes| look::stored(&key, bytes)).transpose()?;
            facts.push((key, value));
        }
        Ok(())
    };
    for read in &commit.reads {
        tell(read.key.clone(), answer.maybe_bytes()?)?;
    }
    while !answer.is_over() {
        let lead = LeadId::from_bytes(answer.id()?);
        tell(Key::Lead(lead), answer.maybe_bytes()?)?;
    }
    Ok(CommitOutcome::Stale(facts))
}
