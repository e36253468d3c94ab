//! A score with its lines, each by name.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::decide::Configuration;
use crate::domain::{Qualification, ScoreLine};
use crate::http::public::points;

/// What qualification concluded.
#[derive(Debug, Serialize, ToSchema)]
pub struct QualificationView {
    /// The sum of the lines, and of `floor`.
    #[schema(value_type = f64)]
    pub score: Value,
    pub lines: Vec<LineView>,
    /// Points that lift a negative sum to zero.
    #[schema(value_type = f64)]
    pub floor: Value,
    /// How much of what is wanted is known, 0 to 1.
    pub completeness: f64,
    #[schema(example = "sell")]
    pub category: &'static str,
    /// Promising, but people should ask.
    pub ask: bool,
    /// What is still unknown, in the order to ask, with the question if there is one.
    pub open: Vec<OpenView>,
    /// The eligibility rule that excluded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ineligible: Option<String>,
    /// Criteria and rules that could not be evaluated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

/// Something unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenView {
    pub criterion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
}

/// One line of a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineView {
    /// Its name; `#7` if the configuration it was made by is not known any more.
    pub criterion: String,
    #[schema(example = "budget")]
    pub group: &'static str,
    /// In words, as the configuration says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `yes`, `no` or `unknown`.
    pub answer: &'static str,
    #[schema(value_type = f64)]
    pub points: Value,
}

impl QualificationView {
    /// By the names of `configuration`, if `made_by` is its hash.
    pub fn of(judged: &Qualification, made_by: &str, configuration: &Configuration) -> Self {
        let ours = Some(configuration).filter(|configuration| configuration.hash == made_by);
        let question = |name| ours.and_then(|ours| ours.qualifier.question(name));
        let open = judged.open.iter().map(|name| OpenView {
            criterion: name.to_string(),
            question: question(name).map(str::to_owned),
        });
        Self {
            score: points(judged.score),
            lines: judged.lines.iter().map(|line| LineView::of(line, ours)).collect(),
            floor: points(judged.floor),
            completeness: fraction(judged.completeness),
            category: judged.category.as_str(),
            ask: judged.ask,
            open: open.collect(),
            ineligible: judged.ineligible.as_ref().map(ToString::to_string),
            errors: judged.errors.iter().map(ToString::to_string).collect(),
        }
    }
}

impl LineView {
    fn of(line: &ScoreLine, ours: Option<&Configuration>) -> Self {
        let text = ours.and_then(|ours| ours.qualifier.line(line.line));
        Self {
            criterion: text.map_or_else(|| format!("#{}", line.line), |text| text.name.to_string()),
            group: line.group.as_str(),
            text: text.map(|text| text.text.clone()),
            answer: line.answer.as_str(),
            points: points(line.points),
        }
    }
}

/// Per mille as a fraction of one.
pub fn fraction(per_mille: u16) -> f64 {
    f64::from(per_mille) / 1000.0
}
