//! One event to one destination, now: rendered as it wants it, sent, judged. For deliveries and tests alike.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::call::{Call, Meaning, Run};
use super::destination::Destination;
use super::envelope::{Parts, document, render};
use super::retry::parse_retry_after;
use super::verdict::{Judged, judge};
use super::words;
use crate::domain::ports::{
    OutboundAnswer, OutboundError, OutboundMethod, OutboundRequest, Transport,
};
use crate::domain::{Timestamp, Verdict};
use crate::egress::TokenError;

/// How an attempt is noted that ended before the receiver was asked.
const TOKEN_STEP: &str = "token";

/// What is to be sent, and how.
pub(super) struct Message<'a> {
    pub(super) destination: &'a Destination,
    pub(super) parts: Parts<'a>,
    /// Of this attempt: the time that is signed.
    pub(super) at: Timestamp,
    /// Headers besides the destination's own.
    pub(super) added: Vec<(String, String)>,
    pub(super) wants_headers: bool,
}

/// How it went.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) judged: Judged,
    /// With a vendor's preset: the request that it ended with, in a word.
    pub(super) step: Option<String>,
    /// The receiver's own code, or a word of ours that says more.
    pub(super) said: Option<String>,
    pub(super) request: Option<OutboundRequest>,
    /// `None` = nothing was sent.
    pub(super) answer: Option<Result<OutboundAnswer, OutboundError>>,
}

impl Message<'_> {
    /// Sends it, with a token that was fetched if the destination wants one. `kept` has the ids that earlier attempts were given, and gets this one's.
    pub(super) async fn send(
        &self,
        transport: &dyn Transport,
        token: Option<&str>,
        kept: &mut BTreeMap<String, String>,
    ) -> Sent {
        let id = self.parts.event.id.to_string();
        match &self.destination.call {
            Some(call) => self.by_vendor(call, &id, transport, token, kept).await,
            None => self.signed(&id, transport, token).await,
        }
    }

    /// Our own form. Bytes signed are bytes sent.
    async fn signed(&self, id: &str, transport: &dyn Transport, token: Option<&str>) -> Sent {
        let destination = self.destination;
        let body = if destination.subset.is_whole() {
            render(&self.parts)
        } else {
            self.document().to_string().into_bytes()
        };
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(destination.request_headers_with(id, self.at, &body, token));
        headers.extend(self.added.iter().cloned());
        let request = OutboundRequest {
            method: OutboundMethod::Post,
            url: destination.url.expose().to_owned(),
            headers,
            body: Bytes::from(body),
            deadline: destination.timeout,
            wants_headers: self.wants_headers,
            answer_max: OutboundRequest::ANSWER_BYTES,
        };
        let kept_for_people = self.wants_headers.then(|| request.clone());
        let answer = transport.send(request).await;
        let mut judged = judge(&answer);
        if token.is_some() && judged.http_status == Some(401) {
            judged = Meaning::Credentials.judged(401);
        }
        Sent { judged, step: None, said: None, request: kept_for_people, answer: Some(answer) }
    }

    /// As the vendor's preset says.
    async fn by_vendor(
        &self,
        call: &Call,
        id: &str,
        transport: &dyn Transport,
        token: Option<&str>,
        kept: &mut BTreeMap<String, String>,
    ) -> Sent {
        let destination = self.destination;
        let body = self.document();
        let headers = |bytes: &[u8]| {
            let mut headers = destination.request_headers_with(id, self.at, bytes, token);
            headers.extend(self.added.iter().cloned());
            headers
        };
        let run = Run {
            call,
            transport,
            base: destination.url.expose(),
            body: &body,
            id,
            deadline: destination.timeout,
            headers: &headers,
            wants_headers: self.wants_headers,
            token,
        };
        let ran = run.go(kept).await;
        Sent {
            judged: ran.judged,
            step: ran.step,
            said: ran.said,
            request: ran.request,
            answer: ran.answer,
        }
    }

    pub(super) fn document(&self) -> serde_json::Value {
        let mut body = document(&self.parts);
        self.destination.subset.apply(&mut body, self.parts.lead);
        body
    }
}

impl Sent {
    /// Nothing was sent: no token was had.
    pub(super) fn without_token(error: &TokenError) -> Self {
        let judged =
            |verdict, http_status, error| Judged { verdict, http_status, error: Some(error) };
        let again = |status| judged(Verdict::Retriable, status, "token");
        let (judged, said) = match error {
            TokenError::Refused { status, code } => {
                (judged(Verdict::Credentials, *status, "credentials"), code.clone())
            }
            TokenError::Limited { status } => {
                (judged(Verdict::Retriable, Some(*status), "limited"), None)
            }
            TokenError::Odd { status } => (again(Some(*status)), Some("no_token".to_owned())),
            TokenError::Unanswered(error) => (judge(&Err(*error)), None),
            TokenError::Busy => (again(None), Some("others_ask".to_owned())),
            TokenError::Store(_) => (again(None), Some("store".to_owned())),
        };
        let answer = match error {
            TokenError::Unanswered(error) => Some(Err(*error)),
            _ => None,
        };
        Self { judged, step: Some(TOKEN_STEP.to_owned()), said, request: None, answer }
    }

    /// How long the receiver asks to be left alone.
    pub(super) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let answer = self.answer.as_ref()?.as_ref().ok()?;
        parse_retry_after(answer.retry_after.as_deref()?, now)
    }

    /// What happened, in one sentence.
    pub(super) fn words(&self) -> String {
        if let Some((words, _)) = self.of_token() {
            return words.to_owned();
        }
        match (words::of_vendor(&self.judged), &self.answer) {
            (Some((words, _)), _) => words.to_owned(),
            (None, Some(answer)) => words::words(answer),
            (None, None) => "Nothing had to be sent.".to_owned(),
        }
    }

    /// What to do; `None` if all is well.
    pub(super) fn advice(&self) -> Option<String> {
        match self.of_token().or_else(|| words::of_vendor(&self.judged)) {
            Some((_, advice)) => Some(advice.to_owned()),
            None => words::advice(self.answer.as_ref()?),
        }
    }

    fn of_token(&self) -> Option<(&'static str, &'static str)> {
        let asked = self.step.as_deref() == Some(TOKEN_STEP) && self.answer.is_none();
        asked.then(|| words::of_token(&self.judged))
    }
}
