//! Where is my lead? Asked by a form that is posted: what is asked for is about a person, and must
//! stand in no address that somebody logs.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::live::{fact_in_words, path_of};
use super::past::sent;
use super::person::title;
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{Mark, Tone, When, points, spaced};
use crate::domain::JournalRow;
use crate::flow::{Found, FoundDelivery, Question};
use crate::http::keys::Scope;

/// Rows of a time.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    shell: Shell,
    asked: Option<String>,
    wrong: Option<String>,
    found: Vec<Row>,
    /// What is to be said where nothing is shown, and with what was refused.
    said: Vec<String>,
    try_next: Vec<String>,
    by_time: bool,
}

impl FindPage {
    fn new(shell: Shell, asked: Option<String>) -> Self {
        Self {
            shell,
            asked,
            wrong: None,
            found: Vec::new(),
            said: Vec::new(),
            try_next: Vec::new(),
            by_time: false,
        }
    }
}

struct Row {
    kind: &'static str,
    title: String,
    path: Option<String>,
    marks: Vec<Mark>,
    at: Option<When>,
    more: Vec<String>,
    /// Sentences.
    said: Vec<String>,
}

/// The empty form.
pub async fn find_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let shell = visit.shell("Find", "").await?;
    Ok(visit.page(&FindPage::new(shell, None)))
}

/// The answer.
pub async fn find(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::LeadsRead).await?;
    let asked = posted.get("q").unwrap_or_default().to_owned();
    let mut page = FindPage::new(visit.shell("Find", "").await?, Some(asked.clone()));
    let now = visit.flow().now();
    match Question::parse(Some(&asked), None, None, None, &visit.workspace, now) {
        Err(error) => page.wrong = Some(sentence(&error.to_string())),
        Ok(question) => {
            let findings = visit.flow().find(&visit.workspace, &question, ROWS).await?;
            let happened = findings.happened.iter().map(|(_, row)| happened(&visit, row));
            page.found = findings.found.iter().map(|found| row(&visit, found)).collect();
            page.by_time = page.found.is_empty() && !findings.happened.is_empty();
            page.found.extend(happened);
            if findings.found.is_empty() {
                page.said = findings.in_words;
            }
            page.try_next = findings.try_next;
        }
    }
    Ok(visit.page(&page))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn row(visit: &Visit, found: &Found) -> Row {
    match found {
        Found::Lead(found) => {
            let lead = &found.lead;
            Row {
                kind: "Record of a person",
                title: title(&lead.contact, &lead.company),
                path: Some(visit.path(&format!("leads/{}", lead.id))),
                marks: vec![Mark::status(lead.assignment.status().as_str())],
                at: Some(When::at(lead.updated_at)),
                more: vec![
                    format!("{} points", points(lead.score)),
                    format!("{} inquiries", lead.inquiries),
                    lead.assignment.owner().map_or_else(
                        || "without an owner".to_owned(),
                        |owner| format!("with {owner}"),
                    ),
                ],
                said: on_their_way(&found.deliveries),
            }
        }
        Found::Inquiry(found) => {
            let entry = &found.entry;
            Row {
                kind: "Inquiry",
                title: title(&entry.inquiry.contact, &entry.inquiry.company),
                path: Some(visit.path(&format!("inquiries/{}", entry.inquiry.id))),
                marks: vec![Mark::status(entry.status().as_str())],
                at: Some(When::at(entry.inquiry.received_at)),
                more: vec![format!("from {}", entry.inquiry.source)],
                said: on_their_way(&found.deliveries),
            }
        }
        Found::Kept(id, kept, _) => Row {
            kind: "Body nobody understood",
            title: id.to_string(),
            path: Some(visit.path(&format!("bodies/{id}"))),
            marks: vec![Mark::new(kept.reason.as_str(), Tone::Bad)],
            at: Some(When::at(kept.received_at)),
            more: vec![format!("from {}", kept.source)],
            said: Vec::new(),
        },
        Found::Delivery(found) => {
            let sent = sent(&found.view, &visit.workspace.name);
            Row {
                kind: "Delivery",
                title: format!("{} to {}", sent.event, sent.destination),
                path: Some(sent.path),
                marks: vec![sent.state],
                at: None,
                more: vec![format!("{} attempts", sent.tried)],
                said: vec![found.in_words.clone()],
            }
        }
    }
}

fn happened(visit: &Visit, row: &JournalRow) -> Row {
    let status = row.status.or_else(|| row.outcomes.first().map(|outcome| outcome.status));
    let source = row.source.as_ref().map(|source| format!("from {source}"));
    let actor = row.actor.as_ref().map(|actor| format!("by {actor}"));
    let reason = row.reason.as_ref().map(|reason| spaced(reason.as_str()));
    Row {
        kind: "Happened",
        title: fact_in_words(row.fact.as_str()).to_owned(),
        path: path_of(row, &visit.workspace.name),
        marks: status.map(|status| Mark::status(status.as_str())).into_iter().collect(),
        at: Some(When::at(row.at)),
        more: [source, reason, actor].into_iter().flatten().collect(),
        said: Vec::new(),
    }
}

fn on_their_way(deliveries: &[FoundDelivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| delivery.in_words.clone()).collect()
}
