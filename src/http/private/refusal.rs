//! Why a person's action was not carried out, as a problem. No value that came in is repeated.

use crate::decide::Refusal;
use crate::flow::ActionError;
use crate::http::problem::{Problem, ProblemCode};

/// The problem for a refused action.
pub fn refused(error: ActionError) -> Problem {
    match error {
        ActionError::Unavailable(unavailable) => unavailable.into(),
        ActionError::NoLead | ActionError::NoInquiry => Problem::new(ProblemCode::NotFound),
        ActionError::Several(leads) => {
            let ids: Vec<String> = leads.iter().map(ToString::to_string).collect();
            let detail = format!(
                "Several people are found by that: {}. Say one of these ids, or `all`.",
                ids.join(", ")
            );
            Problem::saying(ProblemCode::Impossible, detail)
        }
        ActionError::Changed => Problem::new(ProblemCode::Conflict),
        ActionError::Refused(Refusal::UnknownQueue { suggestion, .. }) => {
            unknown("queue", suggestion.as_ref())
        }
        ActionError::Refused(Refusal::UnknownMember { suggestion, .. }) => {
            unknown("member of a pool", suggestion.as_ref())
        }
        ActionError::Ambiguous(leads) => {
            let detail = "Several leads could be meant. Name one of them by `lead_id`.";
            let ids = leads.iter().map(|id| serde_json::json!({"lead_id": id.to_string()}));
            Problem::saying(ProblemCode::Ambiguous, detail).with_errors(ids)
        }
        ActionError::Refused(Refusal::UnknownReason { known, suggestion }) => {
            let known: Vec<&str> = known.iter().map(crate::domain::Name::as_str).collect();
            let meant =
                suggestion.map_or_else(String::new, |name| format!(" Did you mean `{name}`?"));
            let detail = format!("Say one of these reasons: {}.{meant}", known.join(", "));
            Problem::saying(ProblemCode::Impossible, detail)
        }
        ActionError::KeyReused => {
            let detail = "The id came before with something else.";
            Problem::saying(ProblemCode::Conflict, detail)
        }
        ActionError::Refused(Refusal::UnknownCriterion { suggestion, .. }) => {
            unknown("criterion", suggestion.as_ref())
        }
        ActionError::Refused(Refusal::NotAsked(_)) => {
            let detail = "One of `fields` is not asked of people: who somebody is, and what only an inquiry can \
                          say, cannot be answered for them.";
            Problem::saying(ProblemCode::Impossible, detail)
        }
        ActionError::Refused(Refusal::UnfitValue(_)) => {
            let detail = "A value does not fit its field: a number or a country is wanted.";
            Problem::saying(ProblemCode::Impossible, detail)
        }
        other => {
            let text = other.to_string();
            let mut letters = text.chars();
            let sentence =
                letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
            Problem::saying(ProblemCode::Impossible, sentence.unwrap_or_default() + ".")
        }
    }
}

fn unknown(what: &str, suggestion: Option<&crate::domain::Name>) -> Problem {
    let meant = suggestion.map_or_else(String::new, |name| format!(" Did you mean `{name}`?"));
    Problem::saying(ProblemCode::Impossible, format!("There is no such {what}.{meant}"))
}
