//! Reading the field that a clause names from a subject.

use super::Subject;
use super::field::{DERIVED, Derived, FieldType, Value, checked, kind_of, text};
use crate::domain::{Answer as Given, Checked, Consent, Field, Pii, do_not_contact};

/// A field named by a clause, ready to be read.
#[derive(Debug, Clone)]
pub(super) enum Reader {
    Canonical(Field),
    Derived(&'static Derived),
    /// Answers may be several: boxes that were ticked.
    Answer {
        key: String,
        kind: FieldType,
    },
    Attribution(String),
    Consent {
        purpose: String,
        channel: Option<String>,
    },
}

impl Reader {
    /// The field of that path, if there is one.
    pub(super) fn parse(path: &str) -> Option<Self> {
        if let Some(field) = Field::parse(path) {
            return Some(if path.starts_with("need.") {
                Self::Answer { key: path.to_owned(), kind: kind_of(field) }
            } else {
                Self::Canonical(field)
            });
        }
        if let Some(field) = DERIVED.iter().find(|field| field.row.path == path) {
            return Some(Self::Derived(field));
        }
        let (family, key) = path.split_once('.')?;
        if key.is_empty() {
            return None;
        }
        match family {
            "answers" => Some(Self::Answer { key: key.to_owned(), kind: FieldType::Answer }),
            "attribution" => Some(Self::Attribution(key.to_owned())),
            "consent" => Some(match key.split_once('.') {
                None => Self::Consent { purpose: key.to_owned(), channel: None },
                Some((purpose, channel)) if !purpose.is_empty() && !channel.is_empty() => {
                    Self::Consent { purpose: purpose.to_owned(), channel: Some(channel.to_owned()) }
                }
                Some(_) => return None,
            }),
            _ => None,
        }
    }

    /// Whether both read the same field.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Canonical(one), Self::Canonical(other)) => one == other,
            (Self::Derived(one), Self::Derived(other)) => one.row.path == other.row.path,
            (Self::Answer { key: one, .. }, Self::Answer { key: other, .. }) => {
                one.eq_ignore_ascii_case(other)
            }
            (Self::Attribution(one), Self::Attribution(other)) => one == other,
            (Self::Consent { purpose, channel }, Self::Consent { purpose: other, channel: by }) => {
                purpose.eq_ignore_ascii_case(other) && channel == by
            }
            _ => false,
        }
    }

    pub(super) fn kind(&self) -> FieldType {
        match self {
            Self::Canonical(field) => kind_of(*field),
            Self::Derived(field) => field.row.kind,
            Self::Answer { kind, .. } => *kind,
            Self::Attribution(_) => FieldType::Text,
            Self::Consent { .. } => FieldType::Flag,
        }
    }

    /// The words it can have; empty if any text will do.
    pub(super) fn words(&self) -> Vec<&'static str> {
        if let Self::Derived(field) = self { (field.words)() } else { Vec::new() }
    }

    /// The smallest and the largest number it can have.
    pub(super) fn bounds(&self) -> (f64, f64) {
        match (self, self.kind()) {
            (Self::Derived(field), FieldType::Number) => (0.0, field.most),
            (_, FieldType::Number) => (0.0, f64::INFINITY),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// What the subject has there; of several answers the first. An empty text is missing.
    pub(super) fn read<'a>(&self, subject: &Subject<'a>) -> Value<'a> {
        match self {
            Self::Canonical(field) => canonical(*field, subject),
            Self::Derived(field) => (field.read)(subject),
            Self::Answer { key, .. } => answers(key, subject).next().unwrap_or(Value::Missing),
            Self::Attribution(key) => {
                let of = |from: &'a crate::domain::Attribution| from.get(key).map(String::as_str);
                match text(of(&subject.inquiry.attribution)) {
                    Value::Missing => text(of(&subject.lead.attribution)),
                    found => found,
                }
            }
            Self::Consent { purpose, channel } => consent(purpose, channel.as_deref(), subject),
        }
    }
}

