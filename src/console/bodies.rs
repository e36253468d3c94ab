//! A body that could not be read: what it says, why it was not understood, and trying again.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::act::part;
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::{Said, Visit};
use super::words::{Mark, Tone, When, spaced};
use crate::domain::{InquiryId, Status};
use crate::flow::Answer;
use crate::http::keys::Scope;

/// So much of a body is shown.
const SHOWN_BYTES: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "body.html")]
struct BodyPage {
    shell: Shell,
    id: String,
    reason: Mark,
    source: String,
    at: When,
    count: u32,
    returned: bool,
    /// What it refers to is being fetched.
    fetching: bool,
    content_type: String,
    bytes: usize,
    text: String,
    is_text: bool,
    cut: bool,
    operates: bool,
}

/// The body, opened.
pub async fn body_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let id: InquiryId = part(&request, "id")?;
    let opened = visit.flow().kept_body(&visit.workspace.name, id).await?;
    let opened = opened.ok_or(Refusal::NotFound)?;
    let shown = &opened.body[..opened.body.len().min(SHOWN_BYTES)];
    // A letter of several bytes may be cut in two at the end.
    let text = match std::str::from_utf8(shown) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if error.valid_up_to() + 4 > shown.len() && !shown.is_empty() => {
            Some(String::from_utf8_lossy(&shown[..error.valid_up_to()]).into_owned())
        }
        Err(_) => None,
    };
    let kept = opened.kept;
    let why = visit.flow().why_not_fetched(&visit.workspace.name, &kept).await?;
    let reason = why.unwrap_or_else(|| kept.reason.clone());
    Ok(visit.page(&BodyPage {
        shell: visit.shell(title(kept.retrieval.is_some()), "worklists").await?,
        id: id.to_string(),
        reason: Mark::new(reason.as_str(), Tone::Bad),
        source: kept.source.to_string(),
        at: When::at(kept.received_at),
        count: kept.count,
        returned: kept.returned,
        fetching: kept.retrieval.is_some(),
        content_type: kept.content_type.unwrap_or_else(|| "not stated".to_owned()),
        bytes: opened.body.len(),
        is_text: text.is_some(),
        text: text.unwrap_or_else(|| BASE64.encode(shown)),
        cut: opened.body.len() > SHOWN_BYTES,
        operates: visit.may(Scope::Operate),
    }))
}

fn title(fetching: bool) -> &'static str {
    if fetching { "A reference whose data are fetched" } else { "A body nobody understood" }
}

/// Reads it again, or gives it up.
pub async fn act_on_body(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::Operate).await?;
    let id: InquiryId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), "worklists/unreadable");
    let (flow, actor) = (visit.flow(), &visit.key.name);
    let gone = Said::not_done("Not done: it is not kept any more. Somebody else was faster.");
    match request.match_info().get("action").unwrap_or_default() {
        "reprocess" => {
            let Some(answer) = flow.reprocess(&visit.workspace, id, actor).await? else {
                return Ok(visit.go(&back, &gone));
            };
            if answer.status == Status::Retrieving {
                let said = Said::done("It is being fetched from the vendor now.");
                return Ok(visit.go(&visit.path("worklists/retrieving"), &said));
            }
            if answer.status == Status::Unreadable {
                let why = answer.reason.map_or_else(String::new, |why| spaced(why.as_str()));
                let said = format!(
                    "It still cannot be read: {why}. Mend the source's preset or fields, then read it again."
                );
                let page = visit.path(&format!("bodies/{id}"));
                return Ok(visit.go(&page, &Said::not_done(said)));
            }
            Ok(visit.go(&place(&visit, &answer, &back), &became(&answer)))
        }
        "discard" => {
            let done = flow.discard_kept(&visit.workspace, id, actor).await?;
            Ok(visit.go(&back, &if done { Said::done("Discarded for good.") } else { gone }))
        }
        _ => Err(Refusal::NotFound),
    }
}

/// What something became that was taken up again.
pub fn became(answer: &Answer) -> Said {
    let status = spaced(answer.status.as_str());
    let detail = answer.detail.as_ref();
    let queue = detail.map_or_else(String::new, |detail| match detail.queue.as_str() {
        crate::assign::NONE => String::new(),
        queue => format!(", in queue {queue}"),
    });
    let owner = detail.and_then(|detail| detail.owner.as_ref());
    let owner = owner.map_or_else(String::new, |owner| format!(", with {owner}"));
    let known = if answer.duplicate { " It was known already." } else { "" };
    Said::done(format!("Understood. It is now {status}{queue}{owner}.{known}"))
}

/// Where it is to be seen now.
pub fn place(visit: &Visit, answer: &Answer, otherwise: &str) -> String {
    let lead = answer.detail.as_ref().and_then(|detail| detail.lead);
    match (answer.status, lead, answer.inquiry) {
        (status, Some(lead), _) if status != Status::Test => visit.path(&format!("leads/{lead}")),
        (_, _, Some(inquiry)) => visit.path(&format!("inquiries/{inquiry}")),
        _ => otherwise.to_owned(),
    }
}
