//! `POST /v1/{workspace}/dispositions`: tools say back what became of leads, by API key or signature. Safe to
//! send again.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::from_tools::{Door, FromTool, Told, failed};
use super::said_rows::{self, BadTable};
use crate::domain::Name;
use crate::flow::{ActionError, SaidBack, Unavailable, Workspace};
use crate::http::keys::Scope;
use crate::http::private::refused;
use crate::http::private::view::LeadState;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::saying::SayingBack;
use crate::http::state::HttpState;

/// In one array.
const SAID_MAX: usize = 500;
const EXPECTED: &str = "Send an object with `lead_id` and `disposition`, or an array of such.";
const DOOR: Door = Door {
    scope: Scope::DispositionsWrite,
    secrets: |workspace| &workspace.dispositions,
    signed: "dispositions",
    bytes_max: 4 * 1024 * 1024,
};

/// For tables whose rows do not say it themselves.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Uploaded {
    /// The destination whose ids stand in `record_id`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    destination: Option<Name>,
}

/// What was said back about leads: one object, an array of at most 500, or a table (`text/csv`) of at most 5,000 rows with a
/// header, each answered for itself. With an API key of the scope `dispositions:write`, or signed by Standard Webhooks with a
/// secret of the workspace. Safe to send again: an `id`, `Idempotency-Key` or `webhook-id` that came before is answered with
/// `duplicate` and changes nothing. `moved` says whether the lead stands elsewhere now: what happened earlier than what moved
/// it last is noted and moves nothing.
#[utoipa::path(
    post, path = "/v1/{workspace}/dispositions", tag = "leads", operation_id = "post_dispositions",
    params(Uploaded),
    request_body(content((SayingBack = "application/json"), (String = "text/csv"))),
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
    let taking = Taking { state: &state, workspace: &from.workspace, actor: &from.actor };
    let table = request.headers().get(header::CONTENT_TYPE).is_some_and(is_table);
    let told = if table {
        from.several(rows(&request, &from.body)?)
    } else {
        from.told(SAID_MAX, EXPECTED)?
    };
    match told {
        Told::One(said, sent) => Ok(HttpResponse::Ok().json(taking.said(said, sent).await?)),
        Told::Several(all) => taking.each(all).await,
    }
}

fn is_table(content_type: &header::HeaderValue) -> bool {
    let essence = content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    ["text/csv", "application/csv", "text/tab-separated-values"]
        .iter()
        .any(|known| essence.trim().eq_ignore_ascii_case(known))
}

/// The rows of a table, in the form of the API.
fn rows(request: &HttpRequest, body: &Bytes) -> Result<Vec<Value>, Problem> {
    let uploaded = Query::<Uploaded>::from_query(request.query_string()).map_err(|_| {
        let detail = "The query may say `destination`, and nothing else.";
        Problem::saying(ProblemCode::BadRequest, detail)
    })?;
    let mut rows = said_rows::rows(body).map_err(|bad| match bad {
        BadTable::NoTable => {
            Problem::saying(ProblemCode::BadRequest, "The body is no table with a header.")
        }
        BadTable::NoDisposition => {
            let detail = "No column is called `disposition`, nor `status`, `stage` or `outcome`.";
            Problem::saying(ProblemCode::BadRequest, detail)
        }
        BadTable::TooMany => Problem::saying(
            ProblemCode::TooLarge,
            format!("More than {} rows: send them in parts.", said_rows::ROWS_MAX),
        ),
    })?;
    if let Some(destination) = &uploaded.destination {
        for row in rows.iter_mut().filter(|row| row.get("destination").is_none()) {
            row["destination"] = destination.as_str().into();
        }
    }
    Ok(rows)
}

/// One request, its sender known.
pub(super) struct Taking<'a> {
    pub(super) state: &'a HttpState,
    pub(super) workspace: &'a Arc<Workspace>,
    pub(super) actor: &'a Name,
}

impl Taking<'_> {
    /// Each for itself, in order.
    async fn each(&self, all: Vec<(Value, Option<String>)>) -> Result<HttpResponse, Problem> {
        let mut results = Vec::with_capacity(all.len());
        for (said, sent) in all {
            results.push(match self.said(said, sent).await {
                Ok(done) => done,
                // Nothing more will be done now: all of it may be sent again.
                Err(problem) if problem.code == ProblemCode::Unavailable => return Err(problem),
                Err(problem) => failed(&problem),
            });
        }
        Ok(HttpResponse::Ok().json(json!({ "results": results })))
    }

    /// What one element says. No value that came in is repeated.
    fn read(&self, said: Value, sent: Option<String>) -> Result<SaidBack, Problem> {
        let words = said.to_string().into_bytes();
        let said: SayingBack = serde_json::from_value(said).map_err(|_| {
            let detail = "It does not have the form of a disposition: see /openapi.json.";
            Problem::saying(ProblemCode::BadRequest, detail)
        })?;
        said.understood(self.workspace, sent, words)
    }

    /// One thing that is said in the form of the API, and what recognises it.
    pub(super) async fn said(&self, said: Value, sent: Option<String>) -> Result<Value, Problem> {
        self.one(self.read(said, sent)?).await
    }

    async fn one(&self, said: SaidBack) -> Result<Value, Problem> {
        let done = self.state.flow.said_back(self.workspace, said, self.actor).await;
        let done = done.map_err(|error| match error {
            // The sender may simply come again.
            ActionError::Unavailable(Unavailable::Contention) => {
                Problem::new(ProblemCode::Unavailable)
            }
            other => refused(other),
        })?;
        let status = if done.again { "duplicate" } else { "done" };
        let lead = serde_json::to_value(LeadState::of(&done.lead)).unwrap_or_default();
        Ok(json!({ "outcome": "success", "status": status, "moved": done.moved, "lead": lead }))
    }
}