fn canonical<'a>(field: Field, subject: &Subject<'a>) -> Value<'a> {
    let contact = &subject.lead.contact;
    let company = &subject.lead.company;
    match field {
        Field::Email => checked(contact.email.as_ref()),
        Field::Phone => checked(contact.phone.as_ref()),
        Field::FullName => pii(contact.full_name.as_ref()),
        Field::FirstName => pii(contact.first_name.as_ref()),
        Field::LastName => pii(contact.last_name.as_ref()),
        Field::Title => pii(contact.title.as_ref()),
        Field::Language => text(contact.language.as_deref()),
        Field::Country => text(contact.country.as_ref().and_then(Checked::normal)),
        Field::Region => pii(contact.region.as_ref()),
        Field::City => pii(contact.city.as_ref()),
        Field::PostalCode => pii(contact.postal_code.as_ref()),
        Field::Street => pii(contact.street.as_ref()),
        Field::ExternalId => pii(contact.external_id.as_ref()),
        Field::CompanyName => pii(company.name.as_ref()),
        Field::Website => pii(company.website.as_ref()),
        Field::Industry => text(company.industry.as_deref()),
        Field::Employees => number(company.employees),
        Field::Revenue => number(company.revenue),
        Field::Referrer => pii(subject.inquiry.referrer.as_ref()),
        // These are answers; see `Reader::parse`.
        Field::Budget
        | Field::Authority
        | Field::Need
        | Field::Timeline
        | Field::Product
        | Field::Message
        | Field::Rating => Value::Missing,
    }
}

fn pii(value: Option<&Pii>) -> Value<'_> {
    text(value.map(Pii::expose))
}

#[expect(clippy::cast_precision_loss, reason = "head counts and revenues stay below 2^53")]
fn number(value: Option<i64>) -> Value<'static> {
    value.map_or(Value::Missing, |number| Value::Number(number as f64))
}

/// The answers that stand under the key, in the order given: the lead's, which hold the newest ones of
/// all its inquiries, else those of this inquiry. Empty ones are none.
pub(super) fn answers<'a>(key: &str, subject: &Subject<'a>) -> impl Iterator<Item = Value<'a>> {
    let under = move |answers: &'a [Given]| {
        answers
            .iter()
            .filter(move |answer| answer.key.eq_ignore_ascii_case(key))
            .map(|answer| pii(Some(&answer.value)))
            .filter(|value| *value != Value::Missing)
    };
    let of_lead = under(&subject.lead.answers);
    let known = under(&subject.lead.answers).next().is_some();
    of_lead.chain(under(if known { &[] } else { &subject.inquiry.answers }))
}

/// Whether the person consents: per channel the latest statement about it, or about `any` channel,
/// decides; of statements at the same time a refusal does. Without a channel named, one that is
/// granted is enough. Who wants to be left alone consents to nothing.
fn consent(purpose: &str, channel: Option<&str>, subject: &Subject<'_>) -> Value<'static> {
    if do_not_contact(&subject.lead.consents).is_some() {
        return Value::Flag(false);
    }
    let said = || {
        let all = subject.lead.consents.iter().chain(&subject.inquiry.consents);
        all.filter(|consent| consent.purpose.eq_ignore_ascii_case(purpose))
    };
    let granted = |channel: &str| {
        said()
            .filter(|c| c.channel.eq_ignore_ascii_case(channel) || is_any(c))
            .max_by_key(|c| (c.at, !c.granted))
            .map(|c| c.granted)
    };
    let answer = match channel {
        Some(channel) => granted(channel),
        None => said().filter_map(|c| granted(&c.channel)).max(),
    };
    answer.map_or(Value::Missing, Value::Flag)
}

fn is_any(consent: &Consent) -> bool {
    consent.channel.eq_ignore_ascii_case("any")
}
