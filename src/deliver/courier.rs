//! Runs delivery jobs: read, render, sign, send, judge, and say what follows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::join_all;

use super::after::{Fared, Made, carried, described, ended, report};
use super::breaker::Breakers;
use super::destination::Destination;
use super::directory::{Directory, Lines, Link};
use super::envelope::{Parts, takes_links};
use super::sending::Message;
use super::subject::{self, NoSubject, Subject};
use super::ways::{One, Ways};
use crate::domain::ports::{Clock, Gather, JobReport, JobRunner, Mint, Store};
use crate::domain::{
    Delivery, DeliveryState, EventRow, EventType, Job, JobOutcome, LeasedJob, Name, Route, Status,
    Timestamp,
};
use crate::rules;
use crate::telemetry::{Fact, Telemetry};

/// When a job whose destination is not configured is looked at again.
const NOT_CONFIGURED: Duration = Duration::from_hours(1);
/// When a job whose lead could not be read is looked at again.
const UNREAD: Duration = Duration::from_secs(10);
/// What must be left of a lease beyond the deadline of the attempt.
const LEASE_REST: Duration = Duration::from_secs(2);

/// What is noted under this key goes out under that header.
const TRACING: [(&str, &str); 2] = [("traceparent", "traceparent"), ("request_id", "x-request-id")];

/// The runner of delivery jobs.
pub struct Courier {
    store: Arc<dyn Store>,
    pub(super) ways: Ways,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) mint: Arc<dyn Mint>,
    pub(super) directory: Arc<dyn Directory>,
    pub(super) telemetry: Telemetry,
    pub(super) breakers: Breakers,
    /// Whose turn it is among those that were gathered under a rate.
    pub(super) alone_next: AtomicBool,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier").finish_non_exhaustive()
    }
}

/// A job that may be tried now.
pub(super) struct Ready<'a> {
    pub(super) workspace: &'a Name,
    pub(super) job: &'a LeasedJob,
    pub(super) delivery: Delivery,
    pub(super) destination: Arc<Destination>,
    pub(super) subject: Subject,
    /// By which somebody answers with one click.
    pub(super) links: Vec<Link>,
    /// For the mail to somebody who is to confirm an address.
    pub(super) confirm: Option<String>,
    pub(super) state: DeliveryState,
}

#[async_trait]
impl JobRunner for Courier {
    fn route(&self, workspace: &Name, queue: &Name) -> Option<Route> {
        self.directory.destination(workspace, queue).map(|destination| destination.route())
    }

    async fn run(&self, workspace: &Name, job: &LeasedJob) -> JobReport {
        match self.ready(workspace, job).await {
            Ok(ready) => Box::pin(self.attempt(ready)).await,
            Err(report) => *report,
        }
    }

    fn gather(&self, workspace: &Name, queue: &Name) -> Option<Gather> {
        self.directory.destination(workspace, queue)?.gather()
    }

    async fn run_all(&self, workspace: &Name, jobs: &[LeasedJob]) -> Vec<JobReport> {
        let ready = join_all(jobs.iter().map(|job| self.ready(workspace, job))).await;
        self.attempt_all(ready).await
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
        let alone_next = AtomicBool::new(false);
        Self { store, ways, clock, mint, directory, telemetry, breakers, alone_next }
    }

