//! What a source's spam trap caught: no spam after all, or gone for good.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::act::{part, why_not};
use super::bodies::{became, place};
use super::refusal::Refusal;
use super::visit::{Said, Visit};
use crate::domain::InquiryId;
use crate::http::keys::Scope;

/// Releases it, or removes it.
pub async fn act_on_filtered(
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::Operate).await?;
    let id: InquiryId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), "worklists/filtered");
    let (flow, actor) = (visit.flow(), &visit.key.name);
    match request.match_info().get("action").unwrap_or_default() {
        "release" => match flow.release_filtered(&visit.workspace, id, actor).await {
            Ok(answer) => Ok(visit.go(&place(&visit, &answer, &back), &became(&answer))),
            Err(error) => Ok(visit.go(&back, &Said::not_done(why_not(error)?))),
        },
        "discard" => match flow.discard_filtered(&visit.workspace, id, actor).await {
            Ok(()) => Ok(visit.go(&back, &Said::done("Discarded for good."))),
            Err(error) => Ok(visit.go(&back, &Said::not_done(why_not(error)?))),
        },
        _ => Err(Refusal::NotFound),
    }
}
