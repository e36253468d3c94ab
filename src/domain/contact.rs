//! Who inquired: raw value, normalised value and validity side by side. An invalid phone never
//! rejects an inquiry; it is kept as it came and marked.

use serde::{Deserialize, Serialize};

use super::Pii;
use super::status::closed_list;

closed_list! {
    /// What checking a value said.
    Validity {
        Valid = "valid",
        /// It breaks the rules of its kind; only the raw text is there.
        Invalid = "invalid",
        /// Well formed, but not decidable without a hint that was missing (a local phone number without a country).
        Ambiguous = "ambiguous",
    }
}

/// A value as it came, what it was normalised to, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// As sent, trimmed of nothing.
    pub raw: Pii,
    /// The normal form; absent unless valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Pii>,
    pub validity: Validity,
}

impl Checked {
    /// A value that holds, in its normal form.
    #[must_use]
    pub fn valid(raw: &str, value: impl Into<String>) -> Self {
        Self { raw: raw.into(), value: Some(Pii::new(value)), validity: Validity::Valid }
    }

    /// A value that does not hold.
    #[must_use]
    pub fn invalid(raw: &str) -> Self {
        Self { raw: raw.into(), value: None, validity: Validity::Invalid }
    }

    /// The normal form if there is one.
    #[must_use]
    pub fn normal(&self) -> Option<&str> {
        self.value.as_ref().map(Pii::expose)
    }

    /// The normal form, else the text as it came: for showing to people.
    #[must_use]
    pub fn best(&self) -> &str {
        self.normal().unwrap_or_else(|| self.raw.expose())
    }
}

/// The person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Checked>,
    /// At a provider anybody can use (gmail.com): says nothing about a company.
    #[serde(skip_serializing_if = "is_false")]
    pub email_free: bool,
    /// A function, not a person (info@, sales@).
    #[serde(skip_serializing_if = "is_false")]
    pub email_role: bool,
    /// A throw-away provider.
    #[serde(skip_serializing_if = "is_false")]
    pub email_disposable: bool,
    /// E.164 when valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Checked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Pii>,
    /// BCP 47, lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2 when valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Checked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Pii>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<Pii>,
    /// The person's id in the sender's system, with the source's scope before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Pii>,
    /// Other valid values seen for the person (merging loses nothing): (field path, value).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(super::Field, Pii)>,
}

/// The company the person speaks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Pii>,
    /// The registrable domain, from the website or a company e-mail address; never a free-mail one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<Pii>,
    /// Number of people; the lower end where a range was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employees: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// In the source's currency, whole units; the lower end where a range was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revenue: Option<i64>,
}

/// One answer that no canonical field takes, or one of the `need.*` fields as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// A name made from the sender's key or label; conditions say `answers.<key>`.
    pub key: String,
    pub value: Pii,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
pub(super) fn is_false(flag: &bool) -> bool {
    !*flag
}
