//! Tests of the room: golden pairs of what comes in and what comes out, then the rules one by one.

mod acknowledging;
mod any_preset;
mod campaigns;
mod decoding;
mod fits;
mod golden;
mod hostile;
mod limits;
mod mapping;
mod pairs;
mod parsing;
mod proofs;
mod saying_back;
mod setting_up;
mod settings;
mod signing;
mod verifying;
mod whole_bodies;

use std::sync::LazyLock;

use crate::domain::{Name, Submission, Timestamp};

use super::*;

pub(super) static PRESETS: LazyLock<Presets> = LazyLock::new(|| Presets::shipped().unwrap());

/// A source from YAML; the test fails on any problem.
pub(super) fn source(yaml: &str) -> Source {
    try_source(yaml).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub(super) fn try_source(yaml: &str) -> Result<Source, Vec<crate::domain::SettingProblem>> {
    let settings: SourceSettings = serde_saphyr::from_str(yaml).unwrap();
    Source::compile(&Name::parse("test-source").unwrap(), &settings, &PRESETS)
}

pub(super) fn form() -> Source {
    source("preset: html-form")
}

pub(super) fn google() -> Source {
    source("preset: google-ads-lead-form\nsecrets: [a-google-key-1, a-google-key-2]")
}

pub(super) fn scanner() -> Source {
    source("preset: scanner-batch\nsecrets: [scanner-key-1]\nzone: Europe/Berlin")
}

pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

pub(super) fn post<'a>(content_type: &'a str, body: &'a [u8]) -> Request<'a> {
    Request::post(Some(content_type), body)
}

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const JSON: &str = "application/json";

/// What one accepted request holds.
pub(super) fn inquiry(source: &Source, request: &Request) -> Submission {
    match capture(source, request, now()) {
        Ok(Captured::Inquiry { submission, .. }) => *submission,
        other => panic!("expected an inquiry, got {other:?}"),
    }
}

pub(super) fn unreadable(source: &Source, request: &Request) -> Unreadable {
    match capture(source, request, now()) {
        Ok(Captured::Unreadable(unreadable)) => unreadable,
        other => panic!("expected unreadable, got {other:?}"),
    }
}

pub(super) fn refused(source: &Source, request: &Request) -> Refused {
    capture(source, request, now())
        .map(|taken| panic!("expected a refusal, got {taken:?}"))
        .unwrap_err()
}

pub(super) fn rows(
    source: &Source,
    content_type: &str,
    body: &[u8],
) -> Vec<Result<Submission, RowProblem>> {
    let request = Request { batch: true, caller_known: true, ..post(content_type, body) };
    match capture(source, &request, now()) {
        Ok(Captured::Batch(rows)) => rows,
        other => panic!("expected a batch, got {other:?}"),
    }
}

/// A field's text, `""` if it is not there.
pub(super) fn field(submission: &Submission, path: &str) -> String {
    let field = crate::domain::Field::parse(path).unwrap();
    submission.fields.get(&field).map_or(String::new(), |text| text.expose().to_owned())
}

/// An answer's text, `""` if it is not there.
pub(super) fn answer(submission: &Submission, key: &str) -> String {
    let answer = submission.answers.iter().find(|answer| answer.key == key);
    answer.map_or(String::new(), |answer| answer.value.expose().to_owned())
}
