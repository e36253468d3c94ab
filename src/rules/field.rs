//! The fields that conditions may name: their types, and how each is read from a subject.

use FieldType::{Answer, Country, Flag, Number, Text, Word};

use super::Subject;
use crate::domain::{
    Answer as Given, Category, Channel, Checked, Consent, Field, Pii, Qualification, Stage,
    Validity,
};

/// The type of a field, which says what operators it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Free text, compared trimmed, in NFKC and lower case.
    Text,
    /// A country, compared by its ISO 3166-1 alpha-2 code.
    Country,
    /// One word of a closed list.
    Word,
    /// What a person answered: a text that numeric operators read as a number.
    Answer,
    Number,
    /// True or false.
    Flag,
}

impl FieldType {
    /// With its article, for messages.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Country => "a country code",
            Self::Word => "a word from a closed list",
            Self::Answer => "an answer",
            Self::Number => "a number",
            Self::Flag => "a flag",
        }
    }
}

/// A value as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Missing,
    Text(&'a str),
    Number(f64),
    Flag(bool),
}

/// One field of the documentation. `<key>` in a path stands for any name.
#[derive(Debug, Clone, Copy)]
pub struct FieldRow {
    pub path: &'static str,
    pub kind: FieldType,
    pub meaning: &'static str,
}

/// A field that is not one of [`Field`]: how it is read.
pub(super) struct Derived {
    row: FieldRow,
    read: for<'a> fn(&Subject<'a>) -> Value<'a>,
    /// The words it can have, if its type is [`FieldType::Word`].
    words: fn() -> Vec<&'static str>,
    /// The largest number it can have.
    most: f64,
}

impl std::fmt::Debug for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.row.path)
    }
}

const fn derived(
    path: &'static str,
    kind: FieldType,
    read: for<'a> fn(&Subject<'a>) -> Value<'a>,
    meaning: &'static str,
) -> Derived {
    Derived { row: FieldRow { path, kind, meaning }, read, words: Vec::new, most: f64::INFINITY }
}

const fn words(of: Derived, words: fn() -> Vec<&'static str>) -> Derived {
    Derived { words, ..of }
}

const DERIVED: &[Derived] = &[
    derived(
        "contact.email_valid",
        Flag,
        |s| valid(s.lead.contact.email.as_ref()),
        "the e-mail address is well formed; missing without one",
    ),
    derived(
        "contact.email_free",
        Flag,
        |s| of_email(s, s.lead.contact.email_free),
        "it is at a provider anybody can use",
    ),
    derived(
        "contact.email_role",
        Flag,
        |s| of_email(s, s.lead.contact.email_role),
        "it belongs to a function (info@), not a person",
    ),
    derived(
        "contact.email_disposable",
        Flag,
        |s| of_email(s, s.lead.contact.email_disposable),
        "it is at a throw-away provider",
    ),
    derived(
        "contact.phone_valid",
        Flag,
        |s| valid(s.lead.contact.phone.as_ref()),
        "the phone number is possible; missing without one",
    ),
    derived(
        "company.domain",
        Text,
        |s| text(s.lead.company.domain.as_deref()),
        "the registrable domain; never a free-mail one",
    ),
    derived(
        "source",
        Text,
        |s| Value::Text(s.inquiry.source.as_str()),
        "the name of the source of this inquiry",
    ),
    words(
        derived(
            "channel",
            Word,
            |s| Value::Text(s.inquiry.channel.as_str()),
            "the channel of this inquiry's source",
        ),
        || Channel::ALL.iter().map(|c| c.as_str()).collect(),
    ),
    derived("inquiry.is_repeat", Flag, |s| Value::Flag(s.known), "the person was known before"),
    derived("inquiry.is_test", Flag, |s| Value::Flag(s.inquiry.is_test), "it is a test"),
    derived(
        "lead.cycle",
        Number,
        |s| Value::Number(f64::from(s.lead.cycle)),
        "1 on the first way through; each return from a closed stage adds one",
    ),
    derived(
        "lead.inquiries",
        Number,
        |s| Value::Number(f64::from(s.lead.inquiries)),
        "how many inquiries there were, with this one",
    ),
    words(
        derived(
            "lead.stage",
            Word,
            |s| Value::Text(s.lead.stage().as_str()),
            "how far the lead was before this inquiry",
        ),
        || Stage::ALL.iter().map(|s| s.as_str()).collect(),
    ),
    words(
        derived(
            "category",
            Word,
            |s| judged(s, |q| Value::Text(q.category.as_str())),
            "what qualification concluded; missing while qualifying",
        ),
        || Category::ALL.iter().map(|c| c.as_str()).collect(),
    ),
    derived(
        "score",
        Number,
        |s| judged(s, |q| Value::Number(thousandths(q.score))),
        "points; missing while qualifying",
    ),
    Derived {
        most: 1.0,
        ..derived(
            "completeness",
            Number,
            |s| judged(s, |q| Value::Number(f64::from(q.completeness) / 1000.0)),
            "the part of the wanted criteria that is known, 0 to 1; missing while qualifying",
        )
    },
];

