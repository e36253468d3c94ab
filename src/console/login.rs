//! In and out: by key, by one-time link; home.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::assets;
use super::cookie::{SESSION, is_secure};
use super::guard::from_here;
use super::posted::Posted;
use super::refusal::Refusal;
use super::session::Session;
use super::shell::first_section;
use super::visit::{is_plain, shared};
use super::words::Html as _;
use crate::http::caller::address;
use crate::http::keys::ApiKey;
use crate::http::{Active, HttpState};
use crate::telemetry::Fact;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    assets: &'static str,
    to: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "enter.html")]
struct EnterPage {
    assets: &'static str,
    token: String,
    known: bool,
}

/// The form that asks for a key.
pub async fn login_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let (state, _) = shared(&request)?;
    let active = state.active.load_full();
    if Session::of(&state.flow, &active, &request).is_some() {
        return Ok(see("/console"));
    }
    let to = query(&request, "to").filter(|to| is_plain(to)).unwrap_or_default();
    Ok(html(&LoginPage { assets: assets::version(), to, wrong: false }))
}

/// Takes the key.
pub async fn log_in(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (state, entrance) = shared(&request)?;
    if !from_here(&request) {
        return Err(Refusal::Stale);
    }
    let active = state.active.load_full();
    let from = address(&active, &request).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if !entrance.may_try(from) {
        note(&state, None, "limited");
        return Err(Refusal::Limited);
    }
    let posted = Posted::read(&state, payload).await?;
    let to = posted.get("to").filter(|to| is_plain(to)).unwrap_or("/console").to_owned();
    if let Some(key) = posted.get("key").and_then(|key| active.keys.find(key)) {
        return Ok(enter(&state, &request, key, &to));
    }
    note(&state, None, "refused");
    let page = LoginPage { assets: assets::version(), to, wrong: true };
    let mut response = HttpResponse::Unauthorized();
    Ok(response.content_type("text/html; charset=utf-8").body(page.html()))
}

/// A one-time link leads to a page with a button: whatever looks at links ahead of their reader (a
/// terminal, a browser's preview) does not use it up, and the cookie is set by a page of ours.
pub async fn enter_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let (_, entrance) = shared(&request)?;
    let token = query(&request, "token").unwrap_or_default();
    let known = entrance.knows(&token);
    Ok(html(&EnterPage { assets: assets::version(), token, known }))
}

/// Uses the link.
pub async fn enter_by_link(
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let (state, entrance) = shared(&request)?;
    if !from_here(&request) {
        return Err(Refusal::Stale);
    }
    let active = state.active.load_full();
    let posted = Posted::read(&state, payload).await?;
    let key = posted.get("token").and_then(|token| entrance.enter(token));
    if let Some(key) = key.and_then(|id| active.keys.by_id(&id)) {
        return Ok(enter(&state, &request, key, "/console"));
    }
    note(&state, None, "refused");
    Ok(html(&EnterPage { assets: assets::version(), token: String::new(), known: false }))
}

/// Ends the session in this browser.
pub async fn log_out(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (state, _) = shared(&request)?;
    let active = state.active.load_full();
    if let Some((session, key)) = Session::of(&state.flow, &active, &request) {
        let posted = Posted::read(&state, payload).await?;
        let ours = posted.get("csrf").is_some_and(|token| session.owns(token));
        if !ours || !from_here(&request) {
            return Err(Refusal::Stale);
        }
        note(&state, Some(key.name.as_str()), "out");
    }
    let mut response = HttpResponse::SeeOther();
    response.append_header(("set-cookie", SESSION.clear(is_secure(&request))));
    Ok(response.insert_header(("location", "/console/login")).finish())
}

/// The first page that the key opens, of the first workspace that it enters.
pub async fn home(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let (state, _) = shared(&request)?;
    let active = state.active.load_full();
    let (_, key) = Session::of(&state.flow, &active, &request).ok_or(Refusal::Login(None))?;
    let wanted = request.match_info().get("workspace");
    Ok(see(&first_page(&active, key, wanted)?))
}

fn first_page(active: &Active, key: &ApiKey, wanted: Option<&str>) -> Result<String, Refusal> {
    let workspace = active
        .workspaces
        .keys()
        .filter(|name| key.enters(name))
        .find(|name| wanted.is_none_or(|wanted| name.as_str() == wanted))
        .ok_or(if wanted.is_some() { Refusal::NotFound } else { Refusal::Nothing })?;
    let section = first_section(|scope| key.has(scope)).ok_or(Refusal::Nothing)?;
    Ok(format!("/console/w/{workspace}/{section}"))
}

fn enter(state: &HttpState, request: &HttpRequest, key: &ApiKey, to: &str) -> HttpResponse {
    let session = Session::open(key, state.flow.now());
    let Some(cookie) = SESSION.set(&state.flow, &session, is_secure(request)) else {
        return see("/console/login");
    };
    note(state, Some(key.name.as_str()), "in");
    let mut response = HttpResponse::SeeOther();
    response.append_header(("set-cookie", cookie));
    response.insert_header(("location", to)).finish()
}

fn note(state: &HttpState, actor: Option<&str>, how: &'static str) {
    state.flow.telemetry().record(&Fact::ConsoleVisited { actor, how });
}

fn see(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", to)).finish()
}

fn html(page: &impl Template) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.html())
}

fn query(request: &HttpRequest, field: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(name, _)| name == field).map(|(_, value)| value.into_owned())
}
