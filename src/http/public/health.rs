//! Is the process alive; may it be sent work.

use std::sync::atomic::Ordering;

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::http::state::HttpState;

/// Alive: never asks the store, so a store outage does not make an orchestrator restart us.
#[utoipa::path(
    get, path = "/healthz", tag = "operation",
    responses((status = 200, body = Object))
)]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

/// Ready: configuration loaded, store reached once, not draining. A store outage later is
/// `degraded`, not unready: all replicas share the store, and taking them all out helps nobody.
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, description = "`ready` or `degraded`", body = Object),
        (status = 503, description = "`starting` or `draining`", body = Object),
    )
)]
pub async fn readyz(state: web::Data<HttpState>) -> HttpResponse {
    let draining = state.draining.load(Ordering::Acquire);
    let reached = state.reached.load(Ordering::Acquire);
    let degraded = state.degraded.load(Ordering::Acquire);
    let status = match (draining, reached, degraded) {
        (true, ..) => "draining",
        (_, false, _) => "starting",
        (.., true) => "degraded",
        _ => "ready",
    };
    let body = json!({"status": status, "configuration": state.active.load().hash});
    if draining || !reached {
        HttpResponse::ServiceUnavailable().json(body)
    } else {
        HttpResponse::Ok().json(body)
    }
}
