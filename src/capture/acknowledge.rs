//! What the caller is told: the vendor's own form where it has one, a page for a browser, else JSON.

use serde_json::{Map, Value, json};

use crate::domain::{InquiryId, Name, Outcome, Status};

use super::page;
use super::request::{Request, Violation};
use super::settings::{AcknowledgeSettings, Answered, ErrorBody};
use super::source::Source;

/// What became of a request, for answering it.
#[derive(Debug, Clone)]
pub struct Acked<'a> {
    /// The status; for a duplicate the original's, so that the answer is the same.
    pub status: Status,
    /// The inquiry; none if nothing was kept.
    pub inquiry: Option<InquiryId>,
    /// Problem code or reason of a failure or error (`bad_json`, `no_contact`, `too_large` …).
    pub code: Option<Name>,
    /// What is wrong, for people; no values.
    pub message: Option<&'a str>,
    /// Where it is wrong.
    pub violations: &'a [Violation],
    /// What a caller with an API key is told beyond the status (`lead_id`, `category` …). `None` for
    /// everybody else: they learn that it was received, nothing more.
    pub revealed: Option<Map<String, Value>>,
    /// The page that [`super::Captured::Inquiry`] named.
    pub thanks_page: Option<&'a str>,
    /// Seconds after which to try again (429, 503).
    pub retry_after: Option<u32>,
    /// The request: on 503 a browser is shown a page that sends its values again.
    pub request: Option<&'a Request<'a>>,
}

impl Acked<'_> {
    /// A status and nothing else.
    #[must_use]
    pub fn of(status: Status) -> Self {
        Self {
            status,
            inquiry: None,
            code: None,
            message: None,
            violations: &[],
            revealed: None,
            thanks_page: None,
            retry_after: None,
            request: None,
        }
    }
}

/// An HTTP answer without its general headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The HTTP status.
    pub http: u16,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// The `Location` of a 303.
    pub location: Option<String>,
    /// The `Retry-After` in seconds.
    pub retry_after: Option<u32>,
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const HTML: &str = "text/html; charset=utf-8";

/// The HTTP status of a status, where no vendor wants another.
#[must_use]
pub fn default_http(status: Status) -> u16 {
    match status {
        Status::Unreadable => 422,
        Status::Limited => 429,
        Status::Unauthenticated => 401,
        Status::Unknown => 404,
        Status::TooLarge => 413,
        Status::UnsupportedMediaType => 415,
        Status::Malformed => 400,
        Status::Unavailable => 503,
        _ => 202,
    }
}

/// The answer. `accept_html` = a browser navigation (its `Accept` names `text/html`).
#[must_use]
pub fn acknowledge(source: &Source, acked: &Acked, accept_html: bool) -> Acknowledgement {
    if accept_html {
        return to_browser(source, acked);
    }
    let policy = &source.acknowledge;
    let accepted = acked.status.outcome() == Outcome::Success;
    // A caller with an API key is no vendor: it wants to know.
    let fixed = if acked.revealed.is_some() { None } else { policy.answer(acked.status) };
    let http = fixed.map_or(default_http(acked.status), |fixed| fixed.http);
    let (content_type, body) = match fixed.and_then(|fixed| fixed.body.clone()) {
        Some(body) => (JSON, body),
        None if accepted => (JSON, received(acked).to_string()),
        None if policy.errors == ErrorBody::Message => {
            (JSON, json!({"message": message(acked)}).to_string())
        }
        None => (PROBLEM, problem(acked, http).to_string()),
    };
    Acknowledgement { http, content_type, body, location: None, retry_after: acked.retry_after }
}

/// A policy: the source's answers over the preset's.
#[derive(Debug, Clone, Default)]
pub(super) struct Policy {
    pub(super) answers: AcknowledgeSettings,
    pub(super) errors: ErrorBody,
}

impl Policy {
    /// The source's settings laid over the preset's.
    pub(super) fn of(preset: &AcknowledgeSettings, own: &AcknowledgeSettings) -> Self {
        let mut answers = preset.clone();
        answers.accepted = own.accepted.clone().or(answers.accepted);
        answers.statuses.extend(own.statuses.clone());
        let errors = own.errors.or(preset.errors).unwrap_or_default();
        Self { answers, errors }
    }

