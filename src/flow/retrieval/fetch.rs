//! One try to fetch what stands behind a reference, and what follows from how it ended.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::capture::{Meaning, Retrieval, Source};
use crate::domain::ports::{JobReport, NoToken, OutboundAnswer, OutboundError, Pause, Transport};
use crate::domain::{
    Attempt, AttemptId, DeliveryState, EventType, Job, JobOutcome, LeasedJob, Name, Reference,
    Retrieve, Route, Timestamp, Verdict,
};
use crate::flow::context::{Flow, Unavailable};
use crate::flow::unreadable::{Kept, name};
use crate::flow::workspace::Workspace;
use crate::telemetry::Fact;

/// How long the trace of a fetch is kept.
const KEPT: Duration = Duration::from_hours(24);
/// Waits between tries; the last one again and again.
const WAITS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(3),
];
/// After that long without an answer it is left to a person. Vendors keep leads longer than this.
const GIVES_UP: Duration = Duration::from_hours(30 * 24);
/// While the token is not good, one is tried so often.
const CREDENTIALS: Duration = Duration::from_mins(5);
/// A vendor that wants to be left alone and does not say how long.
const LIMITED: Duration = Duration::from_mins(1);
const LIMITED_MOST: Duration = Duration::from_hours(24);
/// When the store did not answer, or the source is not configured for it.
const STORE: Duration = Duration::from_secs(10);
const NOT_CONFIGURED: Duration = Duration::from_hours(1);
/// What must be left of a lease beyond the deadlines.
const LEASE_REST: Duration = Duration::from_secs(10);
const ATTEMPTS_KEPT: usize = 20;

/// The queue of a source's fetches: how many at once, and how long one may take.
#[must_use]
pub fn retrieval_route(source: &Source) -> Option<Route> {
    let retrieval = source.retrieval()?;
    let lease = retrieval.takes() + LEASE_REST * 2;
    Some(Route {
        queue: Job::retrieval_queue(source.name())?,
        permits: retrieval.permits(),
        lease_ms: u32::try_from(lease.as_millis()).unwrap_or(u32::MAX),
        pace: None,
    })
}

/// What asking came to.
struct Asked {
    meaning: Meaning,
    /// All of them, if all were taken.
    answers: Vec<Bytes>,
    last: Option<Result<OutboundAnswer, OutboundError>>,
    /// What the token endpoint answered, if it gave no token.
    no_token: Option<u16>,
}

impl Asked {
    /// Nobody was asked.
    fn nobody(meaning: Meaning) -> Self {
        Self { meaning, answers: Vec::new(), last: None, no_token: None }
    }

    fn status(&self) -> Option<u16> {
        let answer = self.last.as_ref().and_then(|last| last.as_ref().ok());
        answer.map(|answer| answer.status).or(self.no_token)
    }

    fn error(&self) -> Option<String> {
        match &self.last {
            None if self.meaning == Meaning::Gone => Some("cannot_ask".to_owned()),
            None => Some("no_token".to_owned()),
            Some(Err(error)) => Some(error.to_string()),
            Some(Ok(_)) if self.meaning == Meaning::Taken => None,
            Some(Ok(_)) => Some(self.meaning.as_str().to_owned()),
        }
    }

    fn verdict(&self) -> Verdict {
        match self.meaning {
            Meaning::Taken => Verdict::Delivered,
            Meaning::Gone => Verdict::Gone,
            Meaning::Credentials => Verdict::Credentials,
            Meaning::Limited | Meaning::Again => Verdict::Retriable,
        }
    }

    /// How long the vendor wants to be left alone: `Retry-After` in seconds.
    fn rest(&self) -> Duration {
        let seconds = || {
            let answer = self.last.as_ref()?.as_ref().ok()?;
            answer.retry_after.as_deref()?.trim().parse().ok().map(Duration::from_secs)
        };
        seconds().unwrap_or(LIMITED).min(LIMITED_MOST)
    }
}

