//! Headers of every answer of the console, and whether a post comes from one of its pages.

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;

/// Nothing from elsewhere, nothing inline, in no frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Set on every answer that does not set them itself.
pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("content-security-policy", CONTENT_SECURITY_POLICY))
        .add(("x-content-type-options", "nosniff"))
        .add(("x-frame-options", "DENY"))
        .add(("referrer-policy", "no-referrer"))
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("cross-origin-resource-policy", "same-origin"))
        .add(("cache-control", "no-store"))
}

/// Whether a post was made by a page of this origin. Browsers say so in `Sec-Fetch-Site` where they
/// trust the connection, else by `Origin`; what says neither is no browser.
pub fn from_here(request: &HttpRequest) -> bool {
    let text = |name: header::HeaderName| {
        request.headers().get(name).map(|value| value.to_str().unwrap_or_default())
    };
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    match text(header::ORIGIN) {
        None => true,
        Some(origin) => {
            let host = text(header::HeaderName::from_static("x-forwarded-host"));
            let host = host.or_else(|| text(header::HOST)).unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, from)| !host.is_empty() && from == host)
        }
    }
}
