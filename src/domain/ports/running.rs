//! Running jobs.

use std::time::Duration;

use async_trait::async_trait;

use super::Pause;
use crate::domain::{DeliveryState, JobOutcome, LeasedJob, Name, Route};

/// What running a job came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobReport {
    pub outcome: JobOutcome,
    /// The new [`DeliveryState`].
    pub state: DeliveryState,
    pub pause: Option<Pause>,
}

/// How jobs of a queue are gathered, to be run as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gather {
    /// So many at most.
    pub max: usize,
    /// So long the first one waits for others.
    pub wait: Duration,
}

/// Who knows how to run jobs: `deliver` for destinations.
#[async_trait]
pub trait JobRunner: Send + Sync {
    /// The route of a queue as configured now; `None` if there is no such queue any more.
    fn route(&self, workspace: &Name, queue: &Name) -> Option<Route>;

    /// Runs one job to an outcome. Never panics, never takes longer than the lease.
    async fn run(&self, workspace: &Name, job: &LeasedJob) -> JobReport;

    /// How jobs of that queue are gathered; `None` = each runs by itself.
    fn gather(&self, workspace: &Name, queue: &Name) -> Option<Gather> {
        let (_, _) = (workspace, queue);
        None
    }

    /// Runs what was gathered (of one queue, never empty) to an outcome each, in the same order.
    async fn run_all(&self, workspace: &Name, jobs: &[LeasedJob]) -> Vec<JobReport> {
        let mut reports = Vec::with_capacity(jobs.len());
        for job in jobs {
            reports.push(self.run(workspace, job).await);
        }
        reports
    }
}
