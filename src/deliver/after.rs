//! What an attempt leads to, told: counted, noted, and made a report of.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::attempt::{Ended, Next, follows, pause};
use super::courier::{Courier, Ready};
use super::destination::Destination;
use super::sending::Sent;
use super::verdict::Judged;
use crate::domain::ports::{JobReport, Pause};
use crate::domain::{
    Attempt, AttemptId, Carried, Delivery, DeliveryId, DeliveryState, InquiryId, Job, JobOutcome,
    LeasedJob, Name, NewJob, Receipt, Timestamp,
};
use crate::telemetry::Fact;

/// So many attempts are remembered one by one.
const ATTEMPTS_KEPT: usize = 20;

/// How one delivery fared in a request.
pub(super) struct Fared {
    pub(super) judged: Judged,
    pub(super) step: Option<String>,
    pub(super) said: Option<String>,
    pub(super) retry_after: Option<Duration>,
    /// The request was refused as a whole, and others were in it: it is to be tried alone.
    pub(super) alone: bool,
}

impl Fared {
    pub(super) fn of(sent: &Sent, now: Timestamp) -> Self {
        Self {
            judged: sent.judged,
            step: sent.step.clone(),
            said: sent.said.clone(),
            retry_after: sent.retry_after(now),
            alone: false,
        }
    }
}

/// When a request was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) at: Timestamp,
    pub(super) began: Instant,
}

impl Courier {
    /// Notes an attempt, and says what follows from it.
    /// `opened` = the breaker did.
    pub(super) fn attempted(
        &self,
        mut ready: Ready<'_>,
        fared: &Fared,
        made: Made,
        opened: Option<Pause>,
    ) -> JobReport {
        let mut state = std::mem::take(&mut ready.state);
        let Ready { workspace, destination, .. } = &ready;
        let (now, took, judged) = (self.clock.now(), made.began.elapsed(), fared.judged);
        state.count = state.count.saturating_add(1);
        state.attempts.push(Attempt {
            id: AttemptId::from_bytes(self.mint.mint()),
            at: made.at,
            verdict: judged.verdict,
            http_status: judged.http_status,
            error: judged.error.map(str::to_owned),
            step: fared.step.clone(),
            said: fared.said.clone(),
            took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
            next: None,
        });
        let surplus = state.attempts.len().saturating_sub(ATTEMPTS_KEPT);
        state.attempts.drain(..surplus);
        self.telemetry.record(&Fact::AttemptMade {
            workspace,
            destination: &destination.name,
            delivery: &ready.delivery.id.to_string(),
            verdict: judged.verdict,
            http_status: judged.http_status,
            error: judged.error,
            took,
        });
        if fared.alone {
            state.alone = true;
            plan(&mut state, &Next::Again { due: now }, None);
            return report(JobOutcome::Again { due: now }, state);
        }
        let fallback = self.fallback(workspace, destination);
        let (next, paused) = follows(&Ended {
            destination,
            can_hand_over: fallback.is_some(),
            delivery: &ready.delivery,
            state: &state,
            judged,
            retry_after: fared.retry_after,
            now,
        });
        let paused = paused.or(opened);
        plan(&mut state, &next, paused.as_ref());
        self.conclude(&ready, state, next, paused, fallback, now)
    }

    /// Whether the destination is to be left alone after a request that came to this.
    pub(super) fn breaks(
        &self,
        workspace: &Name,
        to: &Destination,
        judged: Judged,
    ) -> Option<Pause> {
        let time = self.breakers.note(workspace, to, judged)?;
        pause("failing", Some(self.clock.now().after(time)))
    }

