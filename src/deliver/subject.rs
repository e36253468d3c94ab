//! Whom an event is about: the lead and the inquiry as the store holds them at the attempt.

use crate::domain::ports::{Store, StoreError};
use crate::domain::{EventRow, EventType, InquiryEntry, Key, Lead, LeadId, Name, Stored, Touch};

/// A lead and its inquiry, receipts laid beside.
#[derive(Debug, Default)]
pub(super) struct Subject {
    pub(super) lead: Option<Lead>,
    pub(super) inquiry: Option<InquiryEntry>,
}

/// Why there is no subject.
#[derive(Debug)]
pub(super) enum NoSubject {
    /// Erased, or a test that has served.
    Missing,
    /// The store did not answer.
    Unreachable(StoreError),
    /// It holds something that this version cannot read.
    Unreadable,
}

/// Reads the subject of an event. An alert or an erasure has none; a test has no lead of its own,
/// so receivers are shown the one its inquiry would have made.
pub(super) async fn read(
    store: &dyn Store,
    workspace: &Name,
    event: &EventRow,
) -> Result<Subject, NoSubject> {
    if event.kind == EventType::LeadErased {
        return Ok(Subject::default());
    }
    let lead_key = event.lead.map(Key::Lead);
    let keys: Vec<Key> = lead_key.into_iter().chain(event.inquiry.map(Key::Inquiry)).collect();
    if keys.is_empty() {
        return Ok(Subject::default());
    }
    let values = store.read(workspace, &keys).await.map_err(NoSubject::Unreachable)?;
    let mut values = values.into_iter();
    let mut lead = None;
    if event.lead.is_some() {
        lead = Some(read_lead(&values.next().flatten().ok_or(NoSubject::Missing)?)?);
    }
    let inquiry = values.next().flatten().map(|stored| read_entry(&stored)).transpose()?;
    if lead.is_none() {
        lead = Some(would_be(inquiry.as_ref().ok_or(NoSubject::Missing)?));
    }
    Ok(Subject { lead, inquiry })
}

fn read_lead(stored: &Stored) -> Result<Lead, NoSubject> {
    let mut lead: Lead = serde_json::from_slice(&stored.body).map_err(|_| NoSubject::Unreadable)?;
    lead.assignment = lead.assignment.settle(stored.receipt.as_ref());
    Ok(lead)
}

fn read_entry(stored: &Stored) -> Result<InquiryEntry, NoSubject> {
    let mut entry: InquiryEntry =
        serde_json::from_slice(&stored.body).map_err(|_| NoSubject::Unreadable)?;
    entry.assignment = entry.assignment.settle(stored.receipt.as_ref());
    Ok(entry)
}

/// The lead that a test inquiry would have made: same shape as a real one, under the inquiry's number.
fn would_be(entry: &InquiryEntry) -> Lead {
    let inquiry = &entry.inquiry;
    let touch = Touch {
        inquiry: inquiry.id,
        at: inquiry.occurred_at,
        source: inquiry.source.clone(),
        channel: inquiry.channel,
    };
    Lead {
        id: LeadId::from_bytes(*inquiry.id.as_bytes()),
        created_at: inquiry.received_at,
        updated_at: inquiry.received_at,
        cycle: 1,
        score: entry.record.qualification.score,
        completeness: entry.record.qualification.completeness,
        contact: inquiry.contact.clone(),
        company: inquiry.company.clone(),
        answers: inquiry.answers.clone(),
        consents: inquiry.consents.clone(),
        attribution: inquiry.attribution.clone(),
        first_touch: touch.clone(),
        earliest_known: None,
        touches: vec![touch],
        inquiries: 1,
        keys: Vec::new(),
        assignment: entry.assignment.clone(),
        merged_into: None,
    }
}
