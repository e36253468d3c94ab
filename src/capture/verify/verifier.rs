//! The verifier of one source: its scheme with its secrets, and what it says of a request.

use zeroize::Zeroizing;

use crate::domain::{Name, SettingProblem, Timestamp};

use super::super::preset::{PresetSettings, SchemeSettings};
use super::super::request::Request;
use super::super::secret::Secret;
use super::super::settings::SourceSettings;
use super::{key, standard_webhooks};

/// A verification scheme with its secrets. One that needs a secret has at least one.
#[derive(Clone)]
pub(in crate::capture) enum Verifier {
    /// Takes nothing: what a source has that could not be compiled.
    Nobody,
    /// A public form.
    Everybody,
    /// A key in a header, query parameter or the path.
    Key { headers: Vec<String>, query: Vec<String>, path: bool, secrets: Vec<Secret> },
    /// A key in the body, at this path.
    KeyInBody { at: String, secrets: Vec<Secret> },
    /// HMAC keys of Standard Webhooks.
    StandardWebhooks { keys: Vec<Zeroizing<Vec<u8>>> },
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nobody => "Nobody",
            Self::Everybody => "Everybody",
            Self::Key { .. } => "Key",
            Self::KeyInBody { .. } => "KeyInBody",
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
        let Some(scheme) = schemes.get(name) else {
            let known = schemes.keys().map(Name::as_str);
            let message = format!("preset `{}` has no scheme `{name}`", settings.preset);
            return Err(vec![SettingProblem::new("verify", message).suggest(name.as_str(), known)]);
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
            SchemeSettings::Key { headers, query, path } => {
                let headers = headers.iter().map(|name| name.to_ascii_lowercase()).collect();
                Ok(Self::Key { headers, query: query.clone(), path: *path, secrets })
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
            Self::Key { headers, query, path, secrets } => {
                key::present(request, headers, query, *path, secrets)
            }
            Self::KeyInBody { .. } => return Verdict::InBody,
            Self::StandardWebhooks { keys } => standard_webhooks::verify(request, keys, now),
        };
        if proved { Verdict::Proved } else { Verdict::NotProved }
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
