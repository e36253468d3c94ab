//! Standard Webhooks v1 (spec/standard-webhooks.md): HMAC-SHA-256 over `id.timestamp.body`, base64, in
//! `webhook-signature: v1,…`, several separated by blanks; `v1a,…` is Ed25519 over the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::{SettingProblem, Timestamp};

use super::super::request::Request;
use super::super::secret::Secret;

/// How far the sender's clock may be off, either way.
const SKEW_SECONDS_MAX: u64 = 300;
/// Bytes of a `webhook-id`.
const ID_BYTES_MAX: usize = 256;
/// Signatures tried; more are ignored.
const SIGNATURES_MAX: usize = 8;
/// The specification's bounds of a secret.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Bytes of an Ed25519 public key.
const PUBLIC_KEY_BYTES: usize = 32;

/// The keys of a source.
#[derive(Clone)]
pub(in crate::capture) struct Keys {
    /// HMAC keys: they sign and verify.
    pub(in crate::capture) secret: Vec<Zeroizing<Vec<u8>>>,
    /// Ed25519 public keys.
    public: Vec<Vec<u8>>,
}

/// The keys of secrets written `whsec_<base64>` (or the base64 alone), and of public keys `whpk_<base64>`.
pub(in crate::capture) fn keys(secrets: &[Secret]) -> Result<Keys, Vec<SettingProblem>> {
    let mut keys = Keys { secret: Vec::new(), public: Vec::new() };
    let mut problems = Vec::new();
    for (n, secret) in secrets.iter().enumerate() {
        let message = if let Some(text) = secret.text().strip_prefix("whpk_") {
            match STANDARD.decode(text) {
                Ok(key) if key.len() == PUBLIC_KEY_BYTES => {
                    keys.public.push(key);
                    continue;
                }
                _ => "a Standard Webhooks public key is `whpk_` and 32 bytes in base64",
            }
        } else {
            let text = secret.text().strip_prefix("whsec_").unwrap_or(secret.text());
            match STANDARD.decode(text) {
                Ok(key) if KEY_BYTES.contains(&key.len()) => {
                    keys.secret.push(Zeroizing::new(key));
                    continue;
                }
                _ => "a Standard Webhooks secret is `whsec_` and 24 to 64 bytes in base64",
            }
        };
        problems.push(SettingProblem::new(format!("secrets[{n}]"), message));
    }
    if problems.is_empty() { Ok(keys) } else { Err(problems) }
}

/// The value of `webhook-signature` for a body, under one of the keys.
pub(in crate::capture) fn sign(key: &[u8], id: &str, at: Timestamp, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{}.", at.as_secs()).as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Whether the request is signed with one of the keys, and not longer ago or ahead than
/// [`SKEW_SECONDS_MAX`].
pub(in crate::capture) fn verify(request: &Request, keys: &Keys, now: Timestamp) -> bool {
    let header = |name| request.header(name).map(str::trim);
    let (Some(id), Some(stamp), Some(signatures)) =
        (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"))
    else {
        return false;
    };
    if id.is_empty() || id.len() > ID_BYTES_MAX || id.contains('.') || id.contains(char::is_control)
    {
        return false;
    }
    if stamp.is_empty() || !stamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let Ok(seconds) = stamp.parse::<i64>() else { return false };
    if seconds.abs_diff(now.as_secs()) > SKEW_SECONDS_MAX {
        return false;
    }
    let given = |version: &str| -> Vec<Vec<u8>> {
        signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix(version))
            .take(SIGNATURES_MAX)
            .filter_map(|signature| STANDARD.decode(signature).ok())
            .collect()
    };
    let before = format!("{id}.{stamp}.");
    let (symmetric, asymmetric) = (given("v1,"), given("v1a,"));
    let by_secret = keys.secret.iter().any(|key| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
        mac.update(before.as_bytes());
        mac.update(request.body);
        symmetric.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    });
    let by_public = || {
        let message = [before.as_bytes(), request.body].concat();
        keys.public.iter().any(|key| {
            let key = UnparsedPublicKey::new(&ED25519, key);
            asymmetric.iter().any(|signature| key.verify(&message, signature).is_ok())
        })
    };
    by_secret || (!keys.public.is_empty() && by_public())
}
