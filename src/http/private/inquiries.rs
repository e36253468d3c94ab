//! One inquiry, and why it was decided as it was.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::call::{Call, part};
use super::view::{InquiryView, RecordView};
use crate::domain::InquiryId;
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// One inquiry: what arrived and what became of it.
#[utoipa::path(
    get, path = "/v1/{workspace}/inquiries/{id}", tag = "inquiries",
    responses((status = 200, body = InquiryView)),
    security(("api_key" = ["inquiries:read"]))
)]
pub async fn read_inquiry(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<InquiryView>, Problem> {
    let call = Call::begin(&state, &request, Scope::InquiriesRead)?;
    let id: InquiryId = part(&request, "id")?;
    let entry = call.flow().entry(&call.workspace.name, id).await?;
    let entry = entry.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let made_by = call.flow().made_by(&call.workspace, &entry.record.config).await?;
    Ok(Json(InquiryView::of(&entry, &made_by)))
}

/// The decision on an inquiry in words and by its parts, without anything about the person.
#[utoipa::path(
    get, path = "/v1/{workspace}/inquiries/{id}/record", tag = "inquiries",
    responses((status = 200, body = RecordView)),
    security(("api_key" = ["inquiries:read"]))
)]
pub async fn read_record(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<RecordView>, Problem> {
    let call = Call::begin(&state, &request, Scope::InquiriesRead)?;
    let id: InquiryId = part(&request, "id")?;
    let record = call.flow().record(&call.workspace, id).await?;
    let (record, made_by) = record.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok(Json(RecordView::of(&record, &made_by)))
}
