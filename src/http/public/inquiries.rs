//! `POST /v1/{workspace}/inquiries/{source}`: one inquiry (or a vendor's body that holds several).

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::capturing::{Capturing, revealed};
use crate::capture::{
    Acked, Captured, Cors, Handshake, Refused, Request, Violation, capture, redacted_body,
};
use crate::domain::Status;
use crate::flow::{Answer, Caller, RawBody, Received, Unavailable};
use crate::http::state::HttpState;
use crate::telemetry::Fact;

/// Takes one inquiry: JSON, urlencoded, multipart or XML, as the source's preset says. Without an API
/// key every accepted inquiry is answered `received`; with one (`inquiries:write`), with what became of it.
#[utoipa::path(
    post, path = "/v1/{workspace}/inquiries/{source}", tag = "capture",
    operation_id = "post_inquiry",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same content is the same inquiry, for 30 days.")),
    request_body(content = Object, description = "As the source's preset says."),
    responses(
        (status = 202, description = "Accepted (a source may say another 2xx or a redirect)", body = Object),
    )
)]
pub async fn post(state: Data<HttpState>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let capturing = Capturing::begin(&state, &request);
    let Some((workspace, source)) = capturing.source() else {
        return capturing.refuse(Status::Unknown);
    };
    let Some(_place) = state.enter() else { return capturing.refuse(Status::Unavailable) };
    let caller = match capturing.caller(&workspace.name, source, false) {
        Ok(caller) => caller,
        Err(status) => return capturing.refuse(status),
    };
    if let Some(seconds) = capturing.too_often(&workspace.name, source, &caller).await {
        let acked = Acked { retry_after: Some(seconds), ..Acked::of(Status::Limited) };
        return capturing.answer(Status::Limited, &acked, None);
    }
    let body = match capturing.body(payload, source.bytes_max(false)).await {
        Ok(body) => body,
        Err(status) => return capturing.refuse(status),
    };
    let headers = capturing.headers();
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let captured = Request {
        method: capturing.method(),
        caller_known: caller.api_key.is_some(),
        batch: false,
        content_type: content_type.and_then(|value| value.to_str().ok()),
        headers: &headers,
        query: request.uri().query(),
        path_secret: request.match_info().get("secret"),
        body: &body,
    };
    let now = state.flow.now();
    if let Some(form) = source.signed_form(&captured, now) {
        let (workspace, source) = (&workspace.name, source.name());
        state.flow.telemetry().record(&Fact::SignedFormHeld { workspace, source, form });
    }
    let outcome = capture(source, &captured, now);
    work(&capturing, &captured, outcome, &caller).await.answer(capturing, &captured)
}

/// `…/{source}/batch` is the batch, not a secret called so.
pub fn not_batch() -> impl actix_web::guard::Guard {
    actix_web::guard::fn_guard(|context| !context.head().uri.path().ends_with("/batch"))
}

/// An answer, and what goes into it besides.
struct Answered {
    answer: Answer,
    /// Whether the caller has an API key and may see the real status.
    reveals: bool,
    thanks_page: Option<String>,
    violations: Vec<Violation>,
}

/// What is to be answered.
enum Outcome {
    Answered(Box<Answered>),
    Refused(Refused),
    Handshake(Handshake),
    /// Seconds to wait.
    Limited(u32),
    Unavailable,
}

