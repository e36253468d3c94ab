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
use crate::domain::{JournalRow, Timestamp};
use crate::flow::Found;
use crate::http::keys::Scope;

/// Longest question.
const ASKED_CHARS_MAX: usize = 320;
/// Rows of a time.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    shell: Shell,
    asked: Option<String>,
    wrong: Option<&'static str>,
    found: Vec<Row>,
    by_time: bool,
}

struct Row {
    kind: &'static str,
    title: String,
    path: Option<String>,
    marks: Vec<Mark>,
    at: Option<When>,
    more: Vec<String>,
}

/// The empty form.
pub async fn find_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let shell = visit.shell("Find", "").await?;
    let page = FindPage { shell, asked: None, wrong: None, found: Vec::new(), by_time: false };
    Ok(visit.page(&page))
}

/// The answer.
pub async fn find(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::LeadsRead).await?;
    let asked = posted.get("q").unwrap_or_default().to_owned();
    let mut page = FindPage {
        shell: visit.shell("Find", "").await?,
        asked: Some(asked.clone()),
        wrong: None,
        found: Vec::new(),
        by_time: false,
    };
    if asked.is_empty() || asked.chars().count() > ASKED_CHARS_MAX {
        page.wrong = Some("Ask for an e-mail address, a phone number, an id or a time.");
    } else if let Some(from) = time(&asked) {
        page.by_time = true;
        let ms = u64::try_from(from.as_millis()).unwrap_or(0).saturating_sub(1);
        let after = (ms, u64::from(u32::MAX));
        let rows = visit.flow().happened(&visit.workspace.name, after, ROWS).await?;
        page.found = rows.iter().map(|(_, row)| happened(&visit, row)).collect();
    } else {
        let found = visit.flow().find(&visit.workspace, &asked).await?;
        page.found = found.iter().map(|found| row(&visit, found)).collect();
    }
    Ok(visit.page(&page))
}

/// RFC 3339, or a day or a minute of UTC as people write them.
fn time(asked: &str) -> Option<Timestamp> {
    let whole = match asked.len() {
        10 => format!("{asked}T00:00:00Z"),
        16 => format!("{}:00Z", asked.replacen(' ', "T", 1)),
        19 => format!("{}Z", asked.replacen(' ', "T", 1)),
        _ => asked.to_owned(),
    };
    Timestamp::parse(asked).or_else(|| Timestamp::parse(&whole))
}

fn row(visit: &Visit, found: &Found) -> Row {
    match found {
        Found::Lead(lead) => Row {
            kind: "Record of a person",
            title: title(&lead.contact, &lead.company),
            path: Some(visit.path(&format!("leads/{}", lead.id))),
            marks: vec![Mark::status(lead.assignment.status().as_str())],
            at: Some(When::at(lead.updated_at)),
            more: vec![
                format!("{} points", points(lead.score)),
                format!("{} inquiries", lead.inquiries),
                lead.assignment
                    .owner()
                    .map_or_else(|| "without an owner".to_owned(), |owner| format!("with {owner}")),
            ],
        },
        Found::Inquiry(entry) => Row {
            kind: "Inquiry",
            title: title(&entry.inquiry.contact, &entry.inquiry.company),
            path: Some(visit.path(&format!("inquiries/{}", entry.inquiry.id))),
            marks: vec![Mark::status(entry.status().as_str())],
            at: Some(When::at(entry.inquiry.received_at)),
            more: vec![format!("from {}", entry.inquiry.source)],
        },
        Found::Kept(id, kept) => Row {
            kind: "Body nobody understood",
            title: id.to_string(),
            path: Some(visit.path(&format!("bodies/{id}"))),
            marks: vec![Mark::new(kept.reason.as_str(), Tone::Bad)],
            at: Some(When::at(kept.received_at)),
            more: vec![format!("from {}", kept.source)],
        },
        Found::Delivery(_, job) => {
            let sent = sent(job, &visit.workspace.name);
            Row {
                kind: "Delivery",
                title: format!("{} to {}", sent.event, sent.destination),
                path: Some(sent.path),
                marks: vec![sent.state],
                at: None,
                more: vec![format!("{} attempts", sent.tried)],
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
    }
}
