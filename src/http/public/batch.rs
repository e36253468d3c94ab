//! `POST /v1/{workspace}/inquiries/{source}/batch`: many rows, each answered for itself. Safe to
//! send again: rows that were taken are duplicates then.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::capturing::{Capturing, revealed};
use crate::capture::{
    Acked, Captured, Cors, Refused, Request, RowProblem, Unreadable, capture, redacted_rows,
};
use crate::domain::{Status, Submission, Timestamp};
use crate::flow::{Answer, Caller, RawBody, Received, Unavailable};
use crate::http::state::HttpState;

/// So many rows of one upload are decided at once.
const ROWS_AT_ONCE: usize = 32;

/// Takes many inquiries at once (NDJSON, a JSON array, CSV), each answered for itself. Safe to send
/// again: rows that were taken are duplicates then.
#[utoipa::path(
    post, path = "/v1/{workspace}/inquiries/{source}/batch", tag = "capture",
    operation_id = "post_batch",
    request_body(content = String, description = "As the source's preset says."),
    responses(
        (status = 200, description = "A result per row", body = Object),
        (status = 503, description = "Some rows could not be stored; send all again", body = Object),
    )
)]
pub async fn post(state: Data<HttpState>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let capturing = Capturing::begin(&state, &request);
    let Some((workspace, source)) = capturing.source() else {
        return capturing.refuse(Status::Unknown);
    };
    let Some(_place) = state.enter() else { return capturing.refuse(Status::Unavailable) };
    // The key of the upload as a whole is no key of its rows: each has its own.
    let caller = match capturing.caller(&workspace.name, source, true) {
        Ok(caller) => Caller { idempotency_key: None, ..caller },
        Err(status) => return capturing.refuse(status),
    };
    if let Some(seconds) = capturing.too_often(&workspace.name, source, &caller).await {
        let acked = Acked { retry_after: Some(seconds), ..Acked::of(Status::Limited) };
        return capturing.answer(Status::Limited, &acked, None);
    }
    let body = match capturing.body(payload, source.bytes_max(true)).await {
        Ok(body) => body,
        Err(status) => return capturing.refuse(status),
    };
    let headers = capturing.headers();
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let upload = Request {
        method: capturing.method(),
        caller_known: caller.api_key.is_some(),
        batch: true,
        content_type: content_type.and_then(|value| value.to_str().ok()),
        headers: &headers,
        query: request.uri().query(),
        path_secret: request.match_info().get("secret"),
        body: &body,
    };
    // Thousands of rows are work for a thread that may take its time.
    let captured = read_rows(&capturing, &upload, body.clone(), state.flow.now()).await;
    match captured {
        Ok(Captured::Batch(rows)) => {
            let answers = take_rows(&capturing, &upload, rows, &caller).await;
            results(&capturing, &answers, caller.api_key.is_some())
        }
        Ok(Captured::Inquiry { submission, .. }) => {
            let answers = take_rows(&capturing, &upload, vec![Ok(*submission)], &caller).await;
            results(&capturing, &answers, caller.api_key.is_some())
        }
        Ok(Captured::Ping | Captured::Handshake(_)) => capturing.refuse(Status::Test),
        Ok(Captured::Unreadable(unreadable)) => {
            let content_type = upload.content_type.map(str::to_owned);
            keep_whole(capturing, content_type, unreadable, &caller).await
        }
        Err(refused) => {
            let acked = Acked {
                code: Some(refused.code.clone()),
                message: Some(&refused.message),
                ..Acked::of(refused.status)
            };
            capturing.answer(refused.status, &acked, None)
        }
    }
}

/// An upload that cannot be read is kept as one.
async fn keep_whole(
    capturing: Capturing<'_>,
    content_type: Option<String>,
    unreadable: Unreadable,
    caller: &Caller,
) -> HttpResponse {
    let Some((workspace, source)) = capturing.source() else {
        return capturing.refuse(Status::Unknown);
    };
    let raw = RawBody { content_type, bytes: unreadable.body_redacted, batch: true };
    let reason = unreadable.reason.clone();
    let flow = &capturing.state.flow;
    match flow.keep(workspace, source, unreadable.reason, raw, caller).await {
        Ok(answer) => {
            let acked = Acked {
                inquiry: answer.inquiry,
                code: Some(reason),
                violations: &unreadable.violations,
                ..Acked::of(Status::Unreadable)
            };
            capturing.answer(Status::Unreadable, &acked, answer.inquiry)
        }
        Err(_) => capturing.refuse(Status::Unavailable),
    }
}

async fn read_rows(
    capturing: &Capturing<'_>,
    upload: &Request<'_>,
    body: Bytes,
    now: Timestamp,
) -> Result<Captured, Refused> {
    let Some((workspace, name)) = capturing.configured() else { return Ok(Captured::Ping) };
    let headers = upload.headers.to_vec();
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let (content_type, query) = (owned(upload.content_type), owned(upload.query));
    let path_secret = owned(upload.path_secret);
    let (method, caller_known) = (upload.method, upload.caller_known);
    let reading = actix_web::web::block(move || {
        let source = workspace.sources.get(&name)?;
        let upload = Request {
            method,
            batch: true,
            caller_known,
            content_type: content_type.as_deref(),
            headers: &headers,
            query: query.as_deref(),
            path_secret: path_secret.as_deref(),
            body: &body,
        };
        Some(capture(source, &upload, now))
    });
    match reading.await {
        Ok(Some(captured)) => captured,
        // The thread pool is gone: the process is on its way out.
        Ok(None) | Err(_) => Ok(Captured::Ping),
    }
}

