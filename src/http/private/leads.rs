//! One lead: read it, and act on it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::{Call, part};
use super::refusal::refused;
use super::view::{AccountView, ClockView, LeadState, LeadView};
use crate::domain::{Disposition, LeadId, Name, Timestamp};
use crate::flow::{Action, Saying};
use crate::http::answering::Answering;
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// So many people of the same account are shown.
const COLLEAGUES_MAX: u32 = 50;

/// One lead with its touches, its score line by line, its deliveries with their attempts, and who else is at
/// its company. A merged lead gives its survivor.
#[utoipa::path(
    get, path = "/v1/{workspace}/leads/{id}", tag = "leads",
    responses((status = 200, body = LeadView)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn read_lead(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<LeadView>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let id: LeadId = part(&request, "id")?;
    let view = call.flow().lead(&call.workspace.name, id).await?;
    let Some(view) = view else { return Err(gone(&call, id).await?) };
    let last = view.lead.touches.last().unwrap_or(&view.lead.first_touch).inquiry;
    let last = call.flow().entry(&call.workspace.name, last).await?;
    let hash = last.as_ref().map_or("", |entry| entry.record.config.as_str());
    let made_by = call.flow().made_by(&call.workspace, hash).await?;
    let owner = call.flow().account_owner(&call.workspace, &view.lead).await?;
    let (people, more) =
        call.flow().colleagues(&call.workspace.name, &view.lead, COLLEAGUES_MAX).await?;
    let account = AccountView::of(&view.lead, owner, &people, more);
    let clock = call.flow().clock(&call.workspace, &view.lead).await?;
    Ok(Json(LeadView {
        account,
        clock: clock.as_ref().map(ClockView::of),
        ..LeadView::of(&view, last.as_ref(), &made_by, call.flow().now())
    }))
}

/// Why there is no such lead: it was erased, or never was.
async fn gone(call: &Call, id: LeadId) -> Result<Problem, Problem> {
    let erased = call.flow().erased(&call.workspace.name, id).await?;
    Ok(erased.map_or_else(
        || Problem::new(ProblemCode::NotFound),
        |erased| Problem::saying(ProblemCode::Erased, format!("It was erased at {}.", erased.at)),
    ))
}

/// Whom to hand a lead to: a member, a queue, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assigning {
    /// Stays in its queue if absent; out of triage it goes to `sales`.
    #[schema(value_type = Option<String>, example = "sales")]
    pub queue: Option<Name>,
    /// Caps and pauses do not stand in a person's way, but the lead counts.
    #[schema(value_type = Option<String>, example = "ada")]
    pub member: Option<Name>,
}

/// Why something is given up.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discarding {
    /// One word of your choice (lower-case letters, digits, `-`, `_`, `.`), kept in the journal.
    #[schema(value_type = Option<String>, example = "competitor")]
    pub reason: Option<Name>,
}

/// Hands a lead to a member, into a queue, or both; its destinations are told.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/assign", tag = "leads", request_body = Assigning,
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn assign_lead(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let Assigning { queue, member } = call.given(payload).await?;
    act(&call, &request, Action::Assign { queue, member }).await
}

/// Tries again for a lead that waits in triage, held or without a rule.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/release", tag = "leads",
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn release_lead(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    act(&call, &request, Action::Release).await
}

/// Qualifies and routes a lead afresh, by its last inquiry and the configuration of now.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/redecide", tag = "leads",
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn redecide_lead(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    act(&call, &request, Action::Redecide).await
}

/// Gives a lead up; it is kept.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/discard", tag = "leads", request_body = Discarding,
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn discard_lead(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let Discarding { reason } = call.given(payload).await?;
    act(&call, &request, Action::Discard { reason }).await
}

/// Lays in what people found out: answers stand above what forms said. The lead is decided by them at once; if nothing
/// about its queue is different, it keeps its owner.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/answers", tag = "leads", request_body = Answering,
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn answer_lead(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let answering: Answering = call.given(payload).await?;
    let answers = answering.answers()?;
    act(&call, &request, Action::Answer(Box::new(answers))).await
}

/// When nobody answered.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoAnswer {
    /// RFC 3339; now if absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// Notes a try in vain: the next one is due some time later, and after the last one the lead is recycled.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/no_answer", tag = "leads", request_body = NoAnswer,
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn note_no_answer(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let NoAnswer { at } = call.given(payload).await?;
    act(&call, &request, Action::Say(Box::new(Saying::bare(Disposition::NoAnswer, at)))).await
}

async fn act(
    call: &Call,
    request: &HttpRequest,
    action: Action,
) -> Result<Json<LeadState>, Problem> {
    let id: LeadId = part(request, "id")?;
    let lead =
        call.flow().act(&call.workspace, id, action, &call.actor, None).await.map_err(refused)?;
    Ok(Json(LeadState::of(&lead)))
}
