//! What people ask, what a line was judged by, and what was found out.

use super::qualifier::{Line, LineText};
use super::{LineSettings, Qualifier};
use crate::domain::{Criterion, Field, Name, ScoreLine};
use crate::rules::{ConditionSource, Fact, Subject};

/// A field that an answer may be laid into, and the answers that the criterion names for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    pub field: String,
    /// Other answers are allowed too; these are those that the criterion tells apart.
    pub known: Vec<String>,
}

/// One question that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    pub criterion: &'a Name,
    pub group: Criterion,
    /// What yes means.
    pub text: &'a str,
    /// As a person would ask; absent if the settings do not say.
    pub ask: Option<&'a str>,
    pub fields: &'a [Choices],
}

/// Why a line gave its points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Because {
    /// The fields that its condition asked for, with what stands there.
    pub facts: Vec<Fact>,
    /// A person said so.
    pub by_person: bool,
}

impl Qualifier {
    /// The question behind a criterion.
    #[must_use]
    pub fn ask(&self, name: &Name) -> Option<Question<'_>> {
        let line = self.criterion(name)?;
        let LineText { name, group, text } = &line.text;
        let (group, fields) = (*group, line.choices.as_slice());
        Some(Question { criterion: name, group, text, ask: line.question.as_deref(), fields })
    }

    /// The names of everything that can be answered yes or no.
    pub fn criteria(&self) -> impl Iterator<Item = &Name> {
        self.lines.iter().map(|line| &line.text.name)
    }

    /// Whether there is a criterion of that name.
    #[must_use]
    pub fn has(&self, name: &Name) -> bool {
        self.criterion(name).is_some()
    }

    fn criterion(&self, name: &Name) -> Option<&Line> {
        self.lines.iter().find(|line| line.text.name == *name)
    }

    /// Why a line gave its points, by what the subject has now.
    #[must_use]
    pub fn because(&self, line: &ScoreLine, subject: &Subject<'_>) -> Because {
        let index = usize::from(line.line);
        let Some(judged) = self.lines.get(index) else {
            let engaged = self.engagement.lines.get(index - self.lines.len());
            let facts = engaged.map_or_else(Vec::new, |line| line.facts(subject));
            return Because { facts, by_person: false };
        };
        let mut facts = judged.yes.facts(subject);
        for fact in judged.no.iter().flat_map(|no| no.facts(subject)) {
            if !facts.iter().any(|known| known.field == fact.field) {
                facts.push(fact);
            }
        }
        // An answer that the criterion names itself says nothing that is not in the settings.
        for fact in &mut facts {
            let named = judged.choices.iter().any(|choices| {
                let known = |value: &String| value.eq_ignore_ascii_case(&fact.value);
                choices.field == fact.field && choices.known.iter().any(known)
            });
            fact.is_plain |= named && !Field::parse(&fact.field).is_some_and(Field::is_personal);
        }
        Because { facts, by_person: line.by_person }
    }
}

/// The fields that answer a line, with the answers it names, as far as people may fill them in.
pub(super) fn choices(line: &LineSettings) -> Vec<Choices> {
    let sources = [&line.yes, &line.when, &line.no];
    let mut choices: Vec<Choices> = Vec::new();
    for (field, values) in sources.into_iter().flatten().flat_map(ConditionSource::choices) {
        if !Field::is_asked(&field) {
            continue;
        }
        match choices.iter_mut().find(|choices| choices.field == field) {
            Some(place) => place.known.extend(values),
            None => choices.push(Choices { field, known: values }),
        }
    }
    choices
}
