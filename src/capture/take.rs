//! One request, from the first check to the last.

use std::cell::RefCell;
use std::ops::Range;

use crate::domain::{Status, Submission, Timestamp};

use super::decode::{self, DecodeError, Decoded, Row, Rows, Shape};
use super::handshake;
use super::map::{self, Context, Mapped};
use super::preset::Decoding;
use super::redact::redacted;
use super::request::{
    Captured, Method, Refused, Request, RowProblem, Unreadable, Violation, reason,
};
use super::schema;
use super::sorting::Origin;
use super::source::Source;
use super::verify::Verdict;

/// Captures what a request holds.
///
/// # Errors
/// [`Refused`] for what is not proved to come from the source, too large, of a type the source does not
/// take, or not this protocol; nothing of it is to be kept. Everything else comes back as [`Captured`],
/// also if it is unreadable.
pub fn capture(source: &Source, request: &Request, now: Timestamp) -> Result<Captured, Refused> {
    taken(&Taking { source, request, now, origins: None })
}

/// The same, and for each inquiry what became of every value: for a person who tries a body out.
///
/// # Errors
/// As [`capture`].
pub fn explain(
    source: &Source,
    request: &Request,
    now: Timestamp,
) -> Result<(Captured, Vec<Vec<Origin>>), Refused> {
    let origins = RefCell::default();
    let captured = taken(&Taking { source, request, now, origins: Some(&origins) })?;
    Ok((captured, origins.into_inner()))
}

fn taken(taking: &Taking) -> Result<Captured, Refused> {
    let Taking { source, request, now, .. } = *taking;
    if let Some(settings) =
        source.preset.handshake.as_ref().filter(|_| request.method == Method::Get)
    {
        let answer = handshake::answer(settings, &source.secrets, request);
        return answer.map(Captured::Handshake).ok_or_else(unauthenticated);
    }
    if !source.methods().contains(&request.method) {
        return Err(refused(Status::Malformed, "method_not_allowed", "use POST"));
    }
    if request.body.len() > source.bytes_max(request.batch) {
        let message = format!("more than {} bytes", source.bytes_max(request.batch));
        return Err(refused(Status::TooLarge, "too_large", message));
    }
    let verdict = source.verifier.judge(request, now);
    if verdict == Verdict::NotProved && !request.caller_known {
        return Err(unauthenticated());
    }
    if request.batch && source.is_public() && !request.caller_known {
        // A public form is public for single inquiries, not for thousands at once.
        return Err(unauthenticated());
    }
    if request.method == Method::Get {
        return Ok(Captured::Ping);
    }
    let encoding = request.header("content-encoding").unwrap_or("identity").trim();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        let message = "send the body without Content-Encoding";
        return Err(refused(Status::UnsupportedMediaType, "unsupported_encoding", message));
    }
    if request.batch && !source.takes_batches() {
        let message = "this source takes no batches";
        return Err(refused(Status::Malformed, "batch_not_supported", message));
    }
    let Some(decoding) = source.decoding(request.content_type, request.batch) else {
        let message = "the source does not take this content type here";
        return Err(refused(Status::UnsupportedMediaType, "unsupported_media_type", message));
    };
    let body = decode::in_utf8(decoding, request.body, request.content_type);
    let taking = Taking { request: &Request { body: &body, ..*request }, ..*taking };
    if request.batch { taking.batch(decoding) } else { taking.single(decoding) }
}

/// The body of a request without the source's secrets: for keeping what was captured but turned out to
/// be of no use (no way to reach the person).
#[must_use]
pub fn redacted_body(source: &Source, request: &Request) -> Vec<u8> {
    let taking = Taking { source, request, now: Timestamp::EPOCH, origins: None };
    let Some(decoding) = source.decoding(request.content_type, false) else {
        return redacted(request.body, &[], &source.secrets);
    };
    let body = decode::in_utf8(decoding, request.body, request.content_type);
    let decoded = decode::single(decoding, &body, request.content_type, taking.shape());
    let spans = decoded.map(|decoded| decoded.secret_spans).unwrap_or_default();
    redacted(&body, &spans, &source.secrets)
}

