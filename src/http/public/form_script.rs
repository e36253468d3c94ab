//! `GET /form.js`: a small script that makes plain forms better where scripts run. Without it they work as they are.

use actix_web::HttpResponse;
use actix_web::http::header;

/// Where it is, below the address of the public listener.
pub const PATH: &str = "/form.js";
/// A change reaches pages within the hour.
const CACHE: &str = "public, max-age=3600";

/// The script. The same for all; nothing in it depends on who asks.
pub async fn form_script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, CACHE))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(include_str!("form.js"))
}
