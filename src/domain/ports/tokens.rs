//! Access tokens that last an hour or so: asked for once, whatever the number of replicas.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::Name;

/// How a token is had: OAuth 2, by client credentials; id and secret as HTTP Basic. Printing it shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// The token endpoint, a whole URL.
    pub url: String,
    pub client_id: String,
    pub client_secret: String,
    pub scope: Option<String>,
}

impl TokenGrant {
    /// A token is had within this, or not at all.
    pub const WITHIN: Duration = Duration::from_secs(15);
}

impl fmt::Debug for TokenGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenGrant").finish_non_exhaustive()
    }
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoToken {
    /// The endpoint does not accept the credentials: its HTTP status.
    Refused(Option<u16>),
    /// It did not answer, or not with a token; worth another try.
    Later,
}

/// Where tokens are had.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// A token for what is named `of`; another one than `refused`, which was not taken (any more).
    async fn access_token(
        &self,
        workspace: &Name,
        of: &Name,
        grant: &TokenGrant,
        refused: Option<&str>,
    ) -> Result<String, NoToken>;
}
