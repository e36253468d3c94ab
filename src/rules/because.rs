//! What a condition asks about, for people: the answers it knows, and what a subject has there.

use super::field::Value;
use super::quantity::quantity;
use super::reader::{Reader, answers};
use super::source::Raw;
use super::{Condition, ConditionSource, FieldType, Subject};
use crate::domain::Field;

/// Longer values are sentences; they stand with the lead.
const CHARS_MAX: usize = 80;

/// A field that a condition asks for, and what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub field: String,
    /// As it stands there, cut short.
    pub value: String,
    /// Whether the value can be said without naming anybody: numbers, flags, words of closed lists.
    pub is_plain: bool,
}

impl ConditionSource {
    /// The values that its clauses name for each field by `is` and `in`, in the order written.
    #[must_use]
    pub fn choices(&self) -> Vec<(String, Vec<String>)> {
        let mut found = Vec::new();
        gather(&self.0, &mut found);
        found
    }
}

fn gather(raw: &Raw, found: &mut Vec<(String, Vec<String>)>) {
    match raw {
        Raw::List(items) => items.iter().for_each(|item| gather(item, found)),
        Raw::Map(entries) => {
            let at = |key: &str| entries.iter().find(|(known, _)| known == key).map(|(_, v)| v);
            if let Some(Raw::Text(field)) = at("field") {
                let values: Vec<String> = ["is", "in"]
                    .into_iter()
                    .filter_map(at)
                    .flat_map(|value| match value {
                        Raw::List(values) => values.iter().collect(),
                        one => vec![one],
                    })
                    .filter_map(|value| match value {
                        Raw::Text(text) => Some(text.clone()),
                        Raw::Number(number) => Some(number.to_string()),
                        _ => None,
                    })
                    .collect();
                let place = found.iter_mut().find(|(known, _)| known == field);
                match place {
                    Some((_, known)) => {
                        known.extend(
                            values.into_iter().filter(|v| !known.contains(v)).collect::<Vec<_>>(),
                        );
                    }
                    None => found.push((field.clone(), values)),
                }
            }
            for (key, value) in entries {
                if matches!(key.as_str(), "all" | "any" | "not") {
                    gather(value, found);
                }
            }
        }
        _ => {}
    }
}

impl Condition {
    /// What the subject has in the fields that the condition asks for; missing ones are left out.
    #[must_use]
    pub fn facts(&self, subject: &Subject<'_>) -> Vec<Fact> {
        self.fields().iter().filter_map(|path| fact(path, subject)).collect()
    }
}

fn fact(path: &str, subject: &Subject<'_>) -> Option<Fact> {
    let reader = Reader::parse(path)?;
    let personal = Field::parse(path).is_some_and(Field::is_personal);
    let free = matches!(reader, Reader::Answer { .. } | Reader::Attribution(_))
        || reader.kind() == FieldType::Text;
    let of = |value: Value<'_>| match value {
        Value::Missing => None,
        Value::Text(text) => {
            let text = text.trim();
            let cut: String = text.chars().take(CHARS_MAX).collect();
            let dots = if cut.len() < text.len() { "…" } else { "" };
            Some((format!("{cut}{dots}"), !free || quantity(text).is_some()))
        }
        Value::Number(number) => Some((number.to_string(), true)),
        Value::Flag(flag) => Some((flag.to_string(), true)),
    };
    let said: Vec<(String, bool)> = match &reader {
        Reader::Answer { key, .. } => answers(key, subject).filter_map(of).collect(),
        other => of(other.read(subject)).into_iter().collect(),
    };
    if said.is_empty() {
        return None;
    }
    let own = path == "source" || path == "company.industry" || path == "company.domain";
    let is_plain = !personal && (own || said.iter().all(|(_, plain)| *plain));
    let value = said.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(", ");
    Some(Fact { field: path.to_owned(), value, is_plain })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Lists;

    #[test]
    fn the_answers_a_condition_knows_are_offered() {
        let source: ConditionSource = serde_json::from_value(serde_json::json!({"any": [
            {"field": "need.timeline", "in": ["now", "this quarter"]},
            {"not": {"field": "need.timeline", "is": "later"}},
            {"field": "company.employees", "gte": 50},
        ]}))
        .unwrap();
        let timeline = ["now", "this quarter", "later"].map(str::to_owned).to_vec();
        let expected =
            vec![("need.timeline".to_owned(), timeline), ("company.employees".to_owned(), vec![])];
        assert_eq!(source.choices(), expected);
        assert!(Condition::compile(&source, &Lists::default()).is_ok());
    }
}
