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
