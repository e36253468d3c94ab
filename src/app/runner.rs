//! Who runs what: deliveries go to the courier, what the clock brings about to the flows.

use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;

use crate::deliver::Courier;
use crate::domain::ports::{Clock, JobReport, JobRunner};
use crate::domain::{Job, JobOutcome, LeasedJob, Name, Route};
use crate::flow::Flow;
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
}

impl Runner {
    /// Puts them together.
    pub fn new(
        courier: Courier,
        flow: &Arc<Flow>,
        active: &Arc<ArcSwap<Active>>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let (flow, active, clock) = (Arc::downgrade(flow), Arc::clone(active), Arc::clone(clock));
        Self { courier, flow, active, clock }
    }
}

#[async_trait]
impl JobRunner for Runner {
    fn route(&self, workspace: &Name, queue: &Name) -> Option<Route> {
        if queue.as_str() == Job::CLOCK {
            return Some(Route::clock());
        }
        self.courier.route(workspace, queue)
    }

    async fn run(&self, workspace: &Name, job: &LeasedJob) -> JobReport {
        let Ok(Job::LookAgain { id, lead }) = serde_json::from_slice(&job.body) else {
            return self.courier.run(workspace, job).await;
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
