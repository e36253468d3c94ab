//! Who runs what: deliveries go to the courier, what the clock brings about and what is fetched to the flows.

use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;

use super::outbound::Outbound;
use crate::deliver::Courier;
use crate::domain::ports::{Clock, Gather, JobReport, JobRunner, Transport};
use crate::domain::{Job, JobOutcome, LeasedJob, Name, Retrieve, Route};
use crate::flow::{Flow, retrieval_route};
use crate::http::Active;

/// When a lead that could not be looked at is looked at again.
const LATER: Duration = Duration::from_secs(10);
/// The traces of jobs of the clock are of no use to anybody.
const KEPT: Duration = Duration::from_hours(1);

/// Both in one.
pub struct Runner {
    courier: Courier,
    /// It hands jobs over, so it must not be held by what runs them.
    flow: Weak<Flow>,
    active: Arc<ArcSwap<Active>>,
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
}

impl Runner {
    /// Puts them together.
    pub fn new(
        out: &Outbound,
        courier: Courier,
        flow: &Arc<Flow>,
        active: &Arc<ArcSwap<Active>>,
    ) -> Self {
        let (clock, transport) = (Arc::clone(&out.clock), Arc::clone(&out.transport));
        let (flow, active) = (Arc::downgrade(flow), Arc::clone(active));
        Self { courier, flow, active, clock, transport }
    }
}

impl Runner {
    async fn retrieve(&self, workspace: &Name, job: &LeasedJob, wanted: &Retrieve) -> JobReport {
        let found = self.active.load().workspaces.get(workspace).cloned();
        if let (Some(workspace), Some(flow)) = (found, self.flow.upgrade()) {
            return flow.retrieve(&workspace, job, wanted, self.transport.as_ref()).await;
        }
        let state = serde_json::from_slice(&job.state).unwrap_or_default();
        let due = self.clock.now().after(LATER);
        JobReport { outcome: JobOutcome::Again { due }, state, pause: None }
    }
}

#[async_trait]
impl JobRunner for Runner {
    fn route(&self, workspace: &Name, queue: &Name) -> Option<Route> {
        if queue.as_str() == Job::CLOCK {
            return Some(Route::clock());
        }
        if let Some(source) = queue.as_str().strip_prefix(Job::RETRIEVAL) {
            let found = self.active.load().workspaces.get(workspace).cloned();
            return found.and_then(|workspace| retrieval_route(workspace.sources.get(source)?));
        }
        self.courier.route(workspace, queue)
    }

    fn gather(&self, workspace: &Name, queue: &Name) -> Option<Gather> {
        self.courier.gather(workspace, queue)
    }

    async fn run_all(&self, workspace: &Name, jobs: &[LeasedJob]) -> Vec<JobReport> {
        self.courier.run_all(workspace, jobs).await
    }

    async fn run(&self, workspace: &Name, job: &LeasedJob) -> JobReport {
        let (id, lead) = match serde_json::from_slice(&job.body) {
            Ok(Job::LookAgain { id, lead }) => (id, lead),
            Ok(Job::Retrieve(wanted)) => return self.retrieve(workspace, job, &wanted).await,
            _ => return self.courier.run(workspace, job).await,
        };
        let found = self.active.load().workspaces.get(workspace).cloned();
        let later = || Some(self.clock.now().after(LATER));
        let again = match (found, self.flow.upgrade()) {
            (Some(workspace), Some(flow)) => {
                flow.look_again(&workspace, id, lead).await.unwrap_or_else(|_| later())
            }
            _ => later(),
        };
        let outcome = match again {
            Some(due) => JobOutcome::Again { due },
            None => JobOutcome::Done { until: self.clock.now().after(KEPT) },
        };
        let state = serde_json::from_slice(&job.state).unwrap_or_default();
        JobReport { outcome, state, pause: None }
    }
}
