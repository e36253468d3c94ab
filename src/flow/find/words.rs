//! What is said about what was found. No personal text: ids, names of the configuration, times, counts.

use super::findings::{Findings, Found, FoundDelivery, FoundInquiry, FoundLead};
use super::question::Asked;
use crate::domain::ports::JobView;
use crate::domain::{Attempt, Index, Name, Status, Timestamp};
use crate::flow::in_words::how_long;
use crate::flow::redrive::delivery_of;
use crate::flow::unreadable::Kept;

/// How a delivery stands: `delivered to crm 9 ms after receipt`, `waiting: crm answered 503 …`. `received`:
/// when the inquiry behind it came; `paused`: why its destination takes nothing now.
#[must_use]
pub fn delivery_in_words(
    view: &JobView,
    queue: Option<&Name>,
    received: Option<Timestamp>,
    paused: Option<&str>,
    now: Timestamp,
) -> String {
    let state = &view.state;
    let delivery = delivery_of(view);
    let to = delivery.map(|delivery| &delivery.destination);
    let to = to.or(state.destination.as_ref()).or(queue).map_or("its destination", Name::as_str);
    let event = delivery.map_or("", |delivery| delivery.event.kind.as_str());
    let event = if event.is_empty() { String::new() } else { format!("{event} ") };
    let tried = match state.count {
        0 | 1 => String::new(),
        count => format!(", at attempt {count}"),
    };
    let ended = state.ended_at.map_or(String::new(), |at| format!(" at {at}"));
    let last = state.attempts.last();
    match state.ended.as_deref() {
        Some("delivered") => {
            let since = received.zip(state.ended_at);
            let when = since.map_or(ended, |(received, at)| {
                format!(" {} after receipt", how_long(at.since(received)))
            });
            format!("{event}delivered to {to}{when}{tried}")
        }
        Some("dead") => {
            let since = state.ended_at.map_or(String::new(), |at| format!(" since {at}"));
            let why = last
                .map_or(String::new(), |last| format!("; the last attempt: {}", answered(last)));
            format!(
                "{event}to {to} is dead{since} after {} attempts{why}; replay it with `lead-router deliveries replay {}`",
                state.count, view.id
            )
        }
        Some("handed_over") => {
            format!(
                "{event}handed over{ended}: {to} could not be reached in time, its fallback got it"
            )
        }
        Some("dropped") => format!("{event}to {to} given up by a person{ended}"),
        Some(how) => format!("{event}to {to} ended{ended}: {how}"),
        None => format!("{event}to {to} {}", waiting(view, to, last, paused, now)),
    }
}

fn waiting(
    view: &JobView,
    to: &str,
    last: Option<&Attempt>,
    paused: Option<&str>,
    now: Timestamp,
) -> String {
    let next = if view.due > now {
        format!(", next at {} (in {})", view.due, how_long(view.due.since(now)))
    } else {
        ", due now".to_owned()
    };
    if let Some(why) = &view.state.waiting {
        let why = if why == "not_configured" { "it is not in the configuration" } else { why };
        return format!("waits: {why}{next}");
    }
    if let Some(paused) = paused {
        return format!(
            "waits: {to} is paused ({paused}); resume it with `lead-router deliveries resume {to}`"
        );
    }
    match last {
        Some(last) => {
            format!("waits: {} at attempt {}{next}", answered(last), view.state.count)
        }
        None => format!("waits for its first attempt{next}"),
    }
}

fn answered(attempt: &Attempt) -> String {
    match (attempt.http_status, &attempt.error) {
        (Some(status), Some(_)) if attempt.said.is_some() => {
            format!("answered {status} ({})", attempt.said.as_deref().unwrap_or_default())
        }
        (Some(status), _) => format!("answered {status}"),
        (None, Some(error)) => format!("no answer ({error})"),
        (None, None) => attempt.verdict.to_string(),
    }
}