impl Flow {
    /// Tries once to fetch what stands behind a reference, and decides it. Safe to repeat: what was posted names
    /// the one job that may, and goes in the same step in which the inquiry comes.
    pub async fn retrieve(
        &self,
        workspace: &Workspace,
        job: &LeasedJob,
        wanted: &Retrieve,
        transport: &dyn Transport,
    ) -> JobReport {
        let now = self.now();
        let mut state: DeliveryState = serde_json::from_slice(&job.state).unwrap_or_default();
        state.waiting = None;
        let kept = match self.kept(&workspace.name, wanted.inquiry).await {
            Err(_) => return again(state, now.after(STORE)),
            Ok(Some((version, kept))) if kept.retrieval == Some(wanted.id) => (version, kept),
            // Discarded, decided, or taken over by another job.
            Ok(_) => return done(state, "not_wanted", now),
        };
        let source = workspace.sources.get(&wanted.source);
        let Some((source, retrieval)) = source.and_then(|it| Some((it, it.retrieval()?))) else {
            state.waiting = Some("not_configured".to_owned());
            return again(state, now.after(NOT_CONFIGURED));
        };
        if job.lease_until.since(now) < retrieval.takes() + LEASE_REST {
            return JobReport { outcome: JobOutcome::Released, state, pause: None };
        }
        let began = Instant::now();
        let asked = self.asked(workspace, (source, retrieval), &wanted.reference, transport).await;
        self.note_try(workspace, wanted, &asked, began.elapsed(), &mut state);
        let concluded = self.conclude(workspace, source, wanted, kept, &asked, &state).await;
        let Ok(next) = concluded else { return again(state, self.now().after(STORE)) };
        let now = self.now();
        match next {
            Next::Done(how) => done(state, how, now),
            Next::Again(wait) => again(state, now.after(wait)),
            Next::Pause(reason, wait) => {
                let until = now.after(wait);
                let pause = Some(Pause { reason: name(reason), until: Some(until) });
                JobReport { pause, ..again(state, until) }
            }
        }
    }

    /// Asks, with a token that is had first if it has to be. One that the vendor does not take is renewed once.
    async fn asked(
        &self,
        workspace: &Workspace,
        (source, retrieval): (&Source, &Retrieval),
        reference: &Reference,
        transport: &dyn Transport,
    ) -> Asked {
        let mut refused: Option<String> = None;
        loop {
            let got = self.with_token(workspace, source, retrieval, refused.as_deref()).await;
            let retrieval = match got {
                Ok(retrieval) => retrieval,
                Err(NoToken::Refused(no_token)) => {
                    return Asked { no_token, ..Asked::nobody(Meaning::Credentials) };
                }
                Err(NoToken::Later) => return Asked::nobody(Meaning::Again),
            };
            let asked = ask(&retrieval, reference, transport).await;
            if asked.meaning != Meaning::Credentials || !retrieval.renews(refused.as_deref()) {
                return asked;
            }
            refused = Some(retrieval.token().to_owned());
        }
    }

    async fn conclude(
        &self,
        workspace: &Workspace,
        source: &Source,
        wanted: &Retrieve,
        kept: (u64, Kept),
        asked: &Asked,
        state: &DeliveryState,
    ) -> Result<Next, Unavailable> {
        let set_aside =
            |reason| self.set_aside(workspace, wanted.inquiry, kept.clone(), reason, None);
        Ok(match asked.meaning {
            Meaning::Taken => {
                let posted = self.opened(wanted.inquiry, &kept.1).unwrap_or_default();
                let document = source.retrieval().map(|it| it.document(&asked.answers, &posted));
                let document = document.unwrap_or_default();
                self.fetched(workspace, source, wanted.inquiry, kept, document).await?;
                Next::Done("fetched")
            }
            Meaning::Gone => {
                set_aside(name("retrieval_gone")).await?;
                Next::Done("gone")
            }
            Meaning::Credentials => {
                self.tell_broken(workspace, &wanted.source, asked.status()).await?;
                Next::Pause("credentials", CREDENTIALS)
            }
            Meaning::Limited => Next::Pause("retry_after", asked.rest()),
            Meaning::Again if self.now().since(kept.1.received_at) >= GIVES_UP => {
                set_aside(name("retrieval_gave_up")).await?;
                Next::Done("gave_up")
            }
            Meaning::Again => {
                let tries = usize::try_from(state.count).unwrap_or(usize::MAX).saturating_sub(1);
                Next::Again(WAITS[tries.min(WAITS.len() - 1)])
            }
        })
    }

