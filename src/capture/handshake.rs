//! A vendor asks by `GET` whether it has the right address, and is answered from the source's secrets
//! alone: no store, no clock, nothing is kept.

use ring::hmac;
use subtle::ConstantTimeEq;

use super::decode::form::percent_decoded;
use super::request::Request;
use super::scheme::HandshakeSettings;
use super::secret::Secret;
use super::verify::hex;

/// Bytes of a challenge.
const CHALLENGE_BYTES_MAX: usize = 256;
/// Hexadecimal digits of a token.
const TOKEN_DIGITS: usize = 32;

/// What a vendor is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// The answer to a handshake; none if it is not one, or not ours.
pub(super) fn answer(
    settings: &HandshakeSettings,
    secrets: &[Secret],
    request: &Request,
) -> Option<Handshake> {
    let query = request.query.unwrap_or("");
    let find = |wanted: &str| {
        let named = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut named =
            named.filter(|(name, _)| percent_decoded(name.as_bytes()) == wanted.as_bytes());
        String::from_utf8(percent_decoded(named.next()?.1.as_bytes())).ok()
    };
    match settings {
        HandshakeSettings::Echo { challenge, token } => {
            if let Some(token) = token {
                let given = find(token)?;
                let ours = secrets.iter().fold(false, |known, secret| {
                    bool::from(token_of(secret).as_bytes().ct_eq(given.as_bytes())) | known
                });
                if !ours {
                    return None;
                }
            }
            let body = find(challenge).filter(|text| is_plain(text))?;
            Some(Handshake { content_type: "text/plain; charset=utf-8", body })
        }
        HandshakeSettings::Hmac { challenge, answer } => {
            let text = find(challenge).filter(|text| is_plain(text))?;
            let key = hmac::Key::new(hmac::HMAC_SHA256, secrets.first()?.text().as_bytes());
            let tag = hex(hmac::sign(&key, text.as_bytes()).as_ref());
            let body = serde_json::json!({ challenge: text, answer: tag }).to_string();
            Some(Handshake { content_type: "application/json", body })
        }
    }
}

/// The token to paste at the vendor: follows from the secret, so that there is only one secret to keep.
pub(super) fn token_of(secret: &Secret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.text().as_bytes());
    let mut token = hex(hmac::sign(&key, b"lead-router handshake token").as_ref());
    token.truncate(TOKEN_DIGITS);
    token
}

/// Numbers, UUIDs, base64: nothing that a browser could take for more than text.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=:".contains(&byte);
    (1..=CHALLENGE_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)
}
