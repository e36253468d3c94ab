//! What comes in now, and what becomes of it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::given::query;
use super::page::limit;
use crate::domain::{Category, Channel, Name, Stage};
use crate::flow::{FeedCursor, FeedDelivery, FeedItem, ParseFeedCursorError};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::public::points;
use crate::http::state::HttpState;

/// Which part of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookingOn {
    /// `next` of the answer before: only what is new or changed since.
    pub since: Option<String>,
    /// At most so many: 1 to 200, usually 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// The newest inquiries.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedBody {
    /// Newest first. One that changed comes again under its id.
    pub items: Vec<FeedView>,
    /// Give it as `since` for what comes after.
    pub next: String,
}

/// One inquiry, or one body that could not be read, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedView {
    #[schema(example = "inq_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    #[schema(example = "routed")]
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub score: Option<Value>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who it is, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    pub deliveries: Vec<OnItsWayView>,
}

/// How far an event is on its way to one destination.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnItsWayView {
    #[schema(example = "dlv_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub id: String,
    pub destination: String,
    /// `waiting`, `delivered`, `dead`, `handed_over`, `dropped` …
    #[schema(example = "delivered")]
    pub state: String,
    pub tried: u32,
    /// What the last attempt was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Or what went wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The newest inquiries with what became of them; with `since` only what is new or changed. Made to be
/// asked every second.
#[utoipa::path(
    get, path = "/v1/{workspace}/feed", tag = "leads", params(LookingOn),
    responses((status = 200, body = FeedBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn read_feed(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<FeedBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let asked: LookingOn = query(&request)?;
    let since: Option<FeedCursor> = asked.since.as_deref().map(str::parse).transpose().map_err(
        |error: ParseFeedCursorError| {
            Problem::saying(ProblemCode::BadRequest, format!("`since`: {error}."))
        },
    )?;
    let page = call.flow().feed(&call.workspace.name, since, limit(asked.limit)?).await?;
    Ok(Json(FeedBody {
        items: page.items.iter().map(|item| FeedView::of(item)).collect(),
        next: page.next.to_string(),
    }))
}

impl FeedView {
    fn of(item: &FeedItem) -> Self {
        let text = |name: &Option<Name>| name.as_ref().map(ToString::to_string);
        Self {
            id: item.id.to_string(),
            at: item.at.to_string(),
            status: item.status.as_str(),
            source: text(&item.source),
            channel: item.channel.map(Channel::as_str),
            lead: item.lead.map(|id| id.to_string()),
            stage: item.stage.map(Stage::as_str),
            category: item.category.map(Category::as_str),
            queue: text(&item.queue),
            owner: text(&item.owner),
            rule: text(&item.rule),
            score: item.score.map(points),
            reason: text(&item.reason),
            name: item.person.clone(),
            company: item.company.clone(),
            deliveries: item.deliveries.iter().map(OnItsWayView::of).collect(),
        }
    }
}

impl OnItsWayView {
    fn of(delivery: &FeedDelivery) -> Self {
        let last = delivery.last.as_ref();
        Self {
            id: delivery.id.to_string(),
            destination: delivery.destination.to_string(),
            state: delivery.state.clone(),
            tried: delivery.tried,
            http_status: last.and_then(|attempt| attempt.http_status),
            error: last.and_then(|attempt| attempt.error.clone()),
        }
    }
}
