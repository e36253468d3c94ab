//! What single posts and batches share: find the source, bound the request, answer it, count it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::capture::{Acked, Cors, Handshake, Method, Source, acknowledge};
use crate::domain::{Flag, InquiryId, Name, Quota, Status, Trace};
use crate::flow::{Answer, Caller, Counted, UNKNOWN, Workspace};
use crate::http::body::{self, BodyError};
use crate::http::caller::{self, Presented};
use crate::http::keys::Scope;
use crate::http::state::{Active, HttpState};
use crate::http::trace;
use crate::telemetry::Fact;

/// One capture request on its way through.
pub struct Capturing<'a> {
    pub state: &'a HttpState,
    pub active: Arc<Active>,
    pub request: &'a HttpRequest,
    pub id: String,
    /// As asked for; a configured name only if the source was found.
    found: Option<(Arc<Workspace>, Name)>,
    began: Instant,
    /// Where the page comes from, for the CORS headers.
    origin: Option<String>,
}

/// Seconds a refused caller should wait when nothing better is known.
const RETRY_SECS: u32 = 1;
/// Headers that scripts of listed origins may read beside the body.
const READABLE: &str = "retry-after, x-request-id";

impl<'a> Capturing<'a> {
    /// Notes the request and looks its source up.
    pub fn begin(state: &'a HttpState, request: &'a HttpRequest) -> Self {
        state.flow.telemetry().record(&Fact::RequestReceived);
        let active = state.active.load_full();
        let named = |part| Name::parse(request.match_info().get(part)?).ok();
        let found = named("workspace").zip(named("source")).and_then(|(workspace, source)| {
            let workspace = active.workspaces.get(&workspace)?;
            let enabled = workspace.sources.get(&source)?.enabled();
            enabled.then(|| (Arc::clone(workspace), source))
        });
        let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
        Self {
            id: trace::request_id(request, state.flow.fresh()),
            active,
            request,
            found,
            began: Instant::now(),
            origin: origin.map(str::to_owned),
            state,
        }
    }

    /// The workspace and source, if both are configured and enabled.
    pub fn source(&self) -> Option<(&Workspace, &Source)> {
        let (workspace, name) = self.found.as_ref()?;
        Some((workspace, workspace.sources.get(name)?))
    }

    /// The same as what a thread of its own may hold.
    pub fn configured(&self) -> Option<(Arc<Workspace>, Name)> {
        self.found.clone()
    }

    /// What the page's origin may be told.
    pub fn cors(&self) -> Cors {
        self.source().map_or(Cors::NotAsked, |(_, source)| source.cors(self.origin.as_deref()))
    }

    /// Whether a browser navigated here and wants to see a page.
    pub fn accepts_html(&self) -> bool {
        let accept = self.request.headers().get(header::ACCEPT);
        accept
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    }

    /// Refuses addresses that post too often to a source that anybody may post to, and whoever posts more often
    /// than the source says.
    pub async fn too_often(
        &self,
        workspace: &Name,
        source: &Source,
        caller: &Caller,
    ) -> Option<u32> {
        if caller.api_key.is_some() {
            return None;
        }
        let address = caller::address(&self.active, self.request);
        if source.is_public()
            && let Some(wait) = address.and_then(|address| self.state.wait_for(address))
        {
            return Some(wait);
        }
        // A handshake is no post, and must need no store.
        if self.method() == Method::Get {
            return None;
        }
        let (flow, whose) = (&self.state.flow, (workspace, source.name()));
        let minute = |count| Quota { count, within: Duration::from_mins(1) };
        let rates = source.rates();
        if let Some((count, address)) = rates.address_per_minute.zip(address) {
            let counted = Counted::Address(address);
            if let Some(wait) = flow.too_often(whose, counted, minute(count)).await {
                return Some(wait);
            }
        }
        let count = rates.source_per_minute?;
        flow.too_often(whose, Counted::Source, minute(count)).await
    }

    /// Who calls: the API key, if it may post here, and the idempotency key.
    pub fn caller(
        &self,
        workspace: &Name,
        source: &Source,
        batch_row: bool,
    ) -> Result<Caller, Status> {
        let api_key = match caller::presented(&self.active, self.request) {
            Presented::Nothing => None,
            Presented::Key(key) if key.allows(workspace, Scope::InquiriesWrite) => {
                Some(key.name.clone())
            }
            Presented::Key(_) | Presented::Unknown => return Err(Status::Unauthenticated),
        };
        let header = |name| {
            let value = self.request.headers().get(name)?.to_str().ok()?;
            (!value.is_empty() && value.len() <= 256).then(|| value.to_owned())
        };
        let named = || header("idempotency-key").or_else(|| header("webhook-id"));
        let unsigned = api_key.is_none() && source.signs_no_id();
        Ok(Caller {
            api_key,
            idempotency_key: if unsigned { None } else { named() },
            batch_row,
            proof_holds_for: source.proof_holds_for(),
            trace: Some(Trace {
                traceparent: trace::traceparent(self.request, self.state.flow.fresh()),
                request_id: self.id.clone(),
            }),
        })
    }

