//! Pulling what a source's webhook missed, a page at a time.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Call, part};
use crate::capture::{BackfillWindow, Page};
use crate::domain::Name;
use crate::flow::{Backfilled, CannotBackfill, Period};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// What to pull.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackfillAsked {
    /// From this time on: RFC 3339, `2026-03-01`, `2h`, `yesterday`.
    #[schema(example = "2026-03-01T00:00:00Z")]
    since: String,
    /// Until this time; usually now.
    until: Option<String>,
    /// `next` of the page before; without it the first one.
    page: Option<String>,
}

/// What a page brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackfillBody {
    /// How many inquiries it held.
    pub found: u32,
    /// Of those, not known before.
    pub taken: u32,
    /// Of those taken, still to be fetched one by one.
    pub retrieving: u32,
    /// Known before: nothing followed from them.
    pub known: u32,
    /// Kept, because they could not be read.
    pub unreadable: u32,
    /// The page behind it; absent = that was all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The vendor wants to be left alone for so long; nothing was pulled, `next` is this very page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
    /// What was understood by `since` and `until`: say the same for the next page.
    #[schema(value_type = String, format = DateTime)]
    pub since: String,
    #[schema(value_type = String, format = DateTime)]
    pub until: String,
}

/// Where a vendor does not say how long it wants to be left alone.
const WAIT_SECONDS: u64 = 60;

/// Pulls one page of what a source's vendor has, and takes it as if it had been posted: what came before is
/// known and nothing follows from it. Safe to repeat.
#[utoipa::path(
    post, path = "/v1/{workspace}/sources/{name}/backfill", tag = "sources",
    request_body = BackfillAsked,
    responses((status = 200, body = BackfillBody), (status = 422, description = "The vendor was not to be had, or cannot be asked")),
    security(("api_key" = ["operate"]))
)]
pub async fn backfill_source(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<BackfillBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let name: Name = part(&request, "name")?;
    let asked: BackfillAsked = call.given(payload).await?;
    let source = call.workspace.sources.get(&name);
    let source = source.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let window = window(&call, &asked)?;
    let page: Page = match asked.page.as_deref().map(str::parse) {
        None => Page::default(),
        Some(Ok(page)) => page,
        Some(Err(_)) => return Err(refused("`page` is `next` of the page before")),
    };
    let transport = state.transport.get().ok_or_else(|| Problem::new(ProblemCode::Unavailable))?;
    let pulled = call.flow().backfill(&call.workspace, source, window, &page, transport.as_ref());
    match pulled.await {
        Ok(pulled) => Ok(Json(BackfillBody::of(&pulled, window))),
        Err(CannotBackfill::Limited(wait)) => {
            let nothing = Backfilled { next: Some(page), ..Backfilled::default() };
            let wait_seconds = Some(wait.map_or(WAIT_SECONDS, |wait| wait.as_secs()));
            Ok(Json(BackfillBody { wait_seconds, ..BackfillBody::of(&nothing, window) }))
        }
        Err(CannotBackfill::Unavailable(unavailable)) => Err(unavailable.into()),
        Err(other) => {
            let status = match other {
                CannotBackfill::NoAnswer(Some(status)) => format!(" (HTTP {status})"),
                _ => String::new(),
            };
            Err(refused(format!("{other}{status}.")))
        }
    }
}

fn window(call: &Call, asked: &BackfillAsked) -> Result<BackfillWindow, Problem> {
    let (now, zone) = (call.flow().now(), &call.workspace.zone);
    let since = Period::beginning(&asked.since, now, zone);
    let until = asked.until.as_deref().map_or(Some(now), |until| Period::end(until, now, zone));
    match (since, until) {
        (Some(since), Some(until)) if since < until => Ok(BackfillWindow { since, until }),
        _ => Err(refused(
            "`since` and `until` are times such as 2026-03-01 or 2h, the earlier one first",
        )),
    }
}

fn refused(why: impl Into<String>) -> Problem {
    Problem::saying(ProblemCode::Impossible, why)
}

impl BackfillBody {
    fn of(pulled: &Backfilled, window: BackfillWindow) -> Self {
        Self {
            found: pulled.found,
            taken: pulled.taken,
            retrieving: pulled.retrieving,
            known: pulled.known,
            unreadable: pulled.unreadable,
            next: pulled.next.as_ref().map(ToString::to_string),
            wait_seconds: None,
            since: window.since.to_string(),
            until: window.until.to_string(),
        }
    }
}
