//! Pools: who gets how much, and how far their caps are used.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::refusal::Refusal;
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
    /// Of all that the pool gave out, in per cent.
    share: u64,
    caps: Vec<CapView>,
    full: bool,
    open: Option<u64>,
    /// Behind (or, below 0, ahead of) an equal share, in leads to one decimal.
    deficit: Option<String>,
}

/// The page.
pub async fn pools_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::ConfigRead)?;
    let pools = visit.flow().pools(&visit.workspace).await?;
    Ok(visit.page(&PoolsPage {
        shell: visit.shell("Pools", "pools").await?,
        pools: pools.into_iter().map(pool).collect(),
    }))
}

fn pool(view: PoolView) -> Pool {
    let all: u64 = view.members.iter().map(|member| member.assigned).sum();
    Pool {
        name: view.name.to_string(),
        method: spaced(view.method.as_str()),
        turns: view.turn,
        members: view.members.into_iter().map(|of| member(of, all)).collect(),
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

fn member(view: MemberView, all: u64) -> Member {
    let full = view.caps.iter().any(|cap| cap.used >= u64::from(cap.limit));
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
        share: (view.assigned * 200 + all).checked_div(2 * all).unwrap_or(0),
        caps: view.caps,
        full,
        open: view.open,
        deficit: view.deficit.map(tenths),
    }
}
