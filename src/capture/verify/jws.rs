//! A JSON Web Signature in a header (RFC 7515, HS256 and nothing else) whose claims hold the SHA-256 of
//! the body: what Netlify sends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};
use subtle::ConstantTimeEq;

use super::super::secret::Secret;
use super::signature::hex;

/// Bytes of a token.
const TOKEN_BYTES_MAX: usize = 4096;

/// Whether the token was made with one of the secrets for this body.
pub(super) fn verify(token: &str, claim: &str, secrets: &[Secret], body: &[u8]) -> bool {
    if token.len() > TOKEN_BYTES_MAX {
        return false;
    }
    let Some((signed, given)) = token.trim().rsplit_once('.') else { return false };
    let Some((head, payload)) = signed.split_once('.') else { return false };
    let Ok(given) = URL_SAFE_NO_PAD.decode(given) else { return false };
    let made = secrets.iter().fold(false, |known, secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.text().as_bytes());
        hmac::verify(&key, signed.as_bytes(), &given).is_ok() | known
    });
    // Only what is signed is read.
    let hashed = || {
        let head = object(head)?;
        let claims = object(payload)?;
        let wanted = hash(body);
        let stated = claims.get(claim)?.as_str()?.to_ascii_lowercase();
        Some(
            head.get("alg")?.as_str()? == "HS256"
                && bool::from(stated.as_bytes().ct_eq(wanted.as_bytes())),
        )
    };
    made && hashed().unwrap_or(false)
}

/// The token for a body.
pub(in crate::capture) fn sign(claim: &str, secret: &str, body: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = serde_json::json!({ "iss": "lead-router", claim: hash(body) });
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

fn hash(body: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, body).as_ref())
}

fn object(part: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
