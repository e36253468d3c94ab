//! Saying what would be sent.

use async_trait::async_trait;

use super::{JobView, StoreError};
use crate::domain::Name;

/// A request as it would be made now, with nothing in it that must not be shown: neither secrets nor personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestShown {
    pub destination: Name,
    /// Of a destination with several requests: the first one that is still to be made.
    pub step: Option<String>,
    /// How many there may be in all.
    pub requests: u32,
    pub method: &'static str,
    /// Scheme, host and port; paths hold tokens.
    pub to: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What running a delivery again would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previewed {
    Request(Box<RequestShown>),
    /// Nothing would be sent, and why in a word: `not_configured`, `erased`, `unreadable_lead`, `ended`; else what a
    /// preset says that cannot fill its request in (`nothing_to_find_it_by`, `a_place_is_empty`).
    Nothing(String),
}

/// Who knows how requests are made: `deliver`.
#[async_trait]
pub trait Preview: Send + Sync {
    /// What would be sent for a delivery. Nothing is, and no token is asked for.
    ///
    /// # Errors
    /// If the store does not answer.
    async fn preview(&self, workspace: &Name, job: &JobView) -> Result<Previewed, StoreError>;
}
