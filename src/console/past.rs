//! A lead's timeline: inquiries, what was decided, what went out, what people did. Newest first.

use super::live::{fact_in_words, path_of};
use super::visit::Visit;
use super::words::{Mark, Tone, When, points, spaced, took};
use crate::domain::ports::JobView;
use crate::domain::{Attempt, Index, JournalRow, Name, Timestamp};
use crate::flow::{Story, Touched, delivery_of};

/// One thing on the timeline.
#[derive(Debug, Clone)]
pub struct Event {
    order: Timestamp,
    pub at: When,
    /// `inquiry`, `delivery` or `act`: for its place and its mark.
    pub kind: &'static str,
    pub what: String,
    pub path: Option<String>,
    pub marks: Vec<Mark>,
    pub lines: Vec<String>,
}

/// One attempt of a delivery.
#[derive(Debug, Clone)]
pub struct Tried {
    pub at: When,
    pub verdict: Mark,
    pub answer: String,
    pub took: String,
}

/// One delivery with its attempts.
#[derive(Debug, Clone)]
pub struct Sent {
    pub id: String,
    pub path: String,
    pub event: String,
    pub destination: String,
    pub state: Mark,
    pub note: Option<String>,
    pub sequence: u64,
    pub tried: u32,
    pub attempts: Vec<Tried>,
    pub is_dead: bool,
}

/// Everything about a lead in the order of time, newest first.
pub fn timeline(visit: &Visit, story: &Story) -> Vec<Event> {
    let workspace = &visit.workspace.name;
    let mut events: Vec<Event> =
        story.inquiries.iter().map(|touched| inquiry(touched, workspace)).collect();
    events.extend(story.view.deliveries.iter().filter_map(|(_, job)| delivery(job, workspace)));
    let terms = &visit.workspace.decide.follow_up.dispositions;
    events.extend(story.acts.iter().map(|row| {
        let said = row.disposition.map(|disposition| terms.label(disposition));
        act(row, said, workspace)
    }));
    events.sort_by_key(|event| std::cmp::Reverse(event.order));
    events
}

fn inquiry(touched: &Touched, workspace: &Name) -> Event {
    let entry = &touched.entry;
    let (inquiry, record) = (&entry.inquiry, &entry.record);
    let mut lines = vec![format!(
        "{} points, {} known",
        points(record.qualification.score),
        super::words::percent(record.qualification.completeness)
    )];
    if let Some(outcome) = entry.assignment.outcome() {
        let rule =
            record.rule.as_ref().map_or_else(String::new, |rule| format!(", by rule {rule}"));
        let owner = entry.assignment.owner();
        let owner = owner.map_or_else(String::new, |owner| format!(", to {owner}"));
        lines.push(format!("queue {}{rule}{owner}", outcome.queue));
    }
    if inquiry.occurred_at != inquiry.received_at {
        lines.push(format!("happened {}", inquiry.occurred_at));
    }
    let flags = inquiry.flags.iter().map(|flag| Mark::new(flag.as_str(), Tone::Warn));
    Event {
        order: inquiry.received_at,
        at: When::at(inquiry.received_at),
        kind: "inquiry",
        what: format!("Inquiry from {} ({})", inquiry.source, spaced(inquiry.channel.as_str())),
        path: Some(format!("/console/w/{workspace}/inquiries/{}", inquiry.id)),
        marks: std::iter::once(Mark::status(entry.status().as_str())).chain(flags).collect(),
        lines,
    }
}

fn delivery(job: &JobView, workspace: &Name) -> Option<Event> {
    let sent = sent(job, workspace);
    let last = job.state.attempts.last();
    let order = job
        .state
        .ended_at
        .or(last.map(|attempt| attempt.at))
        .or_else(|| delivery_of(job).map(|delivery| delivery.since))?;
    let answer = last.map(|attempt| {
        let tries = if job.state.count == 1 { "attempt" } else { "attempts" };
        format!("{} {tries}, last took {}", job.state.count, took(attempt.took_ms))
    });
    Some(Event {
        order,
        at: When::at(order),
        kind: "delivery",
        what: format!("{} to {}", sent.event, sent.destination),
        path: Some(sent.path),
        marks: vec![sent.state],
        lines: answer.into_iter().chain(sent.note).collect(),
    })
}

