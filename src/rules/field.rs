//! The fields that conditions may name: paths, types and meanings. `reader` reads them.

use FieldType::{Answer, Country, Flag, Number, Text, Word};

use super::Subject;
use crate::domain::{Category, Channel, Checked, Field, Qualification, Stage, Validity};

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
    pub(super) row: FieldRow,
    pub(super) read: for<'a> fn(&Subject<'a>) -> Value<'a>,
    /// The words it can have, if its type is [`FieldType::Word`].
    pub(super) words: fn() -> Vec<&'static str>,
    /// The largest number it can have.
    pub(super) most: f64,
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

const fn word(
    path: &'static str,
    read: for<'a> fn(&Subject<'a>) -> Value<'a>,
    words: fn() -> Vec<&'static str>,
    meaning: &'static str,
) -> Derived {
    Derived { words, ..derived(path, Word, read, meaning) }
}

/// The fields of an engagement, and the keys under which it is asked for them. No attribution has a key with a dot.
pub const PAGE: &str = "engagement.page";
/// See [`PAGE`].
pub const CAMPAIGN: &str = "engagement.campaign";

pub(super) const DERIVED: &[Derived] = &[
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
    word(
        "channel",
        |s| Value::Text(s.inquiry.channel.as_str()),
        || Channel::ALL.iter().map(|c| c.as_str()).collect(),
        "the channel of this inquiry's source",
    ),
    derived(
        PAGE,
        Text,
        |s| text(s.inquiry.attribution.get(PAGE).map(String::as_str)),
        "the page of an engagement; only where engagements of a `kind` are counted",
    ),
    derived(
        CAMPAIGN,
        Text,
        |s| text(s.inquiry.attribution.get(CAMPAIGN).map(String::as_str)),
        "its campaign; only there",
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
    word(
        "lead.stage",
        |s| Value::Text(s.lead.stage().as_str()),
        || Stage::ALL.iter().map(|s| s.as_str()).collect(),
        "how far the lead was before this inquiry",
    ),
    word(
        "category",
        |s| judged(s, |q| Value::Text(q.category.as_str())),
        || Category::ALL.iter().map(|c| c.as_str()).collect(),
        "what qualification concluded; missing while qualifying",
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
    FieldRow {
        path: "answers.<key>",
        kind: Answer,
        meaning: "another answer, by its key; of several, one is enough",
    },
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

pub(super) fn kind_of(field: Field) -> FieldType {
    match field {
        Field::Country => Country,
        Field::Employees | Field::Revenue => Number,
        Field::Budget | Field::Timeline | Field::Rating => Answer,
        _ => Text,
    }
}

pub(super) fn text(text: Option<&str>) -> Value<'_> {
    text.filter(|text| !text.trim().is_empty()).map_or(Value::Missing, Value::Text)
}

/// The normal form, else the text as it came: an address that is not valid can still be asked about.
pub(super) fn checked(value: Option<&Checked>) -> Value<'_> {
    text(value.map(Checked::best))
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