    fn conclude(
        &self,
        ready: &Ready<'_>,
        state: DeliveryState,
        next: Next,
        pause: Option<Pause>,
        fallback: Option<Arc<Destination>>,
        now: Timestamp,
    ) -> JobReport {
        if let Some(pause) = &pause {
            self.telemetry.record(&Fact::DestinationPaused {
                workspace: ready.workspace,
                destination: &ready.destination.name,
                reason: pause.reason.as_str(),
            });
        }
        let until = now.after(self.directory.kept(ready.workspace));
        let end = |how: &'static str, state| {
            self.record_end(ready, how, now);
            let mut state = described(ended(state, how, now), ready);
            // What was given up stays until somebody does something about it.
            state.kept_until = (how != DeliveryState::DEAD).then_some(until);
            state
        };
        let (outcome, state) = match (next, fallback) {
            (Next::Delivered, _) => (JobOutcome::Done { until }, end("delivered", state)),
            (Next::Again { due }, _) => (JobOutcome::Again { due }, state),
            (Next::HandOver, Some(fallback)) => {
                let job = Box::new(self.take_over(ready, &fallback, now));
                (JobOutcome::HandedOver { until, job }, end("handed_over", state))
            }
            (Next::Dead | Next::HandOver, _) => (JobOutcome::Dead, end(DeliveryState::DEAD, state)),
        };
        JobReport { outcome, state, pause }
    }

    /// The destination that takes over, if it is configured.
    fn fallback(&self, workspace: &Name, destination: &Destination) -> Option<Arc<Destination>> {
        let fallback = destination.fallback.as_ref()?;
        self.directory.destination(workspace, &fallback.to)
    }

    /// The job for the fallback: the same event, under its own id and sequence.
    fn take_over(&self, ready: &Ready<'_>, to: &Destination, now: Timestamp) -> NewJob {
        let Ready { workspace, job, delivery, destination, .. } = ready;
        let id = DeliveryId::from_bytes(self.mint.mint());
        let (receipt, absorbed, absorbed_ids) = carried(job, delivery);
        let body = Job::Deliver(Delivery {
            id,
            destination: to.name.clone(),
            event: delivery.event.clone(),
            since: now,
            instead_of: Some(destination.name.clone()),
            carried: Some(Carried {
                receipt: receipt.cloned(),
                absorbed,
                absorbed_ids: absorbed_ids.to_vec(),
            }),
        });
        NewJob {
            id,
            lead: delivery.event.lead,
            route: to.route(),
            fallback: self.fallback(workspace, to).map(|fallback| fallback.route()),
            resets_handover: false,
            due: now,
            // It is late already.
            priority: 0,
            coalesces: false,
            inquiry: None,
            // Plain data: writing it cannot fail.
            body: serde_json::to_vec(&body).unwrap_or_default(),
        }
    }

    pub(super) fn record_end(&self, ready: &Ready<'_>, how: &'static str, now: Timestamp) {
        self.telemetry.record(&Fact::DeliveryEnded {
            workspace: ready.workspace,
            destination: &ready.destination.name,
            delivery: &ready.delivery.id.to_string(),
            how,
            age: now.since(ready.delivery.since),
        });
    }
}

/// Notes with the newest attempt when the next one may be, if that is known.
fn plan(state: &mut DeliveryState, next: &Next, pause: Option<&Pause>) {
    let Next::Again { due } = *next else { return };
    let open = pause.map_or(Some(due), |pause| pause.until.map(|until| until.max(due)));
    if let Some(attempt) = state.attempts.last_mut() {
        attempt.next = open;
    }
}

/// What the commit gave the job, or the job that it took over from.
pub(super) fn carried<'a>(
    job: &'a LeasedJob,
    delivery: &'a Delivery,
) -> (Option<&'a Receipt>, u32, &'a [InquiryId]) {
    match &delivery.carried {
        Some(carried) => (
            carried.receipt.as_ref().or(job.receipt.as_ref()),
            carried.absorbed,
            &carried.absorbed_ids,
        ),
        None => (job.receipt.as_ref(), job.absorbed, &job.absorbed_ids),
    }
}

pub(super) fn report(outcome: JobOutcome, state: DeliveryState) -> JobReport {
    JobReport { outcome, state, pause: None }
}

pub(super) fn ended(mut state: DeliveryState, how: &str, now: Timestamp) -> DeliveryState {
    state.ended = Some(how.to_owned());
    state.ended_at = Some(now);
    state
}

/// With what the body says, for when the body is gone.
pub(super) fn described(mut state: DeliveryState, ready: &Ready<'_>) -> DeliveryState {
    state.event = Some(ready.delivery.event.id);
    state.destination = Some(ready.destination.name.clone());
    state.lead = ready.delivery.event.lead;
    state
}
