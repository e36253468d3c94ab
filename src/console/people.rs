//! What people did, newest first, with whatever key: in the console, by the API, by commands.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::live::{fact_in_words, path_of};
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use super::words::When;
use crate::domain::{JournalRow, Name, Timestamp};
use crate::http::keys::Scope;

/// Actions on one page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    shell: Shell,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Row {
    at: When,
    actor: String,
    what: String,
    path: Option<String>,
    on: String,
    reason: Option<String>,
}

/// The page.
pub async fn people_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let before = request.query_string().strip_prefix("before=");
    let before: Option<Timestamp> = before
        .map(|text| text.parse().map(Timestamp::from_millis).map_err(|_| Refusal::NotFound))
        .transpose()?;
    let workspace = &visit.workspace.name;
    let (rows, next) = visit.flow().acts(workspace, before, ROWS).await?;
    Ok(visit.page(&PeoplePage {
        shell: visit.shell("What people did", "people").await?,
        rows: rows.iter().map(|act| row(act, workspace)).collect(),
        next: next.map(|at| visit.path(&format!("people?before={}", at.as_millis()))),
    }))
}

fn row(act: &JournalRow, workspace: &Name) -> Row {
    let on = match (&act.destination, act.delivery, act.lead, act.inquiry) {
        _ if act.member.is_some() && act.lead.is_none() => {
            act.member.as_ref().map_or_else(String::new, ToString::to_string)
        }
        (Some(destination), ..) => destination.to_string(),
        (_, Some(delivery), ..) => delivery.to_string(),
        (_, _, Some(lead), _) => lead.to_string(),
        (.., Some(inquiry)) => inquiry.to_string(),
        _ => String::new(),
    };
    Row {
        at: When::at(act.at),
        actor: act.actor.as_ref().map_or_else(String::new, ToString::to_string),
        what: fact_in_words(act.fact.as_str()).to_owned(),
        path: path_of(act, workspace),
        on,
        reason: act.reason.as_ref().map(ToString::to_string),
    }
}