    /// The headers as capture wants them: lower-case names, text values.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        self.request.headers().iter().filter_map(text).collect()
    }

    /// The method, as far as it matters.
    pub fn method(&self) -> Method {
        match self.request.method().as_str() {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            _ => Method::Other,
        }
    }

    /// Reads the body within the source's limits.
    pub async fn body(&self, payload: Payload, bytes_max: usize) -> Result<Bytes, Status> {
        match body::read(payload, bytes_max, self.state.limits.body_deadline).await {
            Ok(body) => Ok(body),
            Err(BodyError::TooLarge) => Err(Status::TooLarge),
            Err(BodyError::Slow | BodyError::Broken) => Err(Status::Malformed),
        }
    }

    /// Answers with a bare status.
    pub fn refuse(self, status: Status) -> HttpResponse {
        let retry = matches!(status, Status::Unavailable | Status::Limited).then_some(RETRY_SECS);
        self.answer(status, &Acked { retry_after: retry, ..Acked::of(status) }, None)
    }

    /// Answers as the source's policy says, and counts the answer. `counted` is the status that the
    /// counters take (a duplicate is answered like its original, and counted as a duplicate).
    pub fn answer(
        self,
        counted: Status,
        acked: &Acked,
        inquiry: Option<InquiryId>,
    ) -> HttpResponse {
        self.note(counted, acked.code.as_ref().map(Name::as_str));
        let mut response = match self.source() {
            None => unknown(),
            Some((_, source)) => {
                let acknowledgement = acknowledge(source, acked, self.accepts_html());
                let status = actix_web::http::StatusCode::from_u16(acknowledgement.http)
                    .unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = HttpResponse::build(status);
                response.content_type(acknowledgement.content_type);
                if let Some(location) = acknowledgement.location {
                    response.insert_header((header::LOCATION, location));
                }
                if let Some(seconds) = acknowledgement.retry_after {
                    response.insert_header((header::RETRY_AFTER, seconds));
                }
                if let Cors::Allowed(origin) = self.cors() {
                    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
                    response.insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, READABLE));
                    response.insert_header((header::VARY, "origin"));
                }
                response.body(acknowledgement.body)
            }
        };
        self.finish(counted, inquiry, &mut response);
        response
    }

    /// Answers a vendor that asks whether it has the right address.
    pub fn shake_hands(self, handshake: Handshake) -> HttpResponse {
        let mut response = HttpResponse::Ok()
            .content_type(handshake.content_type)
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(handshake.body);
        self.finish(Status::Test, None, &mut response);
        response
    }

    /// Counts a request of which nothing is kept, by its source, with a fixed word for why.
    pub fn note(&self, status: Status, reason: Option<&str>) {
        let counted = matches!(
            status,
            Status::Duplicate
                | Status::Limited
                | Status::Unauthenticated
                | Status::Unknown
                | Status::TooLarge
                | Status::UnsupportedMediaType
                | Status::Malformed
                | Status::Unavailable
        );
        if !counted {
            return;
        }
        let (flow, reason) = (&self.state.flow, reason.unwrap_or(status.as_str()));
        let note = |workspace: &Name, source: &str, reason: &str| {
            flow.refusals().note(workspace, source, status, reason, flow.now());
        };
        if let Some((workspace, source)) = &self.found {
            return note(&workspace.name, source.as_str(), reason);
        }
        // An unknown workspace has no place to count in; the metric has it.
        let named = |part| Name::parse(self.request.match_info().get(part)?).ok();
        let Some(workspace) = named("workspace").and_then(|name| self.active.workspaces.get(&name))
        else {
            return;
        };
        match named("source").filter(|source| workspace.sources.contains_key(source)) {
            Some(source) => note(&workspace.name, source.as_str(), "disabled"),
            None => note(&workspace.name, UNKNOWN, reason),
        }
    }

    /// Counts the answer and puts the request id on it. Every request passes here exactly once.
    pub fn finish(&self, counted: Status, inquiry: Option<InquiryId>, response: &mut HttpResponse) {
        let (workspace, source) = match &self.found {
            Some((workspace, source)) => (workspace.name.as_str(), source.as_str()),
            None => ("(unknown)", "(unknown)"),
        };
        self.state.flow.telemetry().record(&Fact::RequestAnswered {
            request: &self.id,
            workspace,
            source,
            status: counted,
            inquiry,
            took: self.began.elapsed(),
        });
        if let Ok(id) = header::HeaderValue::from_str(&self.id) {
            let name = header::HeaderName::from_static("x-request-id");
            response.headers_mut().insert(name, id);
        }
    }
}

/// The one plain answer for an unknown workspace, an unknown source and a disabled one.
fn unknown() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type("application/problem+json")
        .body(r#"{"type":"/problems/unknown","title":"There is no such source","status":404,"code":"unknown","outcome":"error","reason":"unknown"}"#)
}

/// What callers with an API key are told of a decision.
pub fn revealed(answer: &Answer) -> serde_json::Map<String, serde_json::Value> {
    let mut body = serde_json::Map::new();
    if answer.duplicate {
        body.insert("duplicate".into(), true.into());
    }
    if let Some(detail) = &answer.detail {
        let mut put = |key: &str, value: serde_json::Value| body.insert(key.to_owned(), value);
        put("lead_id", detail.lead.map(|id| id.to_string()).into());
        put("stage", detail.stage.as_str().into());
        put("category", detail.category.as_str().into());
        put("score", points(detail.score));
        put("queue", detail.queue.as_str().into());
        put("owner", detail.owner.as_ref().map(Name::as_str).into());
        put("matched_on", detail.matched_on.clone().into());
        put("rules_version", detail.rules_version.as_str().into());
        if detail.rejected {
            put("outcome", "failure".into());
            put("reason", Flag::KnownPerson.as_str().into());
        }
    }
    body
}

/// Millipoints as points: whole ones without a fraction.
pub fn points(millipoints: i64) -> serde_json::Value {
    if millipoints % 1000 == 0 {
        (millipoints / 1000).into()
    } else {
        let text = format!("{}.{:03}", millipoints / 1000, (millipoints % 1000).abs());
        text.trim_end_matches('0').parse::<f64>().map_or(serde_json::Value::Null, Into::into)
    }
}
