//! Deliveries that were given up: how many, many of them run again.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::call::{Call, part};
use super::page::{LIMIT_MAX, Paging};
use super::which::with_which;
use crate::domain::Name;
use crate::domain::ports::{JobView, Previewed};
use crate::flow::{DeadCounts, DryRun};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// How many deliveries were given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadBody {
    /// All of them.
    pub total: u64,
    /// Those of them that are at no destination of the configuration (any more).
    pub elsewhere: u64,
    /// By destination and kind; none where there is none.
    pub destinations: Vec<DeadView>,
}

/// How many of one destination and kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadView {
    pub destination: String,
    /// `fault`: it could not be told. `refusal`: the receiver said no.
    #[schema(example = "fault")]
    pub kind: &'static str,
    pub count: u64,
    /// When the first of them was given up, and the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest: Option<String>,
}

impl DeadBody {
    fn of(counts: &DeadCounts) -> Self {
        let there = counts.counts.iter().filter(|count| count.count > 0);
        let destinations = there.map(|count| DeadView {
            destination: count.destination.to_string(),
            kind: count.kind.as_str(),
            count: count.count,
            oldest: count.oldest.map(|at| at.to_string()),
            newest: count.newest.map(|at| at.to_string()),
        });
        Self {
            total: counts.total,
            elsewhere: counts.elsewhere(),
            destinations: destinations.collect(),
        }
    }
}

/// The request that a delivery would make, or why it would make none.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestBody {
    /// Why nothing would be sent: `not_configured`, `erased`, `stopped`, `ended`, or what the preset lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "nothing_to_find_it_by")]
    pub nothing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestView>,
}

/// A request, masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestView {
    pub destination: String,
    /// Of a destination with several requests: the first that is still to be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How many there may be in all.
    pub requests: u32,
    #[schema(example = "POST")]
    pub method: &'static str,
    /// Scheme, host and port; the path may hold a token.
    pub to: String,
    /// Signatures cut short, added headers masked.
    pub headers: BTreeMap<String, String>,
    /// With `•••` in the place of everything personal.
    #[schema(value_type = Object)]
    pub body: Value,
}

impl RequestBody {
    /// As people may see it.
    pub fn of(previewed: Previewed) -> Self {
        let shown = match previewed {
            Previewed::Nothing(why) => return Self { nothing: Some(why), request: None },
            Previewed::Request(shown) => *shown,
        };
        let request = RequestView {
            destination: shown.destination.to_string(),
            step: shown.step,
            requests: shown.requests,
            method: shown.method,
            to: shown.to,
            headers: shown.headers.into_iter().collect(),
            body: serde_json::from_slice(&shown.body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&shown.body).into())),
        };
        Self { nothing: None, request: Some(request) }
    }
}

/// The request that a delivery would make if it ran now, without secrets and without personal data. Nothing is sent, and
/// no access token is asked for.
#[utoipa::path(
    get, path = "/v1/{workspace}/deliveries/{id}/request", tag = "deliveries",
    responses((status = 200, body = RequestBody)),
    security(("api_key" = ["deliveries:read"]))
)]
pub async fn preview_delivery(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<RequestBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesRead)?;
    let view = call.flow().delivery(&call.workspace.name, part(&request, "id")?).await?;
    let view = view.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    previewed(&call, &view).await.map(Json)
}

async fn previewed(call: &Call, view: &JobView) -> Result<RequestBody, Problem> {
    let unavailable = || Problem::new(ProblemCode::Unavailable);
    let preview = call.state.preview.get().ok_or_else(unavailable)?;
    let previewed = preview.preview(&call.workspace.name, view).await;
    previewed.map(RequestBody::of).map_err(|_| unavailable())
}

/// How many deliveries were given up, by destination and kind, and since when.
#[utoipa::path(
    get, path = "/v1/{workspace}/deliveries/dead", tag = "deliveries",
    responses((status = 200, body = DeadBody)),
    security(("api_key" = ["deliveries:read"]))
)]
pub async fn count_dead(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<DeadBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesRead)?;
    Ok(Json(DeadBody::of(&call.flow().dead_counts(&call.workspace).await?)))
}

with_which! {
    /// Which dead deliveries to replay.
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    Replaying {
        /// Only say what would be done: nothing is sent, nothing changes.
        #[serde(default)]
        dry_run: bool,
        /// `next` of the answer before: what was given up again meanwhile is not met twice.
        before: Option<String>,
        /// At most so many, newest first: 1 to 200, usually 200.
        #[schema(minimum = 1, maximum = 200)]
        limit: Option<u32>,
    }
}

/// What was replayed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayBody {
    pub replayed: Vec<String>,
    /// Whether there are more behind these.
    pub more: bool,
    /// `before` for the next ones; absent = that was all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<DryRunView>,
}

/// What a replay of all that fit would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunView {
    /// So many of the newest 5,000 that were looked at.
    pub count: u64,
    /// Where they would go.
    pub destinations: Vec<DryRunTo>,
    /// The one that would go first, and what would be sent for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    #[serde(flatten)]
    pub sends: RequestBody,
}

/// One destination's part of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunTo {
    pub destination: String,
    #[schema(example = "fault")]
    pub kind: &'static str,
    pub count: u64,
}

impl DryRunView {
    fn of(run: &DryRun, sends: RequestBody) -> Self {
        let to = |(name, kind, count): &(Name, crate::domain::DeadKind, u64)| DryRunTo {
            destination: name.to_string(),
            kind: kind.as_str(),
            count: *count,
        };
        Self {
            count: run.count,
            destinations: run.destinations.iter().map(to).collect(),
            first: run.first.as_ref().map(|view| view.id.to_string()),
            sends,
        }
    }
}

/// Runs dead deliveries again, newest first, under their ids; or says what that would do. Each stands behind what was
/// not tried yet. Safe to repeat: what is queued is not dead any more.
#[utoipa::path(
    post, path = "/v1/{workspace}/deliveries/replay", tag = "deliveries", request_body = Replaying,
    responses((status = 200, body = ReplayBody)),
    security(("api_key" = ["deliveries:write"]))
)]
pub async fn replay_deliveries(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<ReplayBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesWrite)?;
    let wanted: Replaying = call.given(payload).await?;
    let limit = super::page::limit(wanted.limit.or(Some(LIMIT_MAX)))?;
    let paging = Paging { before: wanted.before.clone(), limit: None };
    let (flow, before) = (call.flow(), paging.before()?);
    let which = wanted.which(flow.now())?;
    if wanted.dry_run {
        let run = flow.would_replay(&call.workspace, &which).await?;
        let sends = match &run.first {
            Some(view) => previewed(&call, view).await?,
            None => RequestBody { nothing: None, request: None },
        };
        return Ok(Json(ReplayBody {
            replayed: Vec::new(),
            more: run.more,
            next: None,
            dry_run: Some(DryRunView::of(&run, sends)),
        }));
    }
    let page = flow.replay_dead(&call.workspace, &which, before, limit, &call.actor).await?;
    Ok(Json(ReplayBody {
        replayed: page.items.iter().map(ToString::to_string).collect(),
        more: page.next.is_some(),
        next: page.next.map(|cursor| cursor.to_string()),
        dry_run: None,
    }))
}
