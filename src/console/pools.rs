//! Pools: who gets how much, and how far their caps are used.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::refusal::Refusal;
use super::roster::{Person, people};
use super::shell::Shell;
use super::visit::Visit;
use super::words::{Mark, Tone, spaced};
use crate::flow::{CapView, MemberView, PoolView};
use crate::http::keys::Scope;

#[derive(Template)]
#[template(path = "pools.html")]
struct PoolsPage {
    shell: Shell,
    pools: Vec<Pool>,
    people: Vec<Person>,
    /// May say who is away.
    operates: bool,
}

struct Pool {
    name: String,
    method: String,
    turns: u64,
    members: Vec<Member>,
}

struct Member {
    name: String,
    mark: Option<Mark>,
    weight: Option<u32>,
    assigned: u64,
    /// How many of the next leads are the member's.
    credit: u64,
    /// Of all that the pool gave out, in per cent.
    share: u64,
    caps: Vec<String>,
    full: bool,
    open: Option<u64>,
    /// Behind (or, below 0, ahead of) an equal share, in leads to one decimal.
    deficit: Option<String>,
}

/// The page.
pub async fn pools_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::ConfigRead)?;
    let pools = visit.flow().pools(&visit.workspace).await?;
    let roster = visit.flow().refresh_roster(&visit.workspace.name).await?;
    Ok(visit.page(&PoolsPage {
        shell: visit.shell("Pools", "pools").await?,
        people: people(&pools, &roster.value, visit.flow().now()),
        operates: visit.may(Scope::Operate),
        pools: pools.iter().map(pool).collect(),
    }))
}

fn pool(view: &PoolView) -> Pool {
    let all: u64 = view.members.iter().map(|member| member.assigned).sum();
    Pool {
        name: view.name.to_string(),
        method: spaced(view.method.as_str()),
        turns: view.turn,
        members: view.members.iter().map(|of| member(of, all)).collect(),
    }
}

/// Thousandths to one decimal, with its sign.
fn tenths(thousandths: i64) -> String {
    let tenths = (thousandths.abs() + 50) / 100;
    let sign = match (tenths, thousandths < 0) {
        (0, _) => "",
        (_, true) => "−",
        (_, false) => "+",
    };
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// `3 of 20 a day`, `2 of 5 in any hour of source fair`.
fn cap_in_words(cap: &CapView) -> String {
    let mut parts = cap.window.split('/');
    let window = parts.next().unwrap_or_default();
    let when = match window.strip_prefix("rolling-") {
        Some(rolling) => format!("in any {rolling}"),
        None if window == "open" => "open".to_owned(),
        None => format!("a {window}"),
    };
    let of: Vec<String> =
        std::iter::once(when).chain(parts.map(|it| it.replace('=', " "))).collect();
    format!("{} of {} {}", cap.used, cap.limit, of.join(" of "))
}

fn member(view: &MemberView, all: u64) -> Member {
    let full = view.caps.iter().any(CapView::is_full);
    let mark = match (view.configured, &view.away, full) {
        (false, ..) => Some(Mark::new("not in it any more", Tone::Quiet)),
        (_, Some(why), _) => Some(Mark::new(spaced(why), Tone::Warn)),
        (.., true) => Some(Mark::new("at a cap", Tone::Warn)),
        _ => None,
    };
    Member {
        name: view.name.to_string(),
        mark,
        weight: view.weight,
        assigned: view.assigned,
        credit: view.credit,
        share: (view.assigned * 200 + all).checked_div(2 * all).unwrap_or(0),
        caps: view.caps.iter().map(cap_in_words).collect(),
        full,
        open: view.open,
        deficit: view.deficit.map(tenths),
    }
}
