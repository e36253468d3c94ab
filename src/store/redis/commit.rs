//! A commit: its arguments in the order `scripts/commit.lua` names them, and its answer.

use std::collections::HashSet;

use ahash::AHashSet;

use super::answer::Answer;
use super::names::Names;
use super::pieces::Pieces;
use super::writes;
use crate::assign;
use crate::domain::packing::pack_to;
use crate::domain::ports::StoreError;
use crate::domain::{
    Branch, Commit, CommitOutcome, Committed, Index, IndexChange, InquiryId, Key, LeadId,
    LeasedJob, Name, NewJob, PoolPick, Receipt, Route, Stored, Timestamp, Write,
};
use crate::store::space::Space;
use crate::store::step::{Chain, JobValue, encode_claim, look};

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
/// As far as `PEXPIRE` need look: a thousand years.
const LIFE_MAX_MS: i64 = 1000 * 366 * 24 * 3600 * 1000;

const HAS_CLAIM: u8 = 1;
/// Its read set is not only of names that must be absent.
const HAS_VERSIONS: u8 = 2;
const HAS_ROW: u8 = 4;
/// Its jobs go the general way, whether or not their leads have others.
const IN_CHAINS: u8 = 8;

/// How long from `now` a value put until then is kept, in milliseconds.
pub(super) fn life(until: Timestamp, now: Timestamp) -> i64 {
    until.as_millis().saturating_sub(now.as_millis()).clamp(0, LIFE_MAX_MS) + WEEK_MS
}

/// A commit as one of the script's: its names and arguments, before it is known what comes with it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) workspace: Name,
    pub(super) incarnation: Option<Name>,
    pub(super) now: Timestamp,
    /// Names whose values the script reads.
    pub(super) reads: Pieces,
    /// Names it only writes.
    pub(super) writes: Pieces,
    /// Pools to pick from.
    pub(super) pools: Vec<Vec<u8>>,
    /// Its numbers, without those that say where its names and pools begin.
    pub(super) header: Vec<u8>,
    pub(super) arguments: Pieces,
}

impl Prepared {
    /// Whether it has no name among those, to which its own are added.
    pub(super) fn is_apart<'n>(&'n self, names: &mut AHashSet<&'n [u8]>) -> bool {
        let mut own = self.reads.iter().chain(self.writes.iter());
        if own.any(|name| names.contains(name)) {
            return false;
        }
        names.extend(self.reads.iter().chain(self.writes.iter()));
        true
    }

    /// Bytes in all, about.
    pub(super) fn size(&self) -> usize {
        self.reads.size() + self.writes.size() + self.arguments.size()
    }
}

/// Whether a commit may be done together with others: it is harmless when it is sent twice, puts values for good and
/// changes worklists.
pub(super) fn may_join(commit: &Commit) -> bool {
    let plain = |write: &Write| match write {
        Write::Put { key, until, .. } => until.is_none() && !matches!(key, Key::Chain(_)),
        Write::Delete { .. }
        | Write::CountShared { .. }
        | Write::Lower { .. }
        | Write::Credit { .. }
        | Write::Remember(_) => false,
    };
    let worklists = |changes: &[IndexChange]| {
        !changes.iter().any(|change| {
            matches!(change.index, Index::Ready(_) | Index::Delayed(_) | Index::Leased(_))
        })
    };
    // Of the branches only the first goes along.
    commit.claim.is_some()
        && commit.writes.iter().all(plain)
        && worklists(&commit.indexes)
        && commit.branches.first().is_none_or(|first| worklists(&first.indexes))
}

/// Whether each of these jobs is the first of its lead's in its queue, and nothing is absorbed by it.
fn begin_queues(jobs: &[NewJob]) -> bool {
    let mut rest = jobs;
    while let Some((job, others)) = rest.split_first() {
        let same = |it: &NewJob| (it.lead, &it.route.queue) == (job.lead, &job.route.queue);
        if job.coalesces || (job.lead.is_some() && others.iter().any(same)) {
            return false;
        }
        rest = others;
    }
    true
}

