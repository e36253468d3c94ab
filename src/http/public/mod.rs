//! The public listener: capture and health.

mod batch;
mod capturing;
mod confirming;
pub(super) mod dispositions;
mod engagements;
mod form_script;
mod from_tools;
pub(super) mod health;
mod inquiries;
mod links;
mod said_rows;
mod said_webhooks;
mod screening;

use actix_web::web;
use utoipa::{OpenApi, Path as _};

pub(super) use capturing::{points, revealed};
use health::{healthz, readyz};
pub(super) use inquiries::with_secret;

/// The operations of the public listener that the private one does not have, as OpenAPI.
#[derive(Debug, OpenApi)]
#[openapi(paths(inquiries::post, batch::post, said_webhooks::post, engagements::post))]
pub struct Documented;

/// Routes of the public listener.
pub fn configure(config: &mut web::ServiceConfig) {
    let source = inquiries::__path_post::path();
    let with_secret = inquiries::with_secret(&source);
    let batch = batch::__path_post::path();
    let batch_with_secret = inquiries::with_secret(&batch);
    let says = said_webhooks::__path_post::path();
    let says_with_secret = inquiries::with_secret(&says);
    config
        .service(
            web::resource(vec![source, with_secret])
                .guard(inquiries::not_batch())
                .route(web::method(actix_web::http::Method::OPTIONS).to(inquiries::preflight))
                .default_service(web::to(inquiries::post)),
        )
        .service(
            web::resource(vec![batch, batch_with_secret])
                .route(web::method(actix_web::http::Method::OPTIONS).to(inquiries::preflight))
                .route(web::post().to(batch::post)),
        )
        .service(
            web::resource(dispositions::__path_post::path().as_str())
                .route(web::post().to(dispositions::post))
                .default_service(web::to(super::problem::method_not_allowed)),
        )
        .service(
            web::resource(engagements::__path_post::path().as_str())
                .route(web::post().to(engagements::post))
                .default_service(web::to(super::problem::method_not_allowed)),
        )
        .service(
            web::resource(vec![says, says_with_secret])
                .route(web::post().to(said_webhooks::post))
                .route(web::put().to(said_webhooks::post))
                .default_service(web::to(super::problem::method_not_allowed)),
        )
        .service(
            web::resource("/v1/{workspace}/links/{link}")
                .route(web::get().to(links::open))
                .route(web::head().to(links::open))
                .route(web::post().to(links::follow))
                .default_service(web::to(super::problem::method_not_allowed)),
        )
        .service(
            web::resource("/v1/{workspace}/confirmations/{link}")
                .route(web::get().to(confirming::open))
                .route(web::head().to(confirming::open))
                .route(web::post().to(confirming::follow))
                .default_service(web::to(super::problem::method_not_allowed)),
        )
        .route(form_script::PATH, web::get().to(form_script::form_script))
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .default_service(web::to(super::problem::not_found));
}
