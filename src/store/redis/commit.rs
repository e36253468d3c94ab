//! The commit: its arguments in the order `scripts/commit.lua` names them, and its answer.

use std::collections::HashSet;

use ::redis::Value;

use super::answer::Answer;
use super::packing::{self, pack};
use super::script::{COMMIT, Call};
use super::writes::{Names, Writes};
use crate::domain::ports::StoreError;
use crate::domain::{
    Branch, Commit, CommitOutcome, Committed, IndexChange, InquiryId, Key, LeadId, LeasedJob,
    Method, NewJob, PoolPick, Receipt, Route, Shard, Stored, Timestamp, Write,
};
use crate::store::space::Space;
use crate::store::step::{Chain, JobValue, encode_claim};

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
/// As far as `PEXPIRE` need look: a thousand years.
const LIFE_MAX_MS: i64 = 1000 * 366 * 24 * 3600 * 1000;

/// How long from `now` a value put until then is kept, in milliseconds.
pub(super) fn life(until: Timestamp, now: Timestamp) -> i64 {
    until.as_millis().saturating_sub(now.as_millis()).clamp(0, LIFE_MAX_MS) + WEEK_MS
}

/// The call of a commit.
pub(super) fn call(commit: &Commit) -> Result<Call, StoreError> {
    let space = Space::new(&commit.workspace);
    let mut names = Names::new(&space);
    if let Some(claim) = &commit.claim {
        names.push(&Key::Claim(claim.key));
    }
    let mut versions = Vec::with_capacity(8 * commit.reads.len());
    for read in &commit.reads {
        names.push(&read.key);
        versions.extend_from_slice(&read.version.to_be_bytes());
    }
    let writes = Writes::of(commit, &mut names);
    let branches = commit
        .branches
        .iter()
        .map(|branch| branch_arguments(commit, branch, &mut names))
        .collect::<Result<Vec<_>, _>>()?;

    let mut call = Call::with_keys(&COMMIT, Shard::of(&commit.workspace), &names.list);
    call.arg(commit.workspace.as_str()).arg(commit.now.as_millis());
    call.arg(commit.lease.as_ref().map_or("", |lease| lease.incarnation.as_str()));
    call.arg(&*pack(&commit.journal)).arg(format!("{}-*", commit.now.as_millis().max(1)));
    let claim_life = commit.claim.as_ref().map_or(0, |claim| life(claim.until, commit.now));
    match &commit.claim {
        Some(claim) => call.arg(encode_claim(claim)),
        None => call.arg(""),
    };
    let mut numbers = claim_life.to_be_bytes().to_vec();
    for count in [
        commit.reads.len(),
        writes.puts.len(),
        writes.with_receipt.len(),
        writes.others.len(),
        commit.indexes.len(),
        commit.branches.len(),
    ] {
        numbers.extend(short(count)?);
    }
    call.arg(numbers).arg(versions);
    writes.add_to(&mut call);
    for argument in index_arguments(&space, &commit.indexes).into_iter().chain(joined(branches)?) {
        call.arg(argument);
    }
    Ok(call)
}

/// The first branch's arguments as they are, those of the others packed into one.
fn joined(branches: Vec<Arguments>) -> Result<Arguments, StoreError> {
    let mut branches = branches.into_iter();
    let mut arguments = branches.next().unwrap_or_default();
    let mut packed = Vec::new();
    for branch in branches {
        packed.extend(short(branch.len())?);
        for argument in branch {
            let length = u32::try_from(argument.len()).map_err(|_| too_large())?;
            packed.extend(length.to_be_bytes());
            packed.extend(argument);
        }
    }
    if !packed.is_empty() {
        arguments.push(packed);
    }
    Ok(arguments)
}

type Arguments = Vec<Vec<u8>>;

/// Two bytes: more of one thing in one commit than they count is refused.
fn short(count: usize) -> Result<[u8; 2], StoreError> {
    u16::try_from(count).map(u16::to_be_bytes).map_err(|_| too_large())
}

fn too_large() -> StoreError {
    StoreError::Refused("a commit of more than 65,535 parts, or of a part over 4 GB".to_owned())
}

/// Name, member, score of each (empty = out).
fn index_arguments(space: &Space, changes: &[IndexChange]) -> Arguments {
    let arguments = |change: &IndexChange| {
        let score = change.score.map_or_else(String::new, |score| score.to_string());
        [space.index(&change.index), change.member.clone(), score.into_bytes()]
    };
    changes.iter().flat_map(arguments).collect()
}

