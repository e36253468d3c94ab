//! Runs delivery jobs: read, render, sign, send, judge, and say what follows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::attempt::{Ended, Next, follows, pause};
use super::breaker::Breakers;
use super::destination::Destination;
use super::directory::{Directory, Lines};
use super::envelope::Parts;
use super::sending::{Message, Sent};
use super::subject::{self, NoSubject, Subject};
use super::ways::Ways;
use crate::domain::ports::{Clock, JobReport, JobRunner, Mint, Pause, Store};
use crate::domain::{
    Attempt, AttemptId, Carried, Delivery, DeliveryId, DeliveryState, EventRow, EventType, Job,
    JobOutcome, LeasedJob, Name, NewJob, Route, Timestamp,
};
use crate::rules;
use crate::telemetry::{Fact, Telemetry};

/// How long the state of an ended delivery is kept.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// When a job whose destination is not configured is looked at again.
const NOT_CONFIGURED: Duration = Duration::from_hours(1);
/// When a job whose lead could not be read is looked at again.
const UNREAD: Duration = Duration::from_secs(10);
/// What must be left of a lease beyond the deadline of the attempt.
const LEASE_REST: Duration = Duration::from_secs(2);
/// So many attempts are remembered one by one.
const ATTEMPTS_KEPT: usize = 20;

/// What is noted under this key goes out under that header.
const TRACING: [(&str, &str); 2] = [("traceparent", "traceparent"), ("request_id", "x-request-id")];

/// The runner of delivery jobs.
pub struct Courier {
    store: Arc<dyn Store>,
    ways: Ways,
    clock: Arc<dyn Clock>,
    mint: Arc<dyn Mint>,
    directory: Arc<dyn Directory>,
    telemetry: Telemetry,
    breakers: Breakers,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier").finish_non_exhaustive()
    }
}

/// A job on its way through [`Courier::run`].
struct Errand<'a> {
    workspace: &'a Name,
    job: &'a LeasedJob,
    delivery: &'a Delivery,
    destination: &'a Destination,
}

#[async_trait]
impl JobRunner for Courier {
    fn route(&self, workspace: &Name, queue: &Name) -> Option<Route> {
        self.directory.destination(workspace, queue).map(|destination| destination.route())
    }

    async fn run(&self, workspace: &Name, job: &LeasedJob) -> JobReport {
        let now = self.clock.now();
        let mut state: DeliveryState = serde_json::from_slice(&job.state).unwrap_or_default();
        state.waiting = None;
        let Ok(Job::Deliver(delivery)) = serde_json::from_slice(&job.body) else {
            self.telemetry.record(&Fact::LoopTroubled {
                name: "courier",
                detail: "a job of an unknown form was put on the dead list",
            });
            return report(JobOutcome::Dead, ended(state, "unreadable", now));
        };
        // The queue says where it goes: after a hand-over it is another than the job was made for.
        let Some(destination) = self.directory.destination(workspace, &job.queue) else {
            state.waiting = Some("not_configured".to_owned());
            return report(JobOutcome::Again { due: now.after(NOT_CONFIGURED) }, state);
        };
        if job.lease_until.since(now) < destination.attempt_max() + LEASE_REST {
            return report(JobOutcome::Released, state);
        }
        let errand = Errand { workspace, job, delivery: &delivery, destination: &destination };
        match subject::read(self.store.as_ref(), workspace, &delivery.event).await {
            Ok(subject) => self.attempt(&errand, &subject, state).await,
            Err(NoSubject::Missing) => {
                self.record_end(&errand, "erased", now);
                let state = described(ended(state, "erased", now), &errand);
                report(JobOutcome::Done { until: now.after(KEPT) }, state)
            }
            Err(NoSubject::Unreachable(error)) => {
                self.telemetry.record(&Fact::StoreTroubled {
                    during: "attempt",
                    kind: error.kind(),
                    detail: &error.to_string(),
                });
                report(JobOutcome::Again { due: now.after(UNREAD) }, state)
            }
            Err(NoSubject::Unreadable) => {
                state.waiting = Some("unreadable_lead".to_owned());
                report(JobOutcome::Again { due: now.after(NOT_CONFIGURED) }, state)
            }
        }
    }
}

