//! Who is logged in. A session is a sealed cookie and nothing else: any replica reads it, and it
//! ends with its key: each request looks the key up in the configuration in force.

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::cookie::SESSION;
use crate::domain::Timestamp;
use crate::flow::Flow;
use crate::http::Active;
use crate::http::keys::{ApiKey, KeyId};

/// What the cookie says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The key it was opened with, by its id.
    key: KeyId,
    /// When it ends, whatever is done in it.
    until: Timestamp,
    /// What every form of the session carries.
    token: [u8; 16],
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Session {
    /// A new one for the holder of a key.
    pub fn open(key: &ApiKey, now: Timestamp) -> Self {
        let ends = std::time::Duration::from_secs(u64::from(SESSION.seconds));
        Self { key: key.id(), until: now.after(ends), token: rand::random() }
    }

    /// The session of a request with its key; `None` = not logged in (any more).
    pub fn of<'a>(
        flow: &Flow,
        active: &'a Active,
        request: &HttpRequest,
    ) -> Option<(Self, &'a ApiKey)> {
        let session: Self = SESSION.read(flow, request)?;
        let key = session.key(flow, active)?;
        Some((session, key))
    }

    /// The key, if the session has not ended and the key is still let in.
    pub fn key<'a>(&self, flow: &Flow, active: &'a Active) -> Option<&'a ApiKey> {
        (flow.now() < self.until).then(|| active.keys.by_id(&self.key)).flatten()
    }

    /// The text of the token in forms.
    pub fn token(&self) -> String {
        uuid::Uuid::from_bytes(self.token).simple().to_string()
    }

    /// Whether a form carries this session's token.
    pub fn owns(&self, token: &str) -> bool {
        self.token().as_bytes().ct_eq(token.as_bytes()).into()
    }
}
