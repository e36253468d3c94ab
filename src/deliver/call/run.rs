//! Goes through the steps of a call until one does not end well.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::answer::read;
use super::compile::{Call, Step};
use super::context::Context;
use super::request::{Made, made};
use super::settings::Meaning;
use crate::deliver::verdict::{Judged, judge};
use crate::domain::Verdict;
use crate::domain::ports::{OutboundAnswer, OutboundError, OutboundRequest, Transport};

/// The headers for a body, by name.
pub(in crate::deliver) type HeadersOf<'a> = dyn Fn(&[u8]) -> Vec<(String, String)> + Sync + 'a;

/// Everything that a run needs.
pub(in crate::deliver) struct Run<'a> {
    pub(in crate::deliver) call: &'a Call,
    pub(in crate::deliver) transport: &'a dyn Transport,
    /// The destination's URL.
    pub(in crate::deliver) base: &'a str,
    /// The event as receivers of Standard Webhooks see it.
    pub(in crate::deliver) body: &'a Value,
    /// The event's id.
    pub(in crate::deliver) id: &'a str,
    /// For all steps together.
    pub(in crate::deliver) deadline: Duration,
    /// What goes along with every request; a name that is there already is replaced.
    pub(in crate::deliver) headers: &'a HeadersOf<'a>,
    pub(in crate::deliver) wants_headers: bool,
    /// What stands as `with.token`, if it was fetched.
    pub(in crate::deliver) token: Option<&'a str>,
}

/// How it ended.
#[derive(Debug)]
pub(in crate::deliver) struct Ran {
    pub(in crate::deliver) judged: Judged,
    /// The step that said so, if any was made.
    pub(in crate::deliver) step: Option<String>,
    /// What the vendor said about it, in a code of its own, or a word of ours.
    pub(in crate::deliver) said: Option<String>,
    /// What came back last.
    pub(in crate::deliver) answer: Option<Result<OutboundAnswer, OutboundError>>,
    /// The last request, as it was sent.
    pub(in crate::deliver) request: Option<OutboundRequest>,
}

impl Run<'_> {
    /// Runs the steps. `kept` has what earlier attempts kept, and gets what this one keeps.
    pub(in crate::deliver) async fn go(&self, kept: &mut BTreeMap<String, String>) -> Ran {
        let begun = Instant::now();
        let mut ran = Ran {
            judged: Judged { verdict: Verdict::Delivered, http_status: None, error: None },
            step: None,
            said: None,
            answer: None,
            request: None,
        };
        let with = &self.call.with_token(self.token);
        let context = Context { body: self.body, id: self.id, with, kept, each: &[] };
        if !self.call.needs.is_empty()
            && self.call.needs.iter().all(|place| place.value(&context).is_none())
        {
            return invalid(ran, "nothing_to_find_it_by");
        }
        for step in &self.call.steps {
            let context = Context { body: self.body, id: self.id, with, kept, each: &[] };
            let there = |text: &super::text::Text| text.value(&context).is_some();
            if step.only_if.as_ref().is_some_and(|text| !there(text))
                || step.unless.as_ref().is_some_and(there)
            {
                continue;
            }
            ran.step = Some(step.name.to_string());
            let Some(made) = made(self.call, step, self.base, &context) else {
                return invalid(ran, "a_place_is_empty");
            };
            let left = self.deadline.saturating_sub(begun.elapsed());
            let request = self.request(step, made, left);
            ran.request = Some(request.clone());
            let answer = self.transport.send(request).await;
            self.note(&mut ran, step, &answer, kept);
            ran.answer = Some(answer);
            if ran.judged.verdict != Verdict::Delivered {
                break;
            }
        }
        ran
    }

    fn request(&self, step: &Step, made: Made, deadline: Duration) -> OutboundRequest {
        let mut headers = made.headers;
        for (name, value) in (self.headers)(&made.body) {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
        OutboundRequest {
            method: step.method,
            url: made.url,
            headers,
            body: made.body,
            deadline,
            wants_headers: self.wants_headers,
            answer_max: OutboundRequest::ANSWER_BYTES,
        }
    }

    fn note(
        &self,
        ran: &mut Ran,
        step: &Step,
        answer: &Result<OutboundAnswer, OutboundError>,
        kept: &mut BTreeMap<String, String>,
    ) {
        let Ok(came) = answer else {
            ran.judged = judge(answer);
            return;
        };
        let read = read(&[&step.answers, &self.call.answers], &step.keep, came);
        ran.judged = read.means.judged(came.status);
        kept.extend(read.kept);
        let word = match read.means {
            Meaning::AlreadyThere => Some("already_there".to_owned()),
            Meaning::Partial => Some("partial".to_owned()),
            _ => None,
        };
        // What an earlier step had to say stands until another says something.
        ran.said =
            read.code.or(word).or_else(|| ran.said.take().filter(|_| ran.judged.error.is_none()));
    }
}

fn invalid(mut ran: Ran, why: &str) -> Ran {
    ran.judged = Judged { verdict: Verdict::Invalid, http_status: None, error: Some("invalid") };
    ran.said = Some(why.to_owned());
    ran
}
