//! `POST /v1/{workspace}/dispositions`: tools say back what became of leads, by API key or signature. Safe to
//! send again.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::from_tools::{Door, FromTool, failed};
use crate::domain::{Disposition, Name};
use crate::flow::{ActionError, SaidBack, Unavailable, Workspace};
use crate::http::answering::{Answering, SayingBack};
use crate::http::keys::Scope;
use crate::http::private::refused;
use crate::http::private::view::LeadState;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// In one array.
const SAID_MAX: usize = 500;
const DOOR: Door = Door {
    scope: Scope::DispositionsWrite,
    secrets: |workspace| &workspace.dispositions,
    signed: "dispositions",
    bytes_max: 1024 * 1024,
};

/// One, or several in an array.
#[derive(Debug, ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "only describes the body")]
pub struct Dispositions(SayingBack);

/// What was said back about leads: one object, or an array of at most 500, each answered for itself. With an API key of
/// the scope `dispositions:write`, or signed by Standard Webhooks with a secret of the workspace. Safe to send again: an
/// `id`, `Idempotency-Key` or `webhook-id` that came before is answered with `duplicate` and changes nothing.
#[utoipa::path(
    post, path = "/v1/{workspace}/dispositions", tag = "leads", operation_id = "post_dispositions",
    request_body = SayingBack,
    responses((status = 200, description = "What became of it, or a result for each", body = Object)),
    security(("api_key" = ["dispositions:write"]), ())
)]
pub async fn post(
    state: Data<HttpState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Some(_place) = state.enter() else { return Err(Problem::new(ProblemCode::Unavailable)) };
    let from = FromTool::begin(&state, &request, payload, DOOR).await?;
    take(&state, &from.workspace, &from.actor, from.sent.as_deref(), &from.body).await
}

async fn take(
    state: &HttpState,
    workspace: &Arc<Workspace>,
    actor: &Name,
    sent: Option<&str>,
    body: &[u8],
) -> Result<HttpResponse, Problem> {
    let malformed = || {
        let detail = "Send an object with `lead_id` and `disposition`, or an array of such.";
        Problem::saying(ProblemCode::BadRequest, detail)
    };
    let said: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let Value::Array(all) = said else {
        let said = read(said, sent.map(str::to_owned))?;
        let done = one(state, workspace, actor, said).await?;
        return Ok(HttpResponse::Ok().json(done));
    };
    if all.is_empty() || all.len() > SAID_MAX {
        return Err(malformed());
    }
    let mut results = Vec::with_capacity(all.len());
    for (index, said) in all.into_iter().enumerate() {
        let id = sent.map(|sent| format!("{sent}/{index}"));
        let done = match read(said, id) {
            Ok(said) => one(state, workspace, actor, said).await,
            Err(problem) => Err(problem),
        };
        results.push(match done {
            Ok(done) => done,
            // Nothing more will be done now: all of it may be sent again.
            Err(problem) if problem.code == ProblemCode::Unavailable => return Err(problem),
            Err(problem) => failed(&problem),
        });
    }
    Ok(HttpResponse::Ok().json(json!({ "results": results })))
}

/// What one element says. No value that came in is repeated.
fn read(said: Value, sent: Option<String>) -> Result<SaidBack, Problem> {
    let words = said.to_string().into_bytes();
    let said: SayingBack = serde_json::from_value(said).map_err(|_| {
        let detail = "It does not have the form of a disposition: see /openapi.json.";
        Problem::saying(ProblemCode::BadRequest, detail)
    })?;
    let disposition = Disposition::parse(&said.disposition);
    let disposition = disposition.filter(|it| SaidBack::TAKEN.contains(it)).ok_or_else(|| {
        let known: Vec<&str> = SaidBack::TAKEN.iter().map(|known| known.as_str()).collect();
        let detail =
            format!("There is no such disposition; these are known: {}.", known.join(", "));
        Problem::saying(ProblemCode::BadRequest, detail)
    })?;
    let SayingBack { id, lead_id, criteria, fields, eligible, note, at, .. } = said;
    let answering = Answering { criteria, fields, eligible, qualified: false, note, at };
    let answers = answering.answers()?;
    Ok(SaidBack { lead: lead_id, disposition, answers, at, id: id.or(sent), words })
}

async fn one(
    state: &HttpState,
    workspace: &Workspace,
    actor: &Name,
    said: SaidBack,
) -> Result<Value, Problem> {
    let done = state.flow.said_back(workspace, said, actor).await.map_err(|error| match error {
        // The sender may simply come again.
        ActionError::Unavailable(Unavailable::Contention) => Problem::new(ProblemCode::Unavailable),
        other => refused(other),
    })?;
    let status = if done.again { "duplicate" } else { "done" };
    let lead = serde_json::to_value(LeadState::of(&done.lead)).unwrap_or_default();
    Ok(json!({ "outcome": "success", "status": status, "lead": lead }))
}