    /// Tells operators that a vendor does not take the token any more.
    pub(super) async fn tell_broken(
        &self,
        workspace: &Workspace,
        source: &Name,
        http_status: Option<u16>,
    ) -> Result<(), Unavailable> {
        let mut detail = serde_json::json!({ "source": source });
        if let Some(status) = http_status {
            detail["http_status"] = status.into();
        }
        let kind = EventType::AlertCredentialsBroken;
        self.raise(workspace, kind, source, detail, self.now()).await
    }

    /// What the last try to fetch it came to, if it was tried and is still to be had.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn why_not_fetched(
        &self,
        workspace: &Name,
        kept: &Kept,
    ) -> Result<Option<Name>, Unavailable> {
        let Some(job) = kept.retrieval else { return Ok(None) };
        let view = self.store.job(workspace, job).await;
        let view = view.map_err(|error| self.troubled("read", error))?;
        let last = view.as_ref().and_then(|view| view.state.attempts.last());
        Ok(last.and_then(|attempt| Name::parse(attempt.error.as_deref()?).ok()))
    }

    fn note_try(
        &self,
        workspace: &Workspace,
        wanted: &Retrieve,
        asked: &Asked,
        took: Duration,
        state: &mut DeliveryState,
    ) {
        state.count = state.count.saturating_add(1);
        state.attempts.push(Attempt {
            id: AttemptId::from_bytes(self.mint.mint()),
            at: self.now(),
            verdict: asked.verdict(),
            http_status: asked.status(),
            error: asked.error(),
            step: None,
            said: None,
            took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX),
            next: None,
        });
        let surplus = state.attempts.len().saturating_sub(ATTEMPTS_KEPT);
        state.attempts.drain(..surplus);
        self.telemetry.record(&Fact::RetrievalTried {
            workspace: &workspace.name,
            source: &wanted.source,
            inquiry: wanted.inquiry,
            meaning: asked.meaning.as_str(),
            http_status: asked.status(),
            took,
        });
    }
}

/// What follows from a try.
enum Next {
    Done(&'static str),
    Again(Duration),
    /// The whole queue waits.
    Pause(&'static str, Duration),
}

/// Asks until an answer is not taken.
async fn ask(retrieval: &Retrieval, reference: &Reference, transport: &dyn Transport) -> Asked {
    let mut asked = Asked::nobody(Meaning::Again);
    for n in 0..retrieval.requests() {
        let Ok(request) = retrieval.request(n, reference) else {
            // The reference leads to where nobody may be asked, and always will.
            return Asked { meaning: Meaning::Gone, last: None, ..asked };
        };
        let answer = transport.send(request).await;
        asked.meaning = retrieval.judge(&answer);
        if let Ok(answer) = &answer {
            asked.answers.push(answer.body.clone());
        }
        asked.last = Some(answer);
        if asked.meaning != Meaning::Taken {
            break;
        }
    }
    asked
}

fn again(state: DeliveryState, due: Timestamp) -> JobReport {
    JobReport { outcome: JobOutcome::Again { due }, state, pause: None }
}

fn done(mut state: DeliveryState, how: &str, now: Timestamp) -> JobReport {
    state.ended = Some(how.to_owned());
    state.ended_at = Some(now);
    JobReport { outcome: JobOutcome::Done { until: now.after(KEPT) }, state, pause: None }
}
