//! What people found out, laid into the record: it takes the place of what the inquiries said, and an inquiry that
//! happened before it does not take it back.

use std::collections::BTreeMap;

use super::merge::{add_others, merge_answers};
use super::{Hints, normalise};
use crate::domain::{
    Answer, Channel, Field, Finding, Found, Inquiry, InquiryId, Lead, Name, Pii, Submission,
};

/// A value that its field does not take: no number, no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no value of `{field}`")]
pub struct Unfit {
    pub field: String,
}

/// Lays a finding into the lead, unless the same question was answered later already.
///
/// # Errors
/// If the field does not take the value; the lead is as it was then.
pub fn find_out(lead: &mut Lead, finding: &Finding) -> Result<(), Unfit> {
    let mut after = lead.clone();
    if !after.findings.note(finding.clone()) {
        return Ok(());
    }
    if let Found::Field(path, value) = &finding.found {
        fill_in(&mut after, path, value)?;
    }
    *lead = after;
    Ok(())
}

/// The answers of an inquiry, but for those that people found out since it happened.
pub(super) fn merge_answers_of(lead: &mut Lead, inquiry: &Inquiry, late: bool) {
    if lead.findings.is_empty() {
        return merge_answers(&mut lead.answers, &inquiry.answers, late);
    }
    let (at, answers) = (inquiry.occurred_at, &inquiry.answers);
    if !late {
        lead.findings.drop_answered(at, |path| {
            answers.iter().any(|answer| answer.key.eq_ignore_ascii_case(key_of(path)))
        });
    }
    let newer: Vec<Answer> = answers
        .iter()
        .filter(|answer| {
            let known = |path: &str| lead.findings.field(path).is_some_and(|found| found >= at);
            !known(&answer.key) && !known(&format!("answers.{}", answer.key))
        })
        .cloned()
        .collect();
    merge_answers(&mut lead.answers, &newer, late);
}

/// The findings of another record about the same person.
pub(super) fn merge(lead: &mut Lead, other: &Lead) {
    for finding in other.findings.iter() {
        // What did not fit once was not kept.
        let _ = find_out(lead, finding);
    }
    // The answers of the other record must not have taken the place of what was found out here.
    let own: Vec<Finding> = lead.findings.iter().cloned().collect();
    for finding in own {
        if let Found::Field(path, value) = &finding.found {
            let _ = fill_in(lead, path, value);
        }
    }
    lead.tries = match (lead.tries, other.tries) {
        (Some(a), Some(b)) => Some(if a.last >= b.last { a } else { b }),
        (a, b) => a.or(b),
    };
}

/// The key under which the answer to a field stands.
fn key_of(path: &str) -> &str {
    path.strip_prefix("answers.").unwrap_or(path)
}

fn fill_in(lead: &mut Lead, path: &str, value: &Pii) -> Result<(), Unfit> {
    let unfit = || Unfit { field: path.to_owned() };
    let field = Field::parse(path);
    let read = read(lead, field, path, value);
    let answers: Vec<Answer> =
        read.answers.iter().filter(|answer| answer.key == key_of(path)).cloned().collect();
    let is_answer = field.is_none() || path.starts_with("need.");
    if is_answer {
        if answers.is_empty() {
            return Err(unfit());
        }
        let key = key_of(path);
        lead.answers.retain(|answer| !answer.key.eq_ignore_ascii_case(key));
        lead.answers.extend(answers);
        return Ok(());
    }
    place(lead, field, read).then_some(()).ok_or_else(unfit)?;
    lead.answers.retain(|answer| !answer.key.eq_ignore_ascii_case(path));
    // A text that says more than the value that was read out of it stays an answer.
    lead.answers.extend(answers);
    Ok(())
}

/// Reads the value as if an inquiry had brought it.
fn read(lead: &Lead, field: Option<Field>, path: &str, value: &Pii) -> Inquiry {
    let mut fields = BTreeMap::new();
    let mut answers = Vec::new();
    match field {
        Some(field) => drop(fields.insert(field, value.clone())),
        None => answers.push(Answer { key: key_of(path).to_owned(), value: value.clone() }),
    }
    let submission = Submission {
        source: Name::fixed("people"),
        channel: Channel::Other,
        event_id: None,
        is_test: false,
        filtered: false,
        filtered_by: None,
        challenge: None,
        erases: false,
        reference: crate::domain::Reference::new(),
        fields,
        answers,
        consents: Vec::new(),
        attribution: BTreeMap::new(),
        occurred_at: None,
        flags: Vec::new(),
        content: Vec::new(),
    };
    normalise(submission, &Hints::default(), InquiryId::from_bytes([0; 16]), lead.updated_at)
}

/// Puts what was read into its place; what stood there goes to the others. `false` = nothing could be read.
fn place(lead: &mut Lead, field: Option<Field>, read: Inquiry) -> bool {
    // The outer one: whether it was put. The inner one: what stood there before.
    #[expect(clippy::option_option, reason = "both can be none, and mean different things")]
    fn put<T: PartialEq>(place: &mut Option<T>, new: Option<T>) -> Option<Option<T>> {
        let new = new?;
        let old = place.replace(new);
        Some(old.filter(|old| place.as_ref() != Some(old)))
    }
    let (new, company) = (read.contact, read.company);
    let contact = &mut lead.contact;
    let text = |old: Option<String>| old.map(Pii::new);
    let old = match field {
        Some(Field::Title) => put(&mut contact.title, new.title),
        Some(Field::Language) => put(&mut contact.language, new.language).map(text),
        Some(Field::Country) => {
            let valid = new.country.filter(|country| country.value.is_some());
            put(&mut contact.country, valid).map(|old| old.and_then(|old| old.value))
        }
        Some(Field::Region) => put(&mut contact.region, new.region),
        Some(Field::City) => put(&mut contact.city, new.city),
        Some(Field::PostalCode) => put(&mut contact.postal_code, new.postal_code),
        Some(Field::Street) => put(&mut contact.street, new.street),
        Some(Field::Industry) => put(&mut lead.company.industry, company.industry).map(text),
        Some(Field::Employees) => put(&mut lead.company.employees, company.employees)
            .map(|old| old.map(|number| Pii::new(number.to_string()))),
        Some(Field::Revenue) => put(&mut lead.company.revenue, company.revenue)
            .map(|old| old.map(|number| Pii::new(number.to_string()))),
        _ => None,
    };
    let Some(old) = old else { return false };
    if let (Some(old), Some(field)) = (old, field) {
        add_others(&mut lead.contact, vec![(field, old)]);
    }
    true
}