/// A branch: numbers, pick, chains, jobs, indexes.
fn branch_arguments(
    commit: &Commit,
    branch: &Branch,
    names: &mut Names<'_>,
) -> Result<Arguments, StoreError> {
    let mut chains: Vec<(usize, Chain)> = Vec::new();
    let mut jobs = Vec::with_capacity(4 * branch.jobs.len());
    for job in &branch.jobs {
        let destination = names.number(&Key::Destination(job.route.queue.clone()));
        if let Some(fallback) = &job.fallback {
            names.number(&Key::Destination(fallback.queue.clone()));
        }
        let is_short = match job.lead {
            Some(lead) => {
                let chain = Key::Chain(lead);
                let begins = begin_chain(&mut chains, names.number(&chain), job);
                let written = |write: &Write| match write {
                    Write::Put { key, .. } | Write::Delete { key } => *key == chain,
                    Write::CountShared { .. } => false,
                };
                begins && !commit.writes.iter().any(written)
            }
            None => true,
        };
        let destination = (is_short && !job.coalesces).then_some(destination);
        jobs.extend(job_arguments(names.space, job, destination)?);
    }
    let mut numbers = Vec::with_capacity(9);
    let mut picks = Vec::new();
    match &branch.pick {
        Some(pick) => {
            numbers.extend(short(names.number(&Key::Pool(pick.pool.clone())))?);
            numbers.push(u8::from(pick.method == Method::Weighted));
            picks.extend(candidates(pick, commit.now, names)?);
        }
        None => numbers.extend([0; 3]),
    }
    for count in [chains.len(), branch.jobs.len(), branch.indexes.len()] {
        numbers.extend(short(count)?);
    }
    let chains = chains
        .into_iter()
        .flat_map(|(number, chain)| [number.to_string().into_bytes(), chain.encode()]);
    let mut arguments = vec![numbers];
    arguments.extend(picks.into_iter().chain(chains).chain(jobs));
    arguments.extend(index_arguments(names.space, &branch.indexes));
    Ok(arguments)
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

/// The members `|anna|bert`, the weights (2 bytes each), and per cap: the member's number from 1,
/// the number of the counter's key, limit (4), life (8).
fn candidates(
    pick: &PoolPick,
    now: Timestamp,
    names: &mut Names<'_>,
) -> Result<[Vec<u8>; 3], StoreError> {
    let mut members = Vec::with_capacity(16 * pick.candidates.len());
    let mut weights = Vec::with_capacity(2 * pick.candidates.len());
    let mut caps = Vec::new();
    for (number, candidate) in (1..).zip(&pick.candidates) {
        members.push(b'|');
        members.extend_from_slice(candidate.member.as_str().as_bytes());
        let weight = u16::try_from(candidate.weight).unwrap_or(u16::MAX);
        weights.extend_from_slice(&weight.to_be_bytes());
        for cap in &candidate.caps {
            caps.extend(short(number)?);
            caps.extend(short(names.number(&Key::Counter(cap.counter.clone())))?);
            caps.extend_from_slice(&cap.limit.to_be_bytes());
            caps.extend_from_slice(&life(cap.until, now).to_be_bytes());
        }
    }
    Ok([members, weights, caps])
}

/// A new job: its name, its value up to the receipt, an empty state's length + its body, numbers.
///
/// With the number of its destination's key it may go the short way of a lead's first job, for
/// which the value is that of sequence 1; without, the general one.
pub(super) fn job_arguments(
    space: &Space,
    job: &NewJob,
    destination: Option<usize>,
) -> Result<[Vec<u8>; 4], StoreError> {
    let sequence = u8::from(job.lead.is_some());
    let empty = NewJob { body: Vec::new(), ..job.clone() };
    let value = JobValue::of(&empty, &job.route.queue, u64::from(sequence), "");
    let mut head = value.encode();
    // Behind the head stand the lengths of receipt (2) and state (4), both empty here.
    head.truncate(head.len() - 6);
    let route =
        |route: &Route| [route.permits.to_be_bytes(), route.lease_ms.to_be_bytes()].concat();
    let mut numbers = vec![u8::from(destination.is_some())];
    numbers.extend(short(destination.unwrap_or(0))?);
    numbers.extend(route(&job.route));
    numbers.extend_from_slice(&value.due.as_millis().to_be_bytes());
    numbers.extend_from_slice(&value.ready_score().to_be_bytes());
    numbers.push(sequence);
    numbers.extend(job.fallback.as_ref().map_or_else(|| vec![0; 8], route));
    numbers.push(u8::from(job.resets_handover));
    numbers.extend_from_slice(&job.inquiry.map_or([0; 16], |inquiry| *inquiry.as_bytes()));
    let fallback = job.fallback.as_ref().map_or("", |fallback| fallback.queue.as_str());
    numbers.extend_from_slice(fallback.as_bytes());
    let body = [&[0; 4], &*pack(&job.body)].concat();
    Ok([space.key(&Key::Job(job.id)), head, body, numbers])
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
            let value = value.map(|bytes| packing::stored(&key, bytes)).transpose()?;
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
