//! What a file `destinations/<name>.yaml` may say.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// A configured text that must not be printed: secrets, tokens, URLs with tokens in them.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Masked(String);

impl Masked {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Never for logs, metrics or errors.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹masked›")
    }
}

/// An outbound endpoint, as written. Durations are texts such as `5s`, `30m`, `2h`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationSettings {
    /// Where events are posted to. `https`, unless the egress allow-list opens plain `http`.
    pub url: Masked,
    /// Signing secrets, `whsec_…` (24 to 64 random bytes); all sign, so that one can be replaced
    /// while receivers still know the other only.
    #[serde(default)]
    pub secrets: Vec<Masked>,
    /// Event types, or `lead.*`, `alert.*`, `*`. Default: every `lead.*` but `lead.discarded`.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// Whether test leads are delivered here.
    #[serde(default)]
    pub tests: bool,
    /// One deadline over name lookup, connect, headers and body: 1000 to 30000, default 15000.
    #[serde(default)]
    pub timeout_ms: Option<u32>,
    /// How many requests may be under way at once, over all replicas: 1 to 256, default 16.
    #[serde(default)]
    pub concurrency: Option<u32>,
    /// The delays before each attempt, at most 30, each at most 7 days. Default: the schedule of
    /// Standard Webhooks.
    #[serde(default)]
    pub retry: Option<Vec<String>>,
    /// Give up this long after the first attempt was due, even if the schedule goes on.
    #[serde(default)]
    pub give_up_after: Option<String>,
    /// Who gets the event instead, and when.
    #[serde(default)]
    pub fallback: Option<FallbackSettings>,
    /// Headers to add, for instance `authorization`.
    #[serde(default)]
    pub headers: BTreeMap<String, Masked>,
    #[serde(default)]
    pub payload: Payload,
}

/// The fallback of a destination.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackSettings {
    /// Another destination of the workspace.
    pub to: String,
    /// How long the primary may fail before: `15m`.
    pub after: String,
}

/// What the body looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// `{"type","timestamp","data"}`, see `schemas/events`.
    #[default]
    Standard,
}

/// Reads `90s`, `5m`, `2h`, `1h30m`, `250ms`; at most 30 days, never negative.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected =
        || "expected a duration such as `90s`, `5m`, `2h`, of at most 30 days".to_owned();
    let duration: jiff::SignedDuration = text.trim().parse().map_err(|_| expected())?;
    let duration = Duration::try_from(duration).map_err(|_| expected())?;
    if duration <= Duration::from_hours(30 * 24) { Ok(duration) } else { Err(expected()) }
}
