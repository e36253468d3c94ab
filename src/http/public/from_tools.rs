//! What tools of ours post beside inquiries: who posts is proved by an API key or a signature.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, ResponseError as _};
use serde_json::{Value, json};

use crate::capture::SigningKeys;
use crate::domain::Name;
use crate::flow::Workspace;
use crate::http::body::{self, BodyError};
use crate::http::caller::{Presented, presented};
use crate::http::keys::Scope;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::HttpState;

/// What may post here.
#[derive(Clone, Copy)]
pub struct Door {
    /// Which keys are let in.
    pub scope: Scope,
    /// Which signatures.
    pub secrets: fn(&Workspace) -> &SigningKeys,
    /// Under which name signed ones act: a signature names nobody.
    pub signed: &'static str,
    /// Of one request.
    pub bytes_max: usize,
}

/// One request that was let in.
#[derive(Debug)]
pub struct FromTool {
    pub workspace: Arc<Workspace>,
    pub actor: Name,
    /// `Idempotency-Key` or `webhook-id`.
    pub sent: Option<String>,
    pub body: Bytes,
}

impl FromTool {
    /// Lets a request in, or says why not. Strangers do not learn which workspaces there are.
    pub async fn begin(
        state: &HttpState,
        request: &HttpRequest,
        payload: Payload,
        door: Door,
    ) -> Result<Self, Problem> {
        let active = state.active.load_full();
        let name = request.match_info().get("workspace").and_then(|name| Name::parse(name).ok());
        let workspace = name.and_then(|name| active.workspaces.get(&name)).cloned();
        let unknown = || Problem::new(ProblemCode::Unauthenticated);
        let key = match presented(&active, request) {
            Presented::Key(key) => Some(key),
            Presented::Nothing => None,
            Presented::Unknown => return Err(unknown()),
        };
        let workspace = workspace.ok_or_else(unknown)?;
        let secrets = (door.secrets)(&workspace);
        let by_key = match key {
            Some(key) if key.allows(&workspace.name, door.scope) => Some(key.name.clone()),
            Some(_) => return Err(Problem::new(ProblemCode::Forbidden)),
            None if secrets.is_empty() => return Err(unknown()),
            None => None,
        };
        let body = body::read(payload, door.bytes_max, state.limits.body_deadline).await;
        let body = body.map_err(no_body)?;
        let actor = match by_key {
            Some(actor) => actor,
            None if secrets.prove(&headers(request), &body, state.flow.now()) => {
                Name::fixed(door.signed)
            }
            None => return Err(unknown()),
        };
        Ok(Self { workspace, actor, sent: idempotency(request), body })
    }
}

/// What a request tells, and what recognises it when it is sent again.
pub enum Told {
    One(Value, Option<String>),
    /// Each for itself.
    Several(Vec<(Value, Option<String>)>),
}

impl FromTool {
    /// The body as JSON: an object, or an array of at most so many. `expected` says what it should have been.
    pub fn told(&self, most: usize, expected: &'static str) -> Result<Told, Problem> {
        let malformed = || Problem::saying(ProblemCode::BadRequest, expected);
        match serde_json::from_slice(&self.body).map_err(|_| malformed())? {
            Value::Array(all) if all.is_empty() || all.len() > most => Err(malformed()),
            Value::Array(all) => Ok(self.several(all)),
            one => Ok(Told::One(one, self.sent.clone())),
        }
    }

    /// Several, each known by its place in the request.
    pub fn several(&self, all: Vec<Value>) -> Told {
        let sent = |index| self.sent.as_ref().map(|sent| format!("{sent}/{index}"));
        let told = all.into_iter().enumerate();
        Told::Several(told.map(|(index, one)| (one, sent(index))).collect())
    }
}

/// Why there is no body.
pub fn no_body(error: BodyError) -> Problem {
    Problem::new(match error {
        BodyError::TooLarge => ProblemCode::TooLarge,
        BodyError::Slow => ProblemCode::Slow,
        BodyError::Broken => ProblemCode::BadRequest,
    })
}

/// One of several that was not taken.
pub fn failed(problem: &Problem) -> Value {
    json!({
        "outcome": "failure",
        "status": problem.status_code().as_u16(),
        "code": problem.code.as_str(),
        "detail": problem.detail,
    })
}

/// The headers as text, names in lower case.
pub fn headers(request: &HttpRequest) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    request.headers().iter().filter_map(text).collect()
}

fn idempotency(request: &HttpRequest) -> Option<String> {
    ["idempotency-key", "webhook-id"].into_iter().find_map(|name| {
        let value = request.headers().get(name)?.to_str().ok()?;
        (!value.is_empty() && value.len() <= 256).then(|| value.to_owned())
    })
}
