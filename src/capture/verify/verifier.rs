//! The verifier of one source: its scheme with its secrets, and what it says of a request.

use crate::domain::{Name, SettingProblem, Timestamp};

use super::super::preset::PresetSettings;
use super::super::request::Request;
use super::super::scheme::SchemeSettings;
use super::super::secret::Secret;
use super::super::settings::SourceSettings;
use super::key::Places;
use super::signature::Signature;
use super::{basic, jws, key, standard_webhooks};

/// A verification scheme with its secrets. One that needs a secret has at least one.
#[derive(Clone)]
pub(in crate::capture) enum Verifier {
    /// Takes nothing: what a source has that could not be compiled.
    Nobody,
    /// A public form.
    Everybody,
    /// A key in a header, query parameter or the path.
    Key { places: Places, secrets: Vec<Secret> },
    /// A key in the body, at this path.
    KeyInBody { at: String, secrets: Vec<Secret> },
    /// HTTP Basic.
    Basic { secrets: Vec<Secret> },
    /// A signature in a header.
    Signed(Signature),
    /// A JSON Web Signature with the body's hash in this claim.
    Jws { header: String, claim: String, secrets: Vec<Secret> },
    /// Keys of Standard Webhooks.
    StandardWebhooks { keys: standard_webhooks::Keys },
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nobody => "Nobody",
            Self::Everybody => "Everybody",
            Self::Key { .. } => "Key",
            Self::KeyInBody { .. } => "KeyInBody",
            Self::Basic { .. } => "Basic",
            Self::Signed(_) => "Signed",
            Self::Jws { .. } => "Jws",
            Self::StandardWebhooks { .. } => "StandardWebhooks",
        })
    }
}

/// What the raw bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::capture) enum Verdict {
    Proved,
    NotProved,
    /// Ask again with what stands at the body's path.
    InBody,
}

impl Verifier {
    /// The scheme a source chose, with its secrets.
    ///
    /// # Errors
    /// If the preset has no such scheme, a secret is missing, too short or not of the scheme's form,
    /// or secrets are given that nothing would compare.
    pub(in crate::capture) fn compile(
        settings: &SourceSettings,
        preset: &PresetSettings,
    ) -> Result<Self, Vec<SettingProblem>> {
        let schemes = &preset.verification.schemes;
        let name = settings.verify.as_ref().unwrap_or(&preset.verification.default);
        let scheme = match &settings.scheme {
            Some(_) if settings.verify.is_some() => {
                let message = "either `verify` (one of the preset's) or `scheme` (one of its own)";
                return Err(vec![SettingProblem::new("scheme", message)]);
            }
            Some(own) => own,
            None => match schemes.get(name) {
                Some(scheme) => scheme,
                None => return Err(vec![no_scheme(settings, preset, name)]),
            },
        };
        if *scheme == SchemeSettings::None {
            if settings.secrets.is_empty() {
                return Ok(Self::Everybody);
            }
            let message =
                "secrets are given, but verification is `none`: name a scheme in `verify`";
            return Err(vec![SettingProblem::new("secrets", message)]);
        }
        if settings.secrets.is_empty() {
            let message = format!("scheme `{name}` needs at least one secret");
            return Err(vec![SettingProblem::new("secrets", message)]);
        }
        let short = settings.secrets.iter().enumerate();
        let short = short.filter(|(_, secret)| secret.text().len() < Secret::BYTES_MIN);
        let message = format!("a secret has at least {} characters", Secret::BYTES_MIN);
        let problems: Vec<_> =
            short.map(|(n, _)| SettingProblem::new(format!("secrets[{n}]"), &*message)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let secrets = settings.secrets.clone();
        match scheme {
            SchemeSettings::None => Ok(Self::Everybody),
            SchemeSettings::Key { headers, word, query, path } => {
                let places = Places {
                    headers: headers.iter().map(|name| name.to_ascii_lowercase()).collect(),
                    word: word.clone().unwrap_or_else(|| "Bearer".to_owned()),
                    query: query.clone(),
                    path: *path,
                };
                Ok(Self::Key { places, secrets })
            }
            SchemeSettings::Basic => Ok(Self::Basic { secrets }),
            SchemeSettings::Hmac(own) => Signature::compile(own, &secrets, false).map(Self::Signed),
            SchemeSettings::Ed25519(own) => {
                Signature::compile(own, &secrets, true).map(Self::Signed)
            }
            SchemeSettings::Jws { header, claim } => {
                let header = header.to_ascii_lowercase();
                Ok(Self::Jws { header, claim: claim.clone(), secrets })
            }
            SchemeSettings::KeyInBody { at } => Ok(Self::KeyInBody { at: at.clone(), secrets }),
            SchemeSettings::StandardWebhooks => {
                standard_webhooks::keys(&secrets).map(|keys| Self::StandardWebhooks { keys })
            }
        }
    }

    /// Judges the raw request.
    pub(in crate::capture) fn judge(&self, request: &Request, now: Timestamp) -> Verdict {
        let proved = match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Key { places, secrets } => key::present(request, places, secrets),
            Self::Basic { secrets } => basic::present(request, secrets),
            Self::Signed(signature) => signature.verify(request, now),
            Self::Jws { header, claim, secrets } => request
                .header(header)
                .is_some_and(|token| jws::verify(token, claim, secrets, request.body)),
            Self::KeyInBody { .. } => return Verdict::InBody,
            Self::StandardWebhooks { keys } => standard_webhooks::verify(request, keys, now),
        };
        if proved { Verdict::Proved } else { Verdict::NotProved }
    }

    /// Whether the vendor makes the secret.
    pub(in crate::capture) fn is_given(&self) -> bool {
        matches!(self, Self::Signed(signature) if signature.is_given())
    }

    /// Where in the body the key stands, if it stands there.
    pub(in crate::capture) fn key_path(&self) -> Option<&str> {
        match self {
            Self::KeyInBody { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Judges what stands at [`Verifier::key_path`]. True for schemes that are judged by the raw
    /// request.
    pub(in crate::capture) fn judge_key(&self, given: Option<&str>) -> bool {
        match self {
            Self::KeyInBody { secrets, .. } => {
                given.is_some_and(|given| key::is_one_of(secrets, given.as_bytes()))
            }
            Self::Nobody => false,
            _ => true,
        }
    }

    /// Whether a body that cannot be parsed holds one of the keys anywhere: whoever wrote it knows it.
    pub(in crate::capture) fn key_somewhere(&self, body: &[u8]) -> bool {
        match self {
            Self::KeyInBody { secrets, .. } => key::somewhere(secrets, body),
            Self::Nobody => false,
            _ => true,
        }
    }
}

fn no_scheme(settings: &SourceSettings, preset: &PresetSettings, name: &Name) -> SettingProblem {
    let known = preset.verification.schemes.keys().map(Name::as_str);
    let message = format!("preset `{}` has no scheme `{name}`", settings.preset);
    SettingProblem::new("verify", message).suggest(name.as_str(), known)
}
