//! The public listener: capture and health.

mod batch;
mod capturing;
mod health;
mod inquiries;

use actix_web::web;

pub(super) use health::{healthz, readyz};

/// Routes of the public listener.
pub fn configure(config: &mut web::ServiceConfig) {
    let source = "/v1/{workspace}/inquiries/{source}";
    config
        .service(
            web::resource([source, "/v1/{workspace}/inquiries/{source}/{secret}"].to_vec())
                .guard(inquiries::not_batch())
                .route(web::method(actix_web::http::Method::OPTIONS).to(inquiries::preflight))
                .default_service(web::to(inquiries::post)),
        )
        .service(
            web::resource(
                [
                    "/v1/{workspace}/inquiries/{source}/batch",
                    "/v1/{workspace}/inquiries/{source}/{secret}/batch",
                ]
                .to_vec(),
            )
            .route(web::method(actix_web::http::Method::OPTIONS).to(inquiries::preflight))
            .route(web::post().to(batch::post)),
        )
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .default_service(web::to(super::problem::not_found));
}
