//! What waits for a person: all lists, and one of them with what can be done about each thing.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::lead::members;
use super::live::{Counted, counted};
use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{When, age, spaced};
use crate::domain::{Index, Name, Timestamp};
use crate::flow::{Cursor, Waiting, word};
use crate::http::keys::Scope;
use crate::http::private::view::{ColleagueView, WaitingView};

/// Things on one page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "worklists.html")]
struct WorklistsPage {
    shell: Shell,
    lists: Vec<Counted>,
}

/// All of them with their counts.
pub async fn worklists_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let counts = visit.flow().counts(&visit.workspace.name).await?;
    Ok(visit.page(&WorklistsPage {
        shell: visit.shell("Worklists", "worklists").await?,
        lists: counted(&visit, &counts),
    }))
}

#[derive(Template)]
#[template(path = "worklist.html")]
struct WorklistPage {
    shell: Shell,
    list: Counted,
    rows: Vec<Row>,
    /// This page, to come back to.
    here: String,
    next: Option<String>,
    queues: Vec<String>,
    members: Vec<String>,
    operates: bool,
    /// May say which records are one person's.
    corrects: bool,
}

/// One thing that waits.
struct Row {
    id: String,
    kind: &'static str,
    path: Option<String>,
    title: String,
    company: Option<String>,
    other: Option<Other>,
    reason: String,
    source: Option<String>,
    score: Option<String>,
    since: When,
    age: String,
    open: Vec<String>,
    count: Option<u32>,
    seen: Option<i64>,
    /// When its clock is or was to be met, and whether that time is over.
    due: Option<(When, bool)>,
    /// How often in vain, and when to try again.
    tries: Option<(u32, Option<When>)>,
    /// Actions that the thing has, by the API's names.
    can: Vec<&'static str>,
}

/// The other one of a pair.
struct Other {
    id: String,
    path: String,
    title: String,
    company: Option<String>,
    /// Where it stands.
    stands: String,
}

impl Row {
    fn can(&self, action: &str) -> bool {
        self.can.contains(&action)
    }
}

/// One of them, a page at a time, newest first.
pub async fn worklist_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let wanted = request.match_info().get("list").unwrap_or_default();
    let list = Index::WORKLISTS.iter().find(|list| word(list) == wanted);
    let list = list.ok_or(Refusal::NotFound)?;
    let before = request.query_string().strip_prefix("before=");
    let before: Option<Cursor> =
        before.map(|text| text.parse().map_err(|_| Refusal::NotFound)).transpose()?;
    let workspace = &visit.workspace.name;
    let page = visit.flow().waiting(&visit.workspace, list, before, ROWS).await?;
    let now = visit.flow().now();
    let counts = visit.flow().counts(workspace).await?;
    let counted = counted(&visit, &counts).into_iter().find(|counted| counted.name == wanted);
    let counted = counted.ok_or(Refusal::NotFound)?;
    let here = visit.path(&format!("worklists/{wanted}"));
    let router = &visit.workspace.decide.router;
    Ok(visit.page(&WorklistPage {
        shell: visit.shell(counted.label, "worklists").await?,
        rows: page.items.into_iter().map(|item| row(&visit, list, item, now)).collect(),
        next: page.next.map(|cursor| format!("{here}?before={cursor}")),
        queues: router.queues().map(ToString::to_string).collect(),
        members: members(&visit),
        operates: visit.may(Scope::Operate),
        corrects: visit.may(Scope::LeadsWrite),
        list: counted,
        here,
    }))
}

fn row(visit: &Visit, list: &Index, item: Waiting, now: Timestamp) -> Row {
    let since = item.since;
    let view = WaitingView::of(list, item, &visit.workspace.name, now);
    let can = view.actions.iter().map(|action| action.name).collect();
    let (kind, id) = (view.kind, view.id);
    let path = match kind {
        "lead" | "pair" => Some(visit.path(&format!("leads/{id}"))),
        "body" => Some(visit.path(&format!("bodies/{id}"))),
        "inquiry" => Some(visit.path(&format!("inquiries/{id}"))),
        _ => None,
    };
    let title = match kind {
        "gone" => "Gone meanwhile".to_owned(),
        "body" => "A body nobody understood".to_owned(),
        _ => {
            view.name.clone().or_else(|| view.company.clone()).unwrap_or_else(|| "Somebody".into())
        }
    };
    let other = view.other.as_ref().map(|it| other(visit, it));
    let lead = view.lead.as_ref();
    let changed = lead.and_then(|lead| Timestamp::parse(&lead.updated_at));
    Row {
        path,
        company: view.company.filter(|company| *company != title),
        title,
        other,
        reason: reason_in_words(&view.reason),
        source: view.source,
        score: lead.map(|lead| lead.score.to_string()),
        since: When::at(since),
        age: age(now.since(since)),
        open: view.open.into_iter().map(|name| to_ask(visit, name)).collect(),
        count: view.count.filter(|count| *count > 1),
        seen: changed.map(Timestamp::as_millis),
        tries: view.tries.map(|tries| {
            let next = tries.next.as_deref().and_then(Timestamp::parse);
            (tries.count, next.map(When::at))
        }),
        due: view.clock.as_ref().and_then(|clock| {
            let due = clock.next_due_at().and_then(Timestamp::parse)?;
            Some((When::at(due), !clock.overdue.is_empty()))
        }),
        kind,
        id,
        can,
    }
}

fn other(visit: &Visit, view: &ColleagueView) -> Other {
    let (state, name) = (&view.state, view.name.clone().or_else(|| view.company.clone()));
    let owner = state.owner.as_ref().map_or_else(String::new, |owner| format!(", with {owner}"));
    let title = name.unwrap_or_else(|| "Somebody".to_owned());
    Other {
        id: state.id.clone(),
        path: visit.path(&format!("leads/{}", state.id)),
        company: view.company.clone().filter(|company| *company != title),
        title,
        stands: format!("{}{owner}", spaced(state.status)),
    }
}

/// What to ask about an open criterion: its question, else its name.
fn to_ask(visit: &Visit, name: String) -> String {
    let question = |name| visit.workspace.decide.qualifier.question(&name).map(str::to_owned);
    Name::parse(&name).ok().and_then(question).unwrap_or(name)
}

/// Why something waits, in words.
pub fn reason_in_words(reason: &str) -> String {
    match reason.split_once(':') {
        Some(("nobody_free_in", pool)) => format!("nobody in pool {pool} could take it"),
        Some(("rule", rule)) => format!("rule {rule} sent it here"),
        _ => match reason {
            "no_rule" => "no rule took it".to_owned(),
            "questions_open" => "questions are open".to_owned(),
            "gone" => "it left the list while the page was read".to_owned(),
            other => other
                .strip_prefix("http_")
                .map_or_else(|| spaced(other), |status| format!("answered HTTP {status}")),
        },
    }
}
