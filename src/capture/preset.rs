//! Presets: what one vendor's posts look like, as data. A new vendor is a new YAML file, no Rust.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{Channel, Field, Name, PresetsOf, SettingProblem, Tier, embedded_files};

use super::extend::extended;
use super::request::Method;
use super::retrieval::{ReferenceSettings, RetrievalSettings};
use super::scheme::{HandshakeSettings, VerificationSettings};
use super::settings::{AcknowledgeSettings, DateOrder};
use super::setup::SampleSettings;

/// The presets shipped in the binary.
#[derive(Debug, rust_embed::RustEmbed)]
#[folder = "config/presets/sources"]
struct Shipped;

/// All presets a workspace's sources may name.
pub type Presets = PresetsOf<PresetSettings>;

impl Presets {
    /// The shipped ones.
    ///
    /// # Errors
    /// If one of the shipped files is broken; a test keeps that from happening.
    pub fn shipped() -> Result<Self, Vec<SettingProblem>> {
        Self::embedded::<Shipped>()
    }

    /// The one named so, with everything it extends.
    pub(super) fn resolved(&self, name: &str) -> Option<PresetSettings> {
        let own = self.get(name)?;
        match &own.extends {
            Some(base) => Some(extended(own, self.get(base.as_str())?)),
            None => Some(own.clone()),
        }
    }

    /// The names and bytes of the shipped ones' files.
    #[must_use]
    pub fn shipped_files() -> Vec<(String, Vec<u8>)> {
        embedded_files::<Shipped>()
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
    /// A preset whose names, lists, consents and technical values also count, after this one's own.
    #[serde(default)]
    pub extends: Option<Name>,
    /// The page of the docs that it belongs on.
    #[serde(default)]
    pub family: Family,
    /// How well it is known to fit.
    #[serde(default)]
    pub tier: Tier,
    /// One line: what it takes.
    #[serde(default)]
    pub summary: String,
    /// What to do at the vendor's side when the source proves itself in the default way: lines in which
    /// `{url}`, `{batch_url}`, `{script}`, `{secret}` and the handshake's `{token}` are filled in.
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
    /// How it asks whether it has the right address, if it does.
    #[serde(default)]
    pub handshake: Option<HandshakeSettings>,
    /// Lists of which each item is an inquiry of its own, from the outside inwards (`entry`,
    /// `entry.changes`; `.` = the body itself). What stands beside a list goes with each of its items.
    #[serde(default)]
    pub each: Vec<String>,
    /// Values that hold another document: its keys stand in the body as if they had been sent there.
    #[serde(default)]
    pub embedded: Vec<EmbeddedSettings>,
    /// Whether values may hold a business card (vCard, MECARD, BIZCARD), as badge codes do.
    #[serde(default)]
    pub cards: bool,
    /// What stands before people's own names in keys, `#` for digits: `q#_`.
    #[serde(default)]
    pub strip: Vec<String>,
    /// A key that holds others means the same whatever holds it: `q3_visitor.first` counts as `first`.
    #[serde(default)]
    pub anywhere: bool,
    /// Without an e-mail address by name, the first answer that looks like one counts.
    #[serde(default)]
    pub find_email: bool,
    /// Keys that only hold others (`fields`, `data`): left out of names.
    #[serde(default)]
    pub wrappers: Vec<String>,
    /// Lists of name and value.
    #[serde(default)]
    pub lists: Vec<ListSettings>,
    /// Paths of the sender's id of the event; the first that is there counts. `a+b` takes both together.
    #[serde(default)]
    pub event_id: Vec<String>,
    /// Paths of a flag that marks test data.
    #[serde(default)]
    pub is_test: Vec<String>,
    /// Texts that mark test data wherever they stand in a value.
    #[serde(default)]
    pub test_values: Vec<String>,
    /// Paths whose values mark test data.
    #[serde(default)]
    pub test_when: BTreeMap<String, Vec<String>>,
    /// Paths whose values say that it is no inquiry (a cancellation, a half-filled form): kept among the
    /// filtered.
    #[serde(default)]
    pub filtered_when: BTreeMap<String, Vec<String>>,
    /// Paths whose values say that what was sent earlier is to be forgotten. Carried out where it is signed and says by
    /// `erasure_of` which event it is about; else kept where people see it.
    #[serde(default)]
    pub erasure_when: BTreeMap<String, Vec<String>>,
    /// With `erasure_when`: where the id stands by which the event came, or would have.
    #[serde(default)]
    pub erasure_of: Option<ReferenceSettings>,
    /// How the data are fetched, where it posts only a reference to them.
    #[serde(default)]
    pub retrieval: Option<RetrievalSettings>,
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
    /// Exact paths that mean one thing whatever their names say: a field (`contact.full_name`),
    /// `attribution.NAME`, or `answer` to keep what would be taken for something else.
    #[serde(default)]
    pub places: BTreeMap<String, String>,
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
    /// XML, also if it is not well formed. An attribute is the key `@name`, text beside others `#text`.
    Xml,
    /// Business cards: vCard 2.1 to 4.0, MECARD, BIZCARD.
    Card,
}

/// The page of the docs that a preset belongs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Ad platforms.
    Ads,
    /// Forms: builders, plugins, pages.
    Forms,
    /// Trade shows and events.
    Events,
    /// Everything that sends webhooks or files.
    #[default]
    General,
}