    fn answer(&self, status: Status) -> Option<&Answered> {
        let accepted = (status.outcome() == Outcome::Success)
            .then_some(self.answers.accepted.as_ref())
            .flatten();
        self.answers.statuses.get(&status).or(accepted)
    }
}

/// `{"outcome","status","inquiry_id"}`: to strangers every accepted inquiry is `received`.
fn received(acked: &Acked) -> Value {
    let mut body = Map::new();
    body.insert("outcome".into(), acked.status.outcome().as_str().into());
    let status = if acked.revealed.is_some() { acked.status.as_str() } else { "received" };
    body.insert("status".into(), status.into());
    if let Some(id) = acked.inquiry {
        body.insert("inquiry_id".into(), id.to_string().into());
    }
    body.extend(acked.revealed.clone().unwrap_or_default());
    Value::Object(body)
}

/// RFC 9457, with the outcome words beside it.
fn problem(acked: &Acked, http: u16) -> Value {
    let code = code(acked);
    let mut body = Map::new();
    body.insert("type".into(), format!("/problems/{code}").into());
    body.insert("title".into(), title(acked.status).into());
    body.insert("status".into(), http.into());
    body.insert("code".into(), code.into());
    if let Some(detail) = acked.message.or_else(|| advice(code)) {
        body.insert("detail".into(), detail.into());
    }
    body.insert("outcome".into(), acked.status.outcome().as_str().into());
    body.insert("reason".into(), acked.status.as_str().into());
    if let Some(id) = acked.inquiry {
        body.insert("inquiry_id".into(), id.to_string().into());
    }
    if !acked.violations.is_empty() {
        let errors = acked.violations.iter();
        let errors = errors.map(|v| json!({"pointer": v.pointer, "message": v.message}));
        body.insert("errors".into(), errors.collect());
    }
    Value::Object(body)
}

fn code<'a>(acked: &'a Acked) -> &'a str {
    acked.code.as_ref().map_or(acked.status.as_str(), Name::as_str)
}

fn message<'a>(acked: &'a Acked) -> &'a str {
    acked.message.or_else(|| advice(code(acked))).unwrap_or_else(|| title(acked.status))
}

/// What the person who filled in a form can do about it; only where it is the person's to mend.
fn advice(code: &str) -> Option<&'static str> {
    match code {
        "no_contact" | "empty" => Some(
            "Nobody can answer you yet: please give an e-mail address, a phone number, or a name with a company",
        ),
        _ => None,
    }
}

/// What a status means, in a sentence for people.
pub(super) fn title(status: Status) -> &'static str {
    match status {
        Status::Unreadable => "The inquiry could not be read",
        Status::Limited => "Too many requests",
        Status::Unauthenticated => "The request is not proved to come from the source",
        Status::Unknown => "There is no such source",
        Status::TooLarge => "The request is too large",
        Status::UnsupportedMediaType => "The content type is not supported",
        Status::Malformed => "The request is malformed",
        Status::Unavailable => "Not available at the moment; please send again",
        _ => "Received",
    }
}

/// A browser is sent to a page, or shown one.
fn to_browser(source: &Source, acked: &Acked) -> Acknowledgement {
    let see = |location: String| Acknowledgement {
        http: 303,
        content_type: HTML,
        body: String::new(),
        location: Some(location),
        retry_after: None,
    };
    if acked.status.outcome() == Outcome::Success {
        let page = acked.thanks_page.or(source.thanks_page.as_deref());
        return match page {
            Some(page) => see(page.to_owned()),
            None => Acknowledgement {
                http: 200,
                content_type: HTML,
                body: page::thanks(),
                location: None,
                retry_after: None,
            },
        };
    }
    // A page elsewhere would lose what was typed in, so values that can be shown again go first.
    let again = match (acked.status, acked.request) {
        (Status::Unavailable, Some(request)) => page::send_again(source, request),
        _ => None,
    };
    match (again, &source.error_page) {
        (None, Some(page)) => {
            let mark = if page.contains('?') { '&' } else { '?' };
            see(format!("{page}{mark}code={}", code(acked)))
        }
        (again, _) => Acknowledgement {
            http: default_http(acked.status),
            content_type: HTML,
            body: again.unwrap_or_else(|| page::failure(message(acked), code(acked))),
            location: None,
            retry_after: acked.retry_after,
        },
    }
}
