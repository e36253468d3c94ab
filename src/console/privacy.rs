//! What a person may ask for: a file with everything that is held about them, and to be forgotten.

use actix_web::http::header;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::act::{part, why_not};
use super::refusal::Refusal;
use super::visit::{Said, Visit};
use crate::domain::LeadId;
use crate::flow::{ActionError, Asked, Erasure};
use crate::http::keys::Scope;
use crate::http::private::EverythingBody;

/// Everything that is held about the person of a lead, to be saved.
pub async fn everything(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let id: LeadId = part(&request, "id")?;
    let held = visit.flow().everything(&visit.workspace, &Asked::Lead(id), false).await;
    let held = held.map_err(|error| match error {
        ActionError::Unavailable(_) => Refusal::Unavailable,
        _ => Refusal::NotFound,
    })?;
    let body = EverythingBody::of(held).ok_or(Refusal::Unavailable)?;
    let name = format!("attachment; filename=\"{id}.json\"");
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_DISPOSITION, name)).json(body))
}

/// Forgets the person of a lead, once somebody said that they are sure.
pub async fn erase(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::LeadsWrite).await?;
    let id: LeadId = part(&request, "id")?;
    let page = visit.path(&format!("leads/{id}"));
    if posted.get("sure").is_none() {
        let said = Said::not_done("Not done: tick the box first. It cannot be undone.");
        return Ok(visit.go(&page, &said));
    }
    let reason = match posted.name("reason") {
        Ok(reason) => reason,
        Err(wrong) => return Ok(visit.go(&page, &Said::not_done(wrong))),
    };
    let erasure = Erasure { asked: Asked::Lead(id), reason, all: false, dry_run: false };
    Ok(match visit.flow().erase(&visit.workspace, &erasure, &visit.key.name).await {
        Ok(done) => {
            let told: Vec<&str> = done.told.iter().map(crate::domain::Name::as_str).collect();
            let told = if told.is_empty() {
                "Nobody had been told.".to_owned()
            } else {
                format!("Told of them before: {}.", told.join(", "))
            };
            let all = done.inquiries + done.set_aside + done.bodies;
            let said = format!("Erased, with {all} inquiries and bodies. {told}");
            visit.go(&visit.path("live"), &Said::done(said))
        }
        Err(error) => visit.go(&page, &Said::not_done(why_not(error)?)),
    })
}
