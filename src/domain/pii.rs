//! Text about a person. It cannot be printed by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text that may identify a person. `Debug` prints its length only and there is no `Display`;
/// whoever needs the text says [`Pii::expose`], which is easy to search for.
///
/// Serialising it is allowed: stored records and outbound bodies are what it is for. It is a text there; serde knows
/// it by its name, and [`super::packing`] remembers nothing of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Pii(String);

impl Pii {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Never for logs, metrics, errors or key names.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Pii {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹{} chars›", self.0.chars().count())
    }
}

impl From<&str> for Pii {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Pii {
    fn from(text: String) -> Self {
        Self(text)
    }
}
