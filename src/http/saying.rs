//! What is said back about a lead, as it is sent: in JSON, in a table, by a vendor's webhook.

use std::collections::BTreeMap;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use utoipa::ToSchema;

use super::answering::{Answering, Given};
use super::problem::{Problem, ProblemCode};
use crate::domain::{Disposition, Known3, LeadId, Name, Timestamp};
use crate::flow::{About, SaidBack, Saying, Workspace};

/// No id of another system is longer.
const ID_BYTES_MAX: usize = 256;
/// Longer than this, a reason is a story.
const REASON_CHARS_MAX: usize = 48;
/// Numbers above it are milliseconds.
const SECONDS_MAX: i64 = 100_000_000_000;

/// One thing said back about one lead, which is named by `lead_id`, by `destination` and `record_id`, or by `email` and
/// `phone`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SayingBack {
    /// Whatever recognises this very message when it is sent again; else `Idempotency-Key` or `webhook-id`, else its words
    /// for ten minutes.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub lead_id: Option<LeadId>,
    /// The destination that gave the lead an id of its own …
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "crm")]
    pub destination: Option<Name>,
    /// … and that id.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "00Q5e00001")]
    pub record_id: Option<Given>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub email: Option<Given>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Given>,
    /// One of the dispositions, or another word for it that the workspace or the field uses.
    #[schema(example = "won")]
    pub disposition: String,
    /// When it happened: RFC 3339, a day, or seconds or milliseconds since 1970; now if absent or still to come.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Moment>,
    /// With `won`: what they bought for, such as `12500` or `12500.50`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "12500.50")]
    pub amount: Option<Given>,
    /// Three letters of ISO 4217; the workspace's if absent.
    #[serde(default)]
    #[schema(example = "EUR")]
    pub currency: Option<String>,
    /// With `lost` and whatever passes the lead back or gives it up: why, in a word.
    #[serde(default)]
    #[schema(example = "price")]
    pub reason: Option<String>,
    /// With whatever passes the lead back: when it is worth another try.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub revisit_at: Option<Moment>,
    /// With `duplicate`: of which lead; the two stand on the worklist `review` then.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub of: Option<LeadId>,
    /// What was found out, by the name of the criterion: `yes`, `no` or `unknown`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub criteria: BTreeMap<Name, Known3>,
    /// What was found out, by the path that conditions use.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<String, Given>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub eligible: Option<Known3>,
    /// Beside what was found out, for whoever reads it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub note: Option<Given>,
}

/// A time, or a day of the workspace's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    At(Timestamp),
    Day(civil::Date),
}

impl Moment {
    /// Reads a time as tools write it. Without an offset it is in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(number) = text.parse::<i64>() {
            let millis = if number < SECONDS_MAX { number.checked_mul(1000)? } else { number };
            return (millis > 0).then_some(Self::At(Timestamp::from_millis(millis)));
        }
        if let Some(at) = Timestamp::parse(text) {
            return Some(Self::At(at));
        }
        if text.len() <= 10 {
            return text.parse().ok().map(Self::Day);
        }
        let at: civil::DateTime = text.parse().ok()?;
        let at = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Self::At(Timestamp::from_millis(at.as_millisecond())))
    }

    /// The time; of a day its beginning.
    pub fn within(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Day(day) => {
                let begins = day.to_zoned(zone.clone()).map(|begins| begins.timestamp());
                begins.map_or(Timestamp::EPOCH, |at| Timestamp::from_millis(at.as_millisecond()))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Given::deserialize(deserializer)?;
        Self::parse(given.0.expose()).ok_or_else(|| de::Error::custom("expected a time"))
    }
}

