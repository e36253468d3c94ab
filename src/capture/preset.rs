//! Presets: what one vendor's posts look like, as data. A new vendor is a new YAML file, no Rust.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{Channel, Field, Name, SettingProblem, Tier};

use super::request::Method;
use super::settings::{AcknowledgeSettings, DateOrder};
use super::setup::SampleSettings;

/// The presets shipped in the binary.
#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "config/presets/sources"]
struct Shipped;

/// All presets a workspace's sources may name.
#[derive(Debug, Clone, Default)]
pub struct Presets(BTreeMap<Name, PresetSettings>);

impl Presets {
    /// The shipped ones.
    ///
    /// # Errors
    /// If one of the shipped files is broken; a test keeps that from happening.
    pub fn shipped() -> Result<Self, Vec<SettingProblem>> {
        let mut presets = Self::default();
        let mut problems = Vec::new();
        for file in Shipped::iter() {
            let Some(content) = Shipped::get(&file) else { continue };
            let name = file.trim_end_matches(".yaml");
            let loaded = std::str::from_utf8(&content.data)
                .map_err(|error| error.to_string())
                .and_then(|text| serde_saphyr::from_str(text).map_err(|error| error.to_string()));
            match (Name::parse(name), loaded) {
                (Ok(name), Ok(preset)) => {
                    let _ = presets.0.insert(name, preset);
                }
                (Err(error), _) => problems.push(SettingProblem::new(name, error.to_string())),
                (_, Err(error)) => problems.push(SettingProblem::new(name, error)),
            }
        }
        if problems.is_empty() { Ok(presets) } else { Err(problems) }
    }

    /// The file names and bytes of the shipped presets: part of what a configuration's hash covers.
    pub fn shipped_files() -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = Shipped::iter()
            .filter_map(|file| Some((file.to_string(), Shipped::get(&file)?.data.into_owned())))
            .collect();
        files.sort();
        files
    }

    /// Adds a deployment's own preset, or replaces a shipped one of that name.
    pub fn overlay(&mut self, name: Name, preset: PresetSettings) {
        let _ = self.0.insert(name, preset);
    }

    /// The names there are.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.keys()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &PresetSettings)> {
        self.0.iter()
    }

    /// The one named so.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&PresetSettings> {
        self.0.get(name)
    }
}

/// `presets/sources/NAME.yaml`: what one vendor's posts look like. Paths name places in the decoded body by their keys joined with `.`, exactly as
/// sent; the names of fields, consents and attribution are compared in their normal form (lower case,
/// no accents, `_` for everything but letters and digits), over the whole path or, behind one of the
/// `wrappers`, the rest of it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PresetSettings {
    /// What people call it.
    pub title: String,
    /// How well it is known to fit.
    #[serde(default)]
    pub tier: Tier,
    /// One line: what it takes.
    #[serde(default)]
    pub summary: String,
    /// What to do at the vendor's side when the source proves itself in the default way: lines in which
    /// `{url}`, `{batch_url}` and `{secret}` are filled in.
    #[serde(default)]
    pub setup: String,
    /// A post as the vendor makes it.
    #[serde(default)]
    pub sample: Option<SampleSettings>,
    /// The channel of its sources, unless they say otherwise.
    pub channel: Channel,
    /// The HTTP methods it posts with.
    #[serde(default = "post")]
    pub methods: Vec<Method>,
    /// How a single body may be encoded; the first one is taken if there is no content type.
    #[serde(default)]
    pub single: Vec<Decoding>,
    /// How a batch may be encoded.
    #[serde(default)]
    pub batch: Vec<Decoding>,
    /// Content types beyond the usual ones of each decoding.
    #[serde(default)]
    pub content_types: BTreeMap<String, Decoding>,
    /// How it proves that it is itself.
    pub verification: VerificationSettings,
    /// Keys that only hold others (`fields`, `data`): left out of names.
    #[serde(default)]
    pub wrappers: Vec<String>,
    /// Lists of name and value.
    #[serde(default)]
    pub lists: Vec<ListSettings>,
    /// Paths of the sender's id of the event; the first that is there counts.
    #[serde(default)]
    pub event_id: Vec<String>,
    /// Paths of a flag that marks test data.
    #[serde(default)]
    pub is_test: Vec<String>,
    /// When it happened.
    #[serde(default)]
    pub occurred_at: TimeSettings,
    /// Paths of the page to show next.
    #[serde(default)]
    pub thanks_page: Vec<String>,
    /// Paths of the time the page was loaded: Unix milliseconds, or milliseconds before the post.
    #[serde(default)]
    pub started_at: Vec<String>,
    /// Sooner than this after `started_at` is flagged.
    #[serde(default)]
    pub fill_seconds_min: u32,
    /// Paths of fields that only a robot fills in.
    #[serde(default)]
    pub honeypots: Vec<String>,
    /// The names of canonical fields, the best first.
    #[serde(default)]
    pub fields: BTreeMap<Field, Vec<String>>,
    /// The names of attribution values.
    #[serde(default)]
    pub attribution: BTreeMap<String, Vec<String>>,
    /// Names that begin so are attribution, under their own (normal) name.
    #[serde(default)]
    pub attribution_prefixes: Vec<String>,
    /// Statements about consent.
    #[serde(default)]
    pub consents: Vec<ConsentSettings>,
    /// What is no answer of a person.
    #[serde(default)]
    pub technical: TechnicalSettings,
    /// Paths whose values are secrets: removed before anything is kept or shown.
    #[serde(default)]
    pub redact: Vec<String>,
    /// How it wants to be answered.
    #[serde(default)]
    pub acknowledge: AcknowledgeSettings,
}

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decoding {
    /// `application/x-www-form-urlencoded`, with bracket keys and repeated keys.
    Urlencoded,
    /// `multipart/form-data`; files are reduced to their names.
    Multipart,
    /// One JSON value; in a batch an array of them.
    Json,
    /// One JSON value per line.
    Ndjson,
    /// A table with a header line: `,` `;` tab or `|`, UTF-8, UTF-16 or Latin-1.
    Csv,
}

