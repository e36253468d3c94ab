//! Members of pools: pause, resume, time off.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Call, part};
use crate::domain::Name;
use crate::flow::{RosterChange, RosterError};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// What a change came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterBody {
    /// The revision of all that was said about members; decisions name the one they were made on.
    pub revision: u64,
}

/// Days off, both included, by the member's time zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    #[schema(example = "2026-08-01")]
    pub from: String,
    /// Without it only that one day.
    #[schema(example = "2026-08-14")]
    pub to: Option<String>,
}

/// Gives a member nothing more until resumed, in all pools.
#[utoipa::path(
    post, path = "/v1/{workspace}/members/{name}/pause", tag = "configuration",
    responses((status = 200, body = RosterBody)),
    security(("api_key" = ["operate"]))
)]
pub async fn pause_member(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<RosterBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    change(&call, &request, &RosterChange::Pause).await
}

/// Gives a member leads again, whatever the configuration says; held leads are tried at once.
#[utoipa::path(
    post, path = "/v1/{workspace}/members/{name}/resume", tag = "configuration",
    responses((status = 200, body = RosterBody)),
    security(("api_key" = ["operate"]))
)]
pub async fn resume_member(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<RosterBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    change(&call, &request, &RosterChange::Resume).await
}

/// Adds days off to those configured.
#[utoipa::path(
    post, path = "/v1/{workspace}/members/{name}/time-off", tag = "configuration",
    request_body = DaysOff,
    responses((status = 200, body = RosterBody)),
    security(("api_key" = ["operate"]))
)]
pub async fn add_time_off(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<RosterBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let DaysOff { from, to } = call.given(payload).await?;
    let to = to.unwrap_or_else(|| from.clone());
    change(&call, &request, &RosterChange::TimeOff { from, to }).await
}

/// Takes back all days off that were added.
#[utoipa::path(
    post, path = "/v1/{workspace}/members/{name}/clear-time-off", tag = "configuration",
    responses((status = 200, body = RosterBody)),
    security(("api_key" = ["operate"]))
)]
pub async fn clear_time_off(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<RosterBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    change(&call, &request, &RosterChange::ClearTimeOff).await
}

async fn change(
    call: &Call,
    request: &HttpRequest,
    change: &RosterChange,
) -> Result<Json<RosterBody>, Problem> {
    let member: Name = part(request, "name")?;
    match call.flow().change_roster(&call.workspace, &member, change, &call.actor).await {
        Ok(revision) => Ok(Json(RosterBody { revision })),
        Err(RosterError::Unavailable(error)) => Err(error.into()),
        Err(RosterError::NoMember) => Err(Problem::new(ProblemCode::NotFound)),
        Err(refused) => Err(Problem::saying(ProblemCode::Impossible, refused.to_string())),
    }
}
