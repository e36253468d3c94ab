//! People act on leads: from the lead's page, or from a worklist.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::answering::answers;
use super::posted::Posted;
use super::refusal::Refusal;
use super::saying::said;
use super::visit::{Said, Visit};
use super::words::spaced;
use crate::decide::Refusal as Decided;
use crate::domain::{Consent, Disposition, Lead, LeadId};
use crate::flow::{Action, ActionError, Saying, Unavailable};
use crate::http::keys::Scope;

/// Assign, release, decide again, answer, say back, stop, discard.
pub async fn act_on_lead(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::Operate).await?;
    let id: LeadId = part(&request, "id")?;
    let back = visit.back(posted.get("back"), &format!("leads/{id}"));
    let word = request.match_info().get("action").unwrap_or_default();
    let action = match action(word, &posted, &id.to_string(), &visit) {
        Ok(Some(action)) => action,
        Ok(None) => return Err(Refusal::NotFound),
        Err(wrong) => return Ok(visit.go(&back, &Said::not_done(wrong))),
    };
    let done = visit.flow().act(&visit.workspace, id, action, &visit.key.name, posted.seen()).await;
    let said = match done {
        Ok(lead) => Said::done(became(word, &lead)),
        Err(error) => Said::not_done(why_not(error)?),
    };
    Ok(visit.go(&back, &said))
}

/// A part of the path that must be an id or a name; anything else is not there.
pub fn part<T: std::str::FromStr>(request: &HttpRequest, name: &str) -> Result<T, Refusal> {
    let text = request.match_info().get(name).unwrap_or_default();
    text.parse().map_err(|_| Refusal::NotFound)
}

fn action(
    word: &str,
    posted: &Posted,
    lead: &str,
    visit: &Visit,
) -> Result<Option<Action>, String> {
    let now = visit.flow().now();
    Ok(Some(match word {
        "assign" => Action::Assign { queue: posted.name("queue")?, member: posted.name("member")? },
        "release" => Action::Release,
        "redecide" => Action::Redecide,
        "answers" => answers(posted)?,
        "say" => said(posted, lead, &visit.workspace)?,
        "no_answer" => Action::Say(Box::new(Saying::bare(Disposition::NoAnswer, None))),
        "unsubscribe" => Action::Consent(Consent::unsubscribed(now)),
        "do_not_contact" => Action::Consent(Consent::do_not_contact(now)),
        "discard" => Action::Discard { reason: posted.name("reason")? },
        _ => return Ok(None),
    }))
}

/// What was done, and how the lead stands now.
fn became(word: &str, lead: &Lead) -> String {
    let done = match word {
        "assign" => "Assigned",
        "release" => "Released",
        "redecide" => "Decided again",
        "answers" => "Answers saved",
        "no_answer" => "Noted that nobody answered",
        "unsubscribe" | "do_not_contact" => "Noted, and everybody who had it is told",
        "say" => "Noted",
        _ => "Discarded",
    };
    let status = spaced(lead.assignment.status().as_str());
    let queue = lead.queue().filter(|queue| queue.as_str() != crate::assign::NONE);
    let queue = queue.map_or_else(String::new, |queue| format!(", in queue {queue}"));
    let owner = match lead.assignment.owner() {
        Some(owner) => format!(", with {owner}"),
        None if word == "discard" => String::new(),
        None => ", without an owner".to_owned(),
    };
    format!("{done}. It is now {status}{queue}{owner}.")
}

/// Why an action was not carried out, for the person who wanted it.
///
/// # Errors
/// If it is no answer to that person: the thing or the store is not there.
pub fn why_not(error: ActionError) -> Result<String, Refusal> {
    let meant = |suggestion: Option<crate::domain::Name>| {
        suggestion.map_or_else(String::new, |name| format!(" Did you mean {name}?"))
    };
    Ok(match error {
        ActionError::NoLead | ActionError::NoInquiry => return Err(Refusal::NotFound),
        ActionError::Unavailable(Unavailable::Contention) | ActionError::Changed => {
            "Not done: somebody else, or a new inquiry, changed this lead after you opened the page. \
             This is how it stands now; look again and repeat the action if it still makes sense."
                .to_owned()
        }
        ActionError::Unavailable(_) => return Err(Refusal::Unavailable),
        ActionError::NotFiltered => {
            "Not done: it is not on this list any more. Somebody else was faster.".to_owned()
        }
        ActionError::Refused(Decided::UnknownQueue { queue, suggestion }) => {
            format!("Not done: there is no queue {queue}.{}", meant(suggestion))
        }
        ActionError::Refused(Decided::UnknownMember { member, suggestion }) => {
            format!("Not done: no pool has a member {member}.{}", meant(suggestion))
        }
        ActionError::Refused(Decided::UnknownReason { known, suggestion }) => {
            let known: Vec<&str> = known.iter().map(crate::domain::Name::as_str).collect();
            let meant = meant(suggestion);
            format!("Not done: say one of these reasons: {}.{meant}", known.join(", "))
        }
        ActionError::Refused(Decided::UnknownCriterion { criterion, suggestion }) => {
            format!("Not done: there is no criterion {criterion}.{}", meant(suggestion))
        }
        other => format!("Not done: {other}."),
    })
}
