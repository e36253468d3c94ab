//! What a request of the private listener says: its query and its JSON body. Read after the caller was
//! let in, so that strangers learn nothing of what an operation takes.

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::call::Call;
use crate::http::body::{self, BodyError};
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// No operation needs more.
const BYTES_MAX: usize = 64 * 1024;

/// The query of a request.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    Query::from_query(request.query_string()).map(Query::into_inner).map_err(|_| {
        // Its own words might repeat what was sent.
        let detail = "The query has another form than this operation takes.";
        Problem::saying(ProblemCode::BadRequest, detail)
    })
}

/// The JSON body of a request; an empty one is `{}`.
pub async fn given<T: DeserializeOwned>(state: &HttpState, payload: Payload) -> Result<T, Problem> {
    let body = body::read(payload, BYTES_MAX, state.limits.body_deadline).await;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => Problem::new(ProblemCode::TooLarge),
        BodyError::Slow => Problem::new(ProblemCode::Slow),
        BodyError::Broken => Problem::new(ProblemCode::BadRequest),
    })?;
    let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
    serde_json::from_slice(body).map_err(|error| malformed(&error))
}

impl Call {
    /// The JSON body.
    pub async fn given<T: DeserializeOwned>(&self, payload: Payload) -> Result<T, Problem> {
        given(&self.state, payload).await
    }
}

/// Where it is wrong; serde's own words might repeat what was sent.
fn malformed(error: &serde_json::Error) -> Problem {
    let what = match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => "The body is not JSON",
        Category::Data => "The JSON body has another form than this operation takes",
    };
    let detail = format!("{what}: line {}, column {}.", error.line(), error.column());
    Problem::saying(ProblemCode::BadRequest, detail)
}
