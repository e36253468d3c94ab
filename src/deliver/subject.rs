//! Whom an event is about: the lead and the inquiry as the store holds them at the attempt.

use crate::domain::ports::{Store, StoreError};
use crate::domain::{EventRow, EventType, InquiryEntry, Key, Lead, Name, Stored};

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

/// Reads the subject of an event. An alert or an erasure has none.
pub(super) async fn read(
    store: &dyn Store,
    workspace: &Name,
    event: &EventRow,
) -> Result<Subject, NoSubject> {
    if event.kind == EventType::LeadErased {
        return Ok(Subject::default());
    }
    let Some(lead) = event.lead else { return Ok(Subject::default()) };
    let mut keys = vec![Key::Lead(lead)];
    keys.extend(event.inquiry.map(Key::Inquiry));
    let values = store.read(workspace, &keys).await.map_err(NoSubject::Unreachable)?;
    let mut values = values.into_iter();
    let lead = Some(read_lead(&values.next().flatten().ok_or(NoSubject::Missing)?)?);
    let inquiry = values.next().flatten().map(|stored| read_entry(&stored)).transpose()?;
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
