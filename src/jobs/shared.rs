//! What the parts of the loop share, and the handle that the rest of the program holds.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::hand::{Handed, Held, Room};
use super::{beat, scout, sweep, work};
use crate::domain::ports::{Clock, JobRunner, Store, StoreError};
use crate::domain::{LeasedJob, Name};
use crate::telemetry::{Fact, Telemetry};

/// The loop's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many jobs run at once in this process, whatever their queues allow.
    pub in_flight: usize,
    /// After how long without a heartbeat another process's leases are free. Zero where no other
    /// process can be there (the embedded store): leases of an earlier life are then free at once.
    pub silent_for: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { in_flight: 512, silent_for: Duration::from_secs(10) }
    }
}

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// Nothing new; what is under way may finish until then.
    Draining(Instant),
    Ended,
}

pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) runner: Arc<dyn JobRunner>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) incarnation: Name,
    pub(super) workspaces: Box<dyn Fn() -> Vec<Name> + Send + Sync>,
    pub(super) telemetry: Telemetry,
    pub(super) limits: Limits,
    outbox: mpsc::UnboundedSender<Handed>,
    /// How many jobs of each workspace are in hand, begun or not.
    in_hand: Mutex<HashMap<Name, Arc<AtomicUsize>>>,
    /// One permit per job under way.
    pub(super) slots: Arc<Semaphore>,
    /// Tells the scout to look at once.
    pub(super) nudge: Notify,
    lapsed: Mutex<Vec<Name>>,
    /// Somebody lapsed since the scout last looked.
    pub(super) newly_lapsed: AtomicBool,
    phase: watch::Sender<Phase>,
}

impl Shared {
    pub(super) fn lapsed(&self) -> Vec<Name> {
        self.lapsed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps who lapsed; nudges the scout if somebody is new among them.
    pub(super) fn set_lapsed(&self, mut found: Vec<Name>) {
        // Who has just beaten has not lapsed, however short the silence allowed.
        found.retain(|name| *name != self.incarnation);
        let mut known = self.lapsed.lock().unwrap_or_else(PoisonError::into_inner);
        let news = found.iter().any(|name| !known.contains(name));
        *known = found;
        drop(known);
        if news {
            self.newly_lapsed.store(true, Ordering::Release);
            self.nudge.notify_one();
        }
    }

    /// Takes a job in hand. After the end of the loop it is left to its lease.
    pub(super) fn take_in(&self, workspace: &Name, job: LeasedJob) {
        let held = Held::new(&self.count_of(workspace));
        drop(self.outbox.send(Handed { workspace: workspace.clone(), job, held }));
    }

    fn count_of(&self, workspace: &Name) -> Arc<AtomicUsize> {
        let mut counts = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counts.entry(workspace.clone()).or_default())
    }

    /// So many jobs of one workspace may be in hand: with others beside it, half of the slots, so that somebody else's
    /// job finds one.
    fn most_of_one(&self) -> usize {
        let alone = (self.workspaces)().len() <= 1;
        if alone { usize::MAX } else { (self.limits.in_flight / 2).max(1) }
    }

    /// Whether no more jobs of that workspace should be taken.
    pub(super) fn is_full(&self, workspace: &Name) -> bool {
        self.count_of(workspace).load(Ordering::Acquire) >= self.most_of_one()
    }

    /// Room for up to so many jobs of a workspace, held until they are in hand.
    pub(super) fn reserve(&self, workspace: &Name, wanted: usize) -> Room {
        let (count, most) = (self.count_of(workspace), self.most_of_one());
        let more = |held: usize| Some(held + wanted.min(most.saturating_sub(held)));
        let (held, all) = match count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more) {
            Ok(held) | Err(held) => (held, more(held).unwrap_or(held)),
        };
        Room { count, jobs: all - held }
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Waits until nothing new may be begun.
    pub(super) async fn draining(&self) {
        let mut phase = self.phase.subscribe();
        // The sender lives as long as `self`.
        drop(phase.wait_for(|phase| *phase != Phase::Running).await);
    }

    pub(super) async fn ended(&self) {
        let mut phase = self.phase.subscribe();
        drop(phase.wait_for(|phase| *phase == Phase::Ended).await);
    }

