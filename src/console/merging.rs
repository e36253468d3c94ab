//! People say which records are one person's and which are not.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::act::{part, why_not};
use super::refusal::Refusal;
use super::visit::{Said, Visit};
use crate::domain::LeadId;
use crate::http::keys::Scope;

/// Merges a record into another one.
pub async fn merge(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::LeadsWrite).await?;
    let id: LeadId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), &format!("leads/{id}"));
    let Some(into) = posted.get("into").and_then(|text| text.trim().parse().ok()) else {
        return Ok(visit.go(&back, &Said::not_done(NO_ID)));
    };
    let done = visit.flow().merge_leads(&visit.workspace, (id, into), &visit.key.name).await;
    let said = match done {
        Ok(lead) => Said::done(format!(
            "Merged. The record now has {} inquiries; on its page the two can be parted again.",
            lead.inquiries
        )),
        Err(error) => Said::not_done(why_not(error)?),
    };
    Ok(visit.go(&back, &said))
}

/// Parts a record from the one it was merged into.
pub async fn unmerge(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::LeadsWrite).await?;
    let id: LeadId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), &format!("leads/{id}"));
    let done = visit.flow().unmerge_lead(&visit.workspace, id, &visit.key.name).await;
    let said = match done {
        Ok((lead, _)) => Said::done(format!(
            "Parted. {} is a record of its own again, and the two are not joined by themselves any more.",
            lead.id
        )),
        Err(error) => Said::not_done(why_not(error)?),
    };
    Ok(visit.go(&back, &said))
}

/// Says that two records are two people's.
pub async fn distinguish(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::LeadsWrite).await?;
    let id: LeadId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), &format!("leads/{id}"));
    let Some(from) = posted.get("from").and_then(|text| text.trim().parse().ok()) else {
        return Ok(visit.go(&back, &Said::not_done(NO_ID)));
    };
    let done = visit.flow().distinguish(&visit.workspace, (id, from), &visit.key.name).await;
    let said = match done {
        Ok(()) => Said::done("Remembered: they are two people. Nobody is asked again."),
        Err(error) => Said::not_done(why_not(error)?),
    };
    Ok(visit.go(&back, &said))
}

const NO_ID: &str = "Not done: the other record's id is needed, as it stands on its page: lead_…";
