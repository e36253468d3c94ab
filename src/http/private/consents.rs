//! What a person said about being contacted, as somebody of ours notes it.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::{Call, part};
use super::refusal::refused;
use super::view::LeadState;
use crate::domain::{Consent, LeadId, Timestamp};
use crate::flow::Action;
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Of a text that was agreed to, and of a word.
const TEXT_MAX: usize = 2_000;
const WORD_MAX: usize = 64;

/// What a person said about being contacted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consenting {
    /// What for: `marketing`, `contact`, … or `any`.
    #[schema(example = "marketing")]
    pub purpose: String,
    /// By which means: `email`, `phone`, … or `any`. With purpose `any`, a no means: do not contact at all.
    #[schema(example = "any")]
    pub channel: String,
    pub granted: bool,
    /// The words that the person agreed to. Without them a yes does not lift a do-not-contact.
    #[serde(default)]
    pub text: Option<String>,
    /// When it was said (RFC 3339); now if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// Notes what the person said about being contacted, per purpose and channel; what was said last holds. A no stops what it
/// is about at once: the lead leaves its queue, what waits to go out does not, and every destination that has had the lead
/// is told by `lead.unsubscribed`.
#[utoipa::path(
    post, path = "/v1/{workspace}/leads/{id}/consents", tag = "leads", request_body = Consenting,
    responses((status = 200, body = LeadState)),
    security(("api_key" = ["operate"]))
)]
pub async fn note_consent(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<LeadState>, Problem> {
    let call = Call::begin(&state, &request, Scope::Operate)?;
    let said: Consenting = call.given(payload).await?;
    let word = |word: &str| {
        let word = word.trim().to_lowercase();
        (!word.is_empty() && word.len() <= WORD_MAX).then_some(word)
    };
    let long = said.text.as_ref().is_some_and(|text| text.len() > TEXT_MAX);
    let (Some(purpose), Some(channel), false) = (word(&said.purpose), word(&said.channel), long)
    else {
        let detail = "A purpose and a channel of at most 64 bytes, and a text of at most 2,000.";
        return Err(Problem::saying(ProblemCode::BadRequest, detail));
    };
    let id: LeadId = part(&request, "id")?;
    let at = said.at.unwrap_or_else(|| call.flow().now());
    let text = said.text.filter(|text| !text.trim().is_empty());
    let consent = Consent { purpose, channel, granted: said.granted, text, at };
    let action = Action::Consent(consent);
    let lead = call.flow().act(&call.workspace, id, action, &call.actor, None).await;
    Ok(Json(LeadState::of(&lead.map_err(refused)?)))
}