/// A lead in one line, its inquiries, its deliveries.
pub(super) fn lead(found: &FoundLead, now: Timestamp) -> Vec<String> {
    let lead = &found.lead;
    let outcome = lead.assignment.outcome();
    let queue = outcome.map_or("none", |outcome| outcome.queue.as_str());
    let owner = lead.assignment.owner().map_or(String::new(), |owner| format!(", with {owner}"));
    let mut said = vec![format!(
        "{}: {}, stage {}, queue {queue}{owner}; {} inquir{}, last {} ago",
        lead.id,
        lead.assignment.status(),
        lead.stage(),
        lead.inquiries,
        if lead.inquiries == 1 { "y" } else { "ies" },
        how_long(now.since(lead.updated_at)),
    )];
    for id in &found.merged {
        said.push(format!("{id} was merged into it"));
    }
    for inquiry in &found.inquiries {
        said.extend(inquiry.in_words.first().cloned());
    }
    said.extend(found.deliveries.iter().map(|delivery| delivery.in_words.clone()));
    said
}

/// An inquiry in one line, what its status means where that is not plain, its deliveries.
pub(super) fn inquiry(found: &FoundInquiry) -> Vec<String> {
    let (inquiry, status) = (&found.entry.inquiry, found.entry.status());
    let lead = found.entry.lead.map_or(String::new(), |lead| format!(", {lead}"));
    let mut said = vec![format!(
        "{} from {} at {}: {status}{lead}",
        inquiry.id, inquiry.source, inquiry.received_at
    )];
    let id = inquiry.id;
    said.extend(match status {
        Status::Filtered => Some(format!(
            "{} took it for spam; if it was none: `lead-router inquiries release {id}`",
            by_what(inquiry)
        )),
        Status::Test => Some("the source marked it as a test: nobody was picked, only destinations with `tests: true` hear of it".to_owned()),
        Status::Held => Some("nobody could be assigned; it waits on the worklist `held`".to_owned()),
        Status::Qualifying => Some("promising, but too much is unknown; it waits on the worklist `qualify`".to_owned()),
        Status::AwaitingConfirmation => Some("the person is yet to confirm the address; it waits on the worklist `unconfirmed`".to_owned()),
        Status::Discarded | Status::Nurtured => {
            Some(format!("why: `lead-router inquiries record {id}`"))
        }
        _ => None,
    });
    said.extend(found.deliveries.iter().map(|delivery| delivery.in_words.clone()));
    said
}

/// What caught a filtered inquiry.
fn by_what(inquiry: &crate::domain::Inquiry) -> String {
    match inquiry.filtered_by.as_ref().map(Name::as_str) {
        None | Some("trap" | "preset") => "the source's own filter".to_owned(),
        Some("challenge_missing") => "a missing proof that a person sent it".to_owned(),
        Some("challenge_failed") => {
            "the proof that a person sent it, which did not hold,".to_owned()
        }
        Some(other) => format!("the filter `{other}`"),
    }
}

/// A body that could not be read.
pub(super) fn kept(id: crate::domain::InquiryId, kept: &Kept) -> Vec<String> {
    let word = match kept.list() {
        Index::Retrieving => "its data are being fetched from the vendor",
        Index::Returned => "returned to its sender, who can correct it",
        _ => "unreadable",
    };
    let again = match kept.count {
        0 | 1 => String::new(),
        count => format!(", {count} times"),
    };
    vec![
        format!(
            "{id} from {} at {}: {word}: `{}`{again}",
            kept.source, kept.received_at, kept.reason
        ),
        format!(
            "look at it with `lead-router inquiries body {id}`, mend the preset, then `lead-router inquiries reprocess {id}`"
        ),
    ]
}

