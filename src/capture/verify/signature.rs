//! Signatures in a header: the HMAC family and Ed25519. Over the raw bytes; compared in constant time
//! (`ring`); a timestamp must lie within the tolerance, either way.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::{hmac, signature};
use zeroize::Zeroizing;

use crate::domain::{SettingProblem, Timestamp};

use super::super::request::Request;
use super::super::scheme::{
    SecretForm, SignatureEncoding, SignatureHash, SignatureSettings, StampUnit,
};
use super::super::secret::Secret;

/// Signatures tried; more are ignored.
const SIGNATURES_MAX: usize = 8;
/// Bytes of an id that is signed.
const ID_BYTES_MAX: usize = 256;
/// The longest tolerance; a request that may be repeated longer is known by its content for that time.
const TOLERANCE_SECONDS_MAX: u64 = 600;
/// Bytes of an Ed25519 public key.
const PUBLIC_KEY_BYTES: usize = 32;

/// A signature scheme with its keys.
#[derive(Clone)]
pub(in crate::capture) struct Signature {
    settings: SignatureSettings,
    keys: Vec<Zeroizing<Vec<u8>>>,
    /// Ed25519; else an HMAC.
    public: bool,
}

impl Signature {
    /// The scheme with a source's secrets.
    ///
    /// # Errors
    /// If a secret is not of its form, or the scheme would not prove what it should.
    pub(super) fn compile(
        settings: &SignatureSettings,
        secrets: &[Secret],
        public: bool,
    ) -> Result<Self, Vec<SettingProblem>> {
        let mut problems = check(settings);
        let mut keys = Vec::new();
        for (n, secret) in secrets.iter().enumerate() {
            let key = if public {
                let text = secret.text();
                let bytes = from_hex(text).or_else(|| from_base64(text));
                bytes.filter(|bytes| bytes.len() == PUBLIC_KEY_BYTES)
            } else {
                match settings.secret {
                    SecretForm::Text => Some(secret.text().as_bytes().to_vec()),
                    SecretForm::Hex => from_hex(secret.text()),
                    SecretForm::Base64 => from_base64(secret.text()),
                }
            };
            if let Some(key) = key {
                keys.push(Zeroizing::new(key));
                continue;
            }
            let message = match (public, settings.secret) {
                (true, _) => "is no Ed25519 public key (32 bytes in hexadecimal or base64)",
                (_, SecretForm::Hex) => "is not hexadecimal",
                _ => "is not base64",
            };
            problems.push(SettingProblem::new(format!("secrets[{n}]"), message));
        }
        if problems.is_empty() {
            Ok(Self { settings: settings.clone(), keys, public })
        } else {
            Err(problems)
        }
    }

    /// Whether one of the signatures was made by one of the keys, at a time near `now`.
    pub(super) fn verify(&self, request: &Request, now: Timestamp) -> bool {
        self.form(request, now).is_some()
    }

    /// The form of what is signed that held.
    pub(in crate::capture) fn form(&self, request: &Request, now: Timestamp) -> Option<&str> {
        let settings = &self.settings;
        let value = request.header(&settings.header)?;
        let given: Vec<Vec<u8>> = texts(value, settings.part.as_deref())
            .filter_map(|text| text.strip_prefix(settings.prefix.as_str()))
            .take(SIGNATURES_MAX)
            .filter_map(|text| match settings.encoding {
                SignatureEncoding::Hex => from_hex(text),
                SignatureEncoding::Base64 => from_base64(text),
            })
            .collect();
        let stamp = self.stamp(request, now)?;
        let id = settings.id_header.as_deref().map_or(Some(""), |name| request.header(name));
        let id = id.filter(|id| id.len() <= ID_BYTES_MAX)?;
        let held = settings.signed.iter().find(|template| {
            let message = filled(template, request.body, stamp, id);
            given.iter().any(|given| self.made(&message, given))
        });
        held.map(String::as_str)
    }

