//! Trying a destination out: one marked event, sent now and once.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::call::{Call, part};
use crate::domain::{Name, TrialReport};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// What was sent to a destination, and what came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBody {
    /// Whether a real delivery would have been taken.
    pub taken: bool,
    /// `delivered`, `retriable`, `refused`, `gone`, `blocked`, `invalid`, `credentials`.
    #[schema(example = "delivered")]
    pub verdict: &'static str,
    /// The word that a real attempt would be noted with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// Of a destination with several requests: the one that it ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The receiver's own code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// Ids that the receiver gave: of the record it made, and the like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
    /// What happened, in a sentence.
    pub words: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    pub took_ms: u64,
    pub request: TrialRequest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<TrialAnswer>,
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialRequest {
    /// Scheme, host and port; the path may hold a token.
    pub to: String,
    /// Signatures cut short, added headers masked.
    pub headers: BTreeMap<String, String>,
    /// The event: an invented person, `data.test` is `true`; of several requests, the last one.
    #[schema(value_type = Object)]
    pub body: Value,
}

/// What came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialAnswer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    /// At most its first 1,024 bytes.
    pub body: String,
    /// Whether it went on.
    pub truncated: bool,
}

/// Sends a marked test event to a destination through the real way out (egress guard, signature,
/// deadline), once. It is no lead and no delivery, and is never tried again.
#[utoipa::path(
    post, path = "/v1/{workspace}/destinations/{name}/test", tag = "deliveries",
    responses((status = 200, body = TrialBody)),
    security(("api_key" = ["deliveries:write"]))
)]
pub async fn test_destination(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<TrialBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesWrite)?;
    let name: Name = part(&request, "name")?;
    let trial = state.trial.get().ok_or_else(|| Problem::new(ProblemCode::Unavailable))?;
    let known = call.workspace.decide.destinations.contains_key(&name);
    let missing = || Problem::new(ProblemCode::NotFound);
    if !known {
        return Err(missing());
    }
    // Noted before it is sent: what cannot be noted is not done.
    call.flow().note_test(&call.workspace, &name, &call.actor).await?;
    let report = trial.send_test(&call.workspace.name, &name).await.ok_or_else(missing)?;
    Ok(Json(TrialBody::from(report)))
}

impl From<TrialReport> for TrialBody {
    fn from(report: TrialReport) -> Self {
        Self {
            taken: report.verdict == crate::domain::Verdict::Delivered,
            verdict: report.verdict.as_str(),
            error: report.error,
            step: report.step,
            said: report.said,
            kept: report.kept,
            words: report.words,
            advice: report.advice,
            took_ms: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
            request: TrialRequest {
                to: report.to,
                headers: report.headers.into_iter().collect(),
                body: serde_json::from_slice(&report.body)
                    .unwrap_or_else(|_| Value::String(printable(&report.body))),
            },
            answer: report.answer.map(|answer| TrialAnswer {
                status: answer.status,
                headers: answer.headers.into_iter().collect(),
                body: printable(&answer.body),
                truncated: answer.truncated,
            }),
        }
    }
}

/// Text without what would move a terminal's cursor.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let plain = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.chars().map(plain).collect()
}
