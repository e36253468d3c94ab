//! What was asked, recognised by its form.

use std::fmt;

use super::period::Period;
use crate::domain::{
    AttemptId, BatchId, DeliveryId, EventId, InquiryId, LeadId, Name, RequestId, Timestamp,
};
use crate::flow::workspace::Workspace;

/// Longest text.
const CHARS_MAX: usize = 320;
/// A phone number has at least so many digits.
const PHONE_DIGITS_MIN: usize = 6;

/// Why something cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseQuestionError {
    #[error("ask for an e-mail address, a phone number, an id, a time, or a source")]
    Empty,
    #[error("that is longer than anything that is looked for")]
    TooLong,
    #[error("no time as it is read here: 2026-03-01, 2026-03-01T12:00Z, yesterday, 14:30, 2h")]
    BadTime,
    #[error("there is no such source")]
    NoSource,
}

/// One thing asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum Asked {
    Email(String),
    Phone(String),
    Inquiry(InquiryId),
    Lead(LeadId),
    Delivery(DeliveryId),
    Event(EventId),
    Attempt(AttemptId),
    Request(RequestId),
    Batch(BatchId),
    /// Sixteen bytes of an id whose kind was not said.
    Digits([u8; 16]),
    /// What happened within some time.
    Time(Period),
    Source(Name),
    /// Anything else: another system's id of the person or the event.
    Text(String),
}

impl Asked {
    /// What it was taken for.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
            Self::Inquiry(_) => "inquiry",
            Self::Lead(_) => "lead",
            Self::Delivery(_) => "delivery",
            Self::Event(_) => "event",
            Self::Attempt(_) => "attempt",
            Self::Request(_) => "request",
            Self::Batch(_) => "batch",
            Self::Digits(_) => "id",
            Self::Time(_) => "time",
            Self::Source(_) => "source",
            Self::Text(_) => "external_id",
        }
    }

    /// Whether it may be personal data: that belongs in a body, not in a URL.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        matches!(self, Self::Email(_) | Self::Phone(_) | Self::Text(_))
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// A question, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub asked: Asked,
    /// Where refusals are counted and things without an index are looked for, if it was said.
    pub within: Option<Period>,
    /// Only of this source.
    pub source: Option<Name>,
    /// Whole worklists are looked through, not only the newest of each.
    pub thorough: bool,
}

impl Question {
    /// Understands a question. Without `what` it is about the time or the source alone.
    ///
    /// # Errors
    /// If it is about nothing, too long, or names a time or source that is none.
    pub fn parse(
        what: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        source: Option<&Name>,
        workspace: &Workspace,
        now: Timestamp,
    ) -> Result<Self, ParseQuestionError> {
        let zone = &workspace.zone;
        if source.is_some_and(|source| !workspace.sources.contains_key(source)) {
            return Err(ParseQuestionError::NoSource);
        }
        let bad = ParseQuestionError::BadTime;
        let from = from.map(|text| Period::beginning(text, now, zone).ok_or(bad)).transpose()?;
        let to = to.map(|text| Period::end(text, now, zone).ok_or(bad)).transpose()?;
        let within = match (from, to) {
            (None, None) => None,
            (from, to) => {
                let to = to.unwrap_or(now);
                let from = from.unwrap_or_else(|| to.before(std::time::Duration::from_hours(24)));
                if from > to {
                    return Err(bad);
                }
                Some(Period { from, to })
            }
        };
        let asked = match (what.map(str::trim), within, source) {
            (Some(text), ..) if !text.is_empty() => asked(text, workspace, now)?,
            (None, _, Some(source)) => Asked::Source(source.clone()),
            (None, Some(within), None) => Asked::Time(within),
            (Some(_), ..) | (None, None, None) => return Err(ParseQuestionError::Empty),
        };
        Ok(Self { asked, within, source: source.cloned(), thorough: false })
    }
}

fn asked(text: &str, workspace: &Workspace, now: Timestamp) -> Result<Asked, ParseQuestionError> {
    if text.chars().count() > CHARS_MAX {
        return Err(ParseQuestionError::TooLong);
    }
    if let Some(id) = id(text) {
        return Ok(id);
    }
    if text.contains('@') {
        return Ok(Asked::Email(text.to_owned()));
    }
    if let Some(period) = Period::parse(text, now, &workspace.zone) {
        return Ok(Asked::Time(period));
    }
    if let Some((source, _)) =
        Name::parse(text).ok().and_then(|n| workspace.sources.get_key_value(&n))
    {
        return Ok(Asked::Source(source.clone()));
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let dialled = |c: char| c.is_ascii_digit() || "+-() ./\u{a0}".contains(c);
    if digits >= PHONE_DIGITS_MIN && text.chars().all(dialled) {
        return Ok(Asked::Phone(text.to_owned()));
    }
    Ok(Asked::Text(text.to_owned()))
}

fn id(text: &str) -> Option<Asked> {
    let by_prefix = || {
        Some(match text.split_once('_')?.0 {
            "inq" => Asked::Inquiry(text.parse().ok()?),
            "lead" => Asked::Lead(text.parse().ok()?),
            "dlv" => Asked::Delivery(text.parse().ok()?),
            "evt" => Asked::Event(text.parse().ok()?),
            "att" => Asked::Attempt(text.parse().ok()?),
            "req" => Asked::Request(text.parse().ok()?),
            "bat" => Asked::Batch(text.parse().ok()?),
            _ => return None,
        })
    };
    let bare = || {
        let digits = (text.len() == 32 || text.len() == 36).then_some(text)?;
        uuid::Uuid::try_parse(digits).ok().map(|id| Asked::Digits(id.into_bytes()))
    };
    by_prefix().or_else(bare)
}