    /// Whether the vendor's text leaves open what it signs.
    pub(in crate::capture) fn has_forms(&self) -> bool {
        self.settings.signed.len() > 1
    }

    /// Whether an id is part of what is signed.
    pub(in crate::capture) fn covers_id(&self) -> bool {
        self.settings.id_header.is_some()
    }

    /// How long the same request may be repeated and still hold: from a clock ahead to a clock behind.
    pub(in crate::capture) fn holds_for(&self) -> Duration {
        let seconds = if self.expires() { self.settings.tolerance_seconds * 2 } else { 0 };
        Duration::from_secs(seconds)
    }

    /// All keys are tried.
    fn made(&self, message: &[u8], given: &[u8]) -> bool {
        self.keys.iter().fold(false, |known, key| {
            let made = if self.public {
                let key = signature::UnparsedPublicKey::new(&signature::ED25519, key.as_slice());
                key.verify(message, given).is_ok()
            } else {
                hmac::verify(&self.hmac_key(key), message, given).is_ok()
            };
            made | known
        })
    }

    fn hmac_key(&self, key: &[u8]) -> hmac::Key {
        let algorithm = match self.settings.algorithm {
            SignatureHash::Sha256 => hmac::HMAC_SHA256,
            SignatureHash::Sha512 => hmac::HMAC_SHA512,
            SignatureHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        };
        hmac::Key::new(algorithm, key)
    }

    /// The timestamp as sent, if it lies within the tolerance; nothing to fill in where there is none.
    fn stamp<'a>(&self, request: &'a Request, now: Timestamp) -> Option<&'a str> {
        let Some(settings) = &self.settings.timestamp else { return Some("") };
        let name = settings.header.as_deref().unwrap_or(&self.settings.header);
        let stamp = texts(request.header(name)?, settings.part.as_deref()).next()?;
        if stamp.is_empty() || stamp.len() > 16 || !stamp.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: i64 = stamp.parse().ok()?;
        let millis = match settings.unit {
            StampUnit::Milliseconds => number,
            StampUnit::Auto if stamp.len() >= 12 => number,
            StampUnit::Seconds | StampUnit::Auto => number.checked_mul(1000)?,
        };
        let near = millis.abs_diff(now.as_millis()) <= self.settings.tolerance_seconds * 1000;
        near.then_some(stamp)
    }

    /// The headers of a body as the vendor would sign it under the first key. `None` for public keys:
    /// only the vendor has the other half.
    pub(in crate::capture) fn headers(
        &self,
        body: &[u8],
        id: &str,
        now: Timestamp,
    ) -> Option<Vec<(String, String)>> {
        let settings = &self.settings;
        let key = self.keys.first().filter(|_| !self.public)?;
        let stamp = match settings.timestamp.as_ref().map(|stamp| stamp.unit) {
            None => String::new(),
            Some(StampUnit::Milliseconds) => now.as_millis().to_string(),
            Some(_) => now.as_secs().to_string(),
        };
        let message = filled(settings.signed.first()?, body, &stamp, id);
        let tag = hmac::sign(&self.hmac_key(key), &message);
        let text = match settings.encoding {
            SignatureEncoding::Hex => hex(tag.as_ref()),
            SignatureEncoding::Base64 => {
                base64::engine::general_purpose::STANDARD.encode(tag.as_ref())
            }
        };
        let mut parts = Vec::new();
        let mut headers = Vec::new();
        if let Some(settings) = &settings.timestamp {
            match (&settings.header, &settings.part) {
                (Some(header), None) => headers.push((header.clone(), stamp)),
                (Some(header), Some(part)) => {
                    headers.push((header.clone(), format!("{part}={stamp}")));
                }
                (None, part) => {
                    parts.push(format!("{}={stamp}", part.as_deref().unwrap_or("t")));
                }
            }
        }
        if let Some(header) = &settings.id_header {
            headers.push((header.clone(), id.to_owned()));
        }
        let name = settings.part.as_ref().map_or(String::new(), |part| format!("{part}="));
        parts.push(format!("{name}{}{text}", settings.prefix));
        headers.push((settings.header.clone(), parts.join(",")));
        Some(headers)
    }

    /// Whether what is signed says when, so that it expires.
    pub(in crate::capture) fn expires(&self) -> bool {
        self.settings.timestamp.is_some()
    }

    /// The header that holds it, for people.
    pub(in crate::capture) fn header(&self) -> &str {
        &self.settings.header
    }

    /// Whether the vendor makes the secret.
    pub(in crate::capture) fn is_given(&self) -> bool {
        self.settings.given || self.public
    }

    /// Whether only the vendor can sign.
    pub(in crate::capture) fn is_public(&self) -> bool {
        self.public
    }
}

