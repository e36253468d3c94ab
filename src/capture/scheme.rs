//! How a source proves that it is itself, as data: the schemes a preset knows, or one that a source
//! spells out for itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::Name;

/// The verification schemes a source may choose from.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerificationSettings {
    /// The one used if the source names none.
    pub default: Name,
    /// All of them.
    pub schemes: BTreeMap<Name, SchemeSettings>,
}

/// One verification scheme. Each but `none` needs at least one secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SchemeSettings {
    /// A public form: everybody may post.
    None,
    /// A static key in one of these headers or query parameters, or behind the source in the path.
    Key {
        /// Names of headers; `authorization` takes `Bearer KEY`.
        #[serde(default)]
        headers: Vec<String>,
        /// The word before the key in `authorization`, if it is not `Bearer`.
        #[serde(default)]
        word: Option<String>,
        /// Names of query parameters.
        #[serde(default)]
        query: Vec<String>,
        /// Whether the path may hold it.
        #[serde(default)]
        path: bool,
    },
    /// A static key inside the body, at this path; in a batch in every row.
    KeyInBody {
        /// Its path in the body.
        at: String,
    },
    /// HTTP Basic: the secret is the password, with any user's name, or the name without a password.
    Basic,
    /// An HMAC of the raw body, and of a timestamp where the vendor sends one.
    Hmac(SignatureSettings),
    /// An Ed25519 signature (RFC 8032); the secrets are the vendor's public keys.
    Ed25519(SignatureSettings),
    /// A JSON Web Signature (RFC 7515, HS256) with the body's SHA-256 among its claims.
    Jws {
        /// The header that holds it.
        header: String,
        /// The claim that holds the hash, in hexadecimal.
        #[serde(default = "sha256")]
        claim: String,
    },
    /// Standard Webhooks: HMAC-SHA-256 (secrets `whsec_…`) or Ed25519 (public keys `whpk_…`) over id,
    /// timestamp and raw body.
    StandardWebhooks,
}

/// Where a signature stands and what it covers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignatureSettings {
    /// The header that holds it.
    pub header: String,
    /// Its name, where the header is a list such as `t=1700000000,v1=5f2c…`; there may be several.
    #[serde(default)]
    pub part: Option<String>,
    /// What stands before it.
    #[serde(default)]
    pub prefix: String,
    /// How it is written.
    #[serde(default)]
    pub encoding: SignatureEncoding,
    /// The hash of an HMAC.
    #[serde(default)]
    pub algorithm: SignatureHash,
    /// What is signed: text in which `{body}` (needed), `{timestamp}` and `{id}` are filled in. If there
    /// are several, one has to hold.
    #[serde(default = "body")]
    pub signed: Vec<String>,
    /// When it was signed. It has to be part of what is signed.
    #[serde(default)]
    pub timestamp: Option<StampSettings>,
    /// The header of `{id}`.
    #[serde(default)]
    pub id_header: Option<String>,
    /// How far the timestamp may be off, either way. At most 600: within it the same request again is
    /// told from a new one by its event id or content.
    #[serde(default = "tolerance")]
    #[cfg_attr(test, schemars(range(min = 1, max = 600)))]
    pub tolerance_seconds: u64,
    /// How the secret is written.
    #[serde(default)]
    pub secret: SecretForm,
    /// The vendor makes the secret; it is not ours to choose.
    #[serde(default)]
    pub given: bool,
}

/// Where a timestamp stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StampSettings {
    /// Its header; without one it stands in the signature's.
    #[serde(default)]
    pub header: Option<String>,
    /// Its name, where the header is a list.
    #[serde(default)]
    pub part: Option<String>,
    /// What it counts.
    #[serde(default)]
    pub unit: StampUnit,
}

/// What a Unix timestamp counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum StampUnit {
    /// Seconds up to eleven digits, milliseconds from twelve.
    #[default]
    Auto,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum SignatureEncoding {
    /// Hexadecimal, in either case.
    #[default]
    Hex,
    /// Base64, with or without padding, in either alphabet.
    Base64,
}

/// The hash of an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum SignatureHash {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
    /// SHA-1: only where a vendor has nothing better.
    Sha1,
}

/// How a secret is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum SecretForm {
    /// Its characters are the key; a public key is always read as hexadecimal or base64.
    #[default]
    Text,
    /// Hexadecimal.
    Hex,
    /// Base64.
    Base64,
}

/// How a vendor asks by `GET` whether it has the right address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HandshakeSettings {
    /// What stands in the query parameter `challenge` comes back alone, as plain text.
    Echo {
        /// The challenge's query parameter.
        challenge: String,
        /// The query parameter of a token that has to be ours: `{token}` in the setup.
        #[serde(default)]
        token: Option<String>,
    },
    /// The challenge comes back as JSON, with its HMAC-SHA-256 under the secret in hexadecimal.
    Hmac {
        /// The challenge's query parameter, and its name in the answer.
        challenge: String,
        /// The name of the HMAC in the answer.
        answer: String,
    },
}

fn body() -> Vec<String> {
    vec!["{body}".to_owned()]
}

fn tolerance() -> u64 {
    300
}

fn sha256() -> String {
    "sha256".to_owned()
}
