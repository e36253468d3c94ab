//! What comes in and what became of it, newest first; and what waits.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use askama::filters::HtmlSafe;

use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{Mark, When, points, spaced};
use crate::domain::{Index, JournalRow, Name, Status};
use crate::flow::{FeedItem, word};
use crate::http::keys::Scope;

/// Rows of the page when it is opened.
const ROWS: usize = 50;

/// One inquiry and what became of it, as a row of a table.
#[derive(Clone, Template)]
#[template(path = "live_row.html")]
pub struct Happened {
    id: String,
    at: When,
    who: String,
    company: Option<String>,
    /// Where more of it is to be seen.
    path: String,
    source: String,
    channel: Option<String>,
    status: Mark,
    note: Option<String>,
    score: Option<String>,
    queue: Option<String>,
    owner: Option<String>,
    sent: Vec<(String, Mark)>,
}

impl HtmlSafe for Happened {}

impl Happened {
    /// An item of the feed.
    pub fn of(item: &FeedItem, workspace: &Name) -> Self {
        let kind = match (item.status, item.lead) {
            (Status::Unreadable, _) => format!("bodies/{}", item.id),
            (status, Some(lead)) if status != Status::Test => format!("leads/{lead}"),
            _ => format!("inquiries/{}", item.id),
        };
        let unreadable = item.status == Status::Unreadable;
        let who = item.person.clone().or_else(|| item.company.clone()).unwrap_or_else(|| {
            if unreadable { "A body nobody understood".to_owned() } else { "Somebody".to_owned() }
        });
        let reason = item.reason.as_ref().map(|reason| spaced(reason.as_str()));
        let rule = item.rule.as_ref().map(|rule| format!("rule {rule}"));
        let queue = item.queue.as_ref().map(ToString::to_string);
        Self {
            id: item.id.to_string(),
            at: When::at(item.at),
            company: item.company.clone().filter(|company| *company != who),
            who,
            path: format!("/console/w/{workspace}/{kind}"),
            source: item.source.as_ref().map_or_else(String::new, ToString::to_string),
            channel: item.channel.map(|channel| spaced(channel.as_str())),
            status: Mark::status(item.status.as_str()),
            note: reason.or(rule),
            score: item.score.map(points),
            queue: queue.filter(|queue| queue != crate::assign::NONE),
            owner: item.owner.as_ref().map(ToString::to_string),
            sent: item
                .deliveries
                .iter()
                .map(|sent| (sent.destination.to_string(), Mark::status(&sent.state)))
                .collect(),
        }
    }
}

/// What a row of the journal says, in words.
pub fn fact_in_words(fact: &str) -> &str {
    match fact {
        "inquiry_decided" => "Inquiry",
        "lead_assigned" => "Assigned by hand",
        "lead_released" => "Released",
        "lead_redecided" => "Decided again",
        "lead_discarded" => "Discarded by hand",
        "lead_erased" => "Forgotten",
        "leads_merged" => "Merged with another record",
        "leads_unmerged" => "Parted from another record",
        "leads_distinguished" => "Told from another record",
        "lead_answered" => "Answers",
        "disposition_noted" => "Sales answered",
        "no_answer_noted" => "Nobody answered",
        "lead_recycled" => "Recycled",
        "sla_warned" => "A clock warned",
        "sla_breached" => "Nobody acted in time",
        "lead_promoted" => "Promoted",
        "engagement_noted" => "Engagement",
        "consent_noted" => "Consent",
        "category_changed" => "Category changed",
        "body_kept" => "Unreadable, kept",
        "reference_kept" => "Being fetched from the vendor",
        "retrieval_begun_anew" => "Fetch begun anew",
        "body_reprocessed" => "Body read again",
        "body_discarded" => "Body discarded",
        "erasure_noted" => "The source took it back",
        "filtered_released" => "No spam: released",
        "filtered_discarded" => "Spam: removed",
        "delivery_replayed" => "Delivery replayed",
        "delivery_dropped" => "Delivery dropped",
        "destination_paused" => "Destination paused",
        "destination_resumed" => "Destination resumed",
        "member_paused" => "Member paused",
        "member_resumed" => "Member resumed",
        "time_off_set" => "Days off",
        "time_off_cleared" => "Back from days off",
        other => other,
    }
}

/// Where a row's subject is to be seen.
pub fn path_of(row: &JournalRow, workspace: &Name) -> Option<String> {
    let at = |kind: &str, id: String| Some(format!("/console/w/{workspace}/{kind}/{id}"));
    match (row.fact.as_str(), row.delivery, row.lead, row.inquiry) {
        (_, Some(delivery), ..) => at("deliveries", delivery.to_string()),
        ("body_kept" | "reference_kept" | "retrieval_begun_anew", _, _, Some(inquiry)) => {
            at("bodies", inquiry.to_string())
        }
        ("body_discarded" | "filtered_discarded", ..) => None,
        (_, _, Some(lead), _) if row.status != Some(Status::Test) => at("leads", lead.to_string()),
        (_, _, _, Some(inquiry)) => at("inquiries", inquiry.to_string()),
        _ => None,
    }
}

/// A worklist with its count.
#[derive(Debug, Clone)]
pub struct Counted {
    pub name: &'static str,
    pub label: &'static str,
    pub count: u64,
    pub path: String,
    pub what: &'static str,
}

/// Every worklist, those that people work through first.
pub fn counted(visit: &Visit, counts: &[(&'static Index, u64)]) -> Vec<Counted> {
    let all = [
        (Index::Held, "Held", "Nobody in the pool could take them"),
        (Index::Triage, "Triage", "No rule took them; a person decides"),
        (Index::Qualify, "Qualify", "Promising, but people have to ask"),
        (Index::Review, "Review", "Pairs of records that may be one person's"),
        (Index::Unreadable, "Unreadable", "Kept until the preset is mended"),
        (Index::Dead, "Dead letters", "Deliveries that were given up"),
        (Index::Refused, "Refused", "Pairs with something in common, judged to be two people"),
        (Index::Unconfirmed, "Unconfirmed", "People who are yet to confirm their address"),
        (Index::Retrieving, "Retrieving", "Being fetched from the vendor"),
        (Index::Filtered, "Filtered", "Caught by a source's own spam trap"),
        (Index::Returned, "Returned", "Given back to callers who can correct them"),
        (Index::Tests, "Tests", "Test inquiries, kept for seven days"),
    ];
    all.into_iter()
        .map(|(list, label, what)| {
            let count = counts.iter().find(|(of, _)| **of == list).map_or(0, |(_, count)| *count);
            Counted {
                name: word(&list),
                label,
                count,
                path: visit.path(&format!("worklists/{}", word(&list))),
                what,
            }
        })
        .collect()
}

#[derive(Template)]
#[template(path = "live.html")]
struct LivePage {
    shell: Shell,
    lists: Vec<Counted>,
    rows: Vec<Happened>,
    /// Where the stream goes on.
    after: String,
}

/// The page.
pub async fn live_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let name = &visit.workspace.name;
    let counts = visit.flow().counts(name).await?;
    let feed = visit.flow().feed(name, None, ROWS).await?;
    Ok(visit.page(&LivePage {
        shell: visit.shell("Live", "live").await?,
        lists: counted(&visit, &counts).into_iter().take(super::shell::WAITING.len()).collect(),
        rows: feed.items.iter().map(|item| Happened::of(item, name)).collect(),
        after: feed.next.to_string(),
    }))
}
