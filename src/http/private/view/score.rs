//! A score with its lines, each by name.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::OpenView;
use crate::decide::{Because, Configuration};
use crate::domain::{Expected, Qualification, ScoreLine};
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
    /// The letter of fit and the digit of engagement, where the configuration grades.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
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
    /// What the lead is worth on average, where the configuration says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_value: Option<ExpectedView>,
}

/// What a lead is worth on average: `value` = `chance` times `deal`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpectedView {
    /// In whole units, rounded down.
    pub value: u32,
    #[schema(example = "EUR")]
    pub currency: String,
    /// The segment whose deals it was judged by.
    pub segment: String,
    /// How many such leads are won, 0 to 1.
    pub chance: f64,
    /// What a deal brings.
    pub deal: u32,
}

impl ExpectedView {
    fn of(expected: &Expected) -> Self {
        Self {
            value: expected.value(),
            currency: expected.currency.to_string(),
            segment: expected.segment.to_string(),
            chance: fraction(expected.chance),
            deal: expected.deal,
        }
    }
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
    /// A person answered it, not the form.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_person: bool,
    /// The fields it was judged by, and what stands there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<FactView>,
    /// Of engagement: when the points have gone, or half of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<String>,
}

/// A field by which a line was judged.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactView {
    #[schema(example = "need.timeline")]
    pub field: String,
    /// Left out where it might name somebody and the operation shows nothing of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl QualificationView {
    /// By the names of `configuration`, if `made_by` is its hash; `because` of each line, if it is known. `names_nobody`
    /// leaves values out that might.
    pub fn of(
        judged: &Qualification,
        made_by: &str,
        configuration: &Configuration,
        because: &[Because],
        names_nobody: bool,
    ) -> Self {
        let ours = Some(configuration).filter(|configuration| configuration.hash == made_by);
        let none = Because::default();
        let lines = judged.lines.iter().enumerate().map(|(index, line)| {
            LineView::of(line, ours, because.get(index).unwrap_or(&none), names_nobody)
        });
        Self {
            score: points(judged.score),
            lines: lines.collect(),
            floor: points(judged.floor),
            completeness: fraction(judged.completeness),
            category: judged.category.as_str(),
            grade: judged.grade.clone(),
            ask: judged.ask,
            open: judged.open.iter().map(|name| OpenView::of(name, ours)).collect(),
            ineligible: judged.ineligible.as_ref().map(ToString::to_string),
            errors: judged.errors.iter().map(ToString::to_string).collect(),
            expected_value: judged.expected.as_ref().map(ExpectedView::of),
        }
    }
}

impl LineView {
    fn of(
        line: &ScoreLine,
        ours: Option<&Configuration>,
        because: &Because,
        names_nobody: bool,
    ) -> Self {
        let facts = because.facts.iter().map(|fact| FactView {
            field: fact.field.clone(),
            value: (fact.is_plain || !names_nobody).then(|| fact.value.clone()),
        });
        let text = ours.and_then(|ours| ours.qualifier.line(line.line));
        Self {
            criterion: text.map_or_else(|| format!("#{}", line.line), |text| text.name.to_string()),
            group: line.group.as_str(),
            text: text.map(|text| text.text.clone()),
            answer: line.answer.as_str(),
            points: points(line.points),
            by_person: line.by_person,
            because: facts.collect(),
            until: line.until.map(|until| until.to_string()),
        }
    }
}

/// Per mille as a fraction of one.
pub fn fraction(per_mille: u16) -> f64 {
    f64::from(per_mille) / 1000.0
}
