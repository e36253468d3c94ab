//! What sales said of a lead, and the form to say it here.

use askama::Template;
use askama::filters::HtmlSafe;
use serde_json::{Map, Value};

use super::posted::Posted;
use super::words::{When, spaced};
use crate::domain::Lead;
use crate::flow::{Action, Workspace};
use crate::http::saying::SayingBack;

/// What the form may fill in beside the disposition.
const BESIDE: [&str; 5] = ["reason", "amount", "currency", "revisit_at", "at"];

/// The form on a lead's page, with what was said so far.
#[derive(Debug, Clone, Template)]
#[template(path = "saying.html")]
pub struct Says {
    path: String,
    csrf: String,
    seen: i64,
    can: bool,
    /// Word and label.
    terms: Vec<(String, String)>,
    reasons: Vec<String>,
    currency: String,
    /// Label and time, the newest first.
    last: Vec<(String, When)>,
    deal: Option<String>,
    reason: Option<String>,
    revisit_at: Option<When>,
    previous_owner: Option<String>,
}

impl HtmlSafe for Says {}

impl Says {
    /// For a lead; with the form for whoever may act.
    pub fn of(lead: &Lead, workspace: &Workspace, path: String, csrf: String, can: bool) -> Self {
        let terms = &workspace.decide.follow_up.dispositions;
        let said = lead.said.as_deref();
        let mut last: Vec<_> = said.iter().flat_map(|said| &said.last).collect();
        last.sort_by_key(|(disposition, at)| std::cmp::Reverse((**at, **disposition)));
        let label = |disposition| terms.label(disposition).to_owned();
        let mut reasons: Vec<String> = terms
            .used()
            .flat_map(|disposition| terms.reasons(disposition))
            .map(ToString::to_string)
            .collect();
        reasons.sort_unstable();
        reasons.dedup();
        Self {
            path,
            csrf,
            seen: lead.updated_at.as_millis(),
            can,
            terms: terms.used().map(|it| (it.as_str().to_owned(), label(it))).collect(),
            reasons,
            currency: terms.currency().map_or_else(String::new, |it| it.to_string()),
            last: last.into_iter().map(|(it, at)| (label(*it), When::at(*at))).collect(),
            deal: said.and_then(|said| said.deal).map(|deal| deal.to_string()),
            reason: said.and_then(|said| said.reason.as_ref()).map(|it| spaced(it.as_str())),
            revisit_at: said.and_then(|said| said.revisit_at).map(When::at),
            previous_owner: said.and_then(|said| said.previous_owner()).map(ToString::to_string),
        }
    }
}

/// What the form says. Fields left empty say nothing.
pub fn said(posted: &Posted, lead: &str, workspace: &Workspace) -> Result<Action, String> {
    let mut said = Map::new();
    let beside = BESIDE.iter().filter_map(|field| Some((*field, posted.get(field)?)));
    for (field, value) in beside {
        said.insert(field.to_owned(), value.into());
    }
    if !said.contains_key("amount") {
        said.remove("currency");
    }
    let disposition = posted.get("disposition").ok_or("Say what became of it.")?;
    said.insert("disposition".to_owned(), disposition.into());
    said.insert("lead_id".to_owned(), lead.into());
    let said: SayingBack = serde_json::from_value(Value::Object(said))
        .map_err(|_| "A day is written as on the calendar.".to_owned())?;
    let understood = said.understood(workspace, None, Vec::new());
    understood
        .map(|said| Action::Say(Box::new(said.saying)))
        .map_err(|problem| problem.detail.unwrap_or_default())
}
