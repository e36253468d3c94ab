//! Commits that wait together are sent together: one call of the script does them one after another,
//! and what a call costs, here and there, is paid once. A call ends before the first commit that reads or writes
//! a name of an earlier one in it: so the script reads everything at first and looks nothing up again.
//!
//! Each thread has a lane to each workspace. A call sets out when a few commits wait, or when all requests that were
//! ready on the thread have come to theirs. It is sent by a task on the runtime the store was connected on: writing
//! calls and reading answers is work for a thread that answers no requests, and the server begins while this one goes
//! on with the next requests. Those commits that come while a call is away go with the next one, as soon as the answer is there
//! (and before anybody is told what it says) or a call is full. So under load a call takes many, and a commit on an
//! idle server waits for nobody.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use ::redis::Value;
use ahash::AHashSet;
use futures_util::future::{MaybeDone, maybe_done};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::answer::Answer;
use super::commit::{Prepared, short};
use super::link::{Link, Repeat, turn};
use super::script::{COMMIT, Call, Function, TOGETHER};
use crate::domain::ports::StoreError;
use crate::domain::{Name, Shard};

/// Commits in one call at most: a millisecond of the server's time. An entry of the journal has no more rows.
pub(super) const COMMITS_MAX: usize = 32;
/// So many set out although more may come: few in a call cost the server more each, and many keep it waiting.
const COMPANY: usize = 8;
/// Bytes in one call at most, unless a single commit has more.
const BYTES_MAX: usize = 512 * 1024;
/// Names in one call at most, unless a single commit has more: Lua's stack has room for so many.
const NAMES_MAX: usize = 1000;
/// Calls of a thread for one workspace that may be away at once: further ones only when they are full.
const TRIPS_MAX: usize = 4;

type Answered = Result<Answer, StoreError>;
/// What a call carried, and what it came to.
type Told = (Vec<Waiting>, Result<Vec<Answer>, StoreError>);

/// A commit, and who waits for its answer.
#[derive(Debug)]
struct Waiting {
    prepared: Prepared,
    tell: oneshot::Sender<Answered>,
}

/// The commits of one thread for one workspace that were not sent yet.
#[derive(Debug, Default)]
struct Lane {
    waiting: Vec<Waiting>,
    /// Requests that were ready on the thread may still come to their commits.
    gathers: bool,
    /// Tasks that send them.
    trips: usize,
}

impl Lane {
    fn may_set_out(&self) -> bool {
        !self.waiting.is_empty() && (!self.gathers || self.waiting.len() >= COMPANY)
    }
}

type LanesOfThread = Mutex<BTreeMap<Name, Lane>>;

/// Where commits wait for each other.
#[derive(Debug)]
pub(super) struct Lanes {
    threads: Vec<LanesOfThread>,
    /// Where the tasks that send them run.
    home: Handle,
}

impl Lanes {
    pub(super) fn new(threads: usize, home: Handle) -> Self {
        Self { threads: (0..threads).map(|_| Mutex::default()).collect(), home }
    }

    /// Sends a commit with those that come at the same time. It must be harmless when sent twice.
    pub(super) async fn send(self: &Arc<Self>, link: &Arc<Link>, prepared: Prepared) -> Answered {
        let (tell, told) = oneshot::channel();
        let thread = turn() % self.threads.len();
        self.enter(link, thread, Waiting { prepared, tell });
        told.await.unwrap_or_else(|_| {
            Err(StoreError::Unreachable("the runtime ended before the call was sent".to_owned()))
        })
    }

    /// Puts a commit into its lane, and sees that it is sent.
    fn enter(self: &Arc<Self>, link: &Arc<Link>, thread: usize, commit: Waiting) {
        let workspace = commit.prepared.workspace.clone();
        let begins = {
            let mut lanes = self.of(thread);
            let lane = lanes.entry(workspace.clone()).or_default();
            lane.waiting.push(commit);
            !std::mem::replace(&mut lane.gathers, true)
        };
        if begins {
            let (lanes, link) = (Arc::clone(self), Arc::clone(link));
            let gathering = Gathering { lanes, link, thread, workspace };
            // By the time it runs, all requests that were ready have come to their commits.
            tokio::spawn(async move { drop(gathering) });
        } else {
            self.set_out(link, thread, &workspace);
        }
    }

    /// Starts a task that sends what waits, if something may set out and nobody is on the way, or a call is full.
    fn set_out(self: &Arc<Self>, link: &Arc<Link>, thread: usize, workspace: &Name) {
        {
            let mut lanes = self.of(thread);
            let Some(lane) = lanes.get_mut(workspace) else { return };
            let full = lane.waiting.len() >= COMMITS_MAX && lane.trips < TRIPS_MAX;
            if !(full || lane.trips == 0 && lane.may_set_out()) {
                return;
            }
            lane.trips += 1;
        }
        let (lanes, workspace) = (Arc::clone(self), workspace.clone());
        let trip = Trip { lanes, thread, workspace, ended: false };
        let link = Arc::clone(link);
        self.home.spawn(async move { trip.go(&link).await });
    }

