//! Puts a body together and cuts it until it is short enough.

use serde_json::{Map, Value, json};

use super::cut::{LEVELS, Limits};
use super::{brief, lead};
use crate::deliver::Link;
use crate::domain::{
    BranchOutcome, ClockTold, EventRow, EventType, InquiryEntry, InquiryId, Lead, Millipoints,
    Name, Receipt,
};

/// No body is longer, in bytes: free text is cut until it fits.
pub const BODY_BYTES_MAX: usize = 20_000;

/// Everything a body is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    pub workspace: &'a Name,
    pub event: &'a EventRow,
    pub sequence: u64,
    /// The destination whose place this one takes.
    pub instead_of: Option<&'a Name>,
    pub receipt: Option<&'a Receipt>,
    /// Later inquiries counted into this event.
    pub absorbed: u32,
    pub absorbed_ids: &'a [InquiryId],
    pub lead: Option<&'a Lead>,
    pub inquiry: Option<&'a InquiryEntry>,
    /// What a line of the inquiry's score is called, by its number.
    pub line: &'a (dyn Fn(u16) -> Option<String> + Send + Sync),
    /// Where people read the record.
    pub record_url: Option<&'a str>,
    /// By which somebody answers with one click.
    pub links: &'a [Link],
    /// By which the person confirms the address.
    pub confirm: Option<&'a str>,
}

impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("event", &self.event.id).finish_non_exhaustive()
    }
}

/// Renders the body: the fullest form that is short enough.
#[must_use]
pub fn render(parts: &Parts<'_>) -> Vec<u8> {
    fitting(parts).1
}

/// The body as a tree, in the form that [`render`] writes.
#[must_use]
pub fn document(parts: &Parts<'_>) -> Value {
    fitting(parts).0
}

fn fitting(parts: &Parts<'_>) -> (Value, Vec<u8>) {
    let (mut tree, mut bytes) = (Value::Null, Vec::new());
    for (level, limits) in LEVELS.iter().enumerate() {
        tree = body(parts, limits, level > 0);
        bytes = tree.to_string().into_bytes();
        if bytes.len() < BODY_BYTES_MAX {
            break;
        }
    }
    (tree, bytes)
}

