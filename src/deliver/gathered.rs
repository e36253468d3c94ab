//! Several deliveries of one destination in one request, each with its own end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::after::{Fared, Made, report};
use super::call::{Call, Item, ItemEnd, RunMany};
use super::courier::{Courier, Ready, parts};
use super::destination::Destination;
use super::sending::{Message, Sent};
use super::verdict::Judged;
use super::ways::Parcel;
use crate::domain::ports::{JobReport, Transport};
use crate::domain::{JobOutcome, Name, Timestamp, Verdict};

/// So many are tried at once that are to be tried alone.
const SIDE_BY_SIDE: usize = 8;
/// What must be left of the leases for another request.
const REST: Duration = Duration::from_secs(2);

/// One request about several events.
pub(super) struct Many<'a> {
    pub(super) destination: &'a Destination,
    pub(super) call: &'a Call,
    pub(super) items: Vec<Item<'a>>,
    pub(super) at: Timestamp,
    /// How it ended for each, once it was sent.
    pub(super) ends: Vec<ItemEnd>,
}

/// The id under which a request with these events goes out: the same for the same ones.
fn id_of(items: &[Item<'_>]) -> String {
    let mut digest = Sha256::new();
    for item in items {
        digest.update(item.id);
    }
    let digest = digest.finalize();
    digest.iter().take(16).fold("bat_".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

#[async_trait]
impl Parcel for Many<'_> {
    async fn send(&mut self, transport: &dyn Transport, token: Option<&str>) -> Sent {
        let id = id_of(&self.items);
        let (destination, at) = (self.destination, self.at);
        let headers = |bytes: &[u8]| destination.request_headers_with(&id, at, bytes, token);
        let run = RunMany {
            call: self.call,
            transport,
            base: destination.url().expose(),
            items: &self.items,
            deadline: destination.timeout,
            headers: &headers,
            token,
        };
        let ran = run.go().await;
        let nothing =
            Judged { verdict: Verdict::Retriable, http_status: None, error: Some("status") };
        let Some(ran) = ran else {
            return Sent { judged: nothing, step: None, said: None, request: None, answer: None };
        };
        self.ends = ran.ends;
        // For the token and the breaker: as bad as all of them.
        let bad = |end: &ItemEnd| end.judged.verdict != Verdict::Delivered;
        let all_bad = self.ends.iter().all(bad);
        let judged = match self.ends.first().filter(|_| all_bad) {
            Some(end) => end.judged,
            None => Judged { verdict: Verdict::Delivered, error: None, ..nothing },
        };
        let (step, answer) = (Some(ran.step), ran.answer);
        Sent { judged, step, said: None, request: ran.request, answer }
    }
}

impl Courier {
    /// Tries what was gathered; a report each, in the same order. Under a rate that is one request, for the claim was
    /// counted as one: what would need another goes back and is claimed anew.
    pub(super) async fn attempt_all(
        &self,
        gathered: Vec<Result<Ready<'_>, Box<JobReport>>>,
    ) -> Vec<JobReport> {
        let mut reports: Vec<Option<JobReport>> = Vec::new();
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for (number, ready) in gathered.into_iter().enumerate() {
            reports.push(None);
            match ready {
                Err(report) => reports[number] = Some(*report),
                Ok(ready) if ready.state.alone || ready.destination.gather().is_none() => {
                    alone.push((number, ready));
                }
                Ok(ready) => together.push((number, ready)),
            }
        }
        let paced = |(_, ready): &(usize, Ready<'_>)| {
            ready.destination.pace.is_some() && ready.destination.gather().is_some()
        };
        if together.iter().chain(&alone).any(paced) {
            // By turns: neither those that go alone nor those that go together keep the others waiting.
            let both = !together.is_empty() && !alone.is_empty();
            if together.is_empty() || (both && self.alone_next.fetch_not(Ordering::AcqRel)) {
                together.clear();
                alone.truncate(1);
            } else {
                alone.clear();
            }
        }
        let by_itself: Vec<BoxFuture<'_, (usize, JobReport)>> = alone
            .into_iter()
            .map(|(number, ready)| {
                async move { (number, Box::pin(self.attempt(ready)).await) }.boxed()
            })
            .collect();
        let ended: Vec<_> = stream::iter(by_itself).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let ended = ended.into_iter().chain(self.as_one(together).await);
        for (number, report) in ended {
            reports[number] = Some(report);
        }
        let released = || report(JobOutcome::Released, crate::domain::DeliveryState::default());
        reports.into_iter().map(|report| report.unwrap_or_else(released)).collect()
    }

    /// Deliveries of one destination, in as few requests as may be, one after the other.
    async fn as_one(&self, all: Vec<(usize, Ready<'_>)>) -> Vec<(usize, JobReport)> {
        let Some((_, first)) = all.first() else { return Vec::new() };
        let (workspace, destination) = (first.workspace.clone(), first.destination.clone());
        let Some(call) = destination.call.as_ref() else { return Vec::new() };
        let mut prepared = Vec::new();
        for (number, ready) in all {
            let body = self.body_of(&ready).await;
            let id = ready.delivery.event.id.to_string();
            prepared.push(Some((number, ready, body, id)));
        }
        let mut lines = {
            let items: Vec<Item<'_>> = prepared.iter().flatten().map(item).collect();
            call.lines_up(&items, None)
        };
        if destination.pace.is_some() {
            for number in lines.drain(1.min(lines.len())..).flatten() {
                prepared[number] = None;
            }
        }
        let mut reports = Vec::new();
        for line in lines {
            let taken = line.into_iter().filter_map(|number| prepared[number].take()).collect();
            reports.extend(self.in_one_request(&workspace, &destination, call, taken).await);
        }
        // What the vendor cannot find anybody by is invalid, as it is alone.
        for (number, ready, ..) in prepared.into_iter().flatten() {
            reports.push((number, Box::pin(self.attempt(ready)).await));
        }
        reports
    }

    async fn in_one_request(
        &self,
        workspace: &Name,
        destination: &Destination,
        call: &Call,
        taken: Vec<Prepared<'_>>,
    ) -> Vec<(usize, JobReport)> {
        let made = Made { at: self.clock.now(), began: Instant::now() };
        let late = |(_, ready, ..): &Prepared<'_>| {
            ready.job.lease_until.since(made.at) < destination.attempt_max() + REST
        };
        if taken.iter().any(late) {
            let give_back = |(number, ready, ..): Prepared<'_>| {
                (number, report(JobOutcome::Released, ready.state))
            };
            return taken.into_iter().map(give_back).collect();
        }
        let (sent, ends) = {
            let items = taken.iter().map(item).collect();
            let mut many = Many { destination, call, items, at: made.at, ends: Vec::new() };
            let sent = self.ways.send(workspace, destination, &mut many).await;
            (sent, many.ends)
        };
        let mut opened = self.breaks(workspace, destination, sent.judged);
        let whole = Fared::of(&sent, self.clock.now());
        let mut reports = Vec::new();
        for (place, (number, mut ready, ..)) in taken.into_iter().enumerate() {
            // Without ends nothing was sent: there was no token.
            let end = ends.get(place).cloned();
            let known = ready.state.kept.clone();
            ready.state.kept.extend(end.as_ref().map(|end| end.kept.clone()).unwrap_or_default());
            self.tell_given(&ready, &known).await;
            let fared = Fared {
                judged: end.as_ref().map_or(whole.judged, |end| end.judged),
                step: whole.step.clone(),
                said: end.as_ref().map_or(whole.said.clone(), |end| end.said.clone()),
                retry_after: whole.retry_after,
                alone: end.is_some_and(|end| end.alone),
            };
            reports.push((number, self.attempted(ready, &fared, made, opened.take())));
        }
        reports
    }

    async fn body_of(&self, ready: &Ready<'_>) -> Value {
        let lines = self.lines(ready).await;
        let url = self.record_url(ready);
        let parts = parts(ready, lines.as_ref(), url.as_deref());
        let destination = ready.destination.as_ref();
        let at = self.clock.now();
        let message = Message { destination, parts, at, added: Vec::new(), wants_headers: false };
        message.document()
    }
}

/// Its place among the gathered, itself, its body, its event's id.
type Prepared<'a> = (usize, Ready<'a>, Value, String);

fn item<'a>((_, ready, body, id): &'a Prepared<'_>) -> Item<'a> {
    Item { body, id, kept: &ready.state.kept }
}
