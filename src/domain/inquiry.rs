//! One inquiry: as capture hands it over (raw text), and as identify normalised it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{
    Answer, Assignment, Channel, Company, Contact, Field, InquiryId, LeadId, Name, Pii, Record,
    Status, Timestamp,
};

closed_list! {
    /// Something about an inquiry that people should see but that does not reject it.
    Flag {
        /// A page of an origin that the source does not list.
        UnlistedOrigin = "unlisted_origin",
        /// The same idempotency key came before with other content; taken as new.
        KeyReused = "key_reused",
        /// The stated time lay outside the window and was clamped.
        TimeClamped = "time_clamped",
        /// The time had no zone; the source's was taken.
        ZoneAssumed = "zone_assumed",
        /// The form was filled in faster than a person reads it. Never a penalty by itself.
        FilledFast = "filled_fast",
        /// Some values were cut to their length limit.
        Truncated = "truncated",
        /// A field came twice with different values; the last was taken.
        KeyTwice = "key_twice",
        /// More than sixteen records stand behind one of the index keys (switchboard, info@).
        SharedKey = "shared_key",
        /// From somebody known, and not merged: the source's policy is another one.
        KnownPerson = "known_person",
        /// The provider of the form's challenge did not say whether it was a person.
        ChallengeUnverified = "challenge_unverified",
        /// The e-mail address looks like a slip of a provider's (`gmial.com`, `gmail.con`). It is kept as sent.
        EmailTypo = "email_typo",
    }
}

/// A statement about consent for one purpose by one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What for: `marketing`, `contact`, … as the source's preset names it.
    pub purpose: String,
    /// By which means: `email`, `phone`, `any`.
    pub channel: String,
    pub granted: bool,
    /// The words shown to the person, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub at: Timestamp,
}

/// Where the person came from: campaign parameters and click ids, by their usual names
/// (`utm_source`, `gclid`, `campaign_id`, `form_id`, `page_url` …). Values are short and capped.
pub type Attribution = BTreeMap<String, String>;

/// What a vendor posted in the data's place, by name: ids and addresses of its API, nothing about a person.
pub type Reference = BTreeMap<String, String>;

/// What capture hands over: verified, decoded and mapped, every value still the sender's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    pub source: Name,
    pub channel: Channel,
    /// The sender's id of this event, exactly as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    pub is_test: bool,
    /// A spam trap was touched.
    #[serde(default)]
    pub filtered: bool,
    /// What caught it: `trap`, `preset`, `challenge_missing`, `challenge_failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filtered_by: Option<Name>,
    /// The vendor says that the person's data are to be deleted.
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub erases: bool,
    /// The data are still with the vendor: what to ask for them by. Empty = they are here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reference: Reference,
    pub fields: BTreeMap<Field, Pii>,
    pub answers: Vec<Answer>,
    pub consents: Vec<Consent>,
    pub attribution: Attribution,
    /// When it happened as the sender states it, clamped; absent if not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// What idempotency falls back on when there is no event id: the bytes to be hashed (mapped
    /// answers without technical fields for forms; decoded cells and stated time for batch rows).
    #[serde(skip)]
    pub content: Vec<u8>,
    /// What the form's challenge gave the visitor, to be shown to its provider. Never kept.
    #[serde(skip)]
    pub challenge: Option<String>,
}

/// One inquiry, normalised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    pub id: InquiryId,
    pub source: Name,
    pub channel: Channel,
    pub received_at: Timestamp,
    /// When it happened; equals `received_at` unless the sender stated it.
    pub occurred_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub is_test: bool,
    #[serde(default, skip_serializing_if = "super::contact::is_false")]
    pub filtered: bool,
    /// What caught it, in one word: of the source, or a filter of the workspace. It stays when a person lets the
    /// inquiry go on; nothing catches it again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filtered_by: Option<Name>,
    pub contact: Contact,
    #[serde(default, skip_serializing_if = "is_default")]
    pub company: Company,
    /// The text of `need.*` fields by their path, and of other answers by their key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attribution: Attribution,
    /// An index-key-able text naming who referred the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<Pii>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
}

/// What the store keeps under an inquiry's id: the touchpoint and what was concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryEntry {
    pub inquiry: Inquiry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    pub record: Record,
    /// What became of it; pending until the receipt is laid beside it (see [`Assignment::settle`]).
    pub assignment: Assignment,
}

impl InquiryEntry {
    /// The status, once the assignment is settled. A filtered or test inquiry keeps that status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.record.status.unwrap_or_else(|| self.assignment.status())
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
