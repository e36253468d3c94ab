//! Which records are one person's, as people say.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Call, part};
use super::refusal::refused;
use super::view::LeadState;
use crate::domain::LeadId;
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// The record that stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merging {
    /// It keeps its id, its queue and its owner.
    #[schema(example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub into: String,
}

/// Somebody else.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Distinguishing {
    #[schema(example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub from: String,
}

/// Two records that were one.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnmergedBody {
    /// The one that had gone up in the other.
    pub lead: LeadState,
    /// The other, without it.
    pub survivor: LeadState,
}

/// They are two people's.
#[derive(Debug, Serialize, ToSchema)]
pub struct DistinguishedBody {
    pub lead: String,
    pub from: String,
}

/// Merges a lead into another one of the same person, whose state is answered. Nothing is lost, the score is
/// computed anew, and `unmerge` parts the two again. The destinations of both get `lead.merged`.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/merge", tag = "leads", request_body = Merging,
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["leads:write"]))
)]
pub async fn merge_lead(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsWrite)?;
    let id: LeadId = part(&request, "id")?;
    let Merging { into } = call.given(payload).await?;
    let into = lead_id(&into)?;
    let lead = call.flow().merge_leads(&call.workspace, (id, into), &call.actor).await;
    Ok(Json(LeadState::of(&lead.map_err(refused)?)))
}

/// Parts a lead from the one it was merged into. Each keeps what it held before and the inquiries that have
/// come for it since; both scores are computed anew, and the two are not joined again by themselves. Their
/// destinations get `lead.unmerged`.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/unmerge", tag = "leads",
    responses((status = 200, body = UnmergedBody)),
    security(("api_key" = ["leads:write"]))
)]
pub async fn unmerge_lead(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<UnmergedBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsWrite)?;
    let id: LeadId = part(&request, "id")?;
    let parted = call.flow().unmerge_lead(&call.workspace, id, &call.actor).await;
    let (lead, survivor) = parted.map_err(refused)?;
    Ok(Json(UnmergedBody { lead: LeadState::of(&lead), survivor: LeadState::of(&survivor) }))
}

/// Says that two leads are not the same person: no inquiry joins them, and the worklist `review` does not show
/// them again.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/distinguish", tag = "leads",
    request_body = Distinguishing, responses((status = 200, body = DistinguishedBody)),
    security(("api_key" = ["leads:write"]))
)]
pub async fn distinguish_lead(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<DistinguishedBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsWrite)?;
    let id: LeadId = part(&request, "id")?;
    let Distinguishing { from } = call.given(payload).await?;
    let from = lead_id(&from)?;
    let done = call.flow().distinguish(&call.workspace, (id, from), &call.actor).await;
    done.map_err(refused)?;
    Ok(Json(DistinguishedBody { lead: id.to_string(), from: from.to_string() }))
}

fn lead_id(text: &str) -> Result<LeadId, Problem> {
    text.parse().map_err(|_| {
        Problem::saying(ProblemCode::BadRequest, "The other lead's id is needed: `lead_…`.")
    })
}
