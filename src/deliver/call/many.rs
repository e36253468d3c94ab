//! Several events in one request: each is judged by its own part of the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::answer::read_body;
use super::batch::{Apart, Batch};
use super::compile::Call;
use super::context::Context;
use super::request::made;
use super::run::HeadersOf;
use super::settings::Meaning;
use crate::deliver::verdict::{Judged, judge};
use crate::domain::Verdict;
use crate::domain::ports::{OutboundAnswer, OutboundError, OutboundRequest, Transport};

/// Answers about many are longer than about one.
const ANSWER_BYTES: usize = 2 * 1024 * 1024;

/// One event.
pub(in crate::deliver) struct Item<'a> {
    /// As receivers of Standard Webhooks see it.
    pub(in crate::deliver) body: &'a Value,
    pub(in crate::deliver) id: &'a str,
    /// What earlier attempts kept.
    pub(in crate::deliver) kept: &'a BTreeMap<String, String>,
}

/// How it ended for one of them.
#[derive(Debug, Clone)]
pub(in crate::deliver) struct ItemEnd {
    pub(in crate::deliver) judged: Judged,
    pub(in crate::deliver) said: Option<String>,
    pub(in crate::deliver) kept: BTreeMap<String, String>,
    /// The request was refused as a whole: alone it may be taken.
    pub(in crate::deliver) alone: bool,
}

/// Everything that the request needs.
pub(in crate::deliver) struct RunMany<'a> {
    pub(in crate::deliver) call: &'a Call,
    pub(in crate::deliver) transport: &'a dyn Transport,
    pub(in crate::deliver) base: &'a str,
    pub(in crate::deliver) items: &'a [Item<'a>],
    pub(in crate::deliver) deadline: Duration,
    pub(in crate::deliver) headers: &'a HeadersOf<'a>,
    pub(in crate::deliver) token: Option<&'a str>,
}

/// What came of it: of the request, and of each event in it.
pub(in crate::deliver) struct RanMany {
    pub(in crate::deliver) ends: Vec<ItemEnd>,
    pub(in crate::deliver) step: String,
    pub(in crate::deliver) request: Option<OutboundRequest>,
    pub(in crate::deliver) answer: Option<Result<OutboundAnswer, OutboundError>>,
}

impl Call {
    /// Which of these events may be in one request: in order, no two of one line with the same distinct value.
    /// Those that lack what the vendor finds people by are in none.
    pub(in crate::deliver) fn lines_up(
        &self,
        items: &[Item<'_>],
        token: Option<&str>,
    ) -> Vec<Vec<usize>> {
        let Some(batch) = &self.batch else { return Vec::new() };
        let with = self.with_token(token);
        let mut lines: Vec<(Vec<usize>, BTreeSet<String>)> = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let context =
                Context { body: item.body, id: item.id, with: &with, kept: item.kept, each: &[] };
            if !self.needs.is_empty()
                && self.needs.iter().all(|text| text.value(&context).is_none())
            {
                continue;
            }
            let value = batch.distinct.as_ref().map(|text| text.text(&context).to_lowercase());
            let value = value.filter(|value| !value.is_empty());
            let free = |(line, values): &&mut (Vec<usize>, BTreeSet<String>)| {
                line.len() < batch.max as usize
                    && value.as_ref().is_none_or(|value| !values.contains(value))
            };
            match lines.iter_mut().find(free) {
                Some((line, values)) => {
                    line.push(number);
                    values.extend(value);
                }
                None => lines.push((vec![number], value.into_iter().collect())),
            }
        }
        lines.into_iter().map(|(line, _)| line).collect()
    }
}

impl RunMany<'_> {
    /// Makes the request. `None` = the preset knows none for several.
    pub(in crate::deliver) async fn go(&self) -> Option<RanMany> {
        let batch = self.call.batch.as_ref()?;
        let with = self.call.with_token(self.token);
        let (nothing, none) = (Value::Null, BTreeMap::new());
        let each: Vec<Context<'_>> = self
            .items
            .iter()
            .map(|item| Context {
                body: item.body,
                id: item.id,
                with: &with,
                kept: item.kept,
                each: &[],
            })
            .collect();
        let outer = Context { body: &nothing, id: "", with: &with, kept: &none, each: &each };
        let step = batch.step.name.to_string();
        let Some(made) = made(self.call, &batch.step, self.base, &outer) else {
            // Too long together, most likely.
            let judged =
                Judged { verdict: Verdict::Retriable, http_status: None, error: Some("too_long") };
            let end = ItemEnd { judged, said: None, kept: none, alone: true };
            let ends = vec![end; self.items.len()];
            return Some(RanMany { ends, step, request: None, answer: None });
        };
        let mut headers = made.headers;
        for (name, value) in (self.headers)(&made.body) {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
        let request = OutboundRequest {
            method: batch.step.method,
            url: made.url,
            headers,
            body: made.body,
            deadline: self.deadline,
            wants_headers: false,
            answer_max: ANSWER_BYTES,
        };
        let answer = self.transport.send(request.clone()).await;
        let ends = self.ends(batch, &each, &answer);
        Some(RanMany { ends, step, request: Some(request), answer: Some(answer) })
    }

    fn ends(
        &self,
        batch: &Batch,
        each: &[Context<'_>],
        answer: &Result<OutboundAnswer, OutboundError>,
    ) -> Vec<ItemEnd> {
        let same = |judged: Judged| {
            let end = ItemEnd { judged, said: None, kept: BTreeMap::new(), alone: false };
            vec![end; self.items.len()]
        };
        let Ok(came) = answer else { return same(judge(answer)) };
        let good = (200..300).contains(&came.status);
        let body = match serde_json::from_slice::<Value>(&came.body) {
            Ok(body) => body,
            Err(_) if came.body.is_empty() => Value::Null,
            // What became of each cannot be known: again, under the same ids.
            Err(_) if good && batch.splits() => {
                let (verdict, http_status) = (Verdict::Retriable, Some(came.status));
                return same(Judged { verdict, http_status, error: Some("unreadable_answer") });
            }
            Err(_) => Value::String(String::from_utf8_lossy(&came.body).trim().to_owned()),
        };
        // Errors about the request as a whole may be lists, too.
        let apart = if good { batch.apart(body) } else { Apart::whole(body) };
        let whole = apart.is_whole();
        let rows = [batch.answers.as_slice(), &batch.step.answers, &self.call.answers];
        let end = |(number, context): (usize, &Context<'_>)| {
            let own = batch.own(&apart, number, context);
            let read = read_body(&rows, &batch.step.keep, came.status, &own);
            let judged = read.means.judged(came.status);
            let word = match read.means {
                Meaning::AlreadyThere => Some("already_there".to_owned()),
                Meaning::Partial => Some("partial".to_owned()),
                _ => None,
            };
            let refused = matches!(judged.verdict, Verdict::Invalid | Verdict::Refused);
            let alone = whole && refused && each.len() > 1;
            ItemEnd { judged, said: read.code.or(word), kept: read.kept, alone }
        };
        each.iter().enumerate().map(end).collect()
    }
}