/// The same for each row of a batch, in the order of [`Captured::Batch`]. Empty if the body has no rows.
#[must_use]
pub fn redacted_rows(source: &Source, request: &Request) -> Vec<Vec<u8>> {
    let taking = Taking { source, request, now: Timestamp::EPOCH, origins: None };
    if !request.batch {
        return taking.redacted_pieces().unwrap_or_default();
    }
    let Some(decoding) = source.decoding(request.content_type, true) else { return Vec::new() };
    let body = decode::in_utf8(decoding, request.body, request.content_type);
    let rows = decode::rows(decoding, &body, request.content_type, taking.shape());
    let Ok(Rows::Rows(rows)) = rows else { return Vec::new() };
    let kept = rows.into_iter().map(|row| {
        let spans = row.decoded.map(|decoded| decoded.secret_spans).unwrap_or_default();
        redacted(&row.raw, &spans, &source.secrets)
    });
    kept.collect()
}

pub(super) fn refused(status: Status, code: &str, message: impl Into<String>) -> Refused {
    Refused { status, code: reason(code), message: message.into() }
}

pub(super) fn unauthenticated() -> Refused {
    let message = "the request is not proved to come from the source";
    refused(Status::Unauthenticated, "unauthenticated", message)
}

struct Taking<'a> {
    source: &'a Source,
    request: &'a Request<'a>,
    now: Timestamp,
    /// Where to say what became of each value, if somebody asks.
    origins: Option<&'a RefCell<Vec<Vec<Origin>>>>,
}