    pub(super) fn store_troubled(&self, during: &'static str, error: &StoreError) {
        let kind = error.kind();
        self.telemetry.record(&Fact::StoreTroubled { during, kind, detail: &error.to_string() });
    }
}

/// The loop's handle. Cheap to clone; every clone is the same loop.
#[derive(Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
    inbox: Arc<Mutex<Option<mpsc::UnboundedReceiver<Handed>>>>,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs")
            .field("incarnation", &self.shared.incarnation)
            .finish_non_exhaustive()
    }
}

impl Jobs {
    /// A loop that does nothing yet. `workspaces` are those configured now.
    pub fn new(
        store: Arc<dyn Store>,
        runner: Arc<dyn JobRunner>,
        clock: Arc<dyn Clock>,
        incarnation: Name,
        workspaces: impl Fn() -> Vec<Name> + Send + Sync + 'static,
        telemetry: Telemetry,
        limits: Limits,
    ) -> Self {
        let (outbox, inbox) = mpsc::unbounded_channel();
        let shared = Shared {
            store,
            runner,
            clock,
            incarnation,
            workspaces: Box::new(workspaces),
            telemetry,
            limits,
            outbox,
            in_hand: Mutex::default(),
            slots: Arc::new(Semaphore::new(limits.in_flight)),
            nudge: Notify::new(),
            lapsed: Mutex::default(),
            newly_lapsed: AtomicBool::new(false),
            phase: watch::Sender::new(Phase::Running),
        };
        Self { shared: Arc::new(shared), inbox: Arc::new(Mutex::new(Some(inbox))) }
    }

    /// Takes jobs that a commit leased to this process; none = it left some that are to be looked for at once. From
    /// any thread; never blocks. How many there can be is bounded by the permits of their queues. After the
    /// end they are left to their leases.
    pub fn hand_over(&self, workspace: &Name, jobs: Vec<LeasedJob>) {
        if jobs.is_empty() {
            self.wake();
        }
        for job in jobs {
            self.shared.take_in(workspace, job);
        }
    }

    /// Looks for due jobs at once: something was resumed, replayed or added unleased.
    pub fn wake(&self) {
        self.shared.nudge.notify_one();
    }

    /// How many jobs are under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.limits.in_flight.saturating_sub(self.shared.slots.available_permits())
    }

    /// Runs until [`Jobs::stop`]. A second call returns at once.
    pub async fn run(&self) {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(inbox) = inbox else { return };
        let shared = &self.shared;
        let mut parts = JoinSet::new();
        parts.spawn(keep_up("beat", Arc::clone(shared), beat::beat));
        parts.spawn(keep_up("scout", Arc::clone(shared), scout::scout));
        parts.spawn(keep_up("sweep", Arc::clone(shared), sweep::sweep));
        work::work(Arc::clone(shared), inbox).await;
        shared.phase.send_replace(Phase::Ended);
        while parts.join_next().await.is_some() {}
    }

    /// Ends the loop in two steps: nothing new is claimed and what was not begun goes back to the
    /// store at once; what is under way may finish within `grace`, then it is cut off (its leases
    /// lapse, somebody else repeats it under the same ids). Returns when the loop has ended.
    pub async fn stop(&self, grace: Duration) {
        let never_ran = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take().is_some();
        if never_ran {
            self.shared.phase.send_replace(Phase::Ended);
        }
        self.shared.phase.send_if_modified(|phase| {
            let running = *phase == Phase::Running;
            if running {
                *phase = Phase::Draining(Instant::now() + grace);
            }
            running
        });
        self.shared.ended().await;
    }
}

/// Runs a part of the loop until it returns; begins it anew after a panic.
async fn keep_up<F>(name: &'static str, shared: Arc<Shared>, part: impl Fn(Arc<Shared>) -> F)
where
    F: Future<Output = ()> + Send,
{
    while AssertUnwindSafe(part(Arc::clone(&shared))).catch_unwind().await.is_err() {
        shared.telemetry.record(&Fact::LoopTroubled { name, detail: "panicked, begins anew" });
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