/// The verification schemes a source may choose from.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerificationSettings {
    /// The one used if the source names none.
    pub default: Name,
    /// All of them.
    pub schemes: BTreeMap<Name, SchemeSettings>,
}

/// One verification scheme. Each but `none` needs at least one secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SchemeSettings {
    /// A public form: everybody may post.
    None,
    /// A static key in one of these headers or query parameters, or behind the source in the path.
    Key {
        /// Names of headers; `authorization` takes `Bearer KEY`.
        #[serde(default)]
        headers: Vec<String>,
        /// Names of query parameters.
        #[serde(default)]
        query: Vec<String>,
        /// Whether the path may hold it.
        #[serde(default)]
        path: bool,
    },
    /// A static key inside the body, at this path; in a batch in every row.
    KeyInBody {
        /// Its path in the body.
        at: String,
    },
    /// Standard Webhooks v1: HMAC-SHA-256 over id, timestamp and raw body; secrets as `whsec_…`.
    StandardWebhooks,
}

/// A list of objects that each hold a name and a value.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListSettings {
    /// The list's path.
    pub at: String,
    /// Keys of the name; the first that is not empty counts.
    pub name: Vec<String>,
    /// Keys of the value.
    pub value: Vec<String>,
}

/// When it happened, as the sender states it.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeSettings {
    /// Names of a whole time (or of a date, if `times` names the rest).
    #[serde(default)]
    pub keys: Vec<String>,
    /// Names of a time of day that goes with a date.
    #[serde(default)]
    pub times: Vec<String>,
    /// Names of the zone (IANA name or offset) of both.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Which number comes first in 03/04/2026.
    #[serde(default)]
    pub order: DateOrder,
}

/// A statement about consent.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsentSettings {
    /// What for.
    pub purpose: String,
    /// By which means.
    pub channel: String,
    /// Names of the statement. What means no (`no`, `false`, `0`, …) withdraws, an empty value says
    /// nothing, everything else grants.
    pub keys: Vec<String>,
    /// Names of the words shown to the person.
    #[serde(default)]
    pub text: Vec<String>,
}

/// What is no answer of a person: not kept, not part of an inquiry's content.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TechnicalSettings {
    /// Keys that begin so, as sent.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Names, in normal form.
    #[serde(default)]
    pub keys: Vec<String>,
}

fn post() -> Vec<Method> {
    vec![Method::Post]
}
