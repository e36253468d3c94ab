//! The rest of `qualification.yaml` as written: engagement, grades, expected value, people whom nobody reaches.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IntoDeserializer as _, SeqAccess, Visitor};

use crate::domain::{Currency, EngagementKind, Period};
use crate::rules::ConditionSource;

/// One group of engagement: what the person did, counted less with time. Either `half_life` or `window`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EngagementSettings {
    /// For messages; not used again in this file.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub name: String,
    /// After so long an event counts half, after twice as long a quarter.
    #[serde(default)]
    pub half_life: Option<Period>,
    /// An event counts in full so long, then not at all.
    #[serde(default)]
    pub window: Option<Period>,
    /// The most points the group may give. The least is always 0.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 0.0)))]
    pub max: Option<f64>,
    /// What counts. An event may count in several lines.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub lines: Vec<EngagementLineSettings>,
}

/// One line of engagement.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EngagementLineSettings {
    /// Shown with the points.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub name: String,
    /// What it means, in words; the name if absent.
    #[serde(default)]
    pub text: Option<String>,
    /// Counts engagements of this kind, or of these; without it, inquiries.
    #[serde(default)]
    pub kind: KindSettings,
    /// Which events count: inquiries by `source` and `channel`, engagements by `engagement.page` and
    /// `engagement.campaign`; all of them if absent.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    /// What each such event is worth while it is new, with up to three decimals; below zero for what speaks
    /// against interest.
    pub points: f64,
}

/// One kind of engagement, or several.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KindSettings(pub Vec<EngagementKind>);

impl<'de> Deserialize<'de> for KindSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

/// Not an untagged enum: those forget where and what the mistake was.
struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = KindSettings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kind of engagement, or a list of kinds")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<KindSettings, E> {
        let kind = EngagementKind::deserialize(text.into_deserializer())?;
        Ok(KindSettings(vec![kind]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<KindSettings, A::Error> {
        let mut kinds = Vec::new();
        while let Some(kind) = seq.next_element()? {
            kinds.push(kind);
        }
        Ok(KindSettings(kinds))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for KindSettings {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KindSettings".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let kind = generator.subschema_for::<EngagementKind>();
        schemars::json_schema!({"anyOf": [kind, {"type": "array", "items": kind, "minItems": 1}]})
    }
}

/// Fit as a letter and engagement as a digit, instead of one sum: the category follows from the cell, and the
/// thresholds do not count.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GradeSettings {
    /// Falling points: A from the first on, B from the second; below the last the next letter. At most five.
    #[cfg_attr(test, schemars(length(min = 1, max = 5)))]
    pub fit: Vec<f64>,
    /// The same for 1, 2, 3 …
    #[cfg_attr(test, schemars(length(min = 1, max = 5)))]
    pub engagement: Vec<f64>,
    /// Cells that are sold, such as `[A1, A2, B1]`.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub sell: Vec<String>,
    /// Cells that are nurtured; the rest is discarded.
    #[serde(default)]
    pub nurture: Vec<String>,
    /// Cells in which a lead that is being sold stays so, so that it does not come and go.
    #[serde(default)]
    pub keep: Vec<String>,
}

/// What a lead is worth on average: how often leads of such a score are won, times what a deal brings in their
/// segment. `routing.yaml` says what goes by it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExpectedValueSettings {
    /// Of all amounts: three letters, such as `EUR`.
    #[cfg_attr(test, schemars(with = "String", extend("pattern" = "^[A-Za-z]{3}$")))]
    pub currency: Currency,
    /// The first that matches; the last one may take everybody. Who is in none has no expected value.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub segments: Vec<SegmentSettings>,
    /// How often leads are won, by score, for segments that do not say.
    #[serde(default)]
    pub chances: Vec<ChanceSettings>,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SegmentSettings {
    /// Shown with the value.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub name: String,
    /// For whom; absent = for everybody.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    /// What a deal brings, in whole units of the currency.
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub deal: u32,
    /// How often leads of this segment are won, by score.
    #[serde(default)]
    pub chances: Option<Vec<ChanceSettings>>,
}

/// How often leads from a score on are won; below the last one never.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChanceSettings {
    /// From this score on; the highest first.
    pub from: f64,
    /// So many of a hundred are won, with one decimal at most.
    #[cfg_attr(test, schemars(range(min = 0.0, max = 100.0)))]
    pub percent: f64,
}

/// What becomes of people who do not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UnresponsiveSettings {
    /// How long to wait before the next try; between `1m` and `90d`.
    pub after: Period,
    /// After so many tries in vain the lead is recycled: nurture keeps it warm. 1 to 50.
    #[cfg_attr(test, schemars(range(min = 1, max = 50)))]
    pub max: u32,
}

impl Default for UnresponsiveSettings {
    fn default() -> Self {
        Self { after: Period(std::time::Duration::from_hours(24)), max: 3 }
    }
}
