//! Bodies that could not be read: look at them, have them read again, give them up.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, part};
use super::view::BodyView;
use crate::domain::{InquiryId, Status};
use crate::flow::Answer;
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::public::revealed;
use crate::http::state::HttpState;

/// What became of something that was taken up again.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenUp {
    pub inquiry_id: Option<String>,
    /// `unreadable` if it still cannot be read.
    #[schema(example = "routed")]
    pub status: &'static str,
    /// Why it still cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `lead_id`, `stage`, `category`, `score`, `queue`, `owner` … as answered to a caller with a key.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub decision: serde_json::Map<String, serde_json::Value>,
}

impl TakenUp {
    /// As a caller with a key is told.
    pub fn of(answer: &Answer) -> Self {
        Self {
            inquiry_id: answer.inquiry.map(|id| id.to_string()),
            status: answer.status.as_str(),
            reason: answer.reason.as_ref().map(ToString::to_string),
            decision: revealed(answer),
        }
    }
}

/// The body itself, secrets removed. Personal data.
#[utoipa::path(
    get, path = "/v1/{workspace}/unreadable/{id}", tag = "worklists",
    responses((status = 200, body = BodyView)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn read_body(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<BodyView>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let id: InquiryId = part(&request, "id")?;
    let opened = call.flow().kept_body(&call.workspace.name, id).await?;
    let opened = opened.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok(Json(BodyView::of(id, opened)))
}

/// Reads a body again with the configuration of now. If it is understood it becomes the inquiry of
/// this very id and leaves the list; else 422 says why not, and it stays.
#[utoipa::path(
    post, path = "/v1/{workspace}/unreadable/{id}/reprocess", tag = "worklists",
    responses((status = 200, body = TakenUp), (status = 422, description = "Still not understood", body = TakenUp)),
    security(("api_key" = ["operate"]))
)]
pub async fn reprocess_body(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let id: InquiryId = part(&request, "id")?;
    let answer = call.flow().reprocess(&call.workspace, id, &call.actor).await?;
    let answer = answer.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let mut response = match answer.status {
        Status::Unreadable => HttpResponse::UnprocessableEntity(),
        _ => HttpResponse::Ok(),
    };
    Ok(response.json(TakenUp::of(&answer)))
}

/// Gives a body up before its time.
#[utoipa::path(
    delete, path = "/v1/{workspace}/unreadable/{id}", tag = "worklists",
    responses((status = 204, description = "Gone")),
    security(("api_key" = ["operate"]))
)]
pub async fn discard_body(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let id: InquiryId = part(&request, "id")?;
    if call.flow().discard_kept(&call.workspace, id, &call.actor).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Problem::new(ProblemCode::NotFound))
    }
}