impl Courier {
    /// A courier.
    pub fn new(
        store: Arc<dyn Store>,
        ways: Ways,
        clock: Arc<dyn Clock>,
        mint: Arc<dyn Mint>,
        directory: Arc<dyn Directory>,
        telemetry: Telemetry,
    ) -> Self {
        let breakers = Breakers::default();
        Self { store, ways, clock, mint, directory, telemetry, breakers }
    }

    /// One try and what follows from it.
    async fn attempt(
        &self,
        errand: &Errand<'_>,
        subject: &Subject,
        mut state: DeliveryState,
    ) -> JobReport {
        let Errand { workspace, delivery, destination, .. } = *errand;
        let at = self.clock.now();
        let unsent = if is_stopped(&delivery.event, subject) {
            Some("stopped")
        } else if state.count == 0 && !wanted(destination, subject, at) {
            Some("not_wanted")
        } else {
            None
        };
        if let Some(how) = unsent {
            self.record_end(errand, how, at);
            let state = described(ended(state, how, at), errand);
            return report(JobOutcome::Done { until: at.after(KEPT) }, state);
        }
        let began = Instant::now();
        let sent = self.send(errand, subject, at, &mut state.kept).await;
        let took = began.elapsed();
        let now = self.clock.now();
        let judged = sent.judged;
        state.count = state.count.saturating_add(1);
        state.attempts.push(Attempt {
            id: AttemptId::from_bytes(self.mint.mint()),
            at,
            verdict: judged.verdict,
            http_status: judged.http_status,
            error: judged.error.map(str::to_owned),
            step: sent.step.clone(),
            said: sent.said.clone(),
            took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
        });
        let surplus = state.attempts.len().saturating_sub(ATTEMPTS_KEPT);
        state.attempts.drain(..surplus);
        self.telemetry.record(&Fact::AttemptMade {
            workspace,
            destination: &destination.name,
            delivery: &delivery.id.to_string(),
            verdict: judged.verdict,
            http_status: judged.http_status,
            error: judged.error,
            took,
        });
        let fallback = self.fallback(workspace, destination);
        let opened = self.breakers.note(workspace, destination, judged);
        let (next, paused) = follows(&Ended {
            destination,
            can_hand_over: fallback.is_some(),
            delivery,
            state: &state,
            judged,
            retry_after: sent.retry_after(now),
            now,
        });
        let opened = opened.and_then(|time| pause("failing", Some(now.after(time))));
        self.conclude(errand, state, next, paused.or(opened), fallback, now)
    }

    fn conclude(
        &self,
        errand: &Errand<'_>,
        state: DeliveryState,
        next: Next,
        pause: Option<Pause>,
        fallback: Option<Arc<Destination>>,
        now: Timestamp,
    ) -> JobReport {
        if let Some(pause) = &pause {
            self.telemetry.record(&Fact::DestinationPaused {
                workspace: errand.workspace,
                destination: &errand.destination.name,
                reason: pause.reason.as_str(),
            });
        }
        let until = now.after(KEPT);
        let end = |how: &'static str, state| {
            self.record_end(errand, how, now);
            described(ended(state, how, now), errand)
        };
        let (outcome, state) = match (next, fallback) {
            (Next::Delivered, _) => (JobOutcome::Done { until }, end("delivered", state)),
            (Next::Again { due }, _) => (JobOutcome::Again { due }, state),
            (Next::HandOver, Some(fallback)) => {
                let job = Box::new(self.take_over(errand, &fallback, now));
                (JobOutcome::HandedOver { until, job }, end("handed_over", state))
            }
            (Next::Dead | Next::HandOver, _) => (JobOutcome::Dead, end("dead", state)),
        };
        JobReport { outcome, state, pause }
    }

    /// The destination that takes over, if it is configured.
    fn fallback(&self, workspace: &Name, destination: &Destination) -> Option<Arc<Destination>> {
        let fallback = destination.fallback.as_ref()?;
        self.directory.destination(workspace, &fallback.to)
    }

    /// The job for the fallback: the same event, under its own id and sequence.
    fn take_over(&self, errand: &Errand<'_>, to: &Destination, now: Timestamp) -> NewJob {
        let Errand { workspace, job, delivery, destination } = *errand;
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

    /// What the lines of the inquiry's score are called.
    async fn lines(&self, workspace: &Name, subject: &Subject) -> Lines {
        match &subject.inquiry {
            Some(entry) => self.directory.lines(workspace, &entry.record.config).await,
            None => Box::new(|_| None),
        }
    }

    /// Renders the event and sends it, as the destination wants it.
    async fn send(
        &self,
        errand: &Errand<'_>,
        subject: &Subject,
        at: Timestamp,
        kept: &mut BTreeMap<String, String>,
    ) -> Sent {
        let Errand { workspace, job, delivery, destination } = *errand;
        let event = &delivery.event;
        let lines = self.lines(workspace, subject).await;
        let (receipt, absorbed, absorbed_ids) = carried(job, delivery);
        let url = event.inquiry.and_then(|id| self.directory.record_url(workspace, id));
        let moved = (delivery.destination != job.queue).then_some(&delivery.destination);
        let parts = Parts {
            workspace,
            event,
            sequence: job.sequence,
            instead_of: delivery.instead_of.as_ref().or(moved),
            receipt,
            absorbed,
            absorbed_ids,
            lead: subject.lead.as_ref(),
            inquiry: subject.inquiry.as_ref(),
            line: lines.as_ref(),
            record_url: url.as_deref(),
        };
        let message =
            Message { destination, parts, at, added: traced(event), wants_headers: false };
        self.ways.send(workspace, &message, kept).await
    }

    fn record_end(&self, errand: &Errand<'_>, how: &'static str, now: Timestamp) {
        self.telemetry.record(&Fact::DeliveryEnded {
            workspace: errand.workspace,
            destination: &errand.destination.name,
            delivery: &errand.delivery.id.to_string(),
            how,
            age: now.since(errand.delivery.since),
        });
    }
}

