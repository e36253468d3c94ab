//! The worklist of what was given up: how many and why, some of them by what they have in common, and what can be
//! done about them, one by one or all that are shown.

use actix_web::web::{Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::past::{Sent, sent};
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::{Said, Visit};
use super::words::{When, age};
use super::worklists::reason_in_words;
use crate::domain::ports::JobView;
use crate::domain::{DeadKind, DeliveryState, EventType, Name, Timestamp, Verdict};
use crate::flow::{Cursor, Which, delivery_of, died_at};
use crate::http::keys::Scope;
use crate::http::private::which::Given;

/// Things on one page.
const ROWS: usize = 50;
/// As many as the API replays at once.
const BULK_MAX: usize = 200;

#[derive(Template)]
#[template(path = "dead.html")]
struct DeadPage {
    shell: Shell,
    total: u64,
    counts: Vec<Count>,
    elsewhere: u64,
    asked: Vec<(String, String)>,
    destinations: Vec<String>,
    verdicts: Vec<&'static str>,
    events: Vec<&'static str>,
    wrong: Option<String>,
    rows: Vec<Row>,
    /// This page, to come back to.
    here: String,
    next: Option<String>,
    redrives: bool,
}

impl DeadPage {
    /// What a field of the filter says.
    fn says(&self, field: &str) -> &str {
        said_by(&self.asked, field)
    }

    /// Whether it says just this.
    fn is(&self, field: &str, value: &str) -> bool {
        self.says(field) == value
    }
}

fn said_by<'a>(asked: &'a [(String, String)], field: &str) -> &'a str {
    asked.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
}

/// How many of one destination and kind.
struct Count {
    destination: String,
    kind: &'static str,
    many: u64,
    oldest: Option<String>,
    path: String,
}

struct Row {
    sent: Sent,
    at: String,
    kind: &'static str,
    why: String,
    age: String,
    since: When,
    lead: Option<String>,
}

/// The page.
pub async fn dead_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin_with(&request, &[Scope::LeadsRead, Scope::DeliveriesRead])?;
    let query: Query<Vec<(String, String)>> =
        Query::from_query(request.query_string()).map_err(|_| Refusal::NotFound)?;
    let mut asked = query.into_inner();
    let before = said_by(&asked, "before").to_owned();
    let before: Option<Cursor> = match before.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Refusal::NotFound)?),
    };
    asked.retain(|(name, value)| FIELDS.contains(&name.as_str()) && !value.trim().is_empty());
    let (flow, workspace, now) = (visit.flow(), &visit.workspace, visit.flow().now());
    let which = which(|field| Some(said_by(&asked, field)), now);
    let (which, wrong) = match which {
        Ok(which) => (which, None),
        Err(wrong) => (Which::default(), Some(wrong)),
    };
    let page = flow.dead(&workspace.name, &which, before, ROWS).await?;
    let counts = flow.dead_counts(workspace).await?;
    let list = visit.path("worklists/dead");
    let here = with_query(&list, &asked);
    let joint = if asked.is_empty() { '?' } else { '&' };
    let row = |(view, at): &(JobView, Timestamp)| Row {
        at: died_at(view).map_or_else(|| "a destination".to_owned(), ToString::to_string),
        kind: kind_in_words(view.state.kind()),
        why: why(&view.state),
        age: age(now.since(*at)),
        since: When::at(*at),
        lead: delivery_of(view).and_then(|it| it.event.lead).map(|id| id.to_string()),
        sent: sent(view, &workspace.name),
    };
    Ok(visit.page(&DeadPage {
        shell: visit.shell("Dead letters", "worklists").await?,
        total: counts.total,
        elsewhere: counts.elsewhere(),
        counts: counts
            .counts
            .iter()
            .filter(|count| count.count > 0)
            .map(|count| Count {
                path: format!("{list}?destination={}&kind={}", count.destination, count.kind),
                destination: count.destination.to_string(),
                kind: kind_in_words(count.kind),
                many: count.count,
                oldest: count.oldest.map(|at| age(now.since(at))),
            })
            .collect(),
        destinations: workspace.decide.destinations.keys().map(ToString::to_string).collect(),
        verdicts: Verdict::ALL.iter().map(|verdict| verdict.as_str()).collect(),
        events: EventType::ALL.iter().map(|event| event.as_str()).collect(),
        wrong,
        rows: page.items.iter().map(row).collect(),
        next: page.next.map(|cursor| format!("{here}{joint}before={cursor}")),
        redrives: visit.may(Scope::DeliveriesWrite),
        asked,
        here,
    }))
}

/// The fields of the filter.
const FIELDS: [&str; 8] =
    ["destination", "kind", "verdict", "problem", "event_type", "lead", "since", "until"];

fn which<'a>(field: impl Fn(&str) -> Option<&'a str>, now: Timestamp) -> Result<Which, String> {
    let field = |name| field(name).map(str::trim);
    let given = Given {
        destination: field("destination"),
        since: field("since"),
        until: field("until"),
        kind: field("kind"),
        verdict: field("verdict"),
        problem: field("problem"),
        event_type: field("event_type"),
        lead: field("lead"),
    };
    given.which(now)
}

fn with_query(path: &str, asked: &[(String, String)]) -> String {
    if asked.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
    format!("{path}?{query}")
}

fn kind_in_words(kind: DeadKind) -> &'static str {
    match kind {
        DeadKind::Fault => "could not be told",
        DeadKind::Refusal => "was refused",
    }
}

/// What the last attempt met, with the receiver's own code.
fn why(state: &DeliveryState) -> String {
    let problem = reason_in_words(&state.problem());
    match state.attempts.last().and_then(|last| last.said.as_ref()) {
        Some(said) => format!("{problem}, {said}"),
        None => problem,
    }
}

/// Replays all that the filter finds, newest first, or says what that would do.
pub async fn replay_many(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Refusal> {
    let (visit, posted) = Visit::posted(&request, payload, Scope::DeliveriesWrite).await?;
    let back = visit.back(posted.get("back"), "worklists/dead");
    let which = match which(|field| posted.get(field), visit.flow().now()) {
        Ok(which) => which,
        Err(wrong) => return Ok(visit.go(&back, &Said::not_done(wrong))),
    };
    let said = if posted.get("how") == Some("dry") {
        dry_run(&visit, &which).await?
    } else {
        replayed(&visit, &which).await?
    };
    Ok(visit.go(&back, &said))
}

async fn replayed(visit: &Visit, which: &Which) -> Result<Said, Refusal> {
    let (flow, actor) = (visit.flow(), &visit.key.name);
    let page = flow.replay_dead(&visit.workspace, which, None, BULK_MAX, actor).await?;
    let more = if page.next.is_some() { " There are more." } else { "" };
    Ok(match page.items.len() {
        0 => Said::not_done("Nothing was there to be replayed."),
        1 => Said::done(format!("Replayed one delivery.{more}")),
        many => Said::done(format!("Replayed {many} deliveries.{more}")),
    })
}

async fn dry_run(visit: &Visit, which: &Which) -> Result<Said, Refusal> {
    let run = visit.flow().would_replay(&visit.workspace, which).await?;
    if run.count == 0 {
        return Ok(Said::not_done("Nothing is there to be replayed."));
    }
    let to = |(name, kind, count): &(Name, DeadKind, u64)| {
        format!("{count} to {name} that {}", kind_in_words(*kind))
    };
    let to: Vec<String> = run.destinations.iter().map(to).collect();
    let more = if run.more { " at least" } else { "" };
    Ok(Said::done(format!(
        "A replay would queue{more} {}: {}. Nothing was sent.",
        run.count,
        to.join(", ")
    )))
}