/// A commit with as many of its branches as wanted at most.
pub(super) fn prepare(commit: &Commit, branches_max: usize) -> Result<Prepared, StoreError> {
    let space = Space::new(&commit.workspace);
    let mut names = Names::new(&space);
    let given = &commit.branches[..commit.branches.len().min(branches_max)];
    let begin = given.iter().all(|branch| begin_queues(&branch.jobs));
    let mut flags = if begin { 0 } else { IN_CHAINS };
    if let Some(claim) = &commit.claim {
        flags |= HAS_CLAIM;
        names.push(&Key::Claim(claim.key));
    }
    for read in &commit.reads {
        names.push(&read.key);
    }
    let mut pools = Vec::new();
    let mut branches = Pieces::with_capacity(1024, 16);
    let mut branch_numbers = Vec::with_capacity(10 * given.len());
    for branch in given {
        let numbers = add_branch(branch, &mut names, &mut pools, &mut branches)?;
        branch_numbers.extend(numbers);
    }
    let mut arguments = Pieces::with_capacity(4096, 32);
    if let Some(claim) = &commit.claim {
        arguments.push(&encode_claim(claim));
    }
    if commit.reads.iter().any(|read| read.version != 0) {
        flags |= HAS_VERSIONS;
        arguments.write(|bytes| {
            bytes.extend(commit.reads.iter().flat_map(|read| read.version.to_be_bytes()));
        });
    }
    let before = arguments.len();
    // Who takes the first branch without picking from a pool needs no script to know the receipt.
    let certain = commit.branches.first().is_none_or(|first| first.pick.is_none());
    let receipt = certain.then(|| Receipt::of_branch(0).pack());
    let put_numbers = writes::add(commit, receipt.as_deref(), &mut names, &mut arguments)?;
    let put_arguments = arguments.len() - before;
    add_indexes(&space, &commit.indexes, &mut arguments);
    arguments.append(&branches);
    if !commit.journal.is_empty() {
        flags |= HAS_ROW;
        arguments.write(|bytes| pack_to(&commit.journal, bytes));
    }
    let (reads, writes) = names.into_lists();
    let claim_life = commit.claim.as_ref().map_or(0, |claim| life(claim.until, commit.now));
    let mut header = Vec::with_capacity(64 + branch_numbers.len() + put_numbers.len());
    header.extend(short(arguments.len())?);
    header.extend(commit.now.as_millis().to_be_bytes());
    header.push(flags);
    header.extend(claim_life.to_be_bytes());
    for count in [
        reads.len(),
        commit.reads.len(),
        put_numbers.len() / writes::NUMBERS,
        put_arguments,
        commit.indexes.len(),
        commit.branches.len(),
        given.len(),
    ] {
        header.extend(short(count)?);
    }
    header.extend(branch_numbers);
    header.extend(put_numbers);
    Ok(Prepared {
        workspace: commit.workspace.clone(),
        incarnation: commit.lease.as_ref().map(|lease| lease.incarnation.clone()),
        now: commit.now,
        reads,
        writes,
        pools,
        header,
        arguments,
    })
}

/// Two bytes: more of one thing in one commit than they count is refused.
pub(super) fn short(count: usize) -> Result<[u8; 2], StoreError> {
    let too_large = |_| StoreError::Refused("a commit of more than 65,535 parts".to_owned());
    u16::try_from(count).map(u16::to_be_bytes).map_err(too_large)
}

/// One byte.
fn byte(count: usize) -> Result<u8, StoreError> {
    let too_large = |_| StoreError::Refused("more than 255 caps, or a long name".to_owned());
    u8::try_from(count).map_err(too_large)
}

/// Name, member, score of each (empty = out).
fn add_indexes(space: &Space, changes: &[IndexChange], arguments: &mut Pieces) {
    for change in changes {
        arguments.push(&space.index(&change.index));
        arguments.push(&change.member);
        arguments.push(change.score.map_or_else(String::new, |s| s.to_string()).as_bytes());
    }
}

/// A branch's arguments; gives its numbers: pool, chains, jobs, indexes, arguments.
fn add_branch(
    branch: &Branch,
    names: &mut Names<'_>,
    pools: &mut Vec<Vec<u8>>,
    arguments: &mut Pieces,
) -> Result<Vec<u8>, StoreError> {
    let mut chains: Vec<(usize, Chain)> = Vec::new();
    for job in &branch.jobs {
        if let Some(lead) = job.lead {
            begin_chain(&mut chains, names.number(&Key::Chain(lead)), job);
        }
    }
    let before = arguments.len();
    for (number, chain) in &chains {
        arguments.push(number.to_string().as_bytes());
        arguments.push(&chain.encode());
    }
    for job in &branch.jobs {
        add_job(names.space, job, arguments);
    }
    add_indexes(names.space, &branch.indexes, arguments);
    let pool = match &branch.pick {
        Some(pick) => {
            pools.push(pool(pick)?);
            pools.len()
        }
        None => 0,
    };
    let counts =
        [pool, chains.len(), branch.jobs.len(), branch.indexes.len(), arguments.len() - before];
    let mut numbers = Vec::with_capacity(10);
    for count in counts {
        numbers.extend(short(count)?);
    }
    Ok(numbers)
}

