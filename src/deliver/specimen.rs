//! The event of a test: an invented person, marked as a test, in the form of a real one.

use serde_json::json;

use super::destination::Destination;
use crate::domain::{
    Answer, Assignment, Attribution, Awaited, BranchOutcome, Category, Channel, Checked, ClockTold,
    Company, Contact, Criterion, EventId, EventRow, EventType, Inquiry, InquiryEntry, InquiryId,
    Known3, Lead, LeadId, Name, Qualification, Record, ScoreLine, Stage, Status, Timestamp, Touch,
};

/// Everything a body is rendered from.
pub(super) struct Specimen {
    pub(super) event: EventRow,
    pub(super) lead: Lead,
    pub(super) inquiry: InquiryEntry,
}

/// What the one score line of a specimen is called.
pub(super) const LINE: &str = "this is a test: nobody inquired";

/// Points of the specimen.
const SCORE: i64 = 60_000;

impl Specimen {
    /// For a destination: an event that it takes, `lead.routed` if it can be. `id` makes its ids.
    pub(super) fn new(destination: &Destination, id: [u8; 16], now: Timestamp) -> Self {
        let kind = if destination.events.contains(&EventType::LeadRouted) {
            EventType::LeadRouted
        } else {
            destination.events.first().copied().unwrap_or(EventType::LeadRouted)
        };
        let (lead, inquiry) = (LeadId::from_bytes(id), InquiryId::from_bytes(id));
        let outcome = BranchOutcome {
            status: Status::Routed,
            stage: Stage::Lead,
            category: Category::Sell,
            queue: Name::fixed("sales"),
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        };
        let about_somebody = !kind.as_str().starts_with("alert.");
        let event = EventRow {
            id: EventId::from_bytes(id),
            kind,
            at: now,
            lead: about_somebody.then_some(lead),
            inquiry: about_somebody.then_some(inquiry),
            outcome: Some(outcome.clone()),
            score: SCORE,
            cycle: 1,
            is_test: true,
            detail: detail(kind, destination, now),
            merged: None,
        };
        let assignment = Assignment::Settled { outcome, owner: Some(Name::fixed("test-owner")) };
        Self {
            event,
            lead: the_lead(lead, inquiry, now, assignment.clone()),
            inquiry: the_entry(lead, inquiry, now, assignment),
        }
    }

    /// With an e-mail address of its own: vendors find people by it.
    pub(super) fn one_of_many(mut self) -> Self {
        let id = self.event.id.to_string();
        let address = format!("test.person+{}@example.com", &id[id.len().saturating_sub(6)..]);
        self.lead.contact.email = Some(Checked::valid(&address, &address));
        self
    }
}

/// Alerts are told apart by their detail, and so is what clocks say.
fn detail(kind: EventType, destination: &Destination, now: Timestamp) -> Option<serde_json::Value> {
    let name = destination.name.as_str();
    Some(match kind {
        EventType::AlertDestinationDead => json!({"destination": name, "dead": 0, "test": true}),
        EventType::AlertOldestUndelivered => {
            json!({"destination": name, "oldest_seconds": 0, "test": true})
        }
        EventType::AlertSourceSilent => {
            json!({"source": "test", "silent_seconds": 0, "test": true})
        }
        EventType::AlertCredentialsBroken => {
            json!({"source": "test", "http_status": 401, "test": true})
        }
        EventType::AlertRuleFailed => json!({"rule": "test", "inquiries": 0, "test": true}),
        EventType::LeadSlaWarning | EventType::LeadSlaBreached => {
            let told = ClockTold {
                clock: Some(Name::fixed("test")),
                awaited: Awaited::FirstTouch,
                owner: Some(Name::fixed("test-owner")),
                assigned_at: now,
                due_at: now,
                part: (kind == EventType::LeadSlaWarning).then_some(800),
                late_ms: 0,
                reassignments: 0,
            };
            return serde_json::to_value(told).ok();
        }
        _ => return None,
    })
}

fn contact() -> Contact {
    Contact {
        email: Some(Checked::valid("test.person@example.com", "test.person@example.com")),
        phone: Some(Checked::valid("+1 202 555 0123", "+12025550123")),
        full_name: Some("Test Person".into()),
        first_name: Some("Test".into()),
        last_name: Some("Person".into()),
        country: Some(Checked::valid("US", "US")),
        ..Contact::default()
    }
}

fn company() -> Company {
    Company {
        name: Some("Example Inc".into()),
        domain: Some("example.com".to_owned()),
        ..Company::default()
    }
}

fn answers() -> Vec<Answer> {
    let value = "This is a test of the connection: nobody inquired. Please delete it.";
    vec![Answer { key: "need.message".to_owned(), value: value.into() }]
}

fn the_lead(lead: LeadId, inquiry: InquiryId, now: Timestamp, assignment: Assignment) -> Lead {
    let touch = Touch { inquiry, at: now, source: Name::fixed("test"), channel: Channel::Other };
    Lead {
        id: lead,
        created_at: now,
        updated_at: now,
        cycle: 1,
        score: SCORE,
        worth: 0,
        completeness: 1000,
        contact: contact(),
        company: company(),
        answers: answers(),
        consents: Vec::new(),
        attribution: Attribution::new(),
        first_touch: touch.clone(),
        earliest_known: None,
        touches: vec![touch],
        inquiries: 1,
        keys: Vec::new(),
        assignment,
        findings: crate::domain::Findings::default(),
        tries: None,
        look_again: None,
        clocks: None,
        said: None,
        nurture: None,
        confirmation: None,
        merged_into: None,
        merged_away: None,
        account: None,
        referrer: None,
        absorbed: Vec::new(),
        apart: Vec::new(),
        linked: Vec::new(),
        seen: Vec::new(),
    }
}

fn the_entry(lead: LeadId, id: InquiryId, now: Timestamp, assignment: Assignment) -> InquiryEntry {
    let inquiry = Inquiry {
        id,
        source: Name::fixed("test"),
        channel: Channel::Other,
        received_at: now,
        occurred_at: now,
        event_id: None,
        is_test: true,
        filtered: false,
        filtered_by: None,
        contact: contact(),
        company: company(),
        answers: answers(),
        consents: Vec::new(),
        attribution: Attribution::new(),
        referrer: None,
        flags: Vec::new(),
    };
    let line = ScoreLine {
        line: 0,
        group: Criterion::Contact,
        answer: Known3::Yes,
        points: SCORE,
        by_person: false,
        until: None,
    };
    let record = Record {
        config: "0".repeat(32),
        overlay: 0,
        status: None,
        qualification: Qualification {
            score: SCORE,
            lines: vec![line],
            floor: 0,
            completeness: 1000,
            grade: None,
            category: Category::Sell,
            ask: false,
            open: Vec::new(),
            ineligible: None,
            errors: Vec::new(),
            expected: None,
        },
        rules: String::new(),
        rule: None,
        row: None,
        owners: Vec::new(),
        matched_on: Vec::new(),
        refused: Vec::new(),
        ruled_out: Vec::new(),
        merged: Vec::new(),
        account_owner: None,
    };
    InquiryEntry { inquiry, lead: Some(lead), record, assignment }
}
