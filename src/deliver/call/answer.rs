//! What an answer means, read as the preset says: also errors that come with HTTP 200.

use std::collections::BTreeMap;

use serde_json::Value;

use super::functions::as_text;
use super::settings::{AnswerSettings, Meaning};
use crate::deliver::verdict::Judged;
use crate::domain::Verdict;
use crate::domain::ports::OutboundAnswer;

/// No id of a vendor, and no code, is longer.
const KEPT_BYTES_MAX: usize = 100;

/// One row of the reading, compiled.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    statuses: Vec<(u16, u16)>,
    body: Vec<(String, Vec<String>)>,
    without: Vec<String>,
    means: Meaning,
    code: Option<String>,
    keep: BTreeMap<String, String>,
}

/// What was read out of an answer.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) means: Meaning,
    /// The vendor's own code.
    pub(super) code: Option<String>,
    /// What is kept of it, by name.
    pub(super) kept: BTreeMap<String, String>,
}

impl Reading {
    /// Checks a row.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(super) fn compile(settings: &AnswerSettings) -> Result<Self, String> {
        let statuses = settings.status.iter().map(status).collect::<Result<_, _>>()?;
        let pointers = settings.body.keys().chain(&settings.without).chain(&settings.code);
        pointers.chain(settings.keep.values()).try_for_each(|text| pointer(text))?;
        let texts = |values: &Vec<Value>| values.iter().map(as_text).collect();
        Ok(Self {
            statuses,
            body: settings.body.iter().map(|(at, values)| (at.clone(), texts(values))).collect(),
            without: settings.without.clone(),
            means: settings.means,
            code: settings.code.clone(),
            keep: settings.keep.clone(),
        })
    }

    /// Whether it is about such an answer.
    pub(super) fn fits(&self, status: u16, body: &Value) -> bool {
        let in_range = |(from, to): &(u16, u16)| (*from..=*to).contains(&status);
        let holds = |(at, values): &(String, Vec<String>)| {
            let Some(found) = found(body, at) else { return false };
            let text = as_text(found);
            values.is_empty() || values.iter().any(|value| alike(value, &text))
        };
        (self.statuses.is_empty() || self.statuses.iter().any(in_range))
            && self.body.iter().all(holds)
            && self.without.iter().all(|at| found(body, at).is_none())
    }
}

/// Reads an answer by the first row that fits, else by its status.
pub(super) fn read(
    rows: &[&[Reading]],
    keep: &BTreeMap<String, String>,
    answer: &OutboundAnswer,
) -> Read {
    let body = serde_json::from_slice(&answer.body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&answer.body).trim().to_owned()));
    read_body(rows, keep, answer.status, &body)
}

/// The same, of a body that was taken apart.
pub(super) fn read_body(
    rows: &[&[Reading]],
    keep: &BTreeMap<String, String>,
    status: u16,
    body: &Value,
) -> Read {
    let row = rows.iter().flat_map(|rows| rows.iter()).find(|row| row.fits(status, body));
    let means = row.map_or_else(|| usual(status), |row| row.means);
    let mut kept = BTreeMap::new();
    if matches!(means, Meaning::Taken | Meaning::AlreadyThere | Meaning::Partial) {
        let places = keep.iter().chain(row.iter().flat_map(|row| &row.keep));
        kept.extend(places.filter_map(|(name, at)| Some((name.clone(), plain(body, at)?))));
    }
    let code = row.and_then(|row| row.code.as_ref()).and_then(|at| plain(body, at));
    Read { means, code, kept }
}

/// What a status means where the preset says nothing about it.
fn usual(status: u16) -> Meaning {
    match status {
        200..=299 => Meaning::Taken,
        401 => Meaning::Credentials,
        400 | 422 => Meaning::Invalid,
        410 => Meaning::Gone,
        429 => Meaning::Limited,
        408 | 425 => Meaning::Again,
        300..=499 => Meaning::Refused,
        _ => Meaning::Again,
    }
}

impl Meaning {
    pub(in crate::deliver) fn judged(self, status: u16) -> Judged {
        let (verdict, error) = match self {
            Self::Taken | Self::AlreadyThere | Self::Partial => (Verdict::Delivered, None),
            Self::Again => (Verdict::Retriable, Some("status")),
            Self::Limited => (Verdict::Retriable, Some("limited")),
            Self::Credentials => (Verdict::Credentials, Some("credentials")),
            Self::Invalid => (Verdict::Invalid, Some("invalid")),
            Self::Refused if (300..400).contains(&status) => (Verdict::Refused, Some("redirect")),
            Self::Refused => (Verdict::Refused, Some("status")),
            Self::Gone => (Verdict::Gone, Some("gone")),
        };
        Judged { verdict, http_status: Some(status), error }
    }
}

fn status(value: &Value) -> Result<(u16, u16), String> {
    let text = as_text(value);
    let digits = text.strip_suffix("xx").unwrap_or(&text);
    let number: Option<u16> = digits.parse().ok();
    match (number, digits.len(), text.len()) {
        (Some(number @ 100..=599), 3, 3) => Ok((number, number)),
        (Some(number @ 1..=5), 1, 3) => Ok((number * 100, number * 100 + 99)),
        _ => Err(format!("`{text}` is not a status such as `429` or `5xx`")),
    }
}

pub(super) fn pointer(text: &str) -> Result<(), String> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(());
    }
    Err(format!(
        "`{text}` is not a place in an answer: it begins with `/`, or is empty for the whole"
    ))
}

/// What stands there, unless it is as good as nothing.
fn found<'a>(body: &'a Value, at: &str) -> Option<&'a Value> {
    let value = body.pointer(at)?;
    let nothing = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    (!nothing).then_some(value)
}

fn alike(wanted: &str, text: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == wanted,
    }
}

/// A short plain word, such as an id or a code: nothing that may hold what people wrote.
fn plain(body: &Value, at: &str) -> Option<String> {
    let text = match found(body, at)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
    (text.len() <= KEPT_BYTES_MAX && text.bytes().all(good)).then_some(text)
}