impl Taking<'_> {
    fn shape(&self) -> Shape<'_> {
        Shape {
            limits: &self.source.limits,
            lists: &self.source.preset.lists,
            secret_paths: &self.source.secret_paths,
            embedded: &self.source.preset.embedded,
            cards: self.source.preset.cards,
        }
    }

    fn context(&self) -> Context<'_> {
        let origin = self.request.header("origin");
        Context {
            source: self.source,
            now: self.now,
            unlisted_origin: self.source.flags_origin(origin),
            row: self.request.batch,
            traced: self.origins.is_some(),
        }
    }

    fn mapped(&self, decoded: Decoded) -> Mapped {
        let mut mapped = map::map(&self.context(), decoded);
        if let Some(origins) = self.origins {
            origins.borrow_mut().push(std::mem::take(&mut mapped.origins));
        }
        mapped
    }

    /// Whether the key inside the body (if the scheme has one there) is right.
    fn proved(&self, decoded: &Decoded) -> bool {
        let verifier = &self.source.verifier;
        let given = verifier.key_path().and_then(|path| decoded.at(path));
        self.request.caller_known || verifier.judge_key(given)
    }

    fn proved_unparsed(&self, body: &[u8]) -> bool {
        self.request.caller_known || self.source.verifier.key_somewhere(body)
    }

    fn single(&self, decoding: Decoding) -> Result<Captured, Refused> {
        let body = self.request.body;
        match self.pieces(decoding) {
            Ok(None) => self.one(decoding, body),
            Ok(Some(pieces)) => match pieces.as_slice() {
                [only] => self.one(Decoding::Json, only.as_bytes()),
                pieces => self.several(pieces),
            },
            Err(_) if !self.proved_unparsed(body) => Err(unauthenticated()),
            Err(error) => Ok(self.unreadable(error.reason, vec![error.into()], (body, &[]))),
        }
    }

    /// A delivery of several inquiries, each as a document of its own.
    fn pieces(&self, decoding: Decoding) -> Result<Option<Vec<String>>, DecodeError> {
        let each = (self.source.preset.each.as_slice(), self.shape());
        decode::pieces(decoding, self.request.body, self.request.content_type, each)
    }

    /// One inquiry.
    fn one(&self, decoding: Decoding, body: &[u8]) -> Result<Captured, Refused> {
        let decoded = decode::single(decoding, body, self.request.content_type, self.shape());
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(_) if !self.proved_unparsed(body) => return Err(unauthenticated()),
            Err(error) => {
                return Ok(self.unreadable(error.reason, vec![error.into()], (body, &[])));
            }
        };
        if !self.proved(&decoded) {
            return Err(unauthenticated());
        }
        let spans = decoded.secret_spans.clone();
        let mapped = self.mapped(decoded);
        let violations = schema::violations(&mapped.submission);
        if !violations.is_empty() {
            return Ok(self.unreadable("schema", violations, (body, &spans)));
        }
        let submission = Box::new(mapped.submission);
        Ok(Captured::Inquiry { submission, thanks_page: mapped.thanks_page })
    }

    /// Several, each judged for itself. Where each holds the key, each has to be right.
    fn several(&self, pieces: &[String]) -> Result<Captured, Refused> {
        let decode = |piece: &String| Row {
            decoded: decode::single(Decoding::Json, piece.as_bytes(), None, self.shape()),
            raw: piece.clone().into_bytes(),
        };
        let rows: Vec<Row> = pieces.iter().map(decode).collect();
        let proved = |row: &Row| row.decoded.as_ref().is_ok_and(|decoded| self.proved(decoded));
        if self.source.verifier.key_path().is_some() && !rows.iter().any(proved) {
            return Err(unauthenticated());
        }
        let rows = rows.into_iter().enumerate().map(|(n, row)| self.row(n + 1, row));
        Ok(Captured::Batch(rows.collect()))
    }

    /// What is kept of the pieces of a delivery that cannot be used.
    fn redacted_pieces(&self) -> Option<Vec<Vec<u8>>> {
        let Taking { request, .. } = *self;
        let decoding = self.source.decoding(request.content_type, false)?;
        let body = decode::in_utf8(decoding, request.body, request.content_type);
        let within = Taking { request: &Request { body: &body, ..*request }, ..*self };
        let pieces = within.pieces(decoding).ok()??;
        let kept = pieces.iter().map(|piece| {
            let decoded = decode::single(Decoding::Json, piece.as_bytes(), None, self.shape());
            let spans = decoded.map(|decoded| decoded.secret_spans).unwrap_or_default();
            redacted(piece.as_bytes(), &spans, &self.source.secrets)
        });
        Some(kept.collect())
    }

    fn batch(&self, decoding: Decoding) -> Result<Captured, Refused> {
        let body = self.request.body;
        let rows = match decode::rows(decoding, body, self.request.content_type, self.shape()) {
            Ok(Rows::Rows(rows)) => rows,
            Ok(Rows::TooMany) => {
                let most = self.source.limits.rows;
                let message = format!("more than {most} rows: please send them in parts");
                return Err(refused(Status::TooLarge, "too_many_rows", message));
            }
            Err(_) if !self.proved_unparsed(body) => return Err(unauthenticated()),
            Err(error) => {
                return Ok(self.unreadable(error.reason, vec![error.into()], (body, &[])));
            }
        };
        // Where each row holds the key, one right row proves who uploads; a wrong one stays out alone.
        let proves = |row: &Row| row.decoded.as_ref().is_ok_and(|decoded| self.proved(decoded));
        if self.source.verifier.key_path().is_some()
            && !self.request.caller_known
            && !rows.iter().any(proves)
        {
            return Err(unauthenticated());
        }
        let taken: Vec<_> =
            rows.into_iter().enumerate().map(|(n, row)| self.row(n + 1, row)).collect();
        if decoding == Decoding::Csv && !taken.iter().any(has_fields) {
            let message = "the first line names no column that is known";
            let error = DecodeError::new("no_known_columns", message);
            return Ok(self.unreadable(error.reason, vec![error.into()], (body, &[])));
        }
        Ok(Captured::Batch(taken))
    }

    fn row(&self, row: usize, taken: Row) -> Result<Submission, RowProblem> {
        let Row { decoded, raw } = taken;
        let problem = |code: &str, violations, spans: &[_]| RowProblem {
            row,
            reason: reason(code),
            violations,
            row_redacted: redacted(&raw, spans, &self.source.secrets),
        };
        let decoded = match decoded {
            Ok(decoded) if self.proved(&decoded) => decoded,
            Ok(_) => {
                let nothing = problem("unauthenticated", Vec::new(), &[]);
                return Err(RowProblem { row_redacted: Vec::new(), ..nothing });
            }
            Err(error) => return Err(problem(error.reason, vec![error.into()], &[])),
        };
        let spans = decoded.secret_spans.clone();
        let submission = self.mapped(decoded).submission;
        let violations = schema::violations(&submission);
        if violations.is_empty() {
            Ok(submission)
        } else {
            Err(problem("schema", violations, &spans))
        }
    }

    fn unreadable(
        &self,
        code: &str,
        violations: Vec<Violation>,
        (body, spans): (&[u8], &[Range<usize>]),
    ) -> Captured {
        Captured::Unreadable(Unreadable {
            reason: reason(code),
            violations,
            body_redacted: redacted(body, spans, &self.source.secrets),
        })
    }
}

fn has_fields(row: &Result<Submission, RowProblem>) -> bool {
    row.as_ref().is_ok_and(|submission| !submission.fields.is_empty())
}

impl From<DecodeError> for Violation {
    fn from(error: DecodeError) -> Self {
        Self { pointer: String::new(), message: error.message }
    }
}
