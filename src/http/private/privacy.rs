//! What a person may ask for: everything that is held about them, and to be forgotten.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::call::Call;
use super::refusal::refused;
use super::view::{BodyView, DeliveryView};
use crate::domain::Name;
use crate::flow::{Asked, Erasure, Everything, ParseQuestionError, Question};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// Whom to forget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasing {
    /// An e-mail address, a phone number in any spelling, another system's id, or the id of a lead or an inquiry.
    #[schema(example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub q: String,
    /// One word of your choice (lower-case letters, digits, `-`, `_`, `.`), kept in the journal.
    #[schema(value_type = Option<String>, example = "request")]
    pub reason: Option<Name>,
    /// Everybody who is found, if they are several: a mailbox that people share. Without it that is refused.
    #[serde(default)]
    pub all: bool,
    /// Only say what would go.
    #[serde(default)]
    pub dry_run: bool,
}

/// What went, or would go.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedBody {
    pub dry_run: bool,
    /// Records of the person; the ids stay known as erased.
    pub leads: Vec<String>,
    /// Inquiries of these leads.
    pub inquiries: usize,
    /// Filtered inquiries and tests.
    pub set_aside: usize,
    /// Bodies that nobody could read.
    pub bodies: usize,
    /// Destinations that had been told of the leads; those that take `lead.erased` are sent one.
    pub told: Vec<String>,
}

/// About whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accessing {
    /// An e-mail address, a phone number in any spelling, another system's id, or the id of a lead or an inquiry.
    #[schema(example = "lead_0190a1b2c3d4e5f60718293a4b5c6d7e")]
    pub q: String,
    /// Everybody who is found, if they are several. Look twice before handing that out.
    #[serde(default)]
    pub all: bool,
}

/// Everything that is held about a person, as the store keeps it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EverythingBody {
    /// Records, those that went up in another one too.
    #[schema(value_type = Vec<Object>)]
    pub leads: Vec<Value>,
    /// Oldest first.
    #[schema(value_type = Vec<Object>)]
    pub inquiries: Vec<Value>,
    /// What was sent of them, and to whom.
    #[schema(value_type = Vec<Object>)]
    pub deliveries: Vec<DeliveryView>,
    /// What people did with them.
    #[schema(value_type = Vec<Object>)]
    pub acts: Vec<Value>,
    /// Filtered inquiries and tests.
    #[schema(value_type = Vec<Object>)]
    pub set_aside: Vec<Value>,
    /// Bodies that nobody could read, as they came.
    #[schema(value_type = Vec<Object>)]
    pub bodies: Vec<BodyView>,
}

/// Forgets everything that is held of a person: records, inquiries, what was filtered, tests, bodies that nobody could
/// read. Destinations that were told get `lead.erased`; deliveries that wait find nobody and end. A retry of one of the
/// inquiries is answered as before and brings nobody back. It cannot be undone.
#[utoipa::path(
    post, path = "/v1/{workspace}/erasures", tag = "leads", request_body = Erasing,
    responses((status = 200, body = ErasedBody)),
    security(("api_key" = ["leads:write"]))
)]
pub async fn erase_person(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<ErasedBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsWrite)?;
    let Erasing { q, reason, all, dry_run } = call.given(payload).await?;
    let erasure = Erasure { asked: whom(&call, &q)?, reason, all, dry_run };
    let done = call.flow().erase(&call.workspace, &erasure, &call.actor).await.map_err(refused)?;
    Ok(Json(ErasedBody {
        dry_run,
        leads: done.leads.iter().map(ToString::to_string).collect(),
        inquiries: done.inquiries,
        set_aside: done.set_aside,
        bodies: done.bodies,
        told: done.told.iter().map(ToString::to_string).collect(),
    }))
}

/// Everything that is held about a person, for handing out: a copy that they can ask for.
#[utoipa::path(
    post, path = "/v1/{workspace}/access", tag = "leads", request_body = Accessing,
    responses((status = 200, body = EverythingBody)),
    security(("api_key" = ["leads:read"]))
)]
pub async fn read_everything(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<EverythingBody>, Problem> {
    let call = Call::begin(&state, &request, Scope::LeadsRead)?;
    let Accessing { q, all } = call.given(payload).await?;
    let asked = whom(&call, &q)?;
    let held = call.flow().everything(&call.workspace, &asked, all).await.map_err(refused)?;
    EverythingBody::of(held).map(Json).ok_or_else(|| Problem::new(ProblemCode::Unavailable))
}

/// Whom the question means: a person, by something that is theirs.
fn whom(call: &Call, q: &str) -> Result<Asked, Problem> {
    let now = call.flow().now();
    let bad = |detail: String| Problem::saying(ProblemCode::BadRequest, detail);
    let question = Question::parse(Some(q), None, None, None, &call.workspace, now)
        .map_err(|error: ParseQuestionError| bad(format!("{error}.")))?;
    match question.asked {
        asked @ (Asked::Email(_)
        | Asked::Phone(_)
        | Asked::Text(_)
        | Asked::Lead(_)
        | Asked::Inquiry(_)) => Ok(asked),
        other => Err(bad(format!(
            "That was understood as {}: say an e-mail address, a phone number, another system's id, or the id of a lead or an inquiry.",
            other.kind()
        ))),
    }
}

impl EverythingBody {
    /// `None` = something that is held has no JSON form.
    pub fn of(held: Everything) -> Option<Self> {
        fn all<T: Serialize>(of: &[T]) -> Option<Vec<Value>> {
            of.iter().map(|one| serde_json::to_value(one).ok()).collect()
        }
        Some(Self {
            leads: all(&held.leads)?,
            inquiries: all(&held.inquiries)?,
            deliveries: held.deliveries.iter().map(DeliveryView::of).collect(),
            acts: all(&held.acts)?,
            set_aside: all(&held.set_aside)?,
            bodies: held.bodies.into_iter().map(|(id, body)| BodyView::of(id, body)).collect(),
        })
    }
}
