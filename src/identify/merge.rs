//! Laying an inquiry into the record about the person, without loss.

use super::IndexedBy;
use crate::domain::{Assignment, Inquiry, Lead, LeadId, Timestamp, Touch};

/// The lead after this inquiry: a new one under `id`, or `known` with what is new (its own id stays).
/// Assignment, score, completeness and cycle are left as they were; `decide` fills them in.
#[must_use]
pub fn merge(
    known: Option<&Lead>,
    id: LeadId,
    inquiry: &Inquiry,
    keys: &[IndexedBy],
    now: Timestamp,
) -> Lead {
    if let Some(known) = known {
        return known.clone();
    }
    let touch = Touch {
        inquiry: inquiry.id,
        at: inquiry.occurred_at,
        source: inquiry.source.clone(),
        channel: inquiry.channel,
    };
    Lead {
        id,
        created_at: now,
        updated_at: now,
        cycle: 1,
        score: 0,
        completeness: 0,
        contact: inquiry.contact.clone(),
        company: inquiry.company.clone(),
        answers: inquiry.answers.clone(),
        consents: inquiry.consents.clone(),
        attribution: inquiry.attribution.clone(),
        first_touch: touch.clone(),
        earliest_known: None,
        touches: vec![touch],
        inquiries: 1,
        keys: keys.iter().map(|indexed| indexed.key).collect(),
        assignment: Assignment::Pending(Vec::new()),
        merged_into: None,
    }
}
