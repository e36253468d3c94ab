//! What a file `destinations/<name>.yaml` may say.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use super::oauth::OauthSettings;
use crate::domain::Name;
use crate::rules::ConditionSource;

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

/// `destinations/NAME.yaml`: where a queue's leads are handed over, by signed webhook.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DestinationSettings {
    /// What kind of receiver it is: how requests are made for it, what its answers mean, and what
    /// `lead-router destinations show` says about its side. Without it: events of our own form, signed.
    #[serde(default)]
    pub preset: Option<Name>,
    /// Where events are posted to. `https`, unless `egress` in server.yaml opens plain `http`. Presets of
    /// vendors that are at one place for everybody know it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "^https?://"), extend("examples" = ["https://crm.example.com/hooks/leads"])))]
    pub url: Option<Masked>,
    /// What the preset asks for: tokens (best as `${env:NAME}`), ids, who is who there.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub with: WithValues,
    /// Further fields at the vendor's, and what goes there, such as `lead_score__c: "{lead.score}"`; added where the
    /// preset provides for it.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Signing secrets, `whsec_` and 24 to 64 random bytes in Base64, or `whsk_` and an Ed25519 key pair (the receiver
    /// gets its public half); best as `${env:NAME}`. One; all of
    /// several sign, so that one can be replaced while receivers still know only the other. Not needed with the
    /// preset of a vendor.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>", length(min = 1, max = 5), inner(regex(pattern = "^wh(sec|sk)_")), extend("examples" = [["${env:CRM_SECRET}"]])))]
    pub secrets: Vec<Masked>,
    /// Secrets that still sign until a time, beside `secrets`: the old ones while the receiver changes over.
    /// `lead-router destinations rotate` writes this.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(max = 5)))]
    pub retiring: Vec<RetiringSettings>,
    /// Event types, or `lead.*`, `alert.*`, `*`. Without it: every `lead.*` but `lead.discarded`.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub events: Option<Vec<String>>,
    /// Only events whose lead and inquiry fit; looked at before the first attempt.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    /// Only these places of `data` go out (ids and counters always do), such as `lead.contact.email`.
    #[serde(default)]
    pub only: Vec<String>,
    /// These places of `data` do not go out.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = [["lead.contact.street", "inquiry.attribution"]])))]
    pub leave_out: Vec<String>,
    /// Contact data of these channels go out only with the person's newest consent for that channel (or
    /// for `any`).
    #[serde(default)]
    pub with_consent: Vec<ConsentChannel>,
    /// Whether test leads are delivered here.
    #[serde(default)]
    pub tests: bool,
    /// Milliseconds: one deadline over name lookup, connecting, headers and body.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1000, max = 30_000), extend("default" = 15_000)))]
    pub timeout_ms: Option<u32>,
    /// How many requests may be under way at once, over all replicas.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 256), extend("default" = 16)))]
    pub concurrency: Option<u32>,
    /// How many requests may go there, over all replicas, such as `100/s`, `600/min`, `5000/h`; evenly, but for `burst`.
    #[serde(default)]
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9]+ */ *(s|min|h)$"), extend("examples" = ["100/s", "600/min"])))]
    pub rate: Option<String>,
    /// The bucket: so many more than `rate` says a receiver may see in a second. Half of them may go at once after a
    /// rest, the other half is for requests that are longer on their way than others. Without it: what `rate` gives
    /// in a fifth of a second.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 10_000)))]
    pub burst: Option<u32>,
    /// Several events in one request, where the preset knows one; without it each goes by itself.
    #[serde(default)]
    pub batch: Option<GatherSettings>,
    /// After so many attempts in a row without an answer or with a 5xx nothing more goes there for half a minute,
    /// then twice as long, at most five minutes (one with a fallback); the first answer ends that.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 5, max = 10_000), extend("default" = 50)))]
    pub pause_after_failures: Option<u32>,
    /// The delays before each attempt, at most 30, each at most 7 days. Without it: ten attempts over
    /// three days, as Standard Webhooks recommends.
    #[serde(default)]
    #[cfg_attr(test, schemars(length(min = 1, max = 30), extend("examples" = [["0s", "5s", "5m", "30m", "2h"]])))]
    pub retry: Option<Vec<String>>,
    /// Give up this long after the first attempt was due, even if the schedule goes on.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = ["2h"])))]
    pub give_up_after: Option<String>,
    /// Who gets the event instead, and when.
    #[serde(default)]
    pub fallback: Option<FallbackSettings>,
    /// How an access token is had that goes along as `authorization: Bearer …`. Presets of vendors that want one ask
    /// for it under `with`.
    #[serde(default)]
    pub oauth: Option<OauthSettings>,
    /// Headers to add, for instance `authorization: "Bearer ${env:CRM_TOKEN}"`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub headers: BTreeMap<String, Masked>,
    /// What the body looks like.
    #[serde(default)]
    pub payload: Payload,
}

/// How events are gathered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GatherSettings {
    /// So many at most. Without it: as many as the vendor takes.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 2, max = 1000)))]
    pub max: Option<u32>,
    /// So long the first one waits for others, at most 30 s (1 s).
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = ["2s"])))]
    pub wait: Option<String>,
}

/// A secret on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetiringSettings {
    /// `whsec_…` or `whsk_…`; best as `${file:PATH}`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub secret: Masked,
    /// Until when it signs, such as `2026-12-01T00:00:00Z`.
    pub until: String,
}

/// The fallback of a destination.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FallbackSettings {
    /// Another destination of the workspace.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub to: String,
    /// How long this destination may fail before the other one takes over.
    #[cfg_attr(test, schemars(extend("examples" = ["15m"])))]
    pub after: String,
}

/// What a destination says to its preset; holds tokens, so it is never printed.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct WithValues(pub(super) BTreeMap<String, serde_json::Value>);

impl fmt::Debug for WithValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A way to reach a person that needs consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub enum ConsentChannel {
    Email,
    Phone,
}

impl ConsentChannel {
    /// The word of consents and of contact data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// What the body looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
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
