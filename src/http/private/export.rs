//! Everything that happened, as CloudEvents, one a line.

use std::collections::VecDeque;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::call::Call;
use super::given::query;
use super::view::RowView;
use crate::domain::ports::JournalEntry;
use crate::flow::{Exported, ParsePositionError, Position};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Rows of one answer when nothing is said.
const ROWS_USUAL: u32 = 10_000;
/// And at most.
const ROWS_MAX: u32 = 1_000_000;
/// Rows read at once.
const PAGE: u32 = 1_000;

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `position` of the last event that was taken; without it from the first one on.
    pub after: Option<String>,
    /// At most so many: 1 to 1,000,000, usually 10,000.
    #[param(minimum = 1, maximum = 1_000_000)]
    pub limit: Option<u32>,
}

/// Every row of the journal as a CloudEvent (1.0, JSON), one a line, oldest first; schema: `schemas/export.json`. An answer
/// without a line means that there is nothing behind `after` yet. Nothing about a person is in it.
#[utoipa::path(
    get, path = "/v1/{workspace}/export", tag = "reports", params(ExportQuery),
    responses((status = 200, body = String, content_type = "application/x-ndjson")),
    security(("api_key" = ["reports:read"]))
)]
pub async fn export_journal(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let call = Call::begin(&state, &request, Scope::ReportsRead)?;
    let asked: ExportQuery = query(&request)?;
    let after = asked.after.as_deref().map(str::parse::<Position>).transpose();
    let after = after.map_err(|error: ParsePositionError| {
        Problem::saying(ProblemCode::BadRequest, format!("`after`: {error}."))
    })?;
    let limit = asked.limit.unwrap_or(ROWS_USUAL);
    if !(1..=ROWS_MAX).contains(&limit) {
        let detail = format!("`limit` is 1 to {ROWS_MAX}.");
        return Err(Problem::saying(ProblemCode::BadRequest, detail));
    }
    let mut going =
        Going { call, after: after.unwrap_or_default(), left: limit, lines: VecDeque::new() };
    // What cannot be begun is answered as a problem; what breaks off later ends the answer early, and goes on behind
    // the last whole line.
    going.read_on().await?;
    let lines = stream::try_unfold(going, |mut going| async move {
        if going.lines.is_empty() && going.left > 0 && going.read_on().await.is_err() {
            return Err(actix_web::error::ErrorServiceUnavailable("the store did not answer"));
        }
        Ok(going.lines.pop_front().map(|line| (actix_web::web::Bytes::from(line), going)))
    });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(lines))
}

/// An export under way.
struct Going {
    call: Call,
    after: Position,
    left: u32,
    lines: VecDeque<String>,
}

impl Going {
    async fn read_on(&mut self) -> Result<(), Problem> {
        let page = self.left.min(PAGE);
        let rows = self.call.flow().export(&self.call.workspace, self.after, page).await?;
        let read = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.left = if read < page { 0 } else { self.left - read };
        if let Some(last) = rows.last() {
            self.after = last.position;
        }
        let workspace = self.call.workspace.name.as_str();
        let mut lines = String::new();
        for row in rows {
            lines.push_str(&event(workspace, row).to_string());
            lines.push('\n');
        }
        if !lines.is_empty() {
            self.lines.push_back(lines);
        }
        Ok(())
    }
}

fn event(workspace: &str, exported: Exported) -> Value {
    let Exported { position, receipt, row } = exported;
    let subject =
        row.lead.map(|id| id.to_string()).or_else(|| row.inquiry.map(|id| id.to_string()));
    let entry = JournalEntry { position: position.0, receipt, row: Vec::new() };
    let mut event = json!({
        "specversion": "1.0",
        "id": format!("{workspace}/{position}"),
        "source": format!("/v1/{workspace}"),
        "type": format!("lead-router.{}", row.fact),
        "time": row.event_time().to_string(),
        "datacontenttype": "application/json",
        "position": position.to_string(),
        "data": RowView::of(&entry, &row),
    });
    if let Some(subject) = subject {
        event["subject"] = Value::String(subject);
    }
    event
}