const OPEN: &[FieldRow] = &[
    FieldRow { path: "answers.<key>", kind: Answer, meaning: "another answer, by its key" },
    FieldRow {
        path: "attribution.<key>",
        kind: Text,
        meaning: "where the person came from, such as utm_campaign",
    },
    FieldRow {
        path: "consent.<purpose>",
        kind: Flag,
        meaning: "consent for that purpose by some channel; missing without a statement",
    },
    FieldRow {
        path: "consent.<purpose>.<channel>",
        kind: Flag,
        meaning: "consent for that purpose by that channel",
    },
];

/// Every field that conditions may name.
#[must_use]
pub fn fields() -> Vec<FieldRow> {
    let canonical = Field::ALL.iter().map(|field| FieldRow {
        path: field.as_str(),
        kind: kind_of(*field),
        meaning: "as the inquiry gives it",
    });
    canonical.chain(DERIVED.iter().map(|field| field.row)).chain(OPEN.iter().copied()).collect()
}

fn kind_of(field: Field) -> FieldType {
    match field {
        Field::Country => Country,
        Field::Employees | Field::Revenue => Number,
        Field::Budget | Field::Timeline | Field::Rating => Answer,
        _ => Text,
    }
}

/// A field named by a clause, ready to be read.
#[derive(Debug, Clone)]
pub(super) enum Reader {
    Canonical(Field),
    Derived(&'static Derived),
    Answer(String),
    Attribution(String),
    Consent { purpose: String, channel: Option<String> },
}

impl Reader {
    /// The field of that path, if there is one.
    pub(super) fn parse(path: &str) -> Option<Self> {
        if let Some(field) = Field::parse(path) {
            return Some(Self::Canonical(field));
        }
        if let Some(field) = DERIVED.iter().find(|field| field.row.path == path) {
            return Some(Self::Derived(field));
        }
        let (family, key) = path.split_once('.')?;
        if key.is_empty() {
            return None;
        }
        match family {
            "answers" => Some(Self::Answer(key.to_owned())),
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

    pub(super) fn kind(&self) -> FieldType {
        match self {
            Self::Canonical(field) => kind_of(*field),
            Self::Derived(field) => field.row.kind,
            Self::Answer(_) => Answer,
            Self::Attribution(_) => Text,
            Self::Consent { .. } => Flag,
        }
    }

    /// The words it can have; empty if any text will do.
    pub(super) fn words(&self) -> Vec<&'static str> {
        if let Self::Derived(field) = self { (field.words)() } else { Vec::new() }
    }

    /// The smallest and the largest number it can have.
    pub(super) fn bounds(&self) -> (f64, f64) {
        match (self, self.kind()) {
            (Self::Derived(field), Number) => (0.0, field.most),
            (_, Number) => (0.0, f64::INFINITY),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// What the subject has there. An empty text is missing.
    pub(super) fn read<'a>(&self, subject: &Subject<'a>) -> Value<'a> {
        match self {
            Self::Canonical(field) => canonical(*field, subject),
            Self::Derived(field) => (field.read)(subject),
            Self::Answer(key) => answer(key, subject),
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
        Field::Budget
        | Field::Authority
        | Field::Need
        | Field::Timeline
        | Field::Product
        | Field::Message
        | Field::Rating => answer(field.as_str(), subject),
    }
}

fn text(text: Option<&str>) -> Value<'_> {
    text.filter(|text| !text.trim().is_empty()).map_or(Value::Missing, Value::Text)
}

fn pii(value: Option<&Pii>) -> Value<'_> {
    text(value.map(Pii::expose))
}

/// The normal form, else the text as it came: an address that is not valid can still be asked about.
fn checked(value: Option<&Checked>) -> Value<'_> {
    text(value.map(Checked::best))
}

#[expect(clippy::cast_precision_loss, reason = "head counts and revenues stay below 2^53")]
fn number(value: Option<i64>) -> Value<'static> {
    value.map_or(Value::Missing, |number| Value::Number(number as f64))
}

#[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
fn thousandths(millipoints: i64) -> f64 {
    millipoints as f64 / 1000.0
}

fn valid(value: Option<&Checked>) -> Value<'static> {
    match checked(value) {
        Value::Missing => Value::Missing,
        _ => Value::Flag(value.is_some_and(|value| value.validity == Validity::Valid)),
    }
}

fn of_email(subject: &Subject<'_>, flag: bool) -> Value<'static> {
    match checked(subject.lead.contact.email.as_ref()) {
        Value::Missing => Value::Missing,
        _ => Value::Flag(flag),
    }
}

fn judged<'a>(subject: &Subject<'a>, read: fn(&'a Qualification) -> Value<'a>) -> Value<'a> {
    subject.qualification.map_or(Value::Missing, read)
}

/// The newest answer under the key: of this inquiry, else the last one the lead remembers.
fn answer<'a>(key: &str, subject: &Subject<'a>) -> Value<'a> {
    let newest = |given: &'a [Given]| {
        given
            .iter()
            .rev()
            .filter(|answer| answer.key.eq_ignore_ascii_case(key))
            .map(|answer| pii(Some(&answer.value)))
            .find(|value| *value != Value::Missing)
    };
    newest(&subject.inquiry.answers)
        .or_else(|| newest(&subject.lead.answers))
        .unwrap_or(Value::Missing)
}

/// Whether the person consents: per channel the latest statement about it, or about `any` channel,
/// decides; of statements at the same time a refusal does. Without a channel named, one that is
/// granted is enough.
fn consent(purpose: &str, channel: Option<&str>, subject: &Subject<'_>) -> Value<'static> {
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