    /// Everything that an attempt needs, or what follows where none can be made.
    async fn ready<'a>(
        &self,
        workspace: &'a Name,
        job: &'a LeasedJob,
    ) -> Result<Ready<'a>, Box<JobReport>> {
        let now = self.clock.now();
        let no = |outcome, state| Err(Box::new(report(outcome, state)));
        let mut state: DeliveryState = serde_json::from_slice(&job.state).unwrap_or_default();
        state.waiting = None;
        let Ok(Job::Deliver(delivery)) = serde_json::from_slice(&job.body) else {
            self.telemetry.record(&Fact::LoopTroubled {
                name: "courier",
                detail: "a job of an unknown form was put on the dead list",
            });
            return no(JobOutcome::Dead, ended(state, "unreadable", now));
        };
        // The queue says where it goes: after a hand-over it is another than the job was made for.
        let Some(destination) = self.directory.destination(workspace, &job.queue) else {
            state.waiting = Some("not_configured".to_owned());
            return no(JobOutcome::Again { due: now.after(NOT_CONFIGURED) }, state);
        };
        let destination = self.ways.as_now(workspace, destination).await;
        if job.lease_until.since(now) < destination.attempt_max() + LEASE_REST {
            return no(JobOutcome::Released, state);
        }
        let read = subject::read(self.store.as_ref(), workspace, &delivery.event).await;
        let subject = match read {
            Ok(subject) => subject,
            Err(NoSubject::Missing) => {
                // Whatever the receiver called the person goes with them.
                state.kept.clear();
                let (subject, links, confirm) = (Subject::default(), Vec::new(), None);
                let ready =
                    Ready { workspace, job, delivery, destination, subject, links, confirm, state };
                return Err(Box::new(self.ended_as(ready, "erased", now)));
            }
            Err(NoSubject::Unreachable(error)) => {
                self.telemetry.record(&Fact::StoreTroubled {
                    during: "attempt",
                    kind: error.kind(),
                    detail: &error.to_string(),
                });
                return no(JobOutcome::Again { due: now.after(UNREAD) }, state);
            }
            Err(NoSubject::Unreadable) => {
                state.waiting = Some("unreadable_lead".to_owned());
                return no(JobOutcome::Again { due: now.after(NOT_CONFIGURED) }, state);
            }
        };
        let event = &delivery.event;
        let links = event.lead.filter(|_| takes_links(event)).map_or_else(Vec::new, |lead| {
            self.directory.links(workspace, lead, event.cycle, event.at)
        });
        let waits = event.kind == EventType::LeadAwaitingConfirmation;
        let lead = subject.lead.as_ref().filter(|_| waits);
        let confirm = lead.and_then(|lead| self.directory.confirmation_url(workspace, lead));
        let ready = Ready { workspace, job, delivery, destination, subject, links, confirm, state };
        if is_stopped(&ready.delivery.event, &ready.subject) {
            return Err(Box::new(self.ended_as(ready, "stopped", now)));
        }
        if ready.state.count == 0 && !wanted(&ready.destination, &ready.subject, now) {
            return Err(Box::new(self.ended_as(ready, "not_wanted", now)));
        }
        Ok(ready)
    }

    /// It ends without an attempt.
    fn ended_as(&self, mut ready: Ready<'_>, how: &'static str, now: Timestamp) -> JobReport {
        self.record_end(&ready, how, now);
        let state = std::mem::take(&mut ready.state);
        let until = now.after(self.directory.kept(ready.workspace));
        let mut state = described(ended(state, how, now), &ready);
        state.kept_until = Some(until);
        report(JobOutcome::Done { until }, state)
    }

    /// One try and what follows from it.
    pub(super) async fn attempt(&self, mut ready: Ready<'_>) -> JobReport {
        let made = Made { at: self.clock.now(), began: Instant::now() };
        let mut kept = std::mem::take(&mut ready.state.kept);
        let known = kept.clone();
        let lines = self.lines(&ready).await;
        let url = self.record_url(&ready);
        let sent = {
            let parts = parts(&ready, lines.as_ref(), url.as_deref());
            let (at, added) = (made.at, traced(&ready.delivery.event));
            let destination = ready.destination.as_ref();
            let message = Message { destination, parts, at, added, wants_headers: false };
            let mut parcel = One { message, kept: &mut kept };
            self.ways.send(ready.workspace, destination, &mut parcel).await
        };
        ready.state.kept = kept;
        self.tell_given(&ready, &known).await;
        let opened = self.breaks(ready.workspace, &ready.destination, sent.judged);
        let fared = Fared::of(&sent, self.clock.now());
        self.attempted(ready, &fared, made, opened)
    }

    /// Ids that the receiver gave are kept with the lead, too.
    pub(super) async fn tell_given(&self, ready: &Ready<'_>, known: &BTreeMap<String, String>) {
        let kept = &ready.state.kept;
        if kept != known
            && let Some(lead) = ready.delivery.event.lead
            && !ready.delivery.event.is_test
        {
            self.directory.given(ready.workspace, lead, &ready.destination.name, kept).await;
        }
    }

    /// What the lines of the inquiry's score are called.
    pub(super) async fn lines(&self, ready: &Ready<'_>) -> Lines {
        match &ready.subject.inquiry {
            Some(entry) => self.directory.lines(ready.workspace, &entry.record.config).await,
            None => Box::new(|_| None),
        }
    }

    pub(super) fn record_url(&self, ready: &Ready<'_>) -> Option<String> {
        let inquiry = ready.delivery.event.inquiry?;
        self.directory.record_url(ready.workspace, inquiry)
    }
}

/// What the body of a delivery is made of.
pub(super) fn parts<'a>(
    ready: &'a Ready<'_>,
    line: &'a (dyn Fn(u16) -> Option<String> + Send + Sync),
    record_url: Option<&'a str>,
) -> Parts<'a> {
    let Ready { workspace, job, delivery, subject, links, confirm, .. } = ready;
    let (receipt, absorbed, absorbed_ids) = carried(job, delivery);
    let moved = (delivery.destination != job.queue).then_some(&delivery.destination);
    Parts {
        workspace,
        event: &delivery.event,
        sequence: job.sequence,
        instead_of: delivery.instead_of.as_ref().or(moved),
        receipt,
        absorbed,
        absorbed_ids,
        lead: subject.lead.as_ref(),
        inquiry: subject.inquiry.as_ref(),
        line,
        record_url,
        links,
        confirm: confirm.as_deref(),
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

/// Whether the person wants to hear no more since the event: only that itself goes out, and what becomes of the record. And
/// whether there is nothing to confirm any more.
pub(super) fn is_stopped(event: &EventRow, subject: &Subject) -> bool {
    let status = subject.lead.as_ref().map(|lead| lead.assignment.status());
    if event.kind == EventType::LeadAwaitingConfirmation
        && !event.is_test
        && status != Some(Status::AwaitingConfirmation)
    {
        return true;
    }
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
