//! Destinations: how their queues look; stopping and going on.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::act::part;
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::{Said, Visit};
use super::words::{Mark, Tone, When, age, spaced};
use crate::domain::{Name, Timestamp};
use crate::flow::DestinationView;
use crate::http::keys::Scope;

#[derive(Template)]
#[template(path = "destinations.html")]
struct DestinationsPage {
    shell: Shell,
    rows: Vec<Row>,
    can: bool,
}

struct Row {
    name: String,
    state: Mark,
    why: Option<String>,
    until: Option<When>,
    paused: bool,
    ready: u64,
    delayed: u64,
    leased: u64,
    permits: u32,
    oldest: Option<String>,
    tests: bool,
    fallback: Option<String>,
    preset: Option<String>,
    queues: Vec<String>,
}

/// The page.
pub async fn destinations_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::DeliveriesRead)?;
    let views = visit.flow().destinations(&visit.workspace).await?;
    let now = visit.flow().now();
    Ok(visit.page(&DestinationsPage {
        shell: visit.shell("Destinations", "destinations").await?,
        rows: views.iter().map(|view| row(&visit, view, now)).collect(),
        can: visit.may(Scope::DeliveriesWrite),
    }))
}

fn row(visit: &Visit, view: &DestinationView, now: Timestamp) -> Row {
    let depth = &view.depth;
    let paused = depth.paused.as_ref();
    let router = &visit.workspace.decide.router;
    let (state, why) = match paused.map(|(reason, _)| reason.as_str()) {
        None => (Mark::new("open", Tone::Good), None),
        Some("gone") => (
            Mark::new("broken", Tone::Bad),
            Some("it answered 410: the address is gone".to_owned()),
        ),
        Some("operator") => (Mark::new("paused", Tone::Warn), Some("by a person".to_owned())),
        Some("retry_after") => (
            Mark::new("paused", Tone::Warn),
            Some("it asked to be left alone for a while".to_owned()),
        ),
        Some("credentials") => (
            Mark::new("broken", Tone::Bad),
            Some("it does not let us in: the token or key is not good (any more)".to_owned()),
        ),
        Some("failing") => {
            (Mark::new("paused", Tone::Warn), Some("too many attempts in a row failed".to_owned()))
        }
        Some(other) => (Mark::new("paused", Tone::Warn), Some(spaced(other))),
    };
    Row {
        name: view.name.to_string(),
        state,
        why,
        until: paused.and_then(|(_, until)| *until).map(When::at),
        paused: paused.is_some(),
        ready: depth.ready,
        delayed: depth.delayed,
        leased: depth.leased,
        permits: view.permits,
        oldest: depth.oldest.filter(|oldest| *oldest <= now).map(|oldest| age(now.since(oldest))),
        tests: view.tests,
        fallback: view.fallback.as_ref().map(ToString::to_string),
        preset: view.preset.as_ref().map(|(preset, tier)| format!("{preset} ({})", tier.as_str())),
        queues: router
            .queues()
            .filter(|queue| router.destinations(queue).contains(&view.name))
            .map(ToString::to_string)
            .collect(),
    }
}

/// Pauses or resumes one.
pub async fn act_on_destination(
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let (visit, _) = Visit::posted(&request, payload, Scope::DeliveriesWrite).await?;
    let name: Name = part(&request, "name")?;
    let paused = match request.match_info().get("action").unwrap_or_default() {
        "pause" => true,
        "resume" => false,
        _ => return Err(Refusal::NotFound),
    };
    if !visit.flow().pause(&visit.workspace, &name, paused, &visit.key.name).await? {
        return Err(Refusal::NotFound);
    }
    let said = if paused {
        format!("{name} is paused: nothing more is sent to it until somebody resumes it.")
    } else {
        format!("{name} is open again: what waits goes out by priority and age.")
    };
    Ok(visit.go(&visit.path("destinations"), &Said::done(said)))
}
