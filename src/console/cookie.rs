//! Cookies: their text, and what is sealed into them.

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::flow::Flow;

/// A cookie of the console. Sealed by the keyring: any replica opens it, nobody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    pub name: &'static str,
    /// Bound into the seal, so that one cookie cannot stand in another's place.
    purpose: &'static [u8],
    /// How long browsers keep it, in seconds.
    pub seconds: u32,
}

/// Who is logged in: twelve hours.
pub const SESSION: Cookie =
    Cookie { name: "lead_router_session", purpose: b"session 1", seconds: 12 * 60 * 60 };
/// What became of the last action: shown once.
pub const SAID: Cookie = Cookie { name: "lead_router_said", purpose: b"said 1", seconds: 60 };

impl Cookie {
    /// The header that sets it; `None` if the value cannot be sealed.
    pub fn set<T: Serialize>(self, flow: &Flow, value: &T, secure: bool) -> Option<String> {
        let text = serde_json::to_vec(value).ok()?;
        let sealed = flow.keyring().seal_cookie(&flow.nonce(), self.purpose, &text).ok()?;
        Some(self.header(&URL_SAFE_NO_PAD.encode(sealed), self.seconds, secure))
    }

    /// The header that removes it.
    pub fn clear(self, secure: bool) -> String {
        self.header("", 0, secure)
    }

    fn header(self, value: &str, seconds: u32, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        let name = self.name;
        format!(
            "{name}={value}; Path=/console; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
        )
    }

    /// What the request's cookie says, if it is one of ours.
    pub fn read<T: DeserializeOwned>(self, flow: &Flow, request: &HttpRequest) -> Option<T> {
        let value = self.value(request)?;
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let text = flow.keyring().open_cookie(self.purpose, &sealed).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Whether the request brings one, whatever it says.
    pub fn is_in(self, request: &HttpRequest) -> bool {
        self.value(request).is_some()
    }

    fn value(self, request: &HttpRequest) -> Option<&str> {
        request
            .headers()
            .get_all(header::COOKIE)
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name)
            .map(|(_, value)| value)
    }
}

/// Whether the browser talks https, to us or to the proxy before us. Believing a stranger here only
/// makes the stranger's own cookie stricter.
pub fn is_secure(request: &HttpRequest) -> bool {
    let says = |name: &str, what: &str| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.to_ascii_lowercase().starts_with(what))
    };
    says("x-forwarded-proto", "https") || says("origin", "https://")
}
