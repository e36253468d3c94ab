//! What every operation of the private listener begins with: whose key, which workspace, allowed or not.

use std::str::FromStr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::domain::{Index, Name};
use crate::flow::{Flow, Workspace, word};
use crate::http::caller::{Presented, presented};
use crate::http::keys::{ApiKey, Scope};
use crate::http::problem::{Problem, ProblemCode};
use crate::http::state::{Active, HttpState};

/// One allowed request to one workspace.
#[derive(Debug)]
pub struct Call {
    pub state: Data<HttpState>,
    pub workspace: Arc<Workspace>,
    /// The name of the key: who acts.
    pub actor: Name,
}

impl Call {
    /// Lets the request in, or says why not. A key that may not act in a workspace does not learn
    /// whether it exists.
    pub fn begin(
        state: &Data<HttpState>,
        request: &HttpRequest,
        scope: Scope,
    ) -> Result<Self, Problem> {
        let active = state.active.load_full();
        let name = request.match_info().get("workspace").and_then(|name| Name::parse(name).ok());
        let key = match presented(&active, request) {
            Presented::Key(key) => key,
            Presented::Nothing | Presented::Unknown => {
                return Err(Problem::new(ProblemCode::Unauthenticated));
            }
        };
        let allowed = match &name {
            Some(name) => key.allows(name, scope),
            None => key.has(scope),
        };
        if !allowed {
            return Err(forbidden(scope));
        }
        let workspace = name.and_then(|name| active.workspaces.get(&name)).cloned();
        let workspace = workspace.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
        Ok(Self { state: state.clone(), workspace, actor: key.name.clone() })
    }

    /// The flows.
    pub fn flow(&self) -> &Flow {
        &self.state.flow
    }
}

/// Lets a request in that concerns no workspace; gives the configuration in force.
pub fn begin_process(
    state: &Data<HttpState>,
    request: &HttpRequest,
    scope: Scope,
) -> Result<Arc<Active>, Problem> {
    begin_process_as(state, request, scope).map(|(active, _)| active)
}

/// The same, with the key that asks.
pub fn begin_process_as(
    state: &Data<HttpState>,
    request: &HttpRequest,
    scope: Scope,
) -> Result<(Arc<Active>, ApiKey), Problem> {
    let active = state.active.load_full();
    let key = match presented(&active, request) {
        Presented::Key(key) if key.has(scope) => key.clone(),
        Presented::Key(_) => return Err(forbidden(scope)),
        Presented::Nothing | Presented::Unknown => {
            return Err(Problem::new(ProblemCode::Unauthenticated));
        }
    };
    Ok((active, key))
}

fn forbidden(scope: Scope) -> Problem {
    Problem::saying(ProblemCode::Forbidden, format!("It needs the scope `{scope}` here."))
}

/// A part of the path that must be an id or a name; anything else is not there.
pub fn part<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Problem> {
    let text = request.match_info().get(name).unwrap_or_default();
    text.parse().map_err(|_| Problem::new(ProblemCode::NotFound))
}

/// The worklist that the path names.
pub fn list(request: &HttpRequest) -> Result<&'static Index, Problem> {
    let text = request.match_info().get("list").unwrap_or_default();
    Index::WORKLISTS
        .iter()
        .find(|list| word(list) == text)
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))
}
