//! What a source's own filter caught: release it, or remove it.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};

use super::call::{Call, part};
use super::refusal::refused;
use super::unreadable::TakenUp;
use crate::domain::InquiryId;
use crate::http::keys::Scope;
use crate::http::problem::Problem;
use crate::http::state::HttpState;

/// It was no spam: decided as any inquiry is.
#[utoipa::path(
    post, path = "/v1/{workspace}/filtered/{id}/release", tag = "worklists",
    responses((status = 200, body = TakenUp)),
    security(("api_key" = ["operate"]))
)]
pub async fn release_filtered(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<TakenUp>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let id: InquiryId = part(&request, "id")?;
    let answer = call.flow().release_filtered(&call.workspace, id, &call.actor).await;
    Ok(Json(TakenUp::of(&answer.map_err(refused)?)))
}

/// It was spam: removed before its time.
#[utoipa::path(
    delete, path = "/v1/{workspace}/filtered/{id}", tag = "worklists",
    responses((status = 204, description = "Gone")),
    security(("api_key" = ["operate"]))
)]
pub async fn discard_filtered(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let id: InquiryId = part(&request, "id")?;
    call.flow().discard_filtered(&call.workspace, id, &call.actor).await.map_err(refused)?;
    Ok(HttpResponse::NoContent().finish())
}
