//! Requests that are signed by Standard Webhooks but come to no source: what tools say back.

use super::request::Request;
use super::secret::Secret;
use super::verify::standard_webhooks;
use crate::domain::{SettingProblem, Timestamp};

/// The keys of `whsec_…` secrets. Without one, nothing is proved.
#[derive(Clone, Default)]
pub struct SigningKeys(Option<standard_webhooks::Keys>);

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKeys").field(&self.0.is_some()).finish()
    }
}

impl SigningKeys {
    /// Reads the secrets.
    ///
    /// # Errors
    /// If one is not of the form that Standard Webhooks gives; paths are `secrets[n]`.
    pub fn compile(secrets: &[Secret]) -> Result<Self, Vec<SettingProblem>> {
        let keys = standard_webhooks::keys(secrets)?;
        Ok(Self((!secrets.is_empty()).then_some(keys)))
    }

    /// Whether there is none: nothing needs to be read then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether headers (names in lower case) and body are signed with one of the keys, within five minutes of `now`.
    #[must_use]
    pub fn prove(&self, headers: &[(String, String)], body: &[u8], now: Timestamp) -> bool {
        let request = Request { headers, ..Request::post(None, body) };
        let keys = self.0.as_ref();
        keys.is_some_and(|keys| standard_webhooks::verify(&request, keys, now))
    }
}
