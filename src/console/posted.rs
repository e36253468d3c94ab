//! What a form says, read only if it comes from a page of the session it is sent under.

use actix_web::HttpRequest;
use actix_web::web::Payload;

use super::guard::from_here;
use super::refusal::Refusal;
use super::visit::Visit;
use crate::domain::{Name, Timestamp};
use crate::http::HttpState;
use crate::http::body;
use crate::http::keys::Scope;

/// No form of ours is larger.
const BYTES_MAX: usize = 16 * 1024;

/// The fields of a form. Never printed: a search is about a person.
pub struct Posted(Vec<(String, String)>);

impl std::fmt::Debug for Posted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Posted").field(&self.0.len()).finish()
    }
}

impl Posted {
    /// Reads a form that needs no session.
    pub async fn read(state: &HttpState, payload: Payload) -> Result<Self, Refusal> {
        let body = body::read(payload, BYTES_MAX, state.limits.body_deadline).await;
        let body = body.map_err(|_| Refusal::BadForm)?;
        Ok(Self(url::form_urlencoded::parse(&body).into_owned().collect()))
    }

    /// A field's text, trimmed; `None` if it is empty or not there.
    pub fn get(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The fields whose names begin so, without that beginning; empty ones are left out.
    pub fn under<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let value = value.trim();
            let name = name.strip_prefix(beginning).filter(|_| !value.is_empty())?;
            Some((name, value))
        })
    }

    /// A field that is a name; `Err` if it is something else.
    pub fn name(&self, field: &str) -> Result<Option<Name>, String> {
        let Some(text) = self.get(field) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            format!("“{field}” is one word of lower-case letters, digits, `-`, `_` and `.`.")
        })
    }

    /// When the thing acted on was last changed, as the page showed it.
    pub fn seen(&self) -> Option<Timestamp> {
        self.get("seen")?.parse().ok().map(Timestamp::from_millis)
    }
}

impl Visit {
    /// Lets a post in: from one of our pages, in this session, with the scope.
    pub async fn posted(
        request: &HttpRequest,
        payload: Payload,
        scope: Scope,
    ) -> Result<(Self, Posted), Refusal> {
        if !from_here(request) {
            return Err(Refusal::Stale);
        }
        let visit = Self::begin(request, scope)?;
        let posted = Posted::read(&visit.state, payload).await?;
        if posted.get("csrf").is_some_and(|token| visit.session.owns(token)) {
            Ok((visit, posted))
        } else {
            Err(Refusal::Stale)
        }
    }
}
