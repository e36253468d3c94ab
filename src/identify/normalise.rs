//! From what capture hands over to one normalised inquiry.

use crate::domain::{Company, Contact, Inquiry, InquiryId, Submission, Timestamp};

/// What the source's settings say about values that do not say it themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// ISO alpha-2 code for reading local phone numbers. It does not become the contact's country:
    /// a show in Germany has visitors from everywhere.
    pub country: Option<String>,
    /// BCP 47; becomes the contact's language if the inquiry states none.
    pub language: Option<String>,
}

/// Normalises a submission. Nothing is rejected: what does not hold is kept as sent and marked.
#[must_use]
pub fn normalise(
    submission: Submission,
    hints: &Hints,
    id: InquiryId,
    received_at: Timestamp,
) -> Inquiry {
    let _ = hints;
    Inquiry {
        id,
        source: submission.source,
        channel: submission.channel,
        received_at,
        occurred_at: submission.occurred_at.unwrap_or(received_at),
        event_id: submission.event_id,
        is_test: submission.is_test,
        filtered: submission.filtered,
        contact: Contact::default(),
        company: Company::default(),
        answers: submission.answers,
        consents: submission.consents,
        attribution: submission.attribution,
        referrer: None,
        flags: submission.flags,
    }
}

/// Whether there is enough to reach or recognise somebody: any one of e-mail, phone, external id
/// (valid or not), or name and company.
#[must_use]
pub fn least(inquiry: &Inquiry) -> bool {
    let contact = &inquiry.contact;
    let name =
        contact.full_name.is_some() || contact.first_name.is_some() || contact.last_name.is_some();
    contact.email.is_some()
        || contact.phone.is_some()
        || contact.external_id.is_some()
        || (name && inquiry.company.name.is_some())
}
