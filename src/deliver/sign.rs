//! Standard Webhooks 1.0.0: `v1` (HMAC-SHA-256) and `v1a` (Ed25519) over `{id}.{timestamp}.{raw body}`.
//!
//! Contract: github.com/standard-webhooks/standard-webhooks, `spec/standard-webhooks.md`. The key is
//! the base64-decoded part after `whsec_`, `whsk_` or `whpk_`; the signature header is a space-separated list of
//! `version,base64`, of which any may match; unknown versions are skipped.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
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
    #[error("a signing secret is base64 with padding, after the prefix `whsec_` or `whsk_`")]
    Base64,
    #[error("this is no Ed25519 key: `whsk_` has 32 bytes of seed and, after them, its public key")]
    Key,
}

/// A signing secret, wiped when dropped, never printed: a key that both sides hold (`whsec_`, scheme `v1`),
/// a key pair (`whsk_`, scheme `v1a`), or the public half of one (`whpk_`), which only verifies.
#[derive(Clone)]
pub struct Secret(Kind);

#[derive(Clone)]
enum Kind {
    Shared(Zeroizing<Vec<u8>>),
    Pair { seed: Zeroizing<[u8; 32]>, public: [u8; 32] },
    Public([u8; 32]),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Reads `whsec_…` (the prefix may be absent), `whsk_…` (32 bytes of seed, with or without the 32 of
    /// the public key behind it) or `whpk_…`.
    ///
    /// # Errors
    /// If there are no bytes in it, the text is not base64, or the bytes are no key.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = |digits: &str| {
            STANDARD.decode(digits).map(Zeroizing::new).map_err(|_| SecretError::Base64)
        };
        if let Some(digits) = text.strip_prefix("whpk_") {
            let key = bytes(digits)?;
            let public = key.as_slice().try_into().map_err(|_| SecretError::Key)?;
            return Ok(Self(Kind::Public(public)));
        }
        if let Some(digits) = text.strip_prefix("whsk_") {
            return Self::pair(&bytes(digits)?);
        }
        let bytes = bytes(text.strip_prefix("whsec_").unwrap_or(text))?;
        if bytes.is_empty() { Err(SecretError::Empty) } else { Ok(Self(Kind::Shared(bytes))) }
    }

    fn pair(bytes: &[u8]) -> Result<Self, SecretError> {
        let (seed, stated) = bytes.split_at_checked(32).ok_or(SecretError::Key)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| SecretError::Key)?;
        let public: [u8; 32] =
            pair.public_key().as_ref().try_into().map_err(|_| SecretError::Key)?;
        if !stated.is_empty() && stated != public {
            return Err(SecretError::Key);
        }
        let seed = Zeroizing::new(seed.try_into().map_err(|_| SecretError::Key)?);
        Ok(Self(Kind::Pair { seed, public }))
    }

    /// As a receiver needs it: `whsec_…`, or the public key of a pair, `whpk_…`. For the person who sets
    /// the receiver up, nobody else.
    #[must_use]
    pub fn written(&self) -> String {
        match &self.0 {
            Kind::Shared(bytes) => format!("whsec_{}", STANDARD.encode(bytes.as_slice())),
            Kind::Pair { public, .. } | Kind::Public(public) => {
                format!("whpk_{}", STANDARD.encode(public))
            }
        }
    }

    /// How many bytes of secret it has; a public key has none.
    #[must_use]
    pub fn byte_count(&self) -> usize {
        match &self.0 {
            Kind::Shared(bytes) => bytes.len(),
            Kind::Pair { seed, .. } => seed.len(),
            Kind::Public(_) => 0,
        }
    }

    fn mac(&self, content: &[u8]) -> Option<Hmac<Sha256>> {
        let Kind::Shared(bytes) = &self.0 else { return None };
        // HMAC takes keys of any length; the error of the trait is never returned.
        let mut mac = Hmac::<Sha256>::new_from_slice(bytes).ok()?;
        mac.update(content);
        Some(mac)
    }

    fn signature(&self, content: &[u8]) -> Option<String> {
        match &self.0 {
            Kind::Shared(_) => {
                let mac = self.mac(content)?.finalize().into_bytes();
                Some(format!("v1,{}", STANDARD.encode(mac)))
            }
            Kind::Pair { seed, public } => {
                let pair =
                    Ed25519KeyPair::from_seed_and_public_key(seed.as_slice(), public).ok()?;
                Some(format!("v1a,{}", STANDARD.encode(pair.sign(content))))
            }
            Kind::Public(_) => None,
        }
    }

    /// Whether this key made that signature; in constant time for shared keys.
    fn made(&self, scheme: &str, signature: &[u8], content: &[u8]) -> bool {
        match (&self.0, scheme) {
            (Kind::Shared(_), "v1") => {
                self.mac(content).is_some_and(|mac| mac.verify_slice(signature).is_ok())
            }
            (Kind::Pair { public, .. } | Kind::Public(public), "v1a") => {
                UnparsedPublicKey::new(&ED25519, public).verify(content, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// A new key pair as text, `whsk_` and seed and public key, from 32 random bytes.
#[must_use]
pub fn key_pair(seed: [u8; 32]) -> Option<String> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let bytes = Zeroizing::new([&seed[..], pair.public_key().as_ref()].concat());
    Some(format!("whsk_{}", STANDARD.encode(bytes.as_slice())))
}

/// What is signed: `{id}.{timestamp}.{raw body}`.
fn content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

/// The value of `webhook-signature`: one signature per secret, in their order.
#[must_use]
pub fn sign<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> String {
    let content = content(id, &at.as_secs().to_string(), body);
    let signatures = secrets.into_iter().filter_map(|secret| secret.signature(&content));
    signatures.collect::<Vec<_>>().join(" ")
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
    let content = content(id, signed.timestamp, body);
    for part in signed.signature.split(' ') {
        let Some((scheme, digits)) = part.split_once(',') else { continue };
        let Ok(signature) = STANDARD.decode(digits) else { continue };
        if secrets.iter().any(|secret| secret.made(scheme, &signature, &content)) {
            return Ok(());
        }
    }
    Err(VerifyError::Signature)
}
