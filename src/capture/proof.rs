//! The other side of verification: a post made so that the source takes it as its vendor's, for
//! trying a source out. The same secrets, the same schemes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

use super::source::Source;
use super::verify::{Verifier, sign, sign_jws};
use crate::domain::Timestamp;

/// A post that proves nothing yet.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    /// Whether it goes to `…/batch`.
    pub batch: bool,
    /// The `Content-Type`.
    pub content_type: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Post<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").field("batch", &self.batch).finish_non_exhaustive()
    }
}

/// The same, proved.
#[derive(Clone, PartialEq, Eq)]
pub struct Proved {
    /// What comes behind the source's name in the URL: `/batch`, `?key=…`, nothing.
    pub suffix: String,
    /// All headers it needs, the content type first.
    pub headers: Vec<(String, String)>,
    /// The body; other than the given one only where the secret stands in it.
    pub body: Vec<u8>,
    /// Whether it is only good for a few minutes.
    pub expires: bool,
}

impl std::fmt::Debug for Proved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proved").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Why a post cannot be proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It goes to where the source takes nothing.
    #[error("this source takes no batches")]
    NoBatches,
    /// A public source takes batches from callers with an API key only.
    #[error("a public form takes batches only with an API key (`authorization: Bearer lrk_…`)")]
    NeedsApiKey,
    /// The secret stands in the body, and this one has no place for it.
    #[error("the secret goes into the body at `{0}`, and the body is no JSON object")]
    NoPlace(String),
    /// The source has no secret to prove with.
    #[error("the source has no secret")]
    NoSecret,
    /// The source only has the vendor's public key.
    #[error("only the vendor can sign for this source: it alone has the private key")]
    NoPrivateKey,
}

impl Source {
    /// Proves a post by this source's scheme and its first secret. `id` is its `webhook-id`, where the
    /// scheme wants one.
    ///
    /// # Errors
    /// If the source would not take it whatever it held.
    pub fn prove(&self, post: Post<'_>, id: &str, now: Timestamp) -> Result<Proved, ProofError> {
        if post.batch && !self.takes_batches() {
            return Err(ProofError::NoBatches);
        }
        if post.batch && self.is_public() {
            return Err(ProofError::NeedsApiKey);
        }
        let batch = if post.batch { "/batch" } else { "" };
        let mut proved = Proved {
            suffix: batch.to_owned(),
            headers: vec![("content-type".to_owned(), post.content_type.to_owned())],
            body: post.body.to_vec(),
            expires: false,
        };
        let secret = self.expose_secret().ok_or(ProofError::NoSecret);
        let mut header = |name: &str, value: String| proved.headers.push((name.to_owned(), value));
        match &self.verifier {
            Verifier::Nobody => return Err(ProofError::NoSecret),
            Verifier::Everybody => {}
            Verifier::Key { places, .. } => {
                let secret = secret?;
                match (places.headers.first().map(String::as_str), places.query.first()) {
                    (Some("authorization"), _) => {
                        header("authorization", format!("{} {secret}", places.word));
                    }
                    (Some(name), _) => header(name, secret.to_owned()),
                    (None, Some(key)) => {
                        proved.suffix = format!("{batch}?{key}={}", escaped(secret));
                    }
                    (None, None) => proved.suffix = format!("/{}{batch}", escaped(secret)),
                }
            }
            Verifier::Basic { .. } => {
                let value = STANDARD.encode(format!("lead-router:{}", secret?));
                header("authorization", format!("Basic {value}"));
            }
            Verifier::Signed(signature) => {
                let headers = signature.headers(post.body, id, now);
                proved.headers.extend(headers.ok_or(ProofError::NoPrivateKey)?);
                proved.expires = signature.expires();
            }
            Verifier::Jws { header: name, claim, .. } => {
                header(name, sign_jws(claim, secret?, post.body));
            }
            Verifier::KeyInBody { at, .. } => {
                let text = std::str::from_utf8(post.body).ok();
                let path: Vec<&str> = at.split('.').collect();
                let body = text.and_then(|text| placed(text, &path, secret.clone().ok()?));
                proved.body = body.ok_or_else(|| ProofError::NoPlace(at.clone()))?.into_bytes();
            }
            Verifier::StandardWebhooks { keys } => {
                let key = keys.secret.first().ok_or(ProofError::NoPrivateKey)?;
                let signature = sign(key, id, now, post.body).ok_or(ProofError::NoSecret)?;
                header("webhook-id", id.to_owned());
                header("webhook-timestamp", now.as_secs().to_string());
                header("webhook-signature", signature);
                proved.expires = true;
            }
        }
        Ok(proved)
    }
}

/// A JSON object with a text at a path; everything else as it was written (long numbers too).
fn placed(object: &str, path: &[&str], text: &str) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(object).ok()?;
    let value = if rest.is_empty() {
        serde_json::to_string(text).ok()?
    } else {
        placed(members.get(*first).map_or("{}", |held| held.get()), rest, text)?
    };
    members.insert((*first).to_owned(), RawValue::from_string(value).ok()?);
    serde_json::to_string(&members).ok()
}

/// Percent-encoded, but for what is plain in any part of an address.
pub(super) fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
