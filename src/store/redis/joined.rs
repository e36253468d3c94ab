//! Commits that wait together are sent together: one call of the script does them one after another,
//! and what a call costs, here and there, is paid once.
//!
//! Each thread has a lane. The first commit to come into an empty lane starts a task; by the time that
//! runs, all requests that were ready on the thread have come to their commits. So under load a call
//! takes many, and a commit on an idle server waits for nobody.

use std::sync::{Arc, Mutex, PoisonError};

use ::redis::Value;
use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::answer::Answer;
use super::commit::{Prepared, short};
use super::link::{Link, Repeat, turn};
use super::script::{COMMIT, Call};
use crate::domain::Shard;
use crate::domain::ports::StoreError;

/// Commits in one call at most: a millisecond of the server's time.
const COMMITS_MAX: usize = 32;
/// Bytes in one call at most, unless a single commit has more.
const BYTES_MAX: usize = 512 * 1024;

type Answered = Result<Answer, StoreError>;

/// A commit, and who waits for its answer.
#[derive(Debug)]
struct Waiting {
    prepared: Prepared,
    tell: oneshot::Sender<Answered>,
}

/// Where commits wait for each other.
#[derive(Debug)]
pub(super) struct Lanes(Vec<Mutex<Vec<Waiting>>>);

impl Lanes {
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::default()).collect())
    }

    /// Sends a commit with those that come at the same time. It must be harmless when sent twice.
    pub(super) async fn send(self: &Arc<Self>, link: &Arc<Link>, prepared: Prepared) -> Answered {
        let (tell, told) = oneshot::channel();
        let number = turn() % self.0.len();
        let is_first = {
            let mut lane = self.0[number].lock().unwrap_or_else(PoisonError::into_inner);
            lane.push(Waiting { prepared, tell });
            lane.len() == 1
        };
        if is_first {
            let trip = Trip { lanes: Some(Arc::clone(self)), number };
            let link = Arc::clone(link);
            tokio::spawn(async move { trip.go(&link).await });
        }
        told.await.unwrap_or_else(|_| {
            Err(StoreError::Unreachable("the thread ended before the call was sent".to_owned()))
        })
    }
}

/// Empties a lane, even if its task is dropped before it ran: nobody is to wait for nothing.
struct Trip {
    /// None once it was emptied: from then on the lane is the next one's.
    lanes: Option<Arc<Lanes>>,
    number: usize,
}

impl Drop for Trip {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl Trip {
    fn take(&mut self) -> Vec<Waiting> {
        let Some(lanes) = self.lanes.take() else { return Vec::new() };
        let mut lane = lanes.0[self.number].lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *lane)
    }

    async fn go(mut self, link: &Link) {
        let waiting = self.take();
        let mut calls: Vec<Vec<Waiting>> = Vec::new();
        for commit in waiting {
            match calls.iter_mut().find(|call| goes_with(call, &commit.prepared)) {
                Some(call) => call.push(commit),
                None => calls.push(vec![commit]),
            }
        }
        join_all(calls.into_iter().map(|call| send(link, call))).await;
    }
}

/// Whether a commit may go with those of a call: of one workspace, on behalf of one process, not too many.
fn goes_with(call: &[Waiting], prepared: &Prepared) -> bool {
    let size: usize = call.iter().map(|commit| commit.prepared.size()).sum();
    call.len() < COMMITS_MAX
        && size + prepared.size() < BYTES_MAX
        && call.first().is_some_and(|first| {
            first.prepared.workspace == prepared.workspace
                && first.prepared.incarnation == prepared.incarnation
        })
}

/// Sends a call, and tells everybody what became of theirs.
async fn send(link: &Link, commits: Vec<Waiting>) {
    let prepared: Vec<&Prepared> = commits.iter().map(|commit| &commit.prepared).collect();
    let answers = call(link, &prepared, Repeat::Harmless).await;
    match answers {
        Ok(answers) => {
            for (commit, answer) in commits.into_iter().zip(answers) {
                // Whoever does not wait any more has given the request up.
                drop(commit.tell.send(Ok(answer)));
            }
        }
        // What one of them met stopped all of them before anything was written.
        Err(StoreError::Refused(_) | StoreError::Corrupt(_)) if commits.len() > 1 => {
            for commit in commits {
                let answer = alone(link, &commit.prepared, Repeat::Harmless).await;
                drop(commit.tell.send(answer));
            }
        }
        Err(error) => {
            for commit in commits {
                drop(commit.tell.send(Err(error.clone())));
            }
        }
    }
}

/// Sends one commit in a call of its own.
pub(super) async fn alone(link: &Link, prepared: &Prepared, repeat: Repeat) -> Answered {
    let mut answers = call(link, &[prepared], repeat).await?;
    answers.pop().ok_or_else(unexpected)
}

async fn call(
    link: &Link,
    commits: &[&Prepared],
    repeat: Repeat,
) -> Result<Vec<Answer>, StoreError> {
    let value = together(commits)?.send(link, repeat).await?;
    let Value::Array(answers) = value else { return Err(unexpected()) };
    if answers.len() != commits.len() {
        return Err(unexpected());
    }
    answers.into_iter().map(Answer::of).collect()
}

fn unexpected() -> StoreError {
    StoreError::Corrupt("not one answer for each commit".to_owned())
}

/// The call that does these commits.
fn together(commits: &[&Prepared]) -> Result<Call, StoreError> {
    let Some(first) = commits.first() else { return Err(unexpected()) };
    let mut pools: Vec<&[u8]> = Vec::new();
    let mut numbers: Vec<[u8; 6]> = Vec::with_capacity(commits.len());
    let read: usize = commits.iter().map(|commit| commit.reads.len()).sum();
    // Names are numbered from 1 within each commit; the shard's tag is the first of all.
    let (mut reads, mut writes) = (1, 1 + read);
    for commit in commits {
        let base = pools_at(&mut pools, &commit.pools);
        let mut places = [0; 6];
        places[..2].copy_from_slice(&short(reads)?);
        places[2..4].copy_from_slice(&short(writes - commit.reads.len())?);
        places[4..].copy_from_slice(&short(base)?);
        numbers.push(places);
        reads += commit.reads.len();
        writes += commit.writes.len();
    }
    let names = commits.iter().flat_map(|commit| commit.reads.iter());
    let names = names.chain(commits.iter().flat_map(|commit| commit.writes.iter()));
    let mut call = Call::with_keys(&COMMIT, Shard::of(&first.workspace), writes - 1, names);
    call.arg(first.workspace.as_str()).arg(first.now.as_millis());
    call.arg(first.incarnation.as_ref().map_or("", |incarnation| incarnation.as_str()));
    call.arg([short(read)?, short(pools.len())?, short(commits.len())?].concat());
    for pool in pools {
        call.arg(pool);
    }
    for (commit, places) in commits.iter().zip(numbers) {
        call.arg([&places[..], &commit.header].concat());
        for argument in commit.arguments.iter() {
            call.arg(argument);
        }
    }
    Ok(call)
}

/// Where a commit's pools stand among all: they come in one run; a single one may be there already.
fn pools_at<'a>(all: &mut Vec<&'a [u8]>, own: &'a [Vec<u8>]) -> usize {
    if let [only] = own
        && let Some(at) = all.iter().position(|pool| pool == only)
    {
        return at;
    }
    all.extend(own.iter().map(Vec::as_slice));
    all.len() - own.len()
}