/// What would make a scheme prove less than it seems to.
fn check(settings: &SignatureSettings) -> Vec<SettingProblem> {
    let mut problems = Vec::new();
    let mut wrong = |path: &str, message: &str| problems.push(SettingProblem::new(path, message));
    if settings.header.is_empty() || settings.header != settings.header.to_ascii_lowercase() {
        wrong("scheme.header", "is the name of a header, in lower case");
    }
    if settings.signed.is_empty() || !settings.signed.iter().all(|text| text.contains("{body}")) {
        wrong("scheme.signed", "has to cover the body: `{body}`");
    }
    let stamped = settings.signed.iter().all(|text| text.contains("{timestamp}"));
    let names = settings.signed.iter().any(|text| text.contains("{timestamp}"));
    if settings.timestamp.is_some() && !stamped {
        wrong("scheme.signed", "has to cover the timestamp: `{timestamp}`");
    }
    if settings.timestamp.is_none() && names {
        wrong("scheme.timestamp", "is missing: `signed` names it");
    }
    if settings.id_header.is_none() && settings.signed.iter().any(|text| text.contains("{id}")) {
        wrong("scheme.id_header", "is missing: `signed` names it");
    }
    if !(1..=TOLERANCE_SECONDS_MAX).contains(&settings.tolerance_seconds) {
        wrong("scheme.tolerance_seconds", "must be 1 to 600");
    }
    problems
}

/// The signed bytes: a template with its places filled in, the body as it came.
fn filled<'a>(template: &str, body: &'a [u8], stamp: &str, id: &str) -> Cow<'a, [u8]> {
    if template == "{body}" {
        return Cow::Borrowed(body);
    }
    let mut message = Vec::with_capacity(body.len() + template.len() + stamp.len() + id.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        message.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let places: [(&str, &[u8]); 3] =
            [("{body}", body), ("{timestamp}", stamp.as_bytes()), ("{id}", id.as_bytes())];
        let place = places.iter().find(|(name, _)| rest.starts_with(name));
        let (taken, bytes) = place.map_or((1, &b"{"[..]), |(name, bytes)| (name.len(), *bytes));
        message.extend_from_slice(bytes);
        rest = &rest[taken..];
    }
    message.extend_from_slice(rest.as_bytes());
    Cow::Owned(message)
}

/// The header's value, or the values of that name in a list of `name=value`.
fn texts<'a, 'p>(
    value: &'a str,
    part: Option<&'p str>,
) -> impl Iterator<Item = &'a str> + use<'a, 'p> {
    let whole = part.is_none().then_some(value.trim());
    let parts = value.split([',', ';']).filter_map(move |item| {
        let (name, value) = item.trim().split_once('=')?;
        (Some(name) == part).then_some(value)
    });
    whole.into_iter().chain(parts)
}

/// Bytes as lower-case hexadecimal.
pub(in crate::capture) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hexadecimal in either case.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().as_bytes();
    if text.is_empty() || text.len() % 2 == 1 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    text.chunks_exact(2).map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect()
}

/// Base64 of either alphabet, padded or not.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    if text.is_empty() {
        return None;
    }
    STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()
}
