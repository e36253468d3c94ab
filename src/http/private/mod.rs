//! The private listener: API, metrics. Keys with scopes.

use actix_web::web;

/// Routes of the private listener.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(super::public::healthz))
        .route("/readyz", web::get().to(super::public::readyz))
        .default_service(web::to(super::problem::not_found));
}
