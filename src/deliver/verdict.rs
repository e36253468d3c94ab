//! What an answer or an error means. Decided here, once, where it is seen.

use crate::domain::Verdict;
use crate::domain::ports::{OutboundAnswer, OutboundError};

/// An attempt's verdict, status and fixed word for what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) http_status: Option<u16>,
    pub(super) error: Option<&'static str>,
}

/// Judges what came back.
pub(super) fn judge(answer: &Result<OutboundAnswer, OutboundError>) -> Judged {
    match answer {
        Ok(answer) => {
            let (verdict, error) = match answer.status {
                200..=299 => (Verdict::Delivered, None),
                300..=399 => (Verdict::Refused, Some("redirect")),
                410 => (Verdict::Gone, Some("gone")),
                408 | 425 | 429 => (Verdict::Retriable, Some("status")),
                400..=499 => (Verdict::Refused, Some("status")),
                _ => (Verdict::Retriable, Some("status")),
            };
            Judged { verdict, http_status: Some(answer.status), error }
        }
        Err(error) => {
            let (verdict, word) = match error {
                OutboundError::Timeout => (Verdict::Retriable, "timeout"),
                OutboundError::Dns => (Verdict::Retriable, "dns"),
                OutboundError::Connect => (Verdict::Retriable, "connect"),
                OutboundError::Tls => (Verdict::Retriable, "tls"),
                OutboundError::Cut => (Verdict::Retriable, "cut"),
                OutboundError::Blocked => (Verdict::Blocked, "blocked_address"),
                OutboundError::BodyTooLarge => (Verdict::Retriable, "body_too_large"),
                OutboundError::BadRequest => (Verdict::Refused, "bad_request"),
            };
            Judged { verdict, http_status: None, error: Some(word) }
        }
    }
}
