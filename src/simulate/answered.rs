//! What people found out about a given lead.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::given::Text;
use super::world::Business;
use crate::decide::Answers;
use crate::domain::{Field, Found, Known3, Name, SettingProblem};

/// Answers of people: they stand above what the inquiry says, and decide the lead at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Answered {
    /// By criterion: `yes`, `no`, `unknown`.
    pub criteria: BTreeMap<String, String>,
    /// By the path that conditions use.
    pub fields: BTreeMap<String, Text>,
    /// Whether we can sell to them at all: `yes`, `no`, `unknown`.
    pub eligible: Option<String>,
    /// Nobody needs to ask any further: the lead is first-level qualified.
    pub qualified: bool,
}

impl Answered {
    /// Names that the configuration does not have, and answers that are none.
    pub(super) fn problems(&self, business: &Business<'_>) -> Vec<SettingProblem> {
        let qualifier = &business.configuration.qualifier;
        let mut problems = Vec::new();
        let mut among = |path: String, what: &str, word: &str, known: Vec<&str>| {
            if !known.contains(&word) {
                let problem = SettingProblem::new(path, format!("there is no {what} `{word}`"));
                problems.push(problem.suggest(word, known));
            }
        };
        let answers: Vec<&str> = Known3::ALL.iter().map(|answer| answer.as_str()).collect();
        for (criterion, answer) in &self.criteria {
            let path = format!("criteria.{criterion}");
            let known = qualifier.criteria().map(Name::as_str).collect();
            among(path.clone(), "criterion", criterion, known);
            among(path, "answer", answer, answers.clone());
        }
        if let Some(answer) = &self.eligible {
            among("eligible".to_owned(), "answer", answer, answers);
        }
        for path in self.fields.keys().filter(|path| !Field::is_asked(path)) {
            let message = "people are not asked about this field";
            problems.push(SettingProblem::new(format!("fields.{path}"), message));
        }
        problems
    }

    /// As decisions take them; what is no answer was found before.
    pub(super) fn answers(&self) -> Answers {
        let criteria = self.criteria.iter().filter_map(|(criterion, answer)| {
            Some(Found::Criterion(Name::parse(criterion).ok()?, Known3::parse(answer)?))
        });
        let fields = self.fields.iter();
        let fields = fields.map(|(path, text)| Found::Field(path.clone(), text.0.as_str().into()));
        let eligible = self.eligible.as_deref().and_then(Known3::parse).map(Found::Eligible);
        Answers {
            found: criteria.chain(fields).chain(eligible).collect(),
            qualified: self.qualified,
            note: None,
            at: None,
        }
    }
}
