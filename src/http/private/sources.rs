//! Sources: what to paste where, and whether they are well.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, part};
use crate::capture::PublicBase;
use crate::domain::Name;
use crate::flow::{Counts, LastTime, Latest, SourceHealth, Strays};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// All sources of a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourcesBody {
    /// By name.
    pub sources: Vec<SourceView>,
    /// Requests to the workspace that named no configured source.
    pub unknown: StraysView,
}

/// One source, and how it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    #[schema(example = "form")]
    pub name: String,
    #[schema(example = "website")]
    pub channel: &'static str,
    #[schema(example = "html-form")]
    pub preset: String,
    /// The vendor's name for people.
    pub title: String,
    /// `none`, `key`, `key_in_path`, `key_in_body`, `basic`, `signature` or `standard_webhooks`.
    #[schema(example = "none")]
    pub verification: &'static str,
    pub takes_batches: bool,
    /// Where it posts to, below the address of the public listener.
    pub path: String,
    /// The whole URL, for pasting: if `public_url` is set in `server.yaml`, else as this machine reaches it.
    pub url: String,
    /// Whether the URL is made of `public_url`.
    pub url_is_public: bool,
    /// `well`, `new`, `troubled`, `silent` or `disabled`.
    #[schema(example = "well")]
    pub health: &'static str,
    /// One line for people.
    #[schema(example = "last inquiry 3 minutes ago; 2 % unreadable in the last day: `no_contact`")]
    pub in_words: String,
    pub latest: LatestView,
    pub counts: CountsView,
    /// How long it may be silent before operators hear of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_be_silent_seconds: Option<u64>,
}

/// What named no configured source.
#[derive(Debug, Serialize, ToSchema)]
pub struct StraysView {
    pub latest: LatestView,
    pub counts: CountsView,
}

/// The last of each kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatestView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<LastTimeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<LastTimeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<LastTimeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<LastTimeView>,
}

/// The last time something happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastTimeView {
    #[schema(value_type = String, format = DateTime)]
    pub at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The status, or the reason: a fixed word.
    pub word: String,
}

/// Counts of the last hour, the last 24 hours, the last seven days; exact to ten minutes, by word: a status, `duplicate`, `unreadable:REASON`, `refused:REASON`.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsView {
    pub hour: BTreeMap<String, u64>,
    pub day: BTreeMap<String, u64>,
    pub week: BTreeMap<String, u64>,
}

/// Every source: where it posts to, and whether it is well.
#[utoipa::path(
    get, path = "/v1/{workspace}/sources", tag = "sources",
    responses((status = 200, body = SourcesBody)),
    security(("api_key" = ["inquiries:read"]))
)]
pub async fn list_sources(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<SourcesBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::InquiriesRead)?;
    let all = call.flow().sources(&call.workspace).await?;
    let base = state.public_base(&call.workspace);
    Ok(Json(SourcesBody {
        sources: all.sources.iter().map(|source| SourceView::of(source, &base)).collect(),
        unknown: StraysView::of(&all.strays),
    }))
}

/// One source.
#[utoipa::path(
    get, path = "/v1/{workspace}/sources/{name}", tag = "sources",
    responses((status = 200, body = SourceView)),
    security(("api_key" = ["inquiries:read"]))
)]
pub async fn read_source(
    state: Data<HttpState>,
    request: HttpRequest,
) -> Result<Json<SourceView>, Problem> {
    let call = Call::begin(&state, &request, Scope::InquiriesRead)?;
    let name: Name = part(&request, "name")?;
    let all = call.flow().sources(&call.workspace).await?;
    let found = all.sources.iter().find(|source| source.name == name);
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok(Json(SourceView::of(found, &state.public_base(&call.workspace))))
}

impl SourceView {
    fn of(source: &SourceHealth, base: &PublicBase) -> Self {
        Self {
            name: source.name.to_string(),
            channel: source.channel.as_str(),
            preset: source.preset.to_string(),
            title: source.title.clone(),
            verification: source.verification,
            takes_batches: source.takes_batches,
            path: source.path.clone(),
            url: format!("{}{}", base.url(), source.path),
            url_is_public: base.configured,
            health: source.health.as_str(),
            in_words: source.in_words.clone(),
            latest: LatestView::of(&source.latest),
            counts: CountsView::of(&source.hour, &source.day, &source.week),
            may_be_silent_seconds: source.may_be_silent.map(|time| time.as_secs()),
        }
    }
}

impl StraysView {
    fn of(strays: &Strays) -> Self {
        Self {
            latest: LatestView::of(&strays.latest),
            counts: CountsView::of(&strays.hour, &strays.day, &strays.week),
        }
    }
}

impl LatestView {
    fn of(latest: &Latest) -> Self {
        let seen = |seen: &Option<LastTime>| seen.as_ref().map(LastTimeView::of);
        Self {
            inquiry: seen(&latest.inquiry),
            unreadable: seen(&latest.unreadable),
            refused: seen(&latest.refused),
            test: seen(&latest.test),
        }
    }
}

impl LastTimeView {
    fn of(seen: &LastTime) -> Self {
        Self {
            at: seen.at.to_string(),
            id: seen.id.map(|id| id.to_string()),
            word: seen.word.clone(),
        }
    }
}

impl CountsView {
    fn of(hour: &Counts, day: &Counts, week: &Counts) -> Self {
        Self { hour: hour.0.clone(), day: day.0.clone(), week: week.0.clone() }
    }
}
