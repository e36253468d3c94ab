//! The last check: every submission fits `schemas/inquiry.json`. Vendor schemas are advisory; this one
//! decides. Offline, linear-time patterns, messages without values.

use std::sync::LazyLock;

use jsonschema::{Draft, PatternOptions, Validator};

use crate::domain::Submission;

use super::request::Violation;

/// The canonical submission's schema (JSON Schema 2020-12), as text.
pub const INQUIRY_SCHEMA: &str = include_str!("../../schemas/inquiry.json");

/// Bytes of a compiled pattern.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Characters of a value, and how many answers or attribution values there may be.
const VALUE_BYTES_MAX: usize = 65_536;
const ENTRIES_MAX: usize = 2000;
/// Violations told; who sends more has one problem, not many.
const VIOLATIONS_MAX: usize = 20;

static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let schema = serde_json::from_str(INQUIRY_SCHEMA).ok()?;
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES_MAX))
        .build(&schema)
        .ok()
});

/// Where a submission does not fit; empty if it does.
pub(super) fn violations(submission: &Submission) -> Vec<Violation> {
    if plainly_fits(submission) { Vec::new() } else { violated(submission) }
}

/// Whether a submission fits beyond doubt. Says in Rust what the schema says, with characters counted
/// in bytes, and spares all but unusual submissions the schema itself; a test holds it to the schema.
pub(super) fn plainly_fits(submission: &Submission) -> bool {
    let text = |text: &str, most: usize| (1..=most).contains(&text.len());
    let word = |key: &str| {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        key.split('_').all(part)
    };
    submission
        .event_id
        .as_ref()
        .is_none_or(|id| text(id, 256) && !id.bytes().any(|b| b.is_ascii_control()))
        && submission.fields.values().all(|value| text(value.expose(), VALUE_BYTES_MAX))
        && submission.answers.len() <= ENTRIES_MAX
        && submission
            .answers
            .iter()
            .all(|answer| word(&answer.key) && text(answer.value.expose(), VALUE_BYTES_MAX))
        && submission.consents.len() <= 50
        && submission.consents.iter().all(|consent| {
            text(&consent.purpose, 64)
                && text(&consent.channel, 64)
                && consent.text.as_ref().is_none_or(|text| text.len() <= 2000)
        })
        && submission.attribution.len() <= ENTRIES_MAX
        && submission.attribution.iter().all(|(key, value)| word(key) && text(value, 500))
        && submission.flags.len() <= 1
}

/// The same by the schema.
pub(super) fn violated(submission: &Submission) -> Vec<Violation> {
    let broken =
        |message: &str| vec![Violation { pointer: String::new(), message: message.into() }];
    let Some(validator) = VALIDATOR.as_ref() else { return broken("the schema is not usable") };
    let Ok(value) = serde_json::to_value(submission) else {
        return broken("cannot be written as JSON");
    };
    if validator.is_valid(&value) {
        return Vec::new();
    }
    let errors = validator.iter_errors(&value).take(VIOLATIONS_MAX);
    errors
        .map(|error| Violation {
            pointer: error.instance_path().to_string(),
            message: error.masked().to_string(),
        })
        .collect()
}
