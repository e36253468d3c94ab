//! Where is my lead? By e-mail address, phone number or id; or by time.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::given::query;
use super::page::limit;
use super::view::{DeliveryView, InquiryView, LeadState, RowView};
use crate::domain::{InquiryId, Timestamp};
use crate::flow::{Found, Kept, Workspace};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Longest question.
const ASKED_CHARS_MAX: usize = 320;

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// An e-mail address, a phone number, or the id of an inquiry, lead or delivery.
    pub q: Option<String>,
    /// Instead: what happened from this time on, oldest first (RFC 3339).
    pub from: Option<String>,
    /// Instead: what happened behind the row at this `position`.
    pub after: Option<String>,
    /// At most so many rows: 1 to 200, usually 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundBody {
    pub found: Vec<FoundView>,
    /// Rows of the journal, if the question was about a time.
    pub happened: Vec<RowView>,
    /// `after` for the rows behind these; absent = there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One thing found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FoundView {
    Lead(LeadState),
    Inquiry(Box<InquiryView>),
    /// Kept because it could not be read: see the worklists `unreadable` and `returned`.
    Body(KeptView),
    Delivery(Box<DeliveryView>),
}

/// A body that could not be read, without the body.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptView {
    pub id: String,
    pub source: String,
    /// A fixed word.
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: String,
    pub count: u32,
    /// Given back to a caller who can correct it.
    pub returned: bool,
}

/// Everything behind an e-mail address, a phone number or an id (`q`), or what happened from a time
/// on (`from`, `after`).
#[utoipa::path(
    get, path = "/v1/{workspace}/find", tag = "leads", params(Asked),
    responses((status = 200, body = FoundBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn find(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<FoundBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let asked: Asked = query(&request)?;
    let limit = limit(asked.limit)?;
    let after = match (&asked.q, &asked.from, &asked.after) {
        (Some(what), None, None) => {
            let what = what.trim();
            if what.is_empty() || what.chars().count() > ASKED_CHARS_MAX {
                return Err(bad("`q` is an e-mail address, a phone number or an id."));
            }
            let found = call.flow().find(&call.workspace, what).await?;
            let found = found.into_iter().map(|found| seen(found, &call.workspace)).collect();
            return Ok(Json(FoundBody { found, happened: Vec::new(), next: None }));
        }
        (None, Some(from), None) => {
            let from = Timestamp::parse(from).ok_or_else(|| bad("`from` is an RFC 3339 time."))?;
            // Behind the last place before that time.
            (u64::try_from(from.as_millis()).unwrap_or(0).saturating_sub(1), u64::from(u32::MAX))
        }
        (None, None, Some(after)) => {
            position(after).ok_or_else(|| bad("`after` is the `position` of a row."))?
        }
        _ => return Err(bad("Ask by one of `q`, `from` and `after`.")),
    };
    let rows = call.flow().happened(&call.workspace.name, after, limit).await?;
    let happened: Vec<RowView> = rows.iter().map(|(entry, row)| RowView::of(entry, row)).collect();
    let next = happened.last().filter(|_| happened.len() == limit);
    let next = next.map(|row| row.position.clone());
    Ok(Json(FoundBody { found: Vec::new(), happened, next }))
}

fn bad(detail: &'static str) -> Problem {
    Problem::saying(ProblemCode::BadRequest, detail)
}

fn position(text: &str) -> Option<(u64, u64)> {
    let (ms, n) = text.split_once('-')?;
    Some((ms.parse().ok()?, n.parse().ok()?))
}

fn seen(found: Found, workspace: &Workspace) -> FoundView {
    match found {
        Found::Lead(lead) => FoundView::Lead(LeadState::of(&lead)),
        Found::Inquiry(entry) => {
            FoundView::Inquiry(Box::new(InquiryView::of(&entry, &workspace.decide)))
        }
        Found::Kept(id, kept) => FoundView::Body(body(id, &kept)),
        Found::Delivery(_, view) => FoundView::Delivery(Box::new(DeliveryView::of(&view))),
    }
}

fn body(id: InquiryId, kept: &Kept) -> KeptView {
    KeptView {
        id: id.to_string(),
        source: kept.source.to_string(),
        reason: kept.reason.to_string(),
        received_at: kept.received_at.to_string(),
        count: kept.count,
        returned: kept.returned,
    }
}
