//! Paging through lists: `?before=…&limit=…`, newest first.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::flow::Cursor;
use crate::http::problem::{Problem, ProblemCode};

/// Items of a page when nothing is said.
const LIMIT_USUAL: u32 = 50;
/// And at most.
pub const LIMIT_MAX: u32 = 200;

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// An RFC 3339 time, or `next` of the page before: only what is older.
    pub before: Option<String>,
    /// At most so many: 1 to 200, usually 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

impl Paging {
    /// The place to begin at.
    pub fn before(&self) -> Result<Option<Cursor>, Problem> {
        let parse = |text: &String| {
            text.parse().map_err(|error: crate::flow::ParseCursorError| {
                Problem::saying(ProblemCode::BadRequest, format!("`before`: {error}."))
            })
        };
        self.before.as_ref().map(parse).transpose()
    }

    /// How many.
    pub fn limit(&self) -> Result<usize, Problem> {
        limit(self.limit)
    }
}

/// A limit within the bounds.
pub fn limit(given: Option<u32>) -> Result<usize, Problem> {
    match given.unwrap_or(LIMIT_USUAL) {
        limit @ 1..=LIMIT_MAX => Ok(limit as usize),
        _ => Err(Problem::saying(ProblemCode::BadRequest, format!("`limit` is 1 to {LIMIT_MAX}."))),
    }
}
