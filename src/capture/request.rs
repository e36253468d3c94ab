//! What goes into capture and what comes out of it.

use std::fmt;

use crate::domain::{Name, Status, Submission};

use super::handshake::Handshake;

/// One HTTP request to a source, as bytes: nothing of it is decoded or trusted yet. `Debug` shows no
/// header, query or body: they hold secrets and people.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// `GET` is a vendor's handshake, everything else is judged by the preset's methods.
    pub method: Method,
    /// Posted to `…/{source}/batch`.
    pub batch: bool,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// All headers; names in lower case. A value that is not text is left out.
    pub headers: &'a [(String, String)],
    /// The query string, still encoded, without `?`.
    pub query: Option<&'a str>,
    /// A path segment behind the source's, decoded: some vendors can only be given a URL.
    pub path_secret: Option<&'a str>,
    /// Whether the caller proved an API key of this workspace that may post inquiries: the source's own
    /// verification is then not needed (backfills, batches for public forms).
    pub caller_known: bool,
    /// The body as it came over the wire.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// A body that is posted with nothing besides, by somebody who has proved nothing.
    #[must_use]
    pub fn post(content_type: Option<&'a str>, body: &'a [u8]) -> Self {
        Self {
            method: Method::Post,
            batch: false,
            content_type,
            headers: &[],
            query: None,
            path_secret: None,
            caller_known: false,
            body,
        }
    }

    /// The first header of that (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The HTTP methods that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Method {
    Get,
    Post,
    Put,
    /// Anything else; never taken.
    #[serde(skip)]
    Other,
}

/// What a request turned out to be.
#[derive(Debug)]
pub enum Captured {
    /// One inquiry.
    Inquiry {
        /// What was submitted, mapped.
        submission: Box<Submission>,
        /// The page the form asked to show next; only ever one that the source lists.
        thanks_page: Option<String>,
    },
    /// Many, each for itself, in the order of the upload.
    Batch(Vec<Result<Submission, RowProblem>>),
    /// Proved to come from the source (or public), but not understood. To be kept.
    Unreadable(Unreadable),
    /// A vendor asking whether anybody is there.
    Ping,
    /// A vendor asking whether this is the right place, and the proof that it is.
    Handshake(Handshake),
}

/// A body that did not become an inquiry.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Why: `bad_json`, `bad_form`, `bad_multipart`, `bad_text`, `bad_csv`, `bad_xml`, `bad_card`, `empty`,
    /// `too_deep`, `too_many_keys`, `not_an_object`, `no_known_columns`, `schema`.
    pub reason: Name,
    /// Where it does not fit, if that can be said. No values.
    pub violations: Vec<Violation>,
    /// The body without the source's secrets.
    pub body_redacted: Vec<u8>,
}

/// One place that does not fit, without the value found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON Pointer into the canonical submission (see `schemas/inquiry.json`), or into the body if
    /// there is no submission yet; empty = the whole.
    pub pointer: String,
    /// What is expected there.
    pub message: String,
}

/// One row of a batch that did not become an inquiry.
#[derive(Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Counted from 1; a CSV's header line is not counted.
    pub row: usize,
    /// As [`Unreadable::reason`], or `unauthenticated`.
    pub reason: Name,
    /// Where it does not fit.
    pub violations: Vec<Violation>,
    /// The row without the source's secrets: the line of an NDJSON, the cells of a CSV row as a JSON
    /// object by header, the item of a JSON array.
    pub row_redacted: Vec<u8>,
}

/// A request that is not taken, and of which nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// One of unauthenticated, too large, unsupported media type, malformed.
    pub status: Status,
    /// The code of the problem catalogue: `unauthenticated`, `too_large`, `too_many_rows`,
    /// `unsupported_media_type`, `unsupported_encoding`, `batch_not_supported`, `method_not_allowed`.
    pub code: Name,
    /// For people; no values.
    pub message: String,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("batch", &self.batch)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreadable")
            .field("reason", &self.reason)
            .field("violations", &self.violations)
            .field("body_bytes", &self.body_redacted.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowProblem")
            .field("row", &self.row)
            .field("reason", &self.reason)
            .field("violations", &self.violations)
            .field("row_bytes", &self.row_redacted.len())
            .finish_non_exhaustive()
    }
}

/// One of this room's codes as a name. They are all literals of the right form.
pub(super) fn reason(code: &str) -> Name {
    Name::parse(code).unwrap_or_else(|_| reason("unknown"))
}
