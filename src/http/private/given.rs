//! A JSON body of the private listener: small, of the form the operation takes, absent if it may be.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::http::body::{self, BodyError};
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// No operation needs more.
const BYTES_MAX: usize = 64 * 1024;

/// What the body said. An empty body is `{}`.
#[derive(Debug)]
pub struct Given<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Given<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<HttpState>>().cloned();
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let state = state.ok_or_else(|| Problem::new(ProblemCode::Unavailable))?;
            let payload = payload.await.map_err(|_| Problem::new(ProblemCode::BadRequest))?;
            let body = body::read(payload, BYTES_MAX, state.limits.body_deadline).await;
            let body = body.map_err(|error| match error {
                BodyError::TooLarge => Problem::new(ProblemCode::TooLarge),
                BodyError::Slow => Problem::new(ProblemCode::Slow),
                BodyError::Broken => Problem::new(ProblemCode::BadRequest),
            })?;
            let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
            serde_json::from_slice(body).map(Self).map_err(|error| malformed(&error))
        })
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
