//! What a workspace says about one source: `sources/<name>.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{Channel, Field, Name, Status};

use super::secret::Secret;

/// One source's file. Everything but `preset` has a default, most of them the preset's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Which preset describes the vendor: `html-form`, `google-ads-lead-form`, `scanner-batch`, or
    /// one of the deployment's own.
    pub preset: Name,
    /// A disabled source answers like an unknown one.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Where its inquiries come from, if not what the preset says.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Which of the preset's verification schemes to use, if not its default one.
    #[serde(default)]
    pub verify: Option<Name>,
    /// The secrets of that scheme. Several are allowed, for changing them without a gap.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// Origins whose pages may post by script: `https://www.example.com`. Not access control:
    /// others get no CORS header and their inquiries a flag.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Pages a browser may be sent to after a form: whole URLs. A form asks for one of them with its
    /// redirect field.
    #[serde(default)]
    pub pages: Vec<String>,
    /// The page a browser is sent to when the form names none. Need not be listed in `pages`.
    #[serde(default)]
    pub thanks_page: Option<String>,
    /// The page a browser is sent to when something failed, with `?code=` behind it.
    #[serde(default)]
    pub error_page: Option<String>,
    /// Country assumed for phone numbers without one: ISO 3166-1 alpha-2.
    #[serde(default)]
    pub country: Option<String>,
    /// Language assumed: BCP 47.
    #[serde(default)]
    pub language: Option<String>,
    /// IANA time zone of times without one, if not the workspace's or UTC.
    #[serde(default)]
    pub zone: Option<String>,
    /// Which number comes first in dates such as 03/04/2026, if not what the preset says.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// More names of the sender's keys for canonical fields; they go before the preset's.
    #[serde(default)]
    pub fields: BTreeMap<Field, Vec<String>>,
    /// More fields that only a robot fills in.
    #[serde(default)]
    pub honeypots: Vec<String>,
    /// A form sent sooner than this many seconds after the page was loaded gets a flag.
    #[serde(default)]
    pub fill_seconds_min: Option<u32>,
    /// Limits other than the usual ones.
    #[serde(default)]
    pub limits: LimitSettings,
    /// Answers other than the preset's.
    #[serde(default)]
    pub acknowledge: AcknowledgeSettings,
}

/// Which number comes first in a date of three numbers that begins with neither the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year.
    #[default]
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// Limits that a source may set; see [`super::Limits`] for units, defaults and bounds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is documented at the limit it sets")]
pub struct LimitSettings {
    #[serde(default)]
    pub body_bytes: Option<usize>,
    #[serde(default)]
    pub batch_bytes: Option<usize>,
    #[serde(default)]
    pub rows: Option<usize>,
    #[serde(default)]
    pub depth: Option<usize>,
    #[serde(default)]
    pub keys: Option<usize>,
    #[serde(default)]
    pub key_bytes: Option<usize>,
    #[serde(default)]
    pub value_bytes: Option<usize>,
}

/// How a vendor wants to be answered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeSettings {
    /// The answer for every accepted status that `statuses` does not name.
    #[serde(default)]
    pub accepted: Option<Answered>,
    /// The answer for single statuses.
    #[serde(default)]
    pub statuses: BTreeMap<Status, Answered>,
    /// The form of error bodies that no answer above gives.
    #[serde(default)]
    pub errors: Option<ErrorBody>,
}

/// One fixed answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The HTTP status.
    pub http: u16,
    /// The body, as JSON text; absent = the usual one.
    #[serde(default)]
    pub body: Option<String>,
}

/// The form of an error's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorBody {
    /// RFC 9457.
    #[default]
    Problem,
    /// `{"message": "…"}`.
    Message,
}

fn yes() -> bool {
    true
}