impl SayingBack {
    /// As the flow takes it, by the workspace's words. `sent` is the id that came in a header, `words` everything that was
    /// sent.
    ///
    /// # Errors
    /// If it says nothing that can be understood. No value that came in is repeated.
    pub fn understood(
        self,
        workspace: &Workspace,
        sent: Option<String>,
        words: Vec<u8>,
    ) -> Result<SaidBack, Problem> {
        let terms = &workspace.decide.follow_up.dispositions;
        let about = about(&self)?;
        let reason = self.reason.as_deref().filter(|reason| !reason.trim().is_empty());
        let reason = reason.map(reason_in_a_word).transpose()?;
        let disposition = terms.meant(&self.disposition, reason.as_ref()).ok_or_else(|| {
            let used: Vec<&str> = terms.used().map(Disposition::as_str).collect();
            malformed(format!(
                "There is no such disposition; these are known: {}.",
                used.join(", ")
            ))
        })?;
        let amount = self.amount.as_ref().map(|amount| amount.0.expose().trim());
        let currency = self.currency.as_deref().filter(|text| !text.trim().is_empty());
        let deal = amount.filter(|amount| !amount.is_empty()).map(|amount| {
            terms.deal(amount, currency).ok_or_else(|| {
                malformed("An amount is digits with at most three behind a point, and names its `currency`.")
            })
        });
        let at = self.at.map(|at| at.within(&workspace.zone));
        let answering = Answering {
            criteria: self.criteria,
            fields: self.fields,
            eligible: self.eligible,
            qualified: false,
            note: self.note,
            at,
        };
        // A lead exchange's `return` says in its reason what it means: it is no reason beside that.
        let reason = reason.filter(|reason| reason.as_str() != disposition.as_str());
        let saying = Saying {
            disposition,
            at,
            deal: deal.transpose()?,
            reason,
            revisit_at: self.revisit_at.map(|at| at.within(&workspace.zone)),
            of: self.of,
            answers: answering.answers()?,
        };
        let id = self.id.filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX);
        Ok(SaidBack { about, saying, id: id.or(sent), words })
    }
}

fn about(said: &SayingBack) -> Result<About, Problem> {
    let text = |given: &Option<Given>| {
        let text = given.as_ref().map(|given| given.0.clone());
        text.filter(|text| !text.expose().trim().is_empty())
    };
    let short = |text: &crate::domain::Pii| text.expose().len() <= ID_BYTES_MAX;
    let record = text(&said.record_id).filter(short);
    let (email, phone) = (text(&said.email).filter(short), text(&said.phone).filter(short));
    match (said.lead_id, &said.destination, record) {
        (Some(id), ..) => Ok(About::Lead(id)),
        (None, Some(destination), Some(id)) => {
            Ok(About::Kept { destination: destination.clone(), id: id.expose().trim().to_owned() })
        }
        _ if email.is_some() || phone.is_some() => Ok(About::Person { email, phone }),
        _ => Err(malformed(
            "Say which lead is meant: by `lead_id`, by `destination` and `record_id`, or by `email` or `phone`.",
        )),
    }
}

/// A reason as the journal keeps it: a word of small letters, that names nobody.
pub(super) fn reason_in_a_word(text: &str) -> Result<Name, Problem> {
    let mut word = String::new();
    for letter in text.trim().chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            word.push(letter);
        } else if !word.is_empty() && !word.ends_with('-') {
            word.push('-');
        }
    }
    let word = word.trim_matches(['-', '_']);
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let names_nobody = !text.contains('@') && digits < 6;
    Name::parse(word).ok().filter(|_| names_nobody && word.len() <= REASON_CHARS_MAX).ok_or_else(|| {
        malformed("A reason is a word or a few, of at most 48 letters, without anybody's address or number.")
    })
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::saying(ProblemCode::BadRequest, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_tools_write_them() {
        let at = |text: &str| Moment::parse(text).map(|at| at.within(&TimeZone::UTC).as_millis());
        let noon = 1_772_020_800_000;
        for text in [
            "2026-02-25T12:00:00Z",
            "2026-02-25T13:00:00.000+0100",
            "2026-02-25 12:00:00",
            "1772020800",
            "1772020800000",
        ] {
            assert_eq!(at(text), Some(noon), "{text}");
        }
        assert_eq!(at("2026-02-25"), Some(noon - 12 * 3_600_000));
        for bad in ["", "soon", "25.02.2026", "-5", "2026-02-30"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_reason_is_a_word_that_names_nobody() {
        let word = |text: &str| reason_in_a_word(text).ok().map(|word| word.to_string());
        assert_eq!(word(" Too expensive! "), Some("too-expensive".to_owned()));
        assert_eq!(word("price"), Some("price".to_owned()));
        let story = "a".repeat(49);
        for bad in ["ann@zanzotter.example", "call 555 0100 22", "", "--", story.as_str()] {
            assert_eq!(word(bad), None, "{bad}");
        }
    }
}