/// Notes a job as the head of its queue in a chain that begins with this commit: what the chain is if there is
/// none yet and the commit goes together with others.
fn begin_chain(chains: &mut Vec<(usize, Chain)>, number: usize, job: &NewJob) {
    let at = chains.iter().position(|(known, _)| *known == number).unwrap_or_else(|| {
        chains.push((number, Chain::default()));
        chains.len() - 1
    });
    let chain = &mut chains[at].1;
    let Ok(link) = chain.find_or_add(&job.route.queue) else { return };
    chain.links[link].sequence = 1;
    chain.links[link].head = Some(job.id);
    chain.remember(link, job.id);
}

/// Method and skip policy, pool, members: name, weight, caps: how many counters before count, counter, limit, until; who is beside it. Equal for
/// all commits that pick from the same members, so the script takes it apart once.
fn pool(pick: &PoolPick) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(64 * pick.candidates.len() + 32);
    bytes.push(assign::code(pick.method) + 8 * assign::skip_code(pick.skip));
    bytes.push(byte(pick.pool.as_str().len())?);
    bytes.extend_from_slice(pick.pool.as_str().as_bytes());
    bytes.extend(short(pick.candidates.len())?);
    for candidate in &pick.candidates {
        bytes.push(byte(candidate.member.as_str().len())?);
        bytes.extend_from_slice(candidate.member.as_str().as_bytes());
        bytes.extend(u16::try_from(candidate.weight).unwrap_or(u16::MAX).to_be_bytes());
        bytes.push(byte(candidate.caps.len())?);
        for cap in &candidate.caps {
            bytes.push(cap.earlier);
            bytes.push(byte(cap.counter.len())?);
            bytes.extend_from_slice(cap.counter.as_bytes());
            bytes.extend_from_slice(&cap.limit.to_be_bytes());
            bytes.extend_from_slice(&cap.until.as_millis().max(0).to_be_bytes());
        }
    }
    for other in &pick.beside {
        bytes.push(b'|');
        bytes.extend_from_slice(other.as_str().as_bytes());
    }
    Ok(bytes)
}

/// A new job: its name, its value up to the receipt (as the first of its queue), an empty state's length + its
/// body, numbers.
pub(super) fn add_job(space: &Space, job: &NewJob, arguments: &mut Pieces) {
    let sequence = u8::from(job.lead.is_some());
    let empty = JobValue::without_body(job, &job.route.queue, u64::from(sequence));
    arguments.push(&space.key(&Key::Job(job.id)));
    let mut head = empty.encode();
    // Behind the head stand the lengths of receipt (2) and state (4), both empty here.
    head.truncate(head.len() - 6);
    arguments.push(&head);
    arguments.write(|bytes| {
        bytes.extend_from_slice(&[0; 4]);
        pack_to(&job.body, bytes);
    });
    arguments.write(|bytes| {
        let route = |bytes: &mut Vec<u8>, route: Option<&Route>| {
            let (permits, lease_ms) = route.map_or((0, 0), |route| {
                // No time = not leased by a commit.
                (route.permits, route.pace.map_or(route.lease_ms, |_| 0))
            });
            bytes.extend_from_slice(&permits.to_be_bytes());
            bytes.extend_from_slice(&lease_ms.to_be_bytes());
        };
        route(bytes, Some(&job.route));
        bytes.extend_from_slice(&empty.due.as_millis().to_be_bytes());
        bytes.extend_from_slice(&empty.ready_score().to_be_bytes());
        bytes.push(sequence);
        route(bytes, job.fallback.as_ref());
        bytes.push(u8::from(job.resets_handover));
        bytes.extend_from_slice(&job.inquiry.map_or([0; 16], |inquiry| *inquiry.as_bytes()));
        let queue = job.fallback.as_ref().map_or("", |fallback| fallback.queue.as_str());
        bytes.extend_from_slice(queue.as_bytes());
    });
}

/// What a commit came to; `None` = nothing, it must be done alone and with all of its branches.
pub(super) fn outcome(
    commit: &Commit,
    mut answer: Answer,
) -> Result<Option<CommitOutcome>, StoreError> {
    Ok(Some(match answer.int()? {
        0 => CommitOutcome::Committed(committed(commit, answer)?),
        1 => CommitOutcome::Duplicate { inquiry: InquiryId::from_bytes(answer.id()?) },
        2 => CommitOutcome::Conflict { inquiry: InquiryId::from_bytes(answer.id()?) },
        3 => stale(commit, answer)?,
        _ => return Ok(None),
    }))
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
            body: look::unpacked(job.body.clone())?,
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
