//! Destinations: how their queues look, pause and resume.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, part};
use crate::domain::{Name, Timestamp};
use crate::flow::DestinationView;
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// All destinations.
#[derive(Debug, Serialize, ToSchema)]
pub struct DestinationsBody {
    pub destinations: Vec<DestinationState>,
}

/// One destination and its queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct DestinationState {
    pub name: String,
    /// `open` or `paused`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// `gone` (it answered 410), `retry_after`, `credentials` (it does not let us in), `failing` (too many
    /// failures in a row), `operator`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_reason: Option<String>,
    /// Absent while paused = until a person resumes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<String>,
    /// Deliveries that may go out now.
    pub ready: u64,
    /// Deliveries that wait for their next attempt.
    pub delayed: u64,
    /// Deliveries under way.
    pub leased: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_seconds: Option<u64>,
    /// How many may be under way at once, over all replicas.
    pub concurrency: u32,
    /// Whether it is told of test inquiries.
    pub tests: bool,
    /// Takes over when it cannot be reached in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// The preset it was made from; without one it gets events of our own form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// How well the preset is known to fit: `confirmed` (written after the vendor's own text or captured
    /// traffic) or `experimental`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "confirmed")]
    pub tier: Option<&'static str>,
}

/// Every destination with the state of its queue.
#[utoipa::path(
    get, path = "/v1/{workspace}/destinations", tag = "deliveries",
    responses((status = 200, body = DestinationsBody)),
    security(("api_key" = ["deliveries:read"]))
)]
pub async fn list_destinations(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DestinationsBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesRead)?;
    destinations(&call).await.map(Json)
}

/// Sends to a paused destination again.
#[utoipa::path(
    post, path = "/v1/{workspace}/destinations/{name}/resume", tag = "deliveries",
    responses((status = 200, body = DestinationsBody)),
    security(("api_key" = ["deliveries:write"]))
)]
pub async fn resume_destination(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DestinationsBody>, Problem> {
    pause(&state, &request, false).await
}

/// Stops sending to a destination until a person resumes it; what is under way is finished.
#[utoipa::path(
    post, path = "/v1/{workspace}/destinations/{name}/pause", tag = "deliveries",
    responses((status = 200, body = DestinationsBody)),
    security(("api_key" = ["deliveries:write"]))
)]
pub async fn pause_destination(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DestinationsBody>, Problem> {
    pause(&state, &request, true).await
}

async fn pause(
    state: &Data<HttpState>,
    request: &HttpRequest,
    paused: bool,
) -> Result<Json<DestinationsBody>, Problem> {
    let call = Call::begin(state, request, Scope::DeliveriesWrite)?;
    let name: Name = part(request, "name")?;
    if !call.flow().pause(&call.workspace, &name, paused, &call.actor).await? {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    destinations(&call).await.map(Json)
}

async fn destinations(call: &Call) -> Result<DestinationsBody, Problem> {
    let now = call.flow().now();
    let views = call.flow().destinations(&call.workspace).await?;
    Ok(DestinationsBody { destinations: views.iter().map(|view| of(view, now)).collect() })
}

fn of(view: &DestinationView, now: Timestamp) -> DestinationState {
    let depth = &view.depth;
    let paused = depth.paused.as_ref();
    DestinationState {
        name: view.name.to_string(),
        state: if paused.is_some() { "paused" } else { "open" },
        paused_reason: paused.map(|(reason, _)| reason.clone()),
        paused_until: paused.and_then(|(_, until)| *until).map(|until| until.to_string()),
        ready: depth.ready,
        delayed: depth.delayed,
        leased: depth.leased,
        oldest_seconds: depth.oldest.map(|oldest| now.since(oldest).as_secs()),
        concurrency: view.permits,
        tests: view.tests,
        fallback: view.fallback.as_ref().map(ToString::to_string),
        preset: view.preset.as_ref().map(|(preset, _)| preset.to_string()),
        tier: view.preset.as_ref().map(|(_, tier)| tier.as_str()),
    }
}
