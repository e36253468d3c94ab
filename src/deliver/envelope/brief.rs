//! The brief: what a person who gets the lead needs in ten seconds.

use serde_json::{Map, Value, json};

use super::body::{Parts, points, put};
use super::cut::{Limits, cut};
use super::lead::touch;
use crate::domain::{Answer, EventType, Field, Lead, Name, Record, Validity};

/// Where people write in their own words, in the order in which it is quoted.
const ASKED: [Field; 4] = [Field::Message, Field::Need, Field::Product, Field::Timeline];

/// More reasons than that, nobody reads.
const REASONS_MAX: usize = 5;

/// What was asked, why it qualified, what is unknown, the last touch, what to do next.
pub(super) fn brief(parts: &Parts<'_>, limits: &Limits) -> Value {
    let record = parts.inquiry.map(|entry| &entry.record);
    let mut map = Map::new();
    put(&mut map, "asked", asked(parts).map(|text| cut(&text, limits.text)));
    map.insert("why".into(), record.map_or_else(Vec::new, |r| why(parts, r, limits)).into());
    let open = record.map_or(&[][..], |r| &r.qualification.open[..]);
    map.insert("unknown".into(), open.iter().take(limits.items).map(Name::as_str).collect());
    if let Some(last) = parts.lead.and_then(|lead| lead.touches.last()) {
        map.insert("last_touch".into(), touch(last));
    }
    map.insert("next_step".into(), json!(next_step(parts, open, limits)));
    Value::Object(map)
}

/// The person's words, from the inquiry, else from what the lead said before.
fn asked(parts: &Parts<'_>) -> Option<String> {
    let words = |answers: &[Answer]| {
        let said = ASKED.iter().filter_map(|field| {
            answers.iter().find(|answer| answer.key == field.as_str()).map(|a| a.value.expose())
        });
        let said: Vec<_> = said.filter(|text| !text.trim().is_empty()).collect();
        (!said.is_empty()).then(|| said.join(" · "))
    };
    parts
        .inquiry
        .and_then(|entry| words(&entry.inquiry.answers))
        .or_else(|| parts.lead.and_then(|lead| words(&lead.answers)))
}

/// The score lines that brought most points, with their names where the configuration is at hand.
fn why(parts: &Parts<'_>, record: &Record, limits: &Limits) -> Vec<Value> {
    let mut lines: Vec<_> = record.qualification.lines.iter().filter(|l| l.points > 0).collect();
    lines.sort_by_key(|line| (-line.points, line.line));
    let text = |line: &&crate::domain::ScoreLine| {
        let name =
            (parts.line)(line.line).unwrap_or_else(|| format!("{}: {}", line.group, line.answer));
        json!(format!("{} (+{})", cut(&name, limits.field), points(line.points)))
    };
    lines.iter().take(REASONS_MAX).map(text).collect()
}

fn next_step(parts: &Parts<'_>, open: &[Name], limits: &Limits) -> String {
    let mut step = match parts.event.kind {
        EventType::LeadNurtured => "Keep in touch: not ready to buy yet".to_owned(),
        EventType::LeadDiscarded => "Nothing to do".to_owned(),
        EventType::LeadUnsubscribed => "Stop: the person wants to hear less".to_owned(),
        EventType::LeadAwaitingConfirmation => {
            "Send the person the link that confirms the address".to_owned()
        }
        EventType::LeadHeld => "Assign somebody: nobody could take it".to_owned(),
        EventType::LeadQualifying => {
            format!("{} and find out what is unknown", reach(parts.lead))
        }
        EventType::LeadInquiredAgain => format!("{}: there is a new inquiry", reach(parts.lead)),
        _ => reach(parts.lead).to_owned(),
    };
    let done = matches!(
        parts.event.kind,
        EventType::LeadDiscarded
            | EventType::LeadUnsubscribed
            | EventType::LeadAwaitingConfirmation
    );
    if !open.is_empty() && !done {
        let names: Vec<_> = open.iter().take(limits.items).map(Name::as_str).collect();
        step = format!("{step}. Ask about: {}", names.join(", "));
    }
    step
}

/// The quickest way to the person that holds.
fn reach(lead: Option<&Lead>) -> &'static str {
    let valid = |value: Option<&crate::domain::Checked>| {
        value.is_some_and(|checked| checked.validity == Validity::Valid)
    };
    match lead.map(|lead| (valid(lead.contact.phone.as_ref()), valid(lead.contact.email.as_ref())))
    {
        Some((true, _)) => "Call the person",
        Some((false, true)) => "Write to the person",
        _ => "Find out how to reach the person",
    }
}
