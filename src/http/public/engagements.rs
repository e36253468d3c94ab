//! `POST /v1/{workspace}/engagements`: tools say what people did, by API key or signature. Safe to send again.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::from_tools::{Door, FromTool, Told, failed};
use crate::domain::{EngagementKind, LeadId, Name, Pii, Timestamp};
use crate::flow::{EngagementTaken, ToldEngagement, Whom};
use crate::http::keys::Scope;
use crate::http::private::view::LeadState;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// In one array.
const TOLD_MAX: usize = 5_000;
const EXPECTED: &str = "Send an object with `kind` and who did it, or an array of such.";
const DOOR: Door = Door {
    scope: Scope::EngagementsWrite,
    secrets: |workspace| &workspace.engagements,
    signed: "engagements",
    bytes_max: 4 * 1024 * 1024,
};
/// Of a text.
const BYTES_MAX: usize = 500;

/// One thing that somebody did. Who: `lead_id`, `email`, or `external_id` with the `source` whose system it is of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Engaging {
    /// Whatever recognises this very engagement when it is told again; else all of its words.
    #[serde(default)]
    pub id: Option<String>,
    /// `email_opened`, `email_clicked`, `page_viewed`, `video_watched`, `downloaded`, `form_started`, `webinar_registered`,
    /// `webinar_attended`, `event_attended`, `meeting_booked`, `replied` or `unsubscribed`.
    #[schema(example = "page_viewed")]
    pub kind: String,
    /// When it happened (RFC 3339); now if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub lead_id: Option<LeadId>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub email: Option<Pii>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Pii>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub source: Option<Name>,
    /// A URL or a path; its query is dropped.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "https://www.acme.example/pricing")]
    pub page: Option<Pii>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "spring")]
    pub campaign: Option<Pii>,
}

/// What people did: one object, or an array of at most 5,000, each answered for itself. With an API key of the scope
/// `engagements:write`, or signed by Standard Webhooks with a secret of the workspace. Nobody is made a lead by it: who is
/// not known is answered with `unknown` and not kept. Safe to send again: what was told before is a `duplicate`.
#[utoipa::path(
    post, path = "/v1/{workspace}/engagements", tag = "leads", operation_id = "post_engagements",
    request_body = Engaging,
    responses((status = 200, description = "What became of it, or a result for each", body = Object)),
    security(("api_key" = ["engagements:write"]), ())
)]
pub async fn post(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Some(_place) = state.enter() else { return Err(Problem::new(ProblemCode::Unavailable)) };
    let from = FromTool::begin(&state, &request, payload, DOOR).await?;
    let all = match from.told(TOLD_MAX, EXPECTED)? {
        Told::One(told, sent) => {
            let told = read(told, sent)?;
            let taken = state.flow.engaged(&from.workspace, &[told], &from.actor).await?;
            return Ok(HttpResponse::Ok().json(taken.first().map(said)));
        }
        Told::Several(all) => all,
    };
    let read: Vec<Result<ToldEngagement, Problem>> =
        all.into_iter().map(|(told, sent)| read(told, sent)).collect();
    let good: Vec<ToldEngagement> = read.iter().flatten().cloned().collect();
    let taken = state.flow.engaged(&from.workspace, &good, &from.actor).await?;
    let mut taken = taken.iter();
    let results: Vec<Value> = read
        .iter()
        .map(|read| match read {
            Ok(_) => taken.next().map_or(Value::Null, said),
            Err(problem) => failed(problem),
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "results": results })))
}

/// What one element says. No value that came in is repeated.
fn read(told: Value, sent: Option<String>) -> Result<ToldEngagement, Problem> {
    let words = told.to_string().into_bytes();
    let wrong = |detail: String| Problem::saying(ProblemCode::BadRequest, detail);
    let told: Engaging = serde_json::from_value(told).map_err(|_| {
        wrong("It does not have the form of an engagement: see /openapi.json.".to_owned())
    })?;
    let kind = EngagementKind::parse(&told.kind).ok_or_else(|| {
        let known: Vec<&str> = EngagementKind::ALL.iter().map(|known| known.as_str()).collect();
        wrong(format!(
            "There is no such kind of engagement; these are known: {}.",
            known.join(", ")
        ))
    })?;
    let texts = [&told.email, &told.external_id, &told.page, &told.campaign];
    if texts.into_iter().flatten().any(|text| text.expose().len() > BYTES_MAX) {
        return Err(wrong(format!("No text is longer than {BYTES_MAX} bytes.")));
    }
    let whom = match (told.lead_id, told.email, told.external_id, told.source) {
        (Some(id), None, None, None) => Whom::Lead(id),
        (None, Some(email), None, None) => Whom::Email(email),
        (None, None, Some(id), Some(source)) => Whom::ExternalId { source, id },
        _ => {
            let detail = "Say who it was: `lead_id`, `email`, or `external_id` with `source`.";
            return Err(wrong(detail.to_owned()));
        }
    };
    let (campaign, id) = (told.campaign.filter(|it| !it.is_empty()), told.id.or(sent));
    Ok(ToldEngagement { whom, kind, at: told.at, page: told.page, campaign, id, words })
}

fn said(taken: &EngagementTaken) -> Value {
    let lead = taken.lead.as_deref().map(LeadState::of);
    json!({ "outcome": "success", "status": taken.status.as_str(), "lead": lead })
}
