//! `qualification.yaml` as written: what counts, how much, and what the words mean.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::rules::ConditionSource;

/// The whole file. All of it is optional but the thresholds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the business agreed to call an inquiry, a lead and a prospect.
    #[serde(default)]
    pub definitions: DefinitionsSettings,
    /// Criteria of first-level qualification, by group.
    #[serde(default)]
    pub criteria: CriteriaSettings,
    /// Lines about the company.
    #[serde(default)]
    pub company: Vec<LineSettings>,
    /// Lines about the person.
    #[serde(default)]
    pub contact: Vec<LineSettings>,
    /// Lines about the approach: consent, who referred them, whether they can be reached.
    #[serde(default)]
    pub approach: Vec<LineSettings>,
    /// The gate: whoever matches one of these is discarded whatever the score.
    #[serde(default)]
    pub eligibility: Vec<EligibilitySettings>,
    pub thresholds: ThresholdSettings,
    /// The least and the most points a group may give.
    #[serde(default)]
    pub caps: CapsSettings,
}

/// The agreed definitions.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DefinitionsSettings {
    pub inquiry: Option<DefinitionSettings>,
    pub lead: Option<DefinitionSettings>,
    pub prospect: Option<DefinitionSettings>,
}

/// One agreed definition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefinitionSettings {
    pub text: String,
    /// Who agreed: departments or roles, not persons.
    #[serde(default)]
    pub agreed_by: Vec<String>,
    /// A date, `2026-03-01`.
    #[serde(default)]
    pub agreed_on: Option<String>,
    /// The date by which it is to be looked at again.
    #[serde(default)]
    pub review_by: Option<String>,
}

/// The four groups of BANT.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CriteriaSettings {
    pub budget: Vec<LineSettings>,
    pub authority: Vec<LineSettings>,
    pub need: Vec<LineSettings>,
    pub timeline: Vec<LineSettings>,
}

/// One criterion or named line. `yes` and `when` mean the same; exactly one of them is given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSettings {
    pub name: String,
    /// What it means, in words; the name if absent.
    #[serde(default)]
    pub text: Option<String>,
    /// Matches: the answer is yes.
    #[serde(default)]
    pub yes: Option<ConditionSource>,
    /// Another word for `yes`.
    #[serde(default)]
    pub when: Option<ConditionSource>,
    /// Matches: the answer is no. Without it, the answer is no when `yes` says no match; with it,
    /// what lies between the two stays unknown.
    #[serde(default)]
    pub no: Option<ConditionSource>,
    pub points: PointsSettings,
    /// The question that a person would ask to find out.
    #[serde(default)]
    pub ask: Option<String>,
    /// Whether it counts for completeness: criteria do unless they say no, other lines do not unless they say so.
    #[serde(default)]
    pub wanted: Option<bool>,
}

/// Points with up to three decimals: one number for yes, or `{yes: 25, no: -5}`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PointsSettings {
    Yes(f64),
    Each(PointsEach),
}

impl<'de> Deserialize<'de> for PointsSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PointsVisitor)
    }
}

/// Not an untagged enum: those forget where and what the mistake was.
struct PointsVisitor;

impl<'de> Visitor<'de> for PointsVisitor {
    type Value = PointsSettings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("points such as 25, or a mapping such as {yes: 25, no: -5}")
    }

    #[expect(clippy::cast_precision_loss, reason = "what is not exact lies far over the limit")]
    fn visit_i64<E: de::Error>(self, points: i64) -> Result<PointsSettings, E> {
        Ok(PointsSettings::Yes(points as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "what is not exact lies far over the limit")]
    fn visit_u64<E: de::Error>(self, points: u64) -> Result<PointsSettings, E> {
        Ok(PointsSettings::Yes(points as f64))
    }

    fn visit_f64<E: de::Error>(self, points: f64) -> Result<PointsSettings, E> {
        Ok(PointsSettings::Yes(points))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PointsSettings, A::Error> {
        let each = PointsEach::deserialize(MapAccessDeserializer::new(map))?;
        Ok(PointsSettings::Each(each))
    }
}

/// Points for each answer. Unknown never has any.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsEach {
    #[serde(default)]
    pub yes: f64,
    #[serde(default)]
    pub no: f64,
}

/// One rule of the gate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilitySettings {
    pub name: String,
    /// Matches: not eligible. A missing field excludes nobody.
    pub when: ConditionSource,
    /// Why, for people.
    pub reason: String,
}

/// From which score on a lead is sold or nurtured; below both it is discarded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdSettings {
    pub sell: Option<f64>,
    pub nurture: Option<f64>,
    /// When people ask the open questions; never if absent.
    pub ask: Option<AskSettings>,
}

/// When a lead below `sell` is promising but too much of it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskSettings {
    /// Asks only while less than this part (0 to 1) of the wanted criteria is known.
    pub completeness_below: f64,
    /// Promising = at least this score. Without it: the best answers to all open questions would
    /// lift the score to `sell`.
    #[serde(default)]
    pub min_score: Option<f64>,
}

/// The bounds of each group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapsSettings {
    pub budget: CapSettings,
    pub authority: CapSettings,
    pub need: CapSettings,
    pub timeline: CapSettings,
    pub company: CapSettings,
    pub contact: CapSettings,
    pub approach: CapSettings,
}

/// The bounds of one group: `min` at or below zero, `max` at or above it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    pub min: Option<f64>,
    pub max: Option<f64>,
}
