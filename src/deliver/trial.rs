//! A test of a destination: one marked event, sent now and once through the real way out. No queue, no
//! lead, no retry.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;

use super::destination::Destination;
use super::directory::Directory;
use super::envelope::{Parts, render};
use super::sign::sign;
use super::specimen::{LINE, Specimen};
use super::verdict::judge;
use super::words::{advice, words};
use crate::domain::ports::{Clock, Mint, OutboundRequest, Transport, Trial};
use crate::domain::{Name, Timestamp, TrialAnswer, TrialReport};

/// How much of an answer is shown.
const SHOWN_BYTES: usize = 1024;

/// How many letters of a signature are shown.
const SIGNATURE_CHARS: usize = 8;

/// Sends tests for a running service.
pub struct Trials {
    transport: Arc<dyn Transport>,
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
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        mint: Arc<dyn Mint>,
        directory: Arc<dyn Directory>,
    ) -> Self {
        Self { transport, clock, mint, directory }
    }
}

#[async_trait]
impl Trial for Trials {
    async fn send_test(&self, workspace: &Name, destination: &Name) -> Option<TrialReport> {
        let destination = self.directory.destination(workspace, destination)?;
        let (id, now) = (self.mint.mint(), self.clock.now());
        Some(try_out(self.transport.as_ref(), workspace, &destination, id, now).await)
    }
}

/// Sends one test to a destination and says what came of it.
pub async fn try_out(
    transport: &dyn Transport,
    workspace: &Name,
    destination: &Destination,
    id: [u8; 16],
    now: Timestamp,
) -> TrialReport {
    let request = request(workspace, destination, id, now);
    let (headers, body) = (shown_headers(&request, destination), request.body.to_vec());
    let began = Instant::now();
    let answer = transport.send(request).await;
    let took = began.elapsed();
    let judged = judge(&answer);
    TrialReport {
        to: destination.origin().to_owned(),
        headers,
        body,
        words: words(&answer),
        advice: advice(&answer),
        answer: answer.ok().map(|answer| TrialAnswer {
            status: answer.status,
            headers: answer.headers,
            truncated: answer.body.len() > SHOWN_BYTES,
            body: answer.body.slice(..answer.body.len().min(SHOWN_BYTES)).to_vec(),
        }),
        verdict: judged.verdict,
        error: judged.error,
        took,
    }
}

fn request(
    workspace: &Name,
    destination: &Destination,
    id: [u8; 16],
    now: Timestamp,
) -> OutboundRequest {
    let specimen = Specimen::new(destination, id, now);
    let body = render(&Parts {
        workspace,
        event: &specimen.event,
        sequence: 1,
        instead_of: None,
        receipt: None,
        absorbed: 0,
        absorbed_ids: &[],
        lead: Some(&specimen.lead),
        inquiry: Some(&specimen.inquiry),
        line: &|_, _| Some(LINE.to_owned()),
        record_url: None,
    });
    let id = specimen.event.id.to_string();
    let signature = sign(&destination.secrets, &id, now, &body);
    OutboundRequest {
        url: destination.url.expose().to_owned(),
        headers: destination.request_headers(id, now, signature),
        body: Bytes::from(body),
        deadline: destination.timeout,
        wants_headers: true,
    }
}

/// The headers as people may see them: signatures cut, added ones (they hold keys) not at all.
fn shown_headers(request: &OutboundRequest, destination: &Destination) -> Vec<(String, String)> {
    let masked = |name: &str, value: &str| {
        if destination.headers.iter().any(|(own, _)| own == name) {
            "…".to_owned()
        } else if name == "webhook-signature" {
            let cut = |part: &str| part.chars().take(3 + SIGNATURE_CHARS).collect::<String>();
            let parts: Vec<String> =
                value.split(' ').map(|part| format!("{}…", cut(part))).collect();
            parts.join(" ")
        } else {
            value.to_owned()
        }
    };
    request.headers.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect()
}
