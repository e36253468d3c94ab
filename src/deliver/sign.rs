//! Standard Webhooks 1.0.0, scheme `v1`: HMAC-SHA-256 over `{id}.{timestamp}.{raw body}`.
//!
//! Contract: github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`. The key is
//! the base64-decoded part after `whsec_`; the signature header is a space-separated list of
//! `version,base64`, of which any may match; unknown versions are skipped.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::Timestamp;

/// How far the stated time may lie from now, in seconds, both ways. As all reference libraries.
pub const TOLERANCE_SECS: i64 = 300;

/// More signatures than any rotation needs; a longer list is refused unread.
const SIGNATURES_MAX: usize = 16;

/// Why a text is not a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("a signing secret must not be empty")]
    Empty,
    #[error("a signing secret is base64 with padding, after the prefix `whsec_`")]
    Base64,
}

/// A signing secret: raw bytes, wiped when dropped, never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Reads `whsec_…`; the prefix may be absent.
    ///
    /// # Errors
    /// If there are no bytes in it, or the text is not base64.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let digits = text.strip_prefix("whsec_").unwrap_or(text);
        let bytes = STANDARD.decode(digits).map_err(|_| SecretError::Base64)?;
        if bytes.is_empty() { Err(SecretError::Empty) } else { Ok(Self(Zeroizing::new(bytes))) }
    }

    /// The text it is configured as, for the person who sets the receiver up.
    pub(super) fn written(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0.as_slice()))
    }

    /// How many bytes it has.
    #[must_use]
    pub fn byte_count(&self) -> usize {
        self.0.len()
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length; the error of the trait is never returned.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        Some(mac)
    }
}

/// The value of `webhook-signature`: one `v1,…` per secret, in their order.
#[must_use]
pub fn sign(secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> String {
    let timestamp = at.as_secs().to_string();
    let signatures = secrets
        .iter()
        .filter_map(|secret| secret.mac(id, &timestamp, body))
        .map(|mac| format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        .collect::<Vec<_>>();
    signatures.join(" ")
}

/// Why a request does not prove that it comes from a holder of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the webhook-id is empty, too long, or has a '.' or control character in it")]
    Id,
    #[error("the webhook-timestamp is not a number of seconds")]
    Timestamp,
    #[error("the webhook-timestamp is too far from now")]
    Tolerance,
    #[error("no signature matches")]
    Signature,
}

/// The three headers as they came.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// Checks a signed request against every secret, comparing in constant time.
///
/// # Errors
/// The first thing that is wrong; without secrets always [`VerifyError::Signature`].
pub fn verify(
    secrets: &[Secret],
    signed: Signed<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), VerifyError> {
    let id = signed.id;
    if id.is_empty() || id.len() > 256 || id.contains('.') || id.chars().any(char::is_control) {
        return Err(VerifyError::Id);
    }
    if !signed.timestamp.bytes().all(|b| b.is_ascii_digit()) {
        return Err(VerifyError::Timestamp);
    }
    let stated: i64 = signed.timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    if now.as_secs().saturating_sub(stated).abs() > TOLERANCE_SECS {
        return Err(VerifyError::Tolerance);
    }
    if signed.signature.split(' ').count() > SIGNATURES_MAX {
        return Err(VerifyError::Signature);
    }
    let given = signed
        .signature
        .split(' ')
        .filter_map(|part| part.strip_prefix("v1,"))
        .filter_map(|digits| STANDARD.decode(digits).ok());
    for mac_given in given {
        for secret in secrets {
            let mac = secret.mac(id, signed.timestamp, body);
            if mac.is_some_and(|mac| mac.verify_slice(&mac_given).is_ok()) {
                return Ok(());
            }
        }
    }
    Err(VerifyError::Signature)
}
