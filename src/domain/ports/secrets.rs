//! Secrets of the service's own: kept sealed, made anew.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{Name, Timestamp};

/// Seals what the store is to keep and nobody is to read there; the key is the deployment's.
pub trait Vault: Send + Sync {
    /// `about` is bound to it: one thing cannot be put in another's place. `None` = it cannot be sealed.
    fn seal(&self, about: &[u8], plain: &[u8]) -> Option<Vec<u8>>;

    /// `None` = sealed by another key, changed, or about something else.
    fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;
}

/// A new signing secret for a destination.
#[derive(Clone)]
pub struct RotateSecret {
    /// How long the old ones sign beside it.
    pub keep: Duration,
    /// A key pair (Ed25519): the receiver gets only its public half.
    pub key_pair: bool,
    /// What it is made of.
    pub random: [u8; 32],
}

/// What the receiver needs now.
#[derive(Clone, PartialEq, Eq)]
pub struct Rotated {
    /// `whsec_…`, or the public key `whpk_…`. Shown once.
    pub secret: String,
    /// Until then the old ones sign too.
    pub old_until: Timestamp,
}

impl fmt::Debug for RotateSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotateSecret").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl fmt::Debug for Rotated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotated").field("old_until", &self.old_until).finish_non_exhaustive()
    }
}

/// Why there is no new secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRotated {
    #[error("there is no such destination")]
    Missing,
    /// It is told in a vendor's own way, without a signature.
    #[error("this destination is sent no signature")]
    Unsigned,
    #[error("five secrets sign already: wait until one has ended")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes signing secrets while the service runs.
#[async_trait]
pub trait Rotation: Send + Sync {
    async fn rotate(
        &self,
        workspace: &Name,
        destination: &Name,
        wanted: RotateSecret,
    ) -> Result<Rotated, NotRotated>;
}
