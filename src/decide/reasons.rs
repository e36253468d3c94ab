//! Why each line of a score gave its points, by field and value: for whoever may see the person's data.

use super::configuration::Configuration;
use crate::domain::{InquiryEntry, Lead, LeadId, Qualification, Timestamp};
use crate::identify::merge;
use crate::rules::Subject;

pub use crate::qualify::Because;

/// One per line of `judged`, none at all if another configuration made it. Without the lead only what the inquiry itself
/// says is looked at.
#[must_use]
pub fn reasons(
    configuration: &Configuration,
    entry: &InquiryEntry,
    lead: Option<&Lead>,
    judged: &Qualification,
    now: Timestamp,
) -> Vec<Because> {
    if configuration.hash != entry.record.config {
        return Vec::new();
    }
    let inquiry = &entry.inquiry;
    let alone = lead.is_none().then(|| {
        let id = entry.lead.unwrap_or(LeadId::from_bytes([0; 16]));
        merge(None, id, inquiry, &[], inquiry.received_at)
    });
    let Some(lead) = lead.or(alone.as_ref()) else { return Vec::new() };
    let subject = Subject { inquiry, lead, known: false, now, qualification: None };
    judged.lines.iter().map(|line| configuration.qualifier.because(line, &subject)).collect()
}
