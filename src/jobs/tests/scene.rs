//! A loop over a store in memory, with a runner that does as a test says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use super::super::{Jobs, Limits};
use super::flaky::Flaky;
use crate::deliver::tests::sample::{Stopped, commit, name};
use crate::domain::ports::*;
use crate::domain::*;
use crate::telemetry::Telemetry;

pub(super) const PERMITS: u32 = 4;

type Script = Box<dyn Fn(LeasedJob) -> BoxFuture<'static, JobReport> + Send + Sync>;

/// Runs jobs by a script and counts how often each was begun.
pub(super) struct Runner {
    script: Script,
    /// How queue `many` is gathered, and how many jobs each run had.
    pub(super) runs: Mutex<Vec<usize>>,
    pub(super) begun: Mutex<BTreeMap<u8, u32>>,
    pub(super) orphaned: AtomicBool,
}

#[async_trait]
impl JobRunner for Runner {
    fn route(&self, _workspace: &Name, queue: &Name) -> Option<Route> {
        let orphaned = self.orphaned.load(std::sync::atomic::Ordering::SeqCst);
        (!orphaned).then(|| route(queue.as_str()))
    }

    async fn run(&self, _workspace: &Name, job: &LeasedJob) -> JobReport {
        *self.begun.lock().unwrap().entry(job.id.as_bytes()[0]).or_default() += 1;
        (self.script)(job.clone()).await
    }

    fn gather(&self, _workspace: &Name, queue: &Name) -> Option<Gather> {
        let gather = Gather { max: 3, wait: Duration::from_millis(300) };
        (*queue == name("many")).then_some(gather)
    }

    async fn run_all(&self, workspace: &Name, jobs: &[LeasedJob]) -> Vec<JobReport> {
        self.runs.lock().unwrap().push(jobs.len());
        let mut reports = Vec::new();
        for job in jobs {
            reports.push(self.run(workspace, job).await);
        }
        reports
    }
}

pub(super) fn route(queue: &str) -> Route {
    Route { queue: name(queue), permits: PERMITS, lease_ms: 30_000, pace: None }
}

pub(super) fn report(outcome: JobOutcome) -> JobReport {
    JobReport {
        outcome,
        state: DeliveryState { count: 1, ..DeliveryState::default() },
        pause: None,
    }
}

pub(super) fn done(clock: &Stopped) -> JobReport {
    report(JobOutcome::Done { until: clock.now().after(Duration::from_secs(1000)) })
}

pub(super) struct Scene {
    pub(super) store: Arc<Flaky>,
    pub(super) clock: Arc<Stopped>,
    pub(super) runner: Arc<Runner>,
    pub(super) jobs: Jobs,
    pub(super) running: tokio::task::JoinHandle<()>,
}

impl Scene {
    pub(super) fn new(
        limits: Limits,
        script: impl Fn(&Arc<Stopped>, LeasedJob) -> BoxFuture<'static, JobReport>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let store = Arc::new(Flaky {
            inner: Arc::default(),
            down: AtomicBool::new(false),
            lose_settles: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            looks: AtomicU32::new(0),
        });
        Self::over(store, Stopped::new(), "replica-a", limits, script)
    }

    /// Another loop, over the same store.
    pub(super) fn over(
        store: Arc<Flaky>,
        clock: Arc<Stopped>,
        incarnation: &str,
        limits: Limits,
        script: impl Fn(&Arc<Stopped>, LeasedJob) -> BoxFuture<'static, JobReport>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let of_script = Arc::clone(&clock);
        let runner = Arc::new(Runner {
            script: Box::new(move |job| script(&of_script, job)),
            runs: Mutex::default(),
            begun: Mutex::default(),
            orphaned: AtomicBool::new(false),
        });
        let jobs = Jobs::new(
            Arc::clone(&store) as _,
            Arc::clone(&runner) as _,
            Arc::clone(&clock) as _,
            name(incarnation),
            || vec![name("demo"), name("other")],
            Telemetry::new(),
            limits,
        );
        let running = tokio::spawn({
            let jobs = jobs.clone();
            async move { jobs.run().await }
        });
        Self { store, clock, runner, jobs, running }
    }

    /// Commits lead `n` with one job in `queue`; hands over what was leased.
    pub(super) async fn add(&self, n: u8, queue: &str, leased: bool) {
        self.add_to("demo", n, queue, leased).await;
    }

    /// The same in another workspace.
    pub(super) async fn add_to(&self, workspace: &str, n: u8, queue: &str, leased: bool) {
        let lease = leased.then(|| Lease { incarnation: name("replica-a") });
        let mut commit = commit(n, route(queue), lease, self.clock.now());
        commit.workspace = name(workspace);
        match self.store.commit(&commit).await.unwrap() {
            CommitOutcome::Committed(committed) => {
                assert_eq!(committed.leased.len(), usize::from(leased));
                self.jobs.hand_over(&name(workspace), committed.leased);
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn begun(&self, n: u8) -> u32 {
        self.runner.begun.lock().unwrap().get(&n).copied().unwrap_or(0)
    }

    pub(super) async fn depth(&self, queue: &str) -> QueueDepth {
        self.store.inner.depth(&name("demo"), &name(queue), self.clock.now()).await.unwrap()
    }

    /// Nothing waits and nothing is held in the queue.
    pub(super) async fn is_empty(&self, queue: &str) -> bool {
        let depth = self.depth(queue).await;
        depth.ready + depth.delayed + depth.leased == 0
    }
}

/// Asks again until it holds; fails after ten seconds.
pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