fn body(parts: &Parts<'_>, limits: &Limits, cut: bool) -> Value {
    let event = parts.event;
    let mut data = Map::new();
    if event.kind.as_str().starts_with("alert.") {
        data.insert("workspace".into(), parts.workspace.as_str().into());
        if let Some(Value::Object(detail)) = &event.detail {
            data.extend(detail.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    } else {
        lead_data(parts, limits, &mut data);
    }
    if cut {
        data.insert("truncated".into(), true.into());
    }
    json!({"type": event.kind.as_str(), "timestamp": event.at.to_string(), "data": data})
}

fn lead_data(parts: &Parts<'_>, limits: &Limits, data: &mut Map<String, Value>) {
    let event = parts.event;
    data.insert("workspace".into(), parts.workspace.as_str().into());
    data.insert("sequence".into(), parts.sequence.into());
    data.insert("cycle".into(), event.cycle.into());
    if event.is_test {
        data.insert("test".into(), true.into());
    }
    if let Some(primary) = parts.instead_of {
        data.insert("instead_of".into(), primary.as_str().into());
    }
    if event.kind == EventType::LeadErased {
        data.insert("lead".into(), json!({"id": event.lead.map(|id| id.to_string())}));
        return;
    }
    if let Some(lead) = parts.lead {
        data.insert("lead".into(), lead::lead(lead, event, limits));
    }
    if let Some(entry) = parts.inquiry {
        data.insert("inquiry".into(), lead::inquiry(&entry.inquiry, limits));
    }
    data.insert("assignment".into(), assignment(parts));
    data.insert("brief".into(), brief::brief(parts, limits));
    if let Some(entry) = parts.inquiry {
        data.insert("decision".into(), decision(parts, entry, limits));
    }
    if let Some(told) = event.clock() {
        data.insert("clock".into(), clock(&told));
    }
    if !parts.links.is_empty() {
        let link = |link: &Link| json!({"disposition": link.disposition.as_str(), "label": link.label, "url": link.url});
        data.insert("links".into(), parts.links.iter().map(link).collect());
    }
    if event.kind == EventType::LeadAwaitingConfirmation {
        data.insert("confirmation".into(), confirmation(parts));
    }
    if let Some(why) = recycled(parts) {
        data.insert("recycled".into(), why);
    }
    if let Some(merged) = event.merged {
        let member = if event.kind == EventType::LeadUnmerged { "parted_from" } else { "merged" };
        data.insert(member.into(), json!({"id": merged.to_string()}));
    }
    if event.kind == EventType::LeadInquiredAgain {
        let ids = event.inquiry.iter().chain(parts.absorbed_ids);
        let ids: Vec<_> = ids.take(limits.items).map(ToString::to_string).collect();
        data.insert("repeats".into(), json!({"count": parts.absorbed + 1, "inquiries": ids}));
    }
}

/// What a clock said; times in seconds.
fn clock(told: &ClockTold) -> Value {
    let mut map = Map::new();
    put(&mut map, "name", told.clock.as_ref().map(Name::as_str));
    map.insert("awaited".into(), told.awaited.as_str().into());
    put(&mut map, "owner", told.owner.as_ref().map(Name::as_str));
    map.insert("assigned_at".into(), told.assigned_at.to_string().into());
    map.insert("due_at".into(), told.due_at.to_string().into());
    put(&mut map, "warned_at", told.part.map(|part| f64::from(part) / 1000.0));
    map.insert("late_seconds".into(), (told.late_ms / 1000).into());
    map.insert("reassignments".into(), told.reassignments.into());
    Value::Object(map)
}

/// Whom to write to, and the link that goes into the mail.
fn confirmation(parts: &Parts<'_>) -> Value {
    let asked = parts.lead.and_then(|lead| lead.confirmation.as_deref());
    let mut map = Map::new();
    put(&mut map, "url", parts.confirm);
    put(&mut map, "email", asked.map(|it| it.email.expose()));
    put(&mut map, "until", asked.map(|it| it.until.to_string()));
    Value::Object(map)
}

/// Why the lead was passed back, and when it is worth another try.
fn recycled(parts: &Parts<'_>) -> Option<Value> {
    let said =
        parts.lead.filter(|_| parts.event.kind == EventType::LeadRecycled)?.said.as_deref()?;
    let mut map = Map::new();
    put(&mut map, "reason", said.reason.as_ref().map(Name::as_str));
    put(&mut map, "revisit_at", said.revisit_at.map(|at| at.to_string()));
    (!map.is_empty()).then(|| map.into())
}

/// Whether somebody is to do something about the lead, whom links spare a way.
#[must_use]
pub fn takes_links(event: &EventRow) -> bool {
    let about_work = matches!(
        event.kind,
        EventType::LeadRouted
            | EventType::LeadPromoted
            | EventType::LeadReassigned
            | EventType::LeadInquiredAgain
            | EventType::LeadQualifying
    );
    about_work && !event.is_test
}

fn assignment(parts: &Parts<'_>) -> Value {
    let outcome = outcome(parts);
    let owner = parts
        .receipt
        .and_then(|receipt| receipt.member.as_ref())
        .or_else(|| parts.lead.and_then(|lead| lead.assignment.owner()));
    let mut map = Map::new();
    put(&mut map, "queue", outcome.map(|o| o.queue.as_str()));
    put(&mut map, "pool", outcome.and_then(|o| o.pool.as_ref()).map(Name::as_str));
    put(&mut map, "owner", owner.map(Name::as_str));
    Value::Object(map)
}

fn decision(parts: &Parts<'_>, entry: &InquiryEntry, limits: &Limits) -> Value {
    let record = &entry.record;
    let mut map = Map::new();
    put(&mut map, "status", Some(entry.status().as_str()));
    put(&mut map, "rule", record.rule.as_ref().map(Name::as_str));
    map.insert("score".into(), points(record.qualification.score));
    map.insert("completeness_percent".into(), (record.qualification.completeness / 10).into());
    put(&mut map, "ineligible", record.qualification.ineligible.as_ref().map(Name::as_str));
    if !record.matched_on.is_empty() {
        let keys = record.matched_on.iter().take(limits.items).map(String::as_str);
        map.insert("matched_on".into(), keys.collect());
    }
    put(&mut map, "configuration", Some(record.config.as_str()));
    put(&mut map, "url", parts.record_url);
    Value::Object(map)
}

/// What the event froze, else what the lead says now.
fn outcome<'a>(parts: &Parts<'a>) -> Option<&'a BranchOutcome> {
    let current = || parts.lead.and_then(|lead| lead.assignment.outcome());
    parts.event.outcome.as_ref().or_else(current)
}

/// Thousandths as a number of points.
pub(super) fn points(score: Millipoints) -> Value {
    if score % 1000 == 0 {
        return (score / 1000).into();
    }
    let sign = if score < 0 { "-" } else { "" };
    let (whole, rest) = (score.unsigned_abs() / 1000, score.unsigned_abs() % 1000);
    // A decimal fraction of three digits: the shortest form of the nearest double is the same.
    format!("{sign}{whole}.{rest:03}").parse::<f64>().map_or(Value::Null, Value::from)
}

/// Inserts what is there.
pub(super) fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}
