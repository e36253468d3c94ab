//! Names that people give to things in the configuration.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseNameError {
    #[error("a name must not be empty")]
    Empty,
    #[error("a name has at most {max} characters", max = Name::CHARS_MAX)]
    TooLong,
    #[error(
        "a name begins with a lower-case letter or digit and goes on with those, '-', '_' or '.'"
    )]
    BadCharacter,
}

/// The name of a source, pool, member, destination, queue, workspace, rule …: lower-case ASCII
/// letters, digits, `-`, `_`, `.`; safe in URLs, store keys, metric labels and packed values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Enough for any name a person would write, short enough for store keys.
    pub const CHARS_MAX: usize = 64;

    /// Parses a name.
    ///
    /// # Errors
    /// If it is empty, too long, or has another character than those allowed.
    pub fn parse(text: &str) -> Result<Self, ParseNameError> {
        if text.is_empty() {
            return Err(ParseNameError::Empty);
        }
        if text.len() > Self::CHARS_MAX {
            return Err(ParseNameError::TooLong);
        }
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let ok = letter(text.as_bytes()[0])
            && text.bytes().all(|b| letter(b) || matches!(b, b'-' | b'_' | b'.'));
        if ok { Ok(Self(text.into())) } else { Err(ParseNameError::BadCharacter) }
    }

    /// A name written in this source code (`triage`, `inquiry_decided`). Tests run with the check on.
    #[must_use]
    pub fn fixed(text: &'static str) -> Self {
        debug_assert!(Self::parse(text).is_ok(), "`{text}` is not a name");
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, ParseNameError> {
        Self::parse(text)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
