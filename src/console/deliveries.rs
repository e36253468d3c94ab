//! One delivery with its attempts; replaying and dropping what was given up.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::act::part;
use super::past::{Sent, sent};
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::{Said, Visit};
use crate::domain::DeliveryId;
use crate::domain::ports::Redrive;
use crate::flow::{Redriven, delivery_of};
use crate::http::keys::Scope;

/// As many as the API replays at once.
const BULK_MAX: usize = 200;

#[derive(Template)]
#[template(path = "delivery.html")]
struct DeliveryPage {
    shell: Shell,
    sent: Sent,
    event: Option<String>,
    lead: Option<String>,
    inquiry: Option<String>,
    absorbed: u32,
    redrives: bool,
}

/// The page.
pub async fn delivery_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin_with(&request, &[Scope::DeliveriesRead, Scope::LeadsRead])?;
    let id: DeliveryId = part(&request, "id")?;
    let workspace = &visit.workspace.name;
    let job = visit.flow().delivery(workspace, id).await?.ok_or(Refusal::NotFound)?;
    let event = delivery_of(&job).map(|delivery| &delivery.event);
    let lead = event.and_then(|event| event.lead).or(job.state.lead);
    let sent = sent(&job, workspace);
    let title = format!("{} to {}", sent.event, sent.destination);
    Ok(visit.page(&DeliveryPage {
        shell: visit.shell(&title, "worklists").await?,
        event: event.map(|event| event.id).or(job.state.event).map(|id| id.to_string()),
        lead: lead.map(|id| id.to_string()),
        inquiry: event.and_then(|event| event.inquiry).map(|id| id.to_string()),
        absorbed: job.absorbed,
        redrives: visit.may(Scope::DeliveriesWrite),
        sent,
    }))
}

/// Replays or drops one.
pub async fn act_on_delivery(
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::DeliveriesWrite).await?;
    let id: DeliveryId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), &format!("deliveries/{id}"));
    let (how, done) = match request.match_info().get("action").unwrap_or_default() {
        "replay" => (Redrive::Replay, "Replayed: it goes out again now, under its id."),
        "drop" => (Redrive::Drop, "Dropped for good."),
        _ => return Err(Refusal::NotFound),
    };
    let reason = match posted.name("reason") {
        Ok(reason) => reason,
        Err(wrong) => return Ok(visit.go(&back, &Said::not_done(wrong))),
    };
    let actor = &visit.key.name;
    let redriven = visit.flow().redrive(&visit.workspace, id, how, reason.as_ref(), actor).await?;
    match redriven {
        Redriven::Done => Ok(visit.go(&back, &Said::done(done))),
        Redriven::NotDead => {
            let said = "Not done: it is not on the dead list any more. Somebody else was faster.";
            Ok(visit.go(&back, &Said::not_done(said)))
        }
        Redriven::Missing => Err(Refusal::NotFound),
    }
}

/// Replays what was given up, newest first; of one destination, if one is named.
pub async fn replay_many(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::DeliveriesWrite).await?;
    let back = visit.back(posted.get("back"), "worklists/dead");
    let destination = posted.name("destination").map_err(|_| Refusal::BadForm)?;
    let (flow, actor) = (visit.flow(), &visit.key.name);
    let replayed = flow.replay_all(&visit.workspace, destination.as_ref(), BULK_MAX, actor).await?;
    let said = match replayed.len() {
        0 => Said::not_done("Nothing was there to be replayed."),
        1 => Said::done("Replayed one delivery."),
        many => Said::done(format!("Replayed {many} deliveries.")),
    };
    Ok(visit.go(&back, &said))
}
