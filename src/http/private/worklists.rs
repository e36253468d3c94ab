//! What waits for a person.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, list};
use super::given::query;
use super::page::Paging;
use super::view::WaitingView;
use crate::flow::word;
use crate::http::keys::Scope;
use crate::http::problem::Problem;
use crate::http::state::HttpState;

/// All worklists.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorklistsBody {
    pub worklists: Vec<WorklistView>,
}

/// One worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorklistView {
    /// `held`, `triage`, `qualify`, `unconfirmed`, `review`, `refused`, `unreadable`, `retrieving`, `returned`, `filtered`,
    /// `tests` or `dead`.
    #[schema(example = "held")]
    pub name: &'static str,
    pub count: u64,
    pub path: String,
}

/// A page of a worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingBody {
    /// Newest first.
    pub items: Vec<WaitingView>,
    /// `before` for the next page; absent = that was all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// How many things each worklist holds.
#[utoipa::path(
    get, path = "/v1/{workspace}/worklists", tag = "worklists",
    responses((status = 200, body = WorklistsBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn count_worklists(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<WorklistsBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let workspace = &call.workspace.name;
    let counts = call.flow().counts(workspace).await?;
    let worklists = counts
        .into_iter()
        .map(|(list, count)| WorklistView {
            name: word(list),
            count,
            path: format!("/v1/{workspace}/worklists/{}", word(list)),
        })
        .collect();
    Ok(Json(WorklistsBody { worklists }))
}

/// A worklist: each thing with the reason, the source, its age, and what can be done about it.
#[utoipa::path(
    get, path = "/v1/{workspace}/worklists/{list}", tag = "worklists", params(Paging),
    responses((status = 200, body = WaitingBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn read_worklist(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<WaitingBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let paging: Paging = query(&request)?;
    let list = list(&request)?;
    let (before, limit) = (paging.before()?, paging.limit()?);
    let workspace = &call.workspace.name;
    let page = call.flow().waiting(&call.workspace, list, before, limit).await?;
    let now = call.flow().now();
    let items = page.items.into_iter();
    Ok(Json(WaitingBody {
        items: items.map(|item| WaitingView::of(list, item, workspace, now)).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}
