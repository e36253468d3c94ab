//! `qualification.yaml` as written: what counts, how much, and what the words mean.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::more_settings::{
    EngagementSettings, ExpectedValueSettings, GradeSettings, UnresponsiveSettings,
};
use crate::rules::ConditionSource;

/// `qualification.yaml`: what an inquiry is worth and which category follows. All of it is optional but
/// the thresholds, or the grades in their stead.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("anyOf" = [{"required": ["thresholds"]}, {"required": ["grades"]}])))]
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
    /// What the person did, in groups that count less with time.
    #[serde(default)]
    pub engagement: Vec<EngagementSettings>,
    /// From which score on a lead is sold or nurtured. Mandatory without `grades`.
    #[serde(default)]
    pub thresholds: ThresholdSettings,
    /// Instead of thresholds: a letter for fit and a digit for engagement.
    #[serde(default)]
    pub grades: Option<GradeSettings>,
    /// What a lead is worth on average.
    #[serde(default)]
    pub expected_value: Option<ExpectedValueSettings>,
    /// What becomes of people who do not answer.
    #[serde(default)]
    pub unresponsive: UnresponsiveSettings,
    /// The least and the most points a group may give.
    #[serde(default)]
    pub caps: CapsSettings,
}

/// The agreed definitions.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DefinitionsSettings {
    /// Somebody expressed interest; not yet qualified.
    pub inquiry: Option<DefinitionSettings>,
    /// First-level qualified: worth a call.
    pub lead: Option<DefinitionSettings>,
    /// Second-level qualified: sales talked to the person.
    pub prospect: Option<DefinitionSettings>,
}

/// One agreed definition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DefinitionSettings {
    /// The definition, in the words of those who agreed.
    pub text: String,
    /// Who agreed: departments or roles, not persons.
    #[serde(default)]
    pub agreed_by: Vec<String>,
    /// The date of the agreement, such as `2026-03-01`.
    #[serde(default)]
    pub agreed_on: Option<String>,
    /// The date by which it is to be looked at again.
    #[serde(default)]
    pub review_by: Option<String>,
}

/// The four groups of BANT.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CriteriaSettings {
    /// Whether there is money for it.
    pub budget: Vec<LineSettings>,
    /// Whether the person decides, or prepares the decision.
    pub authority: Vec<LineSettings>,
    /// Whether what is offered is what is needed.
    pub need: Vec<LineSettings>,
    /// Whether it is to happen soon.
    pub timeline: Vec<LineSettings>,
}

/// One criterion or named line. `yes` and `when` mean the same; exactly one of them is given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LineSettings {
    /// Shown with the points.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
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
    /// What the answer is worth, with up to three decimals: a number for yes, or `{yes: 20, no: -5}`.
    /// Unknown is never worth anything.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PointsEach {
    /// If the answer is yes.
    #[serde(default)]
    pub yes: f64,
    /// If the answer is no; mostly negative.
    #[serde(default)]
    pub no: f64,
}

/// One rule of the gate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EligibilitySettings {
    /// Shown with the reason.
    #[cfg_attr(test, schemars(with = "crate::domain::Name"))]
    pub name: String,
    /// Matches: not eligible. A missing field excludes nobody.
    pub when: ConditionSource,
    /// Why, for people.
    pub reason: String,
}

/// From which score on a lead is sold or nurtured; below both it is discarded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdSettings {
    /// At least so many points: category `sell`. Mandatory.
    pub sell: Option<f64>,
    /// At least so many points, but fewer than for `sell`: category `nurture`; below it `discard`.
    /// Mandatory.
    pub nurture: Option<f64>,
    /// A lead that is being sold stays so until it has fewer points than this, so that it does not come and
    /// go: between `nurture` and `sell`. Without it: `sell`.
    pub demote: Option<f64>,
    /// When people ask the open questions; never if absent.
    pub ask: Option<AskSettings>,
}

/// When a lead below `sell` is promising but too much of it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskSettings {
    /// Asks only while less than this part (0 to 1) of the wanted criteria is known.
    #[cfg_attr(test, schemars(range(min = 0.0, max = 1.0)))]
    pub completeness_below: f64,
    /// Promising = at least this score. Without it: the best answers to all open questions would
    /// lift the score to `sell`.
    #[serde(default)]
    pub min_score: Option<f64>,
}

/// The bounds of each group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CapsSettings {
    /// Of all criteria of budget together.
    pub budget: CapSettings,
    /// Of all criteria of authority together.
    pub authority: CapSettings,
    /// Of all criteria of need together.
    pub need: CapSettings,
    /// Of all criteria of timeline together.
    pub timeline: CapSettings,
    /// Of all lines about the company together.
    pub company: CapSettings,
    /// Of all lines about the person together.
    pub contact: CapSettings,
    /// Of all lines about the approach together.
    pub approach: CapSettings,
    /// Of all of these groups together.
    pub fit: CapSettings,
    /// Of all groups of engagement together; the least is always 0.
    pub engagement: CapSettings,
}

/// The bounds of one group: `min` at or below zero, `max` at or above it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CapSettings {
    /// The least points; at most 0.
    #[cfg_attr(test, schemars(range(max = 0.0)))]
    pub min: Option<f64>,
    /// The most points; at least 0.
    #[cfg_attr(test, schemars(range(min = 0.0)))]
    pub max: Option<f64>,
}
