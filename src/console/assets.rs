//! The stylesheet, the script and the icon: in the binary, asked for by a name that changes with
//! their content, so that browsers may keep them.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use rust_embed::Embed;
use sha2::{Digest as _, Sha256};

#[derive(Embed)]
#[folder = "src/console/assets/"]
struct Files;

/// Eight hexadecimal digits over all files.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for name in Files::iter() {
        hash.update(name.as_bytes());
        hash.update(Files::get(&name).map(|file| file.data).unwrap_or_default());
    }
    let hash: [u8; 32] = hash.finalize().into();
    uuid::Uuid::from_slice(&hash[..16]).unwrap_or_default().simple().to_string()[..8].to_owned()
});

/// What stands behind the assets' names in URLs.
pub fn version() -> &'static str {
    &VERSION
}

/// One asset.
pub async fn asset(request: HttpRequest) -> HttpResponse {
    let name = request.match_info().get("name").unwrap_or_default();
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => return HttpResponse::NotFound().finish(),
    };
    match Files::get(name) {
        Some(file) => HttpResponse::Ok()
            .content_type(kind)
            .insert_header(("cache-control", "private, max-age=31536000, immutable"))
            .body(file.data),
        None => HttpResponse::NotFound().finish(),
    }
}
