//! What an answer of a vendor's API means.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::ports::{OutboundAnswer, OutboundError};

use super::settings::AnswerSettings;

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// These are the data.
    Taken,
    /// They are not there any more, or never were: asking again is of no use.
    Gone,
    /// The token is not good (any more): operators are told, and it is tried until they mend it.
    Credentials,
    /// Too much at once: the vendor wants to be left alone for a while.
    Limited,
    /// Not now.
    Again,
}

impl Meaning {
    /// The word in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Gone => "gone",
            Self::Credentials => "credentials",
            Self::Limited => "limited",
            Self::Again => "again",
        }
    }
}

/// Reads an answer by the first row that fits, else by its status.
pub(super) fn judge(
    rows: &[AnswerSettings],
    answer: &Result<OutboundAnswer, OutboundError>,
) -> Meaning {
    let Ok(answer) = answer else { return Meaning::Again };
    let body: Value = if rows.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&answer.body).unwrap_or_default()
    };
    let fits = |row: &&AnswerSettings| {
        (row.status.is_empty() || row.status.contains(&answer.status)) && holds(&row.body, &body)
    };
    rows.iter().find(fits).map_or_else(|| usual(answer.status), |row| row.means)
}

fn holds(wanted: &BTreeMap<String, Vec<Value>>, body: &Value) -> bool {
    wanted.iter().all(|(at, values)| body.pointer(at).is_some_and(|found| values.contains(found)))
}

fn usual(status: u16) -> Meaning {
    match status {
        200..=299 => Meaning::Taken,
        401 | 403 => Meaning::Credentials,
        404 | 410 => Meaning::Gone,
        429 => Meaning::Limited,
        _ => Meaning::Again,
    }
}
