//! Sources: where they post to, and how they are.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::refusal::Refusal;
use super::shell::Shell;
use super::visit::Visit;
use super::words::{Mark, Sentence, Tone, When, spaced};
use crate::domain::{Status, Tier};
use crate::flow::{Counts, HealthWord, LastTime, SourceHealth};
use crate::http::keys::Scope;

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    shell: Shell,
    rows: Vec<Row>,
    /// What named no configured source within a week.
    strays: Option<(u64, Option<When>)>,
    url_is_public: bool,
}

struct Row {
    name: String,
    title: String,
    experimental: bool,
    channel: String,
    health: Mark,
    in_words: Sentence,
    url: String,
    batch_url: Option<String>,
    /// What the person at the vendor's side does, without the secret.
    setup: String,
    /// Whether there is a secret to be fetched elsewhere.
    secret: bool,
    latest: Vec<Last>,
    counts: Vec<Counted>,
    unread: Vec<(String, u64)>,
    refused: Vec<(String, u64)>,
}

/// The last time of one kind.
struct Last {
    label: &'static str,
    at: When,
    word: Option<String>,
    path: Option<String>,
}

/// The counts of one stretch of time.
struct Counted {
    label: &'static str,
    inquiries: u64,
    unreadable: u64,
    refused: u64,
}

/// The page.
pub async fn sources_page(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::InquiriesRead)?;
    let all = visit.flow().sources(&visit.workspace).await?;
    let strays: u64 = all.strays.week.0.values().sum();
    let latest = all.strays.latest.refused.as_ref().map(|seen| When::at(seen.at));
    Ok(visit.page(&SourcesPage {
        shell: visit.shell("Sources", "sources").await?,
        url_is_public: visit.workspace.public_url.is_some(),
        rows: all.sources.iter().filter_map(|source| row(&visit, source)).collect(),
        strays: (strays > 0).then_some((strays, latest)),
    }))
}

fn row(visit: &Visit, source: &SourceHealth) -> Option<Row> {
    let setup = visit.state.setup(&visit.workspace, &source.name)?;
    let latest = &source.latest;
    let lasts = [
        ("Inquiry", &latest.inquiry, "inquiries"),
        ("Unreadable", &latest.unreadable, "bodies"),
        ("Refused", &latest.refused, ""),
        ("Test", &latest.test, "inquiries"),
    ];
    let lasts = lasts
        .into_iter()
        .filter_map(|(label, seen, kind)| seen.as_ref().map(|seen| last(visit, label, seen, kind)));
    let counts = [
        ("Last hour", &source.hour),
        ("Last 24 hours", &source.day),
        ("Last 7 days", &source.week),
    ];
    Some(Row {
        name: source.name.to_string(),
        title: source.title.clone(),
        experimental: source.tier == Tier::Experimental,
        channel: spaced(source.channel.as_str()),
        health: health(source.health),
        in_words: Sentence::of(&source.in_words),
        secret: setup.hides,
        url: setup.url,
        batch_url: setup.batch_url,
        setup: setup.text,
        latest: lasts.collect(),
        counts: counts.into_iter().map(|(label, counts)| counted(label, counts)).collect(),
        unread: reasons(&source.week, "unreadable:"),
        refused: reasons(&source.week, "refused:"),
    })
}

fn health(word: HealthWord) -> Mark {
    let tone = match word {
        HealthWord::Well => Tone::Good,
        HealthWord::New => Tone::Info,
        HealthWord::Silent => Tone::Warn,
        HealthWord::Troubled => Tone::Bad,
        HealthWord::Disabled => Tone::Quiet,
    };
    Mark::new(word.as_str(), tone)
}

fn last(visit: &Visit, label: &'static str, seen: &LastTime, kind: &str) -> Last {
    // Until the data are there, what was posted is all there is.
    let kind = if seen.word == Status::Retrieving.as_str() { "bodies" } else { kind };
    let path = seen.id.filter(|_| !kind.is_empty());
    Last {
        label,
        at: When::at(seen.at),
        word: Some(spaced(&seen.word)).filter(|word| !word.is_empty()),
        path: path.map(|id| visit.path(&format!("{kind}/{id}"))),
    }
}

fn counted(label: &'static str, counts: &Counts) -> Counted {
    Counted {
        label,
        inquiries: counts.accepted(),
        unreadable: counts.unreadable(),
        refused: counts.refused(),
    }
}

fn reasons(counts: &Counts, prefix: &str) -> Vec<(String, u64)> {
    let reasons = counts.0.iter();
    let reasons = reasons.filter_map(|(word, n)| Some((spaced(word.strip_prefix(prefix)?), *n)));
    reasons.collect()
}
