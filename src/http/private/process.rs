//! What concerns the process: metrics, this API's description, backup.

use std::path::PathBuf;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::begin_process;
use super::given::given;
use crate::domain::ports::StoreError;
use crate::http::keys::Scope;
use crate::http::openapi;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Metrics in the OpenMetrics text format, for Prometheus (`authorization: {credentials: lrk_…}`).
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, body = String, content_type = "application/openmetrics-text")),
    security(("api_key" = ["metrics"]))
)]
pub async fn read_metrics(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    begin_process(&state, &request, Scope::Metrics)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(state.flow.telemetry().render()))
}

/// This description (OpenAPI 3.1). Needs no key: it says nothing about anybody.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operation",
    responses((status = 200, body = Object, content_type = "application/json"))
)]
pub async fn read_openapi() -> HttpResponse {
    HttpResponse::Ok().json(openapi::document())
}

/// Where a copy of the store goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackingUp {
    /// A folder on the machine of the service, absolute, without a store in it.
    #[schema(value_type = String, example = "/var/backups/lead-router/2026-03-01")]
    pub to: PathBuf,
}

/// Copies the embedded store as it is now, while the service runs. A Redis store has its own ways.
#[utoipa::path(
    post, path = "/v1/backup", tag = "operation", request_body = BackingUp,
    responses((status = 204, description = "Copied")),
    security(("api_key" = ["backup"]))
)]
pub async fn back_up(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    begin_process(&state, &request, Scope::Backup)?;
    let BackingUp { to } = given(&state, payload).await?;
    if !to.is_absolute() {
        return Err(Problem::saying(ProblemCode::BadRequest, "`to` is an absolute path."));
    }
    match state.flow.store().backup(&to).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(StoreError::Refused(why)) => Err(Problem::saying(ProblemCode::Impossible, why)),
        Err(_) => Err(Problem::new(ProblemCode::Unavailable)),
    }
}
