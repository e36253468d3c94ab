//! The commit: its arguments in the order `scripts/commit.lua` names them, and its answer.

use std::collections::HashMap;
use std::fmt::Write as _;

use ::redis::Value;

use super::answer::Answer;
use super::script::{COMMIT, Call};
use crate::domain::ports::StoreError;
use crate::domain::{
    Branch, Commit, CommitOutcome, Committed, IndexChange, InquiryId, Key, LeadId, LeasedJob,
    Method, NewJob, PoolPick, Receipt, Route, Shard, Stored, Timestamp, Write,
};
use crate::store::step::{JobValue, encode_claim, look};

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
/// As far as `PEXPIRE` need look: a thousand years.
const LIFE_MAX_MS: i64 = 1000 * 366 * 24 * 3600 * 1000;

/// How long from `now` a value put until then is kept, in milliseconds.
pub(super) fn life(until: Timestamp, now: Timestamp) -> i64 {
    until.as_millis().saturating_sub(now.as_millis()).clamp(0, LIFE_MAX_MS) + WEEK_MS
}

/// The names a commit may ask for, numbered from 1.
#[derive(Default)]
struct Names {
    list: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, usize, ahash::RandomState>,
}

impl Names {
    fn push(&mut self, key: &Key) {
        let name = key.encode();
        self.numbers.entry(name.clone()).or_insert(self.list.len() + 1);
        self.list.push(name);
    }

    fn number(&mut self, key: &Key) -> usize {
        let name = key.encode();
        if let Some(&number) = self.numbers.get(&name) {
            return number;
        }
        self.list.push(name.clone());
        self.numbers.insert(name, self.list.len());
        self.list.len()
    }
}

/// The call of a commit.
pub(super) fn call(commit: &Commit) -> Call {
    let mut names = Names::default();
    if let Some(claim) = &commit.claim {
        names.push(&Key::Claim(claim.key));
    }
    let mut versions = Vec::with_capacity(8 * commit.reads.len());
    for read in &commit.reads {
        names.push(&read.key);
        versions.extend_from_slice(&read.version.to_be_bytes());
    }
    for write in &commit.writes {
        if let Write::CountShared { key } = write {
            names.number(&Key::Identity(*key));
        }
    }
    let candidates: Vec<String> =
        commit.branches.iter().map(|branch| needs(branch, commit.now, &mut names)).collect();

    let mut call = Call::new(&COMMIT, Shard::of(&commit.workspace));
    call.arg(commit.workspace.as_str()).arg(commit.now.as_millis());
    call.arg(commit.lease.as_ref().map_or("", |lease| lease.incarnation.as_str()));
    call.arg(&commit.journal);
    match &commit.claim {
        Some(claim) => call.arg(encode_claim(claim)).arg(life(claim.until, commit.now)),
        None => call.arg("").arg(0),
    };
    call.arg(names.list.len()).arg(commit.reads.len()).arg(versions);
    for name in &names.list {
        call.arg(name);
    }
    call.arg(commit.writes.len());
    for write in &commit.writes {
        add_write(&mut call, write, commit.now);
    }
    add_indexes(&mut call, &commit.indexes);
    call.arg(commit.branches.len());
    for (branch, candidates) in commit.branches.iter().zip(&candidates) {
        add_branch(&mut call, branch, candidates);
    }
    call
}

/// Names what a branch may need; gives its candidates, packed.
fn needs(branch: &Branch, now: Timestamp, names: &mut Names) -> String {
    for job in &branch.jobs {
        names.number(&Key::Destination(job.route.queue.clone()));
        if let Some(fallback) = &job.fallback {
            names.number(&Key::Destination(fallback.queue.clone()));
        }
        if let Some(lead) = job.lead {
            names.number(&Key::Chain(lead));
        }
    }
    let Some(pick) = &branch.pick else { return String::new() };
    names.number(&Key::Pool(pick.pool.clone()));
    candidates(pick, now, names)
}

/// `member:weight:caps|…`, caps = `number of the counter's name,limit,life;…`.
fn candidates(pick: &PoolPick, now: Timestamp, names: &mut Names) -> String {
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

fn add_write(call: &mut Call, write: &Write, now: Timestamp) {
    match write {
        Write::Put { key, version, with_receipt, body, until } => {
            call.arg(if *with_receipt { "r" } else { "p" }).arg(key.encode());
            match until {
                Some(until) => call.arg(life(*until, now)),
                None => call.arg(""),
            };
            call.arg(&version.to_be_bytes()[..]).arg(body);
        }
        Write::Delete { key } => {
            call.arg("d").arg(key.encode()).arg("").arg("").arg("");
        }
        Write::CountShared { key } => {
            call.arg("s").arg(Key::Identity(*key).encode()).arg("").arg("").arg("");
        }
    }
}

fn add_indexes(call: &mut Call, changes: &[IndexChange]) {
    call.arg(changes.len());
    for change in changes {
        call.arg(change.index.encode()).arg(&change.member);
        match change.score {
            Some(score) => call.arg(score),
            None => call.arg(""),
        };
    }
}

fn add_branch(call: &mut Call, branch: &Branch, candidates: &str) {
    let skip = 3 + 1 + 4 * branch.jobs.len() + 1 + 3 * branch.indexes.len();
    call.arg(skip);
    match &branch.pick {
        Some(pick) => {
            let method = match pick.method {
                Method::Weighted => "w",
                Method::RoundRobin => "r",
            };
            call.arg(pick.pool.as_str()).arg(method).arg(candidates);
        }
        None => {
            call.arg("").arg("").arg("");
        }
    }
    call.arg(branch.jobs.len());
    for job in &branch.jobs {
        add_job(call, job);
    }
    add_indexes(call, &branch.indexes);
}

/// A new job in four arguments: what has a fixed place, queue, fallback's queue, body.
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
    call.arg(job.fallback.as_ref().map_or("", |fallback| fallback.queue.as_str())).arg(&job.body);
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
    let mut seen = std::collections::HashSet::new();
    let mut reads = commit.reads.iter();
    while !answer.is_over() {
        let (name, value) = (answer.bytes()?, answer.maybe_bytes()?);
        let key = match reads.next() {
            Some(read) => read.key.clone(),
            None => lead(&name)?,
        };
        if seen.insert(key.clone()) {
            let value = value.map(|bytes| look::stored(&key, bytes)).transpose()?;
            facts.push((key, value));
        }
    }
    Ok(CommitOutcome::Stale(facts))
}

fn lead(name: &[u8]) -> Result<Key, StoreError> {
    let id = name.strip_prefix(b"l").and_then(|id| id.try_into().ok());
    id.map(|id| Key::Lead(LeadId::from_bytes(id)))
        .ok_or_else(|| StoreError::Corrupt("a lead's id that is none".to_owned()))
}