/// The answer as a whole, and what to try when there is none.
pub(super) fn conclude(findings: &mut Findings, asked: &Asked, now: Timestamp) {
    let mut said = std::mem::take(&mut findings.in_words);
    for found in &findings.found {
        said.extend(match found {
            Found::Lead(lead) => lead.in_words.clone(),
            Found::Inquiry(inquiry) => inquiry.in_words.clone(),
            Found::Kept(_, _, in_words) => in_words.clone(),
            Found::Delivery(delivery) => vec![delivery.in_words.clone()],
        });
    }
    let nothing = findings.found.is_empty() && findings.happened.is_empty();
    if !findings.happened.is_empty() {
        let more = if findings.more { " and more" } else { "" };
        said.push(format!(
            "{} rows of the journal{more} from {} to {}",
            findings.happened.len(),
            findings.within.from,
            findings.within.to
        ));
    }
    if nothing {
        said.push(format!("nothing is known under that {}", spoken(asked)));
        let places = findings.looked.iter().map(|looked| {
            if looked.place == "index" {
                "the index of all leads".to_owned()
            } else {
                format!(
                    "the newest {} of {} on the worklist `{}`",
                    looked.at, looked.of, looked.place
                )
            }
        });
        let places: Vec<String> = places.collect();
        if !places.is_empty() {
            said.push(format!("looked in {}", places.join(", ")));
        }
    }
    if nothing || matches!(asked, Asked::Time(_) | Asked::Source(_)) {
        said.extend(findings.refused.iter().map(|refused| refused.in_words.clone()));
    } else {
        findings.refused.clear();
    }
    if nothing {
        findings.try_next = try_next(findings, asked, now);
    }
    findings.in_words = said;
}

fn spoken(asked: &Asked) -> &'static str {
    match asked {
        Asked::Email(_) => "e-mail address",
        Asked::Phone(_) => "phone number",
        Asked::Time(_) => "time",
        Asked::Source(_) => "source",
        Asked::Text(_) => "text (taken for another system's id)",
        _ => "id",
    }
}

fn try_next(findings: &Findings, asked: &Asked, now: Timestamp) -> Vec<String> {
    let mut next = Vec::new();
    for refused in &findings.refused {
        let source = &refused.source;
        next.push(match refused.reason.as_str() {
            "unauthenticated" => {
                format!("{source}: compare the key or signing secret at the vendor with the one in sources/{source}.yaml")
            }
            "unknown" => "some requests named no configured source: compare the URL at the vendor with the source's own (`lead-router find NAME-OF-SOURCE`)".to_owned(),
            "disabled" => format!("{source} is disabled in its file: `enabled: true`, if it should not be"),
            "limited" => format!("{source}: name your proxy in `trusted_proxies`, or raise `limits.per_client_minute`"),
            "unavailable" => "the store or the service was away: vendors send again; look at the log of that time".to_owned(),
            _ => format!("{source}: the log of that time says more, by request"),
        });
    }
    if asked.is_personal() {
        if findings.looked.iter().any(|looked| looked.at < looked.of) {
            next.push("narrow it down with --source or --from: then older things that are in no index are looked through".to_owned());
        }
        next.push("ask for the time it was sent (`lead-router find 14:30`): all that arrived then, whoever sent it".to_owned());
    }
    if matches!(asked, Asked::Request(_) | Asked::Attempt(_)) {
        next.push("the log names inquiry and delivery on the same line as that id".to_owned());
    }
    if findings.within.to >= now.before(std::time::Duration::from_mins(1)) {
        next.push("if the sender says that it was taken, compare the URL it posts to with the source's own (`lead-router find NAME-OF-SOURCE`)".to_owned());
    }
    next.dedup();
    next
}

/// A delivery with what is said of it.
pub(super) fn delivery(
    view: JobView,
    queue: Option<Name>,
    received: Option<Timestamp>,
    paused: Option<&str>,
    now: Timestamp,
) -> FoundDelivery {
    let in_words = delivery_in_words(&view, queue.as_ref(), received, paused, now);
    FoundDelivery { queue, view, in_words }
}
