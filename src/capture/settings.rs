//! What a workspace says about one source: `sources/<name>.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{Channel, Field, KnownPerson, Name, Status};

use super::challenge::ChallengeSettings;
use super::confirmation::ConfirmationSettings;
use super::cost::CostSettings;
use super::retrieval::SourceRetrievalSettings;
use super::scheme::SchemeSettings;
use super::secret::Secret;

/// `sources/NAME.yaml`: where inquiries come from; NAME is part of the URL. Everything but `preset` has a
/// default, most of them the preset's.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Which preset describes the vendor: `html-form`, `google-ads-lead-form`, … (`lead-router sources
    /// presets` lists them), or one of the deployment's own.
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
    /// A scheme spelled out, where none of the preset's fits.
    #[serde(default)]
    pub scheme: Option<SchemeSettings>,
    /// The secrets of that scheme, at least 8 characters each; best as `${env:NAME}` or `${file:PATH}`.
    /// Several are allowed, for changing them without a gap.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>", extend("examples" = [["${env:FORM_SECRET}"]])))]
    pub secrets: Vec<Secret>,
    /// Origins whose pages may read the answer by script: `https://www.example.com`, or `*` for all. Not
    /// access control: others get no CORS header and their inquiries a flag.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("examples" = [["https://www.example.com"]])))]
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
    /// What becomes of an inquiry from somebody who is known: `merge` (as without it), `link` (a record of its
    /// own, linked), `allow` (a record of its own, for people to look at), `reject` (noted, and told to
    /// whoever posts with an API key).
    #[serde(default)]
    pub known_person: Option<KnownPerson>,
    /// What each of its inquiries costs: reports count it beside what is spent on the source as a whole.
    #[serde(default)]
    pub cost: Option<CostSettings>,
    /// Country assumed for phone numbers without one: ISO 3166-1 alpha-2. Without it: the workspace's.
    #[serde(default)]
    pub country: Option<String>,
    /// Language assumed: BCP 47. Without it: the workspace's.
    #[serde(default)]
    pub language: Option<String>,
    /// IANA time zone of times without one. Without it: the workspace's.
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
    /// A form sent sooner than this many seconds after the page was loaded gets a flag. Without it: as the
    /// preset says.
    #[serde(default)]
    pub fill_seconds_min: Option<u32>,
    /// The vendor's token, where it posts only references to the data (Meta, LinkedIn, Eventbrite, Cvent): with
    /// it they are fetched. Without it what was posted is kept unread.
    #[serde(default)]
    pub retrieval: Option<SourceRetrievalSettings>,
    /// A widget on the form's page that tells people from robots.
    #[serde(default)]
    pub challenge: Option<ChallengeSettings>,
    /// Double opt-in: its inquiries wait until the person confirms the address by a link in a mail.
    #[serde(default)]
    pub confirmation: Option<ConfirmationSettings>,
    /// How often may be posted.
    #[serde(default)]
    pub rates: RateSettings,
    /// Limits other than the usual ones.
    #[serde(default)]
    pub limits: LimitSettings,
    /// Answers other than the preset's.
    #[serde(default)]
    pub acknowledge: AcknowledgeSettings,
}

impl SourceSettings {
    /// A source that says nothing but its preset and how it proves itself: for trying bodies out.
    #[must_use]
    pub fn trial(preset: Name, scheme: SchemeSettings) -> Self {
        Self {
            preset,
            scheme: Some(scheme),
            enabled: true,
            channel: None,
            known_person: None,
            cost: None,
            verify: None,
            secrets: Vec::new(),
            origins: Vec::new(),
            pages: Vec::new(),
            thanks_page: None,
            error_page: None,
            country: None,
            language: None,
            zone: None,
            date_order: None,
            fields: BTreeMap::new(),
            honeypots: Vec::new(),
            fill_seconds_min: None,
            retrieval: None,
            challenge: None,
            confirmation: None,
            rates: RateSettings::default(),
            limits: LimitSettings::default(),
            acknowledge: AcknowledgeSettings::default(),
        }
    }
}

/// Which number comes first in a date of three numbers that does not begin with the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year.
    #[default]
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// Limits of what one source may send at once. Checked before and while decoding.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Bytes of a single body.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 4_194_304), extend("default" = 262_144)))]
    pub body_bytes: Option<usize>,
    /// Bytes of a batch.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 67_108_864), extend("default" = 8_388_608)))]
    pub batch_bytes: Option<usize>,
    /// Rows of a batch.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 5000), extend("default" = 5000)))]
    pub rows: Option<usize>,
    /// Levels of nesting.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 64), extend("default" = 32)))]
    pub depth: Option<usize>,
    /// Keys (and list items) of one inquiry.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 2000), extend("default" = 500)))]
    pub keys: Option<usize>,
    /// Bytes of a key; longer ones are cut.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 200), extend("default" = 200)))]
    pub key_bytes: Option<usize>,
    /// Bytes of a value; longer ones are cut, and the inquiry gets a flag.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = 65_536), extend("default" = 16_384)))]
    pub value_bytes: Option<usize>,
}

/// How often may be posted, over all replicas. Who comes too often is answered 429. Callers with an API key are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateSettings {
    /// Posts of one network address in a minute; of IPv6, of one network of 64 bits.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub address_per_minute: Option<u32>,
    /// Posts to the source in a minute.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub source_per_minute: Option<u32>,
    /// Inquiries with one e-mail address in an hour.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub person_per_hour: Option<u32>,
}

/// How a vendor wants to be answered.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The HTTP status.
    #[cfg_attr(test, schemars(range(min = 200, max = 599)))]
    pub http: u16,
    /// The body, as JSON text; absent = the usual one.
    #[serde(default)]
    pub body: Option<String>,
}

/// The form of an error's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
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
