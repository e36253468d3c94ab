//! Everything that was given up, one delivery a line.

use std::collections::VecDeque;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::given::query;
use super::page::Paging;
use super::view::DeliveryView;
use super::which::with_which;
use crate::flow::{Cursor, Which};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Lines of one answer when nothing is said.
const LINES_USUAL: u32 = 10_000;
/// And at most.
const LINES_MAX: u32 = 1_000_000;
/// Read at once.
const PAGE: usize = 200;

with_which! {
    /// Which dead deliveries to export.
    #[derive(Debug, Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    #[into_params(parameter_in = Query)]
    DeadExport {
        /// `position` of the last line that was taken, or an RFC 3339 time: only what was given up before.
        before: Option<String>,
        /// At most so many: 1 to 1,000,000, usually 10,000.
        #[param(minimum = 1, maximum = 1_000_000)]
        limit: Option<u32>,
    }
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLine {
    /// Its place: give it as `before` to go on behind it.
    pub position: String,
    #[serde(flatten)]
    pub delivery: DeliveryView,
}

/// Dead deliveries with their attempts, one a line, newest first. Nothing about a person is in it but ids: ours of the
/// lead, the inquiry and the event, and the receiver's of its records (`kept`).
#[utoipa::path(
    get, path = "/v1/{workspace}/deliveries/export", tag = "deliveries", params(DeadExport),
    responses((status = 200, body = String, content_type = "application/x-ndjson")),
    security(("api_key" = ["deliveries:read"]))
)]
pub async fn export_dead(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::DeliveriesRead)?;
    let asked: DeadExport = query(&request)?;
    let limit = asked.limit.unwrap_or(LINES_USUAL);
    if !(1..=LINES_MAX).contains(&limit) {
        let detail = format!("`limit` is 1 to {LINES_MAX}.");
        return Err(Problem::saying(ProblemCode::BadRequest, detail));
    }
    let which = asked.which(call.flow().now())?;
    let before = Paging { before: asked.before, limit: None }.before()?;
    let left = limit as usize;
    let mut going = Going { call, which, before, left, lines: VecDeque::new() };
    // What cannot be begun is answered as a problem; what breaks off later ends the answer early, and goes on behind
    // the last whole line.
    going.read_on().await?;
    let lines = stream::try_unfold(going, |mut going| async move {
        while going.lines.is_empty() && going.left > 0 {
            if going.read_on().await.is_err() {
                return Err(actix_web::error::ErrorServiceUnavailable("the store did not answer"));
            }
        }
        Ok(going.lines.pop_front().map(|line| (Bytes::from(line), going)))
    });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(lines))
}

/// An export under way.
struct Going {
    call: Call,
    which: Which,
    before: Option<Cursor>,
    left: usize,
    lines: VecDeque<String>,
}

impl Going {
    async fn read_on(&mut self) -> Result<(), Problem> {
        let (name, take) = (&self.call.workspace.name, self.left.min(PAGE));
        let page = self.call.flow().dead(name, &self.which, self.before, take).await?;
        self.before = page.next;
        self.left = if page.next.is_none() { 0 } else { self.left - page.items.len() };
        for (view, at) in &page.items {
            let position = Cursor::behind(*view.id.as_bytes(), *at).to_string();
            let line = DeadLine { position, delivery: DeliveryView::of(view) };
            // Plain data: writing it cannot fail.
            let mut line = serde_json::to_string(&line).unwrap_or_default();
            line.push('\n');
            self.lines.push_back(line);
        }
        Ok(())
    }
}