async fn work(
    capturing: &Capturing<'_>,
    request: &Request<'_>,
    captured: Result<Captured, Refused>,
    caller: &Caller,
) -> Outcome {
    let Some((workspace, source)) = capturing.source() else { return Outcome::Unavailable };
    let flow = &capturing.state.flow;
    let raw = |bytes| RawBody {
        content_type: request.content_type.map(str::to_owned),
        bytes,
        batch: false,
    };
    let mut thanks = None;
    let mut violations = Vec::new();
    let answer: Result<Answer, Unavailable> = match captured {
        Err(refused) => return Outcome::Refused(refused),
        Ok(Captured::Handshake(handshake)) => return Outcome::Handshake(handshake),
        Ok(Captured::Ping) => Ok(Answer::plain(Status::Test, None)),
        Ok(Captured::Unreadable(unreadable)) => {
            violations = unreadable.violations;
            let raw = raw(unreadable.body_redacted);
            flow.keep(workspace, source, unreadable.reason, raw, caller).await
        }
        Ok(Captured::Inquiry { mut submission, thanks_page }) => {
            thanks = thanks_page;
            let screened = capturing.screen(&workspace.name, source, &mut submission, caller);
            if let Some(wait) = screened.await {
                return Outcome::Limited(wait);
            }
            let raw = || raw(redacted_body(source, request));
            let received = Received { submission: *submission, raw: &raw };
            flow.inquire(workspace, source, received, caller).await
        }
        Ok(Captured::Batch(rows)) => several(capturing, request, rows, caller).await,
    };
    match answer {
        Ok(answer) => {
            let reveals = caller.api_key.is_some();
            let thanks_page = thanks;
            Outcome::Answered(Box::new(Answered { answer, reveals, thanks_page, violations }))
        }
        Err(_) => Outcome::Unavailable,
    }
}

/// A vendor's single delivery that holds several inquiries: all are taken, one answer is given. It
/// is the first one's; if any could not be stored the vendor is asked to send all again, which is safe.
async fn several(
    capturing: &Capturing<'_>,
    request: &Request<'_>,
    rows: Vec<Result<crate::domain::Submission, crate::capture::RowProblem>>,
    caller: &Caller,
) -> Result<Answer, Unavailable> {
    // One idempotency key cannot stand for several inquiries; each has its own event id.
    let caller = Caller { idempotency_key: None, ..caller.clone() };
    let answers = super::batch::take_rows(capturing, request, rows, &caller).await;
    let mut first = None;
    for answer in answers {
        first.get_or_insert(answer?);
    }
    Ok(first.unwrap_or_else(|| Answer::plain(Status::Test, None)))
}

impl Outcome {
    fn answer(self, capturing: Capturing<'_>, request: &Request<'_>) -> HttpResponse {
        match self {
            Self::Answered(answered) => {
                let Answered { answer, reveals, thanks_page, violations } = *answered;
                let counted = if answer.duplicate { Status::Duplicate } else { answer.status };
                let acked = Acked {
                    inquiry: answer.inquiry,
                    code: answer.reason.clone(),
                    violations: &violations,
                    revealed: reveals.then(|| revealed(&answer)),
                    thanks_page: thanks_page.as_deref(),
                    ..Acked::of(answer.status)
                };
                capturing.answer(counted, &acked, answer.inquiry)
            }
            Self::Refused(refused) => {
                let acked = Acked {
                    code: Some(refused.code.clone()),
                    message: Some(&refused.message),
                    ..Acked::of(refused.status)
                };
                capturing.answer(refused.status, &acked, None)
            }
            Self::Handshake(handshake) => capturing.shake_hands(handshake),
            Self::Limited(seconds) => {
                let acked = Acked { retry_after: Some(seconds), ..Acked::of(Status::Limited) };
                capturing.answer(Status::Limited, &acked, None)
            }
            Self::Unavailable => {
                let acked = Acked {
                    retry_after: Some(1),
                    request: Some(request),
                    ..Acked::of(Status::Unavailable)
                };
                capturing.answer(Status::Unavailable, &acked, None)
            }
        }
    }
}

/// A browser asking whether a page may post here. Unlisted origins get no permission and no hint.
pub async fn preflight(state: Data<HttpState>, request: HttpRequest) -> HttpResponse {
    let capturing = Capturing::begin(&state, &request);
    let mut response = HttpResponse::NoContent();
    if let Cors::Allowed(origin) = capturing.cors() {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "POST"));
        response
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, idempotency-key"));
        response.insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
        response.insert_header((header::VARY, "origin"));
    }
    let mut response = response.finish();
    let status = if capturing.source().is_some() { Status::Test } else { Status::Unknown };
    capturing.finish(status, None, &mut response);
    response
}

/// The same path with the source's secret in it, for vendors that can only keep it there.
pub fn with_secret(path: &str) -> String {
    path.replace("{source}", "{source}/{secret}")
}
