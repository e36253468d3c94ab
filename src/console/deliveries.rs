//! One delivery with its attempts; replaying and dropping what was given up.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::act::part;
use super::past::{Sent, sent};
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::{Said, Visit};
use super::words::spaced;
use crate::domain::DeliveryId;
use crate::domain::ports::JobView;
use crate::flow::{Redriven, delivery_of};
use crate::http::keys::Scope;
use crate::http::private::RequestBody;

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
    /// What a replay would send, masked; or why it would send nothing.
    sends: Option<Sends>,
}

struct Sends {
    nothing: Option<String>,
    first: Option<String>,
    text: Option<String>,
}

/// What a replay of a dead one would send.
async fn sends(visit: &Visit, job: &JobView) -> Result<Option<Sends>, Refusal> {
    let Some(preview) = visit.state.preview.get().filter(|_| job.state.is_dead()) else {
        return Ok(None);
    };
    let previewed = preview.preview(&visit.workspace.name, job).await;
    let body = RequestBody::of(previewed.map_err(|_| Refusal::Unavailable)?);
    let request = body.request.as_ref();
    let first = request.map(|request| match request.requests {
        1 => format!("{} to {}", request.method, request.to),
        many => {
            format!("{} to {}, the first of at most {many} requests", request.method, request.to)
        }
    });
    let text = request.map(|request| {
        let lines = request.headers.iter().map(|(name, value)| name.clone() + ": " + value + "\n");
        let text: String = lines.collect();
        let body = serde_json::to_string_pretty(&request.body).unwrap_or_default();
        text + "\n" + request.body.as_str().unwrap_or(&body)
    });
    Ok(Some(Sends { nothing: body.nothing.map(|why| spaced(&why)), first, text }))
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
        sends: sends(&visit, &job).await?,
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
    let reason = match posted.name("reason") {
        Ok(reason) => reason,
        Err(wrong) => return Ok(visit.go(&back, &Said::not_done(wrong))),
    };
    let (flow, workspace, actor) = (visit.flow(), &visit.workspace, &visit.key.name);
    let (redriven, done) = match (request.match_info().get("action"), reason) {
        (Some("replay"), _) => {
            let replayed = flow.replay(workspace, id, actor).await?;
            (replayed, "Replayed: it goes out again now, under its id.")
        }
        (Some("drop"), Some(reason)) => {
            (flow.drop_delivery(workspace, id, &reason, actor).await?, "Dropped for good.")
        }
        (Some("drop"), None) => {
            return Ok(visit.go(&back, &Said::not_done("Not done: say why, in one word.")));
        }
        _ => return Err(Refusal::NotFound),
    };
    match redriven {
        Redriven::Done => Ok(visit.go(&back, &Said::done(done))),
        Redriven::NotDead => {
            let said = "Not done: it is not on the dead list any more. Somebody else was faster.";
            Ok(visit.go(&back, &Said::not_done(said)))
        }
        Redriven::Missing => Err(Refusal::NotFound),
    }
}