/// What the commit gave the job, or the job that it took over from.
fn carried<'a>(
    job: &'a LeasedJob,
    delivery: &'a Delivery,
) -> (Option<&'a crate::domain::Receipt>, u32, &'a [crate::domain::InquiryId]) {
    match &delivery.carried {
        Some(carried) => (
            carried.receipt.as_ref().or(job.receipt.as_ref()),
            carried.absorbed,
            &carried.absorbed_ids,
        ),
        None => (job.receipt.as_ref(), job.absorbed, &job.absorbed_ids),
    }
}

/// The request that brought the event about, for following it through: a W3C `traceparent` and the
/// request's id, from the event's detail; only if they look as they should.
fn traced(event: &EventRow) -> Vec<(String, String)> {
    let text = |key: &str| event.detail.as_ref().and_then(|detail| detail.get(key)?.as_str());
    let plain = |text: &&str| {
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        text.len() <= 64 && text.bytes().all(good)
    };
    TRACING
        .into_iter()
        .filter_map(|(key, header)| Some((header.to_owned(), text(key).filter(plain)?.to_owned())))
        .collect()
}

/// Whether the destination's own condition takes the event. What has no inquiry is not asked about.
fn wanted(destination: &Destination, subject: &Subject, now: Timestamp) -> bool {
    let (Some(when), Some(lead), Some(entry)) =
        (&destination.when, &subject.lead, &subject.inquiry)
    else {
        return true;
    };
    let facts = rules::Subject {
        inquiry: &entry.inquiry,
        lead,
        known: lead.inquiries > 1,
        now,
        qualification: Some(&entry.record.qualification),
    };
    when.evaluate(&facts).is_match()
}

/// Whether the person wants to hear no more since the event: only that itself goes out, and what becomes of the record.
fn is_stopped(event: &EventRow, subject: &Subject) -> bool {
    let stopped = subject.lead.as_ref().and_then(|lead| lead.nurture.as_ref()?.stopped);
    let goes_out = matches!(
        event.kind,
        EventType::LeadUnsubscribed
            | EventType::LeadErased
            | EventType::LeadMerged
            | EventType::LeadUnmerged
    );
    !goes_out && stopped.is_some_and(|stopped| event.at <= stopped)
}

fn report(outcome: JobOutcome, state: DeliveryState) -> JobReport {
    JobReport { outcome, state, pause: None }
}

fn ended(mut state: DeliveryState, how: &str, now: Timestamp) -> DeliveryState {
    state.ended = Some(how.to_owned());
    state.ended_at = Some(now);
    state
}

/// With what the body says, for when the body is gone.
fn described(mut state: DeliveryState, errand: &Errand<'_>) -> DeliveryState {
    state.event = Some(errand.delivery.event.id);
    state.destination = Some(errand.destination.name.clone());
    state.lead = errand.delivery.event.lead;
    state
}
