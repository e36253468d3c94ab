//! A test of a destination: one marked event, sent now and once through the real way out. No queue, no
//! lead, no retry.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::call::{Item, ItemEnd};
use super::destination::Destination;
use super::directory::Directory;
use super::envelope::Parts;
use super::gathered::Many;
use super::sending::Message;
use super::specimen::{LINE, Specimen};
use super::ways::{One, Ways};
use crate::domain::ports::{Clock, Mint, OutboundRequest, Trial};
use crate::domain::{Name, Timestamp, TrialAnswer, TrialReport, Verdict};

/// How much of an answer is shown.
const SHOWN_BYTES: usize = 1024;

/// How many letters of a signature are shown.
const SIGNATURE_CHARS: usize = 8;

/// Headers that hold no keys.
const OURS: [&str; 5] = ["content-type", "user-agent", "webhook-id", "webhook-timestamp", "accept"];

/// Sends tests for a running service.
pub struct Trials {
    ways: Ways,
    clock: Arc<dyn Clock>,
    mint: Arc<dyn Mint>,
    directory: Arc<dyn Directory>,
}

impl std::fmt::Debug for Trials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trials").finish_non_exhaustive()
    }
}

impl Trials {
    /// Through the same ways as deliveries.
    pub fn new(
        ways: Ways,
        clock: Arc<dyn Clock>,
        mint: Arc<dyn Mint>,
        directory: Arc<dyn Directory>,
    ) -> Self {
        Self { ways, clock, mint, directory }
    }
}

#[async_trait]
impl Trial for Trials {
    async fn send_test(&self, workspace: &Name, destination: &Name) -> Option<TrialReport> {
        let destination = self.directory.destination(workspace, destination)?;
        let destination = self.ways.as_now(workspace, destination).await;
        let (id, now) = (self.mint.mint(), self.clock.now());
        Some(try_out(&self.ways, workspace, &destination, id, now).await)
    }
}

/// Sends one test to a destination and says what came of it.
pub async fn try_out(
    ways: &Ways,
    workspace: &Name,
    destination: &Destination,
    id: [u8; 16],
    now: Timestamp,
) -> TrialReport {
    let specimen = Specimen::new(destination, id, now);
    let parts = parts(workspace, &specimen);
    let message = Message { destination, parts, at: now, added: Vec::new(), wants_headers: true };
    let began = Instant::now();
    let mut kept = BTreeMap::new();
    let mut parcel = One { message, kept: &mut kept };
    let sent = ways.send(workspace, destination, &mut parcel).await;
    let took = began.elapsed();
    let (said, advice) = (sent.words(), sent.advice());
    let answer = sent.answer.and_then(Result::ok);
    TrialReport {
        to: destination.origin().to_owned(),
        headers: sent
            .request
            .as_ref()
            .map(|made| shown_headers(made, destination))
            .unwrap_or_default(),
        body: sent.request.map(|made| shown_body(&made, destination)).unwrap_or_default(),
        words: said,
        advice,
        answer: answer.map(|answer| TrialAnswer {
            status: answer.status,
            headers: answer.headers,
            truncated: answer.body.len() > SHOWN_BYTES,
            body: answer.body.slice(..answer.body.len().min(SHOWN_BYTES)).to_vec(),
        }),
        verdict: sent.judged.verdict,
        error: sent.judged.error,
        step: sent.step,
        said: sent.said,
        kept,
        took,
    }
}

/// The body without what must not be shown: some vendors want their password in it.
pub(super) fn shown_body(request: &OutboundRequest, destination: &Destination) -> Vec<u8> {
    match (&destination.call, String::from_utf8(request.body.to_vec())) {
        (Some(call), Ok(text)) => call.hidden(text).into_bytes(),
        _ => request.body.to_vec(),
    }
}

/// The headers as people may see them: signatures cut, added ones (they hold keys) not at all.
pub(super) fn shown_headers(
    request: &OutboundRequest,
    destination: &Destination,
) -> Vec<(String, String)> {
    let masked = |name: &str, value: &str| {
        if name == "webhook-signature" {
            let cut = |part: &str| part.chars().take(3 + SIGNATURE_CHARS).collect::<String>();
            let parts: Vec<String> =
                value.split(' ').map(|part| format!("{}…", cut(part))).collect();
            parts.join(" ")
        } else if OURS.contains(&name) && !destination.headers.iter().any(|(own, _)| own == name) {
            value.to_owned()
        } else {
            "…".to_owned()
        }
    };
    request.headers.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect()
}

/// How it ended for one of several events in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialEnd {
    pub verdict: Verdict,
    pub error: Option<&'static str>,
    pub said: Option<String>,
    pub kept: BTreeMap<String, String>,
    /// The request was refused as a whole: each would be tried alone.
    pub alone: bool,
}

/// Sends tests of so many invented people, with these ids, in one request; `None` = the destination's preset knows none.
pub async fn try_together(
    ways: &Ways,
    workspace: &Name,
    destination: &Destination,
    ids: &[[u8; 16]],
    now: Timestamp,
) -> Option<Vec<TrialEnd>> {
    let call = destination.call.as_ref()?;
    call.batch_max()?;
    let specimens: Vec<Specimen> =
        ids.iter().map(|id| Specimen::new(destination, *id, now).one_of_many()).collect();
    let bodies: Vec<_> = specimens
        .iter()
        .map(|specimen| {
            let parts = parts(workspace, specimen);
            let message =
                Message { destination, parts, at: now, added: Vec::new(), wants_headers: false };
            (message.document(), specimen.event.id.to_string())
        })
        .collect();
    let none = BTreeMap::new();
    let items = bodies.iter().map(|(body, id)| Item { body, id, kept: &none }).collect();
    let mut many = Many { destination, call, items, at: now, ends: Vec::new() };
    ways.send(workspace, destination, &mut many).await;
    let end = |end: ItemEnd| {
        let ItemEnd { judged, said, kept, alone } = end;
        TrialEnd { verdict: judged.verdict, error: judged.error, said, kept, alone }
    };
    Some(many.ends.into_iter().map(end).collect())
}

fn parts<'a>(workspace: &'a Name, specimen: &'a Specimen) -> Parts<'a> {
    Parts {
        workspace,
        event: &specimen.event,
        sequence: 1,
        instead_of: None,
        receipt: None,
        absorbed: 0,
        absorbed_ids: &[],
        lead: Some(&specimen.lead),
        inquiry: Some(&specimen.inquiry),
        line: &|_| Some(LINE.to_owned()),
        record_url: None,
        links: &[],
        confirm: None,
    }
}