/// A value that holds another document.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmbeddedSettings {
    /// Its path.
    pub at: String,
    /// What it holds: `json` or `xml`.
    #[serde(rename = "as")]
    pub decoding: Decoding,
}

/// A list of objects that each hold a name and a value. What else an item holds is an answer of its own, under the item's name
/// and its own, unless it is named here.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListSettings {
    /// The list's path; `*` stands for any key. A single object there is a list of one.
    pub at: String,
    /// It is an object whose members are the items; `@key` is then an item's key.
    #[serde(default)]
    pub keyed: bool,
    /// Paths of the name inside an item; the first that is not empty counts.
    pub name: Vec<String>,
    /// Paths of the value inside an item.
    pub value: Vec<String>,
    /// Where an item only holds the id of its name.
    #[serde(default)]
    pub labels: Option<LabelSettings>,
    /// Where a value only holds ids of options.
    #[serde(default)]
    pub options: Option<OptionSettings>,
    /// A key that goes before the name: `phone`, `fax` → `phone_fax`.
    #[serde(default)]
    pub under: Option<String>,
    /// The name of an item without one.
    #[serde(default)]
    pub unnamed: Option<String>,
    /// The path of an item's kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// The path of another name inside an item (`@key` too) that counts where the first says nothing.
    #[serde(default)]
    pub also: Option<String>,
    /// The name that an item of a kind counts under where its own says nothing; `honeypot` = only a robot
    /// fills it in.
    #[serde(default)]
    pub kinds: BTreeMap<String, String>,
    /// Keys of an item that are the vendor's own (ids, positions): not kept.
    #[serde(default)]
    pub besides: Vec<String>,
}

impl ListSettings {
    /// Whether a key of an item is spoken for: by the path of what it says, or as the vendor's own.
    pub(super) fn names(&self, key: &str) -> bool {
        let labels = self.labels.iter().map(|labels| &labels.by);
        let options = self.options.iter().map(|options| &options.at);
        let named = self.name.iter().chain(&self.value).chain(&self.kind).chain(&self.also);
        let begins = |path: &String| path.split('.').next() == Some(key);
        named.chain(labels).chain(options).chain(&self.besides).any(begins)
    }
}

/// A list elsewhere in the body that names the items of this one.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelSettings {
    /// Its path.
    pub at: String,
    /// The path of the id in an item of that list.
    pub id: String,
    /// The path of the name in an item of that list.
    pub label: String,
    /// The path of the id in an item of this list.
    pub by: String,
}

/// The options of an item, inside the item.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OptionSettings {
    /// Their path in the item.
    pub at: String,
    /// The path of the id in an option.
    pub id: String,
    /// The path of the text in an option.
    pub text: String,
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
    /// The zone of times that name none, where the vendor always means the same one.
    #[serde(default)]
    pub zone: Option<String>,
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
    /// Paths at or below which nothing is an answer: the same said again, links back, the vendor's own.
    #[serde(default)]
    pub under: Vec<String>,
}

fn post() -> Vec<Method> {
    vec![Method::Post]
}
