//! The live stream: Server-Sent Events, a table row for each inquiry that is new or changed, and the
//! counts of the worklists when they may have changed.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;

use super::entrance::{Entrance, StreamPlace};
use super::live::Happened;
use super::refusal::Refusal;
use super::visit::Visit;
use super::words::Html as _;
use crate::flow::{FeedCursor, word};
use crate::http::keys::Scope;

/// How often the feed is asked.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Silence is broken so often, so that nobody in between takes the line for dead.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Rows of one look.
const ROWS: usize = 200;
/// Counts are told at least so often.
const COUNTS_EVERY: u32 = 20;

struct Streaming {
    visit: Visit,
    after: FeedCursor,
    ready: VecDeque<String>,
    looks: u32,
    quiet: Duration,
    _place: StreamPlace,
}

/// The stream, behind the `Last-Event-ID` or `after`.
pub async fn live_stream(request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let visit = Visit::begin(&request, Scope::LeadsRead)?;
    let place = Entrance::stream(&visit.entrance).ok_or(Refusal::Limited)?;
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    let asked = request.query_string().strip_prefix("after=");
    let after = last.or(asked).and_then(|text| text.parse().ok()).ok_or(Refusal::BadForm)?;
    let streaming = Streaming {
        visit,
        after,
        ready: VecDeque::from(["retry: 2000\n\n".to_owned()]),
        looks: 0,
        quiet: Duration::ZERO,
        _place: place,
    };
    let events = stream::unfold(streaming, |mut streaming| async move {
        let event = streaming.next().await?;
        Some((Ok::<_, actix_web::Error>(Bytes::from(event)), streaming))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

impl Streaming {
    /// The next event; `None` = the stream ends: the process stops, or the session ended.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.quiet = Duration::ZERO;
                return Some(event);
            }
            if self.ends() {
                return None;
            }
            if self.quiet >= SIGN_OF_LIFE {
                self.ready.push_back(": here\n\n".to_owned());
                continue;
            }
            self.look().await;
            if self.ready.is_empty() {
                tokio::time::sleep(LOOK_EVERY).await;
                self.quiet += LOOK_EVERY;
            }
        }
    }

    fn ends(&self) -> bool {
        let state = &self.visit.state;
        let active = state.active.load();
        let key = self.visit.session.key(&state.flow, &active);
        let may = key.is_some_and(|key| key.allows(&self.visit.workspace.name, Scope::LeadsRead));
        state.draining.load(Ordering::Acquire) || !may
    }

    /// A store that is away is noted where the call failed; the next look tries again.
    async fn look(&mut self) {
        let (flow, workspace) = (self.visit.flow(), &self.visit.workspace.name);
        let Ok(feed) = flow.feed(workspace, Some(self.after), ROWS).await else { return };
        self.after = feed.next;
        let cursor = feed.next.to_string();
        // Oldest first: each new one goes on top of those before it.
        for item in feed.items.iter().rev() {
            let html = Happened::of(item, workspace).html();
            self.ready.push_back(event("row", Some(&cursor), &html));
        }
        if !feed.items.is_empty() || self.looks.is_multiple_of(COUNTS_EVERY) {
            let Ok(counts) = flow.counts(workspace).await else { return };
            let counts: serde_json::Map<String, serde_json::Value> = counts
                .iter()
                .map(|(list, count)| (word(list).to_owned(), (*count).into()))
                .collect();
            let text = serde_json::Value::Object(counts).to_string();
            self.ready.push_back(event("counts", None, &text));
        }
        self.looks = self.looks.wrapping_add(1);
    }
}

fn event(kind: &str, id: Option<&str>, data: &str) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    let data = data.lines().collect::<Vec<_>>().join("\ndata: ");
    format!("event: {kind}\n{id}data: {data}\n\n")
}