/// What a person did; `said`, if it was to say something of the lead.
fn act(row: &JournalRow, said: Option<&str>, workspace: &Name) -> Event {
    let actor = row.actor.as_ref().map_or_else(String::new, ToString::to_string);
    let mut lines = vec![format!("by {actor}")];
    if let Some(outcome) = row.outcomes.first() {
        lines.push(format!("queue {}", outcome.queue));
    }
    if let Some(reason) = &row.reason {
        lines.push(format!("reason: {reason}"));
    }
    lines.extend(row.amount.map(|amount| format!("for {amount}")));
    lines.extend(row.happened_at.map(|at| format!("happened {at}")));
    Event {
        order: row.at,
        at: When::at(row.at),
        kind: "act",
        what: said.unwrap_or_else(|| fact_in_words(row.fact.as_str())).to_owned(),
        path: row.delivery.and_then(|_| path_of(row, workspace)),
        marks: Vec::new(),
        lines,
    }
}

/// A delivery as people see it.
pub fn sent(job: &JobView, workspace: &Name) -> Sent {
    let (state, delivery) = (&job.state, delivery_of(job));
    let destination = delivery.map(|delivery| &delivery.destination).or(state.destination.as_ref());
    let event = delivery.map(|delivery| delivery.event.kind.as_str());
    let word = state.ended.clone().unwrap_or_else(|| "waiting".to_owned());
    let instead = delivery.and_then(|delivery| delivery.instead_of.as_ref());
    let given = state.kept.iter().map(|(name, id)| format!("{name} {id}")).collect::<Vec<_>>();
    let note = match (&state.waiting, instead) {
        (None, None) if !given.is_empty() => Some(format!("there it is {}", given.join(", "))),
        (Some(why), _) => Some(format!("waits: {}", spaced(why))),
        (None, Some(name)) => Some(format!("instead of {name}")),
        (None, None) if job.absorbed > 0 => Some(format!("tells of {} more", job.absorbed)),
        _ => None,
    };
    Sent {
        id: job.id.to_string(),
        path: format!("/console/w/{workspace}/deliveries/{}", job.id),
        event: event.unwrap_or("Delivery").to_owned(),
        destination: destination.map_or_else(|| "a destination".to_owned(), ToString::to_string),
        is_dead: word == "dead",
        state: Mark::status(&word),
        note,
        sequence: job.sequence,
        tried: state.count,
        attempts: state
            .attempts
            .iter()
            .rev()
            .map(|attempt| Tried {
                at: When::at(attempt.at),
                verdict: Mark::status(attempt.verdict.as_str()),
                answer: answered(attempt),
                took: took(attempt.took_ms),
            })
            .collect(),
    }
}

/// What came back, with the receiver's own code and the request it was about, if there are several.
fn answered(attempt: &Attempt) -> String {
    let status = attempt.http_status.map(|status| format!("HTTP {status}"));
    let error = attempt.error.as_deref().map(spaced);
    let step = attempt.step.as_ref().map(|step| format!("at {step}"));
    let parts = [status, error, attempt.said.clone(), step];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The worklist that a lead waits on, if it does.
pub fn waits_on(queue: &str, has_pool: bool) -> Option<&'static Index> {
    match (queue, has_pool) {
        (crate::assign::TRIAGE, true) => Some(&Index::Held),
        (crate::assign::TRIAGE, false) => Some(&Index::Triage),
        (crate::assign::QUALIFY, _) => Some(&Index::Qualify),
        _ => None,
    }
}