/// Decides rows, several at once, answers in the order of the upload.
pub async fn take_rows(
    capturing: &Capturing<'_>,
    upload: &Request<'_>,
    rows: Vec<Result<Submission, RowProblem>>,
    caller: &Caller,
) -> Vec<Result<Answer, Unavailable>> {
    let Some((workspace, source)) = capturing.source() else { return Vec::new() };
    let flow = &capturing.state.flow;
    let raw_rows = OnceLock::new();
    let raw_rows = &raw_rows;
    futures_util::stream::iter(rows.into_iter().enumerate())
        .map(|(number, row)| async move {
            match row {
                Ok(submission) => {
                    let raw = || {
                        let rows = raw_rows.get_or_init(|| redacted_rows(source, upload));
                        row_body(rows.get(number).cloned().unwrap_or_default(), upload.batch)
                    };
                    flow.inquire(workspace, source, Received { submission, raw: &raw }, caller)
                        .await
                }
                Err(problem) if problem.reason.as_str() == "unauthenticated" => {
                    Ok(Answer::plain(Status::Unauthenticated, None))
                }
                Err(problem) => {
                    let raw = row_body(problem.row_redacted, upload.batch);
                    flow.keep(workspace, source, problem.reason, raw, caller).await
                }
            }
        })
        .buffered(ROWS_AT_ONCE)
        .collect()
        .await
}

/// A row on its own, as a batch of one; an inquiry of a delivery of several, as a delivery of one.
fn row_body(bytes: Vec<u8>, batch: bool) -> RawBody {
    let content_type = if batch { "application/x-ndjson" } else { "application/json" };
    RawBody { content_type: Some(content_type.to_owned()), bytes, batch }
}

/// 200 with one result per row; rows that could not be stored say so, and the upload may be sent again.
fn results(
    capturing: &Capturing<'_>,
    answers: &[Result<Answer, Unavailable>],
    reveal: bool,
) -> HttpResponse {
    let mut unavailable = 0;
    let rows: Vec<Value> = answers
        .iter()
        .enumerate()
        .map(|(index, answer)| {
            let row = index + 1;
            let Ok(answer) = answer else {
                unavailable += 1;
                let status = Status::Unavailable;
                return json!({"row": row, "outcome": status.outcome(), "status": status});
            };
            let accepted = answer.status.outcome() == crate::domain::Outcome::Success;
            let word = match (reveal, accepted, answer.duplicate) {
                (true, _, true) => "duplicate",
                (false, true, _) => "received",
                _ => answer.status.as_str(),
            };
            let mut result = json!({
                "row": row,
                "outcome": answer.status.outcome(),
                "status": word,
            });
            if let Some(id) = answer.inquiry {
                result["inquiry_id"] = id.to_string().into();
            }
            if let Some(reason) = &answer.reason {
                result["reason"] = reason.as_str().into();
            }
            if reveal && let Value::Object(result) = &mut result {
                result.extend(revealed(answer));
            }
            result
        })
        .collect();
    let count = |wanted: crate::domain::Outcome| {
        answers.iter().flatten().filter(|answer| answer.status.outcome() == wanted).count()
    };
    for answer in answers.iter().flatten() {
        capturing.note(if answer.duplicate { Status::Duplicate } else { answer.status }, None);
    }
    for _ in 0..unavailable {
        capturing.note(Status::Unavailable, None);
    }
    let summary = json!({
        "rows": rows.len(),
        "accepted": count(crate::domain::Outcome::Success),
        "unreadable": count(crate::domain::Outcome::Failure),
        "unavailable": unavailable,
    });
    let mut response = HttpResponse::Ok();
    if unavailable > 0 {
        response = HttpResponse::ServiceUnavailable();
        response.insert_header((header::RETRY_AFTER, "1"));
    }
    if let Cors::Allowed(origin) = capturing.cors() {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, origin));
        response.insert_header((header::VARY, "origin"));
    }
    let mut response = response.json(json!({"summary": summary, "results": rows}));
    let counted = if unavailable > 0 { Status::Unavailable } else { worst(answers) };
    capturing.finish(counted, None, &mut response);
    response
}

/// The status under which an upload as a whole is counted: unreadable if any row was, else the first row's.
fn worst(answers: &[Result<Answer, Unavailable>]) -> Status {
    let mut statuses = answers.iter().flatten();
    if statuses.clone().any(|answer| answer.status == Status::Unreadable) {
        return Status::Unreadable;
    }
    match statuses.next() {
        Some(answer) if answer.duplicate => Status::Duplicate,
        Some(answer) => answer.status,
        None => Status::Test,
    }
}
