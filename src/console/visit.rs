//! What every page begins with: who is there, in which workspace, and whether they may.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::cookie::{SAID, is_secure};
use super::entrance::Entrance;
use super::refusal::Refusal;
use super::session::Session;
use super::shell::Shell;
use super::words::Html as _;
use crate::domain::Name;
use crate::flow::{Flow, Workspace};
use crate::http::keys::{ApiKey, Scope};
use crate::http::{Active, HttpState};

/// What became of an action, told on the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub tone: SaidTone,
    pub text: String,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SaidTone {
    Done,
    /// Not done, for a reason that the person can do something about.
    NotDone,
}

impl Said {
    /// It was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self { tone: SaidTone::Done, text: text.into() }
    }

    /// It was not.
    pub fn not_done(text: impl Into<String>) -> Self {
        Self { tone: SaidTone::NotDone, text: text.into() }
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        self.tone == SaidTone::Done
    }
}

/// One allowed request of somebody who is logged in.
#[derive(Debug)]
pub struct Visit {
    pub state: Data<HttpState>,
    pub entrance: Data<Entrance>,
    pub active: Arc<Active>,
    pub workspace: Arc<Workspace>,
    pub key: ApiKey,
    pub session: Session,
    said: Option<Said>,
    clears_said: bool,
    secure: bool,
}

/// What the console's handlers share.
pub fn shared(request: &HttpRequest) -> Result<(Data<HttpState>, Data<Entrance>), Refusal> {
    let state = request.app_data::<Data<HttpState>>().cloned();
    state.zip(request.app_data::<Data<Entrance>>().cloned()).ok_or(Refusal::Unavailable)
}

impl Visit {
    /// Lets a request in, or says why not. A key that may not act in a workspace does not learn
    /// whether it exists.
    pub fn begin(request: &HttpRequest, scope: Scope) -> Result<Self, Refusal> {
        Self::begin_with(request, &[scope])
    }

    /// The same where one of several scopes is enough.
    pub fn begin_with(request: &HttpRequest, scopes: &[Scope]) -> Result<Self, Refusal> {
        let (state, entrance) = shared(request)?;
        let active = state.active.load_full();
        let is_page = *request.method() == actix_web::http::Method::GET;
        let here = || is_page.then(|| request.path().to_owned()).filter(|path| is_plain(path));
        let (session, key) = Session::of(&state.flow, &active, request)
            .map(|(session, key)| (session, key.clone()))
            .ok_or_else(|| Refusal::Login(here()))?;
        let name: Option<Name> =
            request.match_info().get("workspace").and_then(|name| name.parse().ok());
        let workspace = name
            .filter(|name| key.enters(name))
            .and_then(|name| active.workspaces.get(&name).cloned())
            .ok_or(Refusal::NotFound)?;
        if !scopes.iter().any(|scope| key.has(*scope)) {
            return Err(scopes.first().map_or(Refusal::Nothing, |scope| Refusal::Scope(*scope)));
        }
        let said = SAID.read(&state.flow, request);
        Ok(Self {
            clears_said: SAID.is_in(request),
            secure: is_secure(request),
            state,
            entrance,
            active,
            workspace,
            key,
            session,
            said,
        })
    }

    /// The flows.
    pub fn flow(&self) -> &Flow {
        &self.state.flow
    }

    /// Whether the key has a scope, for what pages show and offer.
    pub fn may(&self, scope: Scope) -> bool {
        self.key.has(scope)
    }

    /// A page of this workspace.
    pub fn path(&self, rest: &str) -> String {
        format!("/console/w/{}/{rest}", self.workspace.name)
    }

    /// What stands around a page.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn shell(&self, title: &str, section: &'static str) -> Result<Shell, Refusal> {
        Shell::of(self, title, section).await
    }

    /// What the last action came to.
    pub fn said(&self) -> Option<Said> {
        self.said.clone()
    }

    /// A page, whole.
    pub fn page(&self, page: &impl Template) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if self.clears_said {
            response.append_header(("set-cookie", SAID.clear(self.secure)));
        }
        response.content_type("text/html; charset=utf-8").body(page.html())
    }

    /// After an action: to a page, which tells what became of it.
    pub fn go(&self, to: &str, said: &Said) -> HttpResponse {
        let mut response = HttpResponse::SeeOther();
        if let Some(cookie) = SAID.set(self.flow(), said, self.secure) {
            response.append_header(("set-cookie", cookie));
        }
        response.insert_header(("location", to)).finish()
    }

    /// The page that a form wants to go back to, if it is one of this workspace.
    pub fn back(&self, wanted: Option<&str>, otherwise: &str) -> String {
        wanted
            .filter(|to| to.starts_with(&self.path("")) && is_ours(to))
            .map_or_else(|| self.path(otherwise), str::to_owned)
    }
}

/// Whether a path, with its query, is of the letters that ours are made of: safe in a header.
fn is_ours(to: &str) -> bool {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-:=&%+*".contains(&b);
    is_plain(path) && query.bytes().all(plain)
}

/// Whether a path is of the letters that ours are made of: safe in a header and in a query.
pub fn is_plain(path: &str) -> bool {
    path.starts_with("/console/")
        && !path.contains("//")
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-:?=".contains(&b))
}
