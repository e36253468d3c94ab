//! Errors as RFC 9457 problem details, from one published catalogue with stable codes.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::flow::Unavailable;

macro_rules! catalogue {
    ($($variant:ident = $code:literal, $status:literal, $title:literal, $mend:literal;)*) => {
        /// The stable code of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemCode { $(#[doc = $title] $variant,)* }

        impl ProblemCode {
            /// The code as callers see it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            fn parts(self) -> (u16, &'static str, &'static str) {
                match self { $(Self::$variant => ($status, $title, $mend),)* }
            }
        }

        /// The catalogue: code, HTTP status, title, what to do.
        pub const PROBLEMS: &[(&str, u16, &str, &str)] = &[$(($code, $status, $title, $mend),)*];
    };
}

catalogue! {
    NotFound = "not_found", 404, "There is no such thing", "Check the path and the id.";
    MethodNotAllowed = "method_not_allowed", 405, "That method is not for this path", "See /openapi.json.";
    Unauthenticated = "unauthenticated", 401, "No valid API key", "Send `Authorization: Bearer lrk_…`; make a key with `lead-router keys new`.";
    Forbidden = "forbidden", 403, "The API key may not do that", "Use a key with the scope that the operation names in /openapi.json.";
    BadRequest = "bad_request", 400, "The request does not have the form this operation takes", "See /openapi.json.";
    TooLarge = "too_large", 413, "The request is too large", "Send less at once.";
    Erased = "erased", 410, "The person was erased", "Nothing of them is kept: there is nothing to be had.";
    Slow = "slow", 408, "The body did not arrive in time", "Send it again.";
    Conflict = "conflict", 409, "Somebody else changed it meanwhile", "Read it again, then repeat.";
    Ambiguous = "ambiguous", 409, "More than one lead could be meant", "Name one by `lead_id`; `errors` has their ids.";
    Impossible = "impossible", 422, "That cannot be done in the present state", "The detail says why.";
    ConfigurationRefused = "configuration_refused", 422, "The configuration is not good; the running one stays", "Mend what `errors` names, then reload.";
    Unavailable = "unavailable", 503, "Not available at the moment", "Send it again after the time in Retry-After.";
}

/// What capture answers, beside those above: code, usual HTTP status (a source's acknowledgement may
/// say another), title, what to do.
pub const CAPTURE_PROBLEMS: &[(&str, u16, &str, &str)] = &[
    ("unknown", 404, "There is no such source", "Check the workspace and the source in the URL."),
    ("malformed", 400, "The request is malformed", "Send it as the source's description says."),
    ("limited", 429, "Too many requests", "Send it again after the time in Retry-After."),
    (
        "unsupported_media_type",
        415,
        "The content type is not supported",
        "Send one the source takes.",
    ),
    (
        "unsupported_encoding",
        415,
        "The content encoding is not supported",
        "Send the body uncompressed.",
    ),
    ("too_many_rows", 413, "The upload has too many rows", "Send it in parts."),
    ("batch_not_supported", 400, "The source takes no batches", "Send inquiries singly."),
    (
        "key_reused",
        400,
        "The idempotency key came before with other content",
        "Use a new key for a new inquiry.",
    ),
    (
        "unreadable",
        422,
        "The inquiry could not be read",
        "It is kept; correct the body and send it again.",
    ),
    (
        "no_contact",
        422,
        "Nobody could be reached: no e-mail, phone, id, or name and company",
        "Ask for one of them.",
    ),
    (
        "schema",
        422,
        "A value has another form than an inquiry's",
        "See `errors` and schemas/inquiry.json.",
    ),
    ("empty", 422, "There is no body", "Send the inquiry in the body."),
    ("bad_json", 422, "The body is not JSON of the expected form", "Check the JSON."),
    (
        "bad_csv",
        422,
        "The body is not CSV of the expected form",
        "Check the header and the separators.",
    ),
    ("bad_xml", 422, "The body is not XML of the expected form", "Check the elements."),
    ("bad_card", 422, "The text is no business card of a known form", "Check the scanned code."),
    ("bad_multipart", 422, "The body is not a multipart form", "Check the boundary."),
    (
        "not_an_object",
        422,
        "The JSON is not an object",
        "Send an object with the fields of one inquiry.",
    ),
    ("too_deep", 422, "The body is nested too deeply", "Send fewer levels."),
    ("too_many_keys", 422, "The body has too many fields", "Send fewer fields."),
    ("no_known_columns", 422, "No column has a name that is known", "Check the header row."),
    ("batch_only", 422, "This content type is for batches", "Send it to …/batch."),
    (
        "single_only",
        422,
        "This content type is for single inquiries",
        "Send NDJSON, CSV or a JSON array.",
    ),
    ("many_rows", 422, "The kept body holds several inquiries", "Send them again as a batch."),
    (
        "source_gone",
        422,
        "The source is not configured any more",
        "Configure it again, or discard the body.",
    ),
];

/// A problem on its way out. Its detail never holds a value that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    pub detail: Option<String>,
    /// Single mistakes, where the code has such.
    pub errors: Vec<serde_json::Value>,
}

impl Problem {
    /// The bare problem.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self { code, detail: None, errors: Vec::new() }
    }

    /// With a sentence about this case.
    #[must_use]
    pub fn saying(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()), errors: Vec::new() }
    }

    /// The same with its single mistakes.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = serde_json::Value>) -> Self {
        self.errors.extend(errors);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl std::error::Error for Problem {}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        match unavailable {
            Unavailable::Contention => Self::new(ProblemCode::Conflict),
            Unavailable::Store(_) | Unavailable::Corrupt => Self::new(ProblemCode::Unavailable),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.parts().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (status, title, mend) = self.code.parts();
        let mut body = json!({
            "type": format!("/problems/{}", self.code.as_str()),
            "title": title,
            "status": status,
            "code": self.code.as_str(),
            "mend": mend,
        });
        if let Some(detail) = &self.detail {
            body["detail"] = detail.as_str().into();
        }
        if !self.errors.is_empty() {
            body["errors"] = self.errors.clone().into();
        }
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        if self.code == ProblemCode::Unavailable {
            response.insert_header(("retry-after", "1"));
        }
        if self.code == ProblemCode::Unauthenticated {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        response.body(body.to_string())
    }
}

/// What a path that is there answers to a method that is not.
pub async fn method_not_allowed() -> HttpResponse {
    Problem::new(ProblemCode::MethodNotAllowed).error_response()
}

/// What unknown paths get instead of actix's plain text.
pub async fn not_found() -> HttpResponse {
    Problem::new(ProblemCode::NotFound).error_response()
}