    fn of(&self, thread: usize) -> MutexGuard<'_, BTreeMap<Name, Lane>> {
        self.threads[thread].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until it is dropped, further commits are expected on the thread.
struct Gathering {
    lanes: Arc<Lanes>,
    link: Arc<Link>,
    thread: usize,
    workspace: Name,
}

impl Drop for Gathering {
    fn drop(&mut self) {
        if let Some(lane) = self.lanes.of(self.thread).get_mut(&self.workspace) {
            lane.gathers = false;
        }
        self.lanes.set_out(&self.link, self.thread, &self.workspace);
    }
}

/// A task that sends what waits in a lane, call after call, while something may set out.
struct Trip {
    lanes: Arc<Lanes>,
    thread: usize,
    workspace: Name,
    /// It found nothing that may set out, and was struck off there.
    ended: bool,
}

impl Drop for Trip {
    /// Nobody is to wait for a task that was dropped on its way.
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut lanes = self.lanes.of(self.thread);
        let Some(lane) = lanes.get_mut(&self.workspace) else { return };
        lane.trips -= 1;
        let left = if lane.trips == 0 { std::mem::take(&mut lane.waiting) } else { Vec::new() };
        drop(lanes);
        drop(left);
    }
}

impl Trip {
    /// The next call sets out before anybody is told what became of the last one: the server does it while this
    /// thread answers.
    async fn go(mut self, link: &Link) {
        let mut away = self.call(link);
        while let Some(mut call) = away {
            call.as_mut().await;
            away = self.call(link);
            if let Some(next) = &mut away {
                begin(next.as_mut()).await;
            }
            if let Some((commits, answers)) = call.as_mut().take_output() {
                tell(link, commits, answers).await;
            }
        }
    }

    /// A call of the next commits, if any wait.
    fn call<'l>(
        &mut self,
        link: &'l Link,
    ) -> Option<Pin<Box<MaybeDone<impl Future<Output = Told> + use<'l>>>>> {
        let commits = self.load()?;
        Some(Box::pin(maybe_done(async move {
            let prepared: Vec<&Prepared> = commits.iter().map(|commit| &commit.prepared).collect();
            let answers = call(link, TOGETHER, &prepared, Repeat::Harmless).await;
            (commits, answers)
        })))
    }

    /// The next commits, as many as may go in one call: on behalf of one process, not too many, and none that has a
    /// name in common with one before it.
    fn load(&mut self) -> Option<Vec<Waiting>> {
        let mut lanes = self.lanes.of(self.thread);
        let lane = lanes.get_mut(&self.workspace)?;
        let Some(first) = lane.waiting.first().filter(|_| lane.may_set_out()) else {
            lane.trips -= 1;
            self.ended = true;
            return None;
        };
        let (mut size, mut count) = (0, 0);
        let mut names = AHashSet::with_capacity(8 * COMMITS_MAX);
        for Waiting { prepared, .. } in lane.waiting.iter().take(COMMITS_MAX) {
            size += prepared.size();
            if size >= BYTES_MAX
                || names.len() >= NAMES_MAX
                || prepared.incarnation != first.prepared.incarnation
                || !prepared.is_apart(&mut names)
            {
                break;
            }
            count += 1;
        }
        // One that is too large for company goes alone.
        Some(lane.waiting.drain(..count.max(1)).collect())
    }
}

/// Lets a call come as far as it comes by itself: to the connection.
async fn begin(mut call: Pin<&mut impl Future>) {
    poll_fn(|context| {
        drop(call.as_mut().poll(context));
        Poll::Ready(())
    })
    .await;
}

/// Tells everybody what became of theirs.
async fn tell(link: &Link, commits: Vec<Waiting>, answers: Result<Vec<Answer>, StoreError>) {
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
    let mut answers = call(link, COMMIT, &[prepared], repeat).await?;
    answers.pop().ok_or_else(unexpected)
}

async fn call(
    link: &Link,
    function: Function,
    commits: &[&Prepared],
    repeat: Repeat,
) -> Result<Vec<Answer>, StoreError> {
    let value = together(function, commits)?.send(link, repeat).await?;
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
fn together(function: Function, commits: &[&Prepared]) -> Result<Call, StoreError> {
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
    let mut call = Call::with_keys(function, Shard::of(&first.workspace), writes - 1, names);
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
