//! A lead without the person: every personal text is the same three dots. What is made of it has the form of a real
//! request, and says nothing of anybody.

use super::subject::Subject;
use crate::domain::{Answer, Checked, Company, Contact, Inquiry, Lead, Pii};

/// In the place of every personal text.
pub(super) const DOTS: &str = "•••";

/// The subject with everything personal hidden that can stand in a request.
pub(super) fn masked(mut subject: Subject) -> Subject {
    if let Some(lead) = &mut subject.lead {
        hide_lead(lead);
    }
    if let Some(entry) = &mut subject.inquiry {
        hide_inquiry(&mut entry.inquiry);
    }
    subject
}

fn hide_lead(lead: &mut Lead) {
    contact(&mut lead.contact);
    company(&mut lead.company);
    answers(&mut lead.answers);
    lead.attribution.values_mut().for_each(dots);
    lead.consents.iter_mut().filter_map(|consent| consent.text.as_mut()).for_each(dots);
    // Nothing is rendered from these; so it stays.
    lead.seen.clear();
    lead.findings = crate::domain::Findings::default();
}

fn hide_inquiry(inquiry: &mut Inquiry) {
    contact(&mut inquiry.contact);
    company(&mut inquiry.company);
    answers(&mut inquiry.answers);
    inquiry.attribution.values_mut().for_each(dots);
    inquiry.consents.iter_mut().filter_map(|consent| consent.text.as_mut()).for_each(dots);
    inquiry.event_id.iter_mut().for_each(dots);
    inquiry.referrer.iter_mut().for_each(hide);
}

/// Country and language say nothing of one person.
fn contact(contact: &mut Contact) {
    for value in [&mut contact.email, &mut contact.phone].into_iter().flatten() {
        checked(value);
    }
    let texts = [
        &mut contact.full_name,
        &mut contact.first_name,
        &mut contact.last_name,
        &mut contact.title,
        &mut contact.region,
        &mut contact.city,
        &mut contact.postal_code,
        &mut contact.street,
        &mut contact.external_id,
    ];
    texts.into_iter().flatten().for_each(hide);
    contact.others.iter_mut().for_each(|(_, value)| hide(value));
}

/// Somebody's own business is called as they are.
fn company(company: &mut Company) {
    [&mut company.name, &mut company.website].into_iter().flatten().for_each(hide);
    company.domain.iter_mut().for_each(dots);
}

fn answers(answers: &mut [Answer]) {
    for answer in answers {
        hide(&mut answer.value);
    }
}

fn checked(value: &mut Checked) {
    hide(&mut value.raw);
    value.value.iter_mut().for_each(hide);
}

fn hide(text: &mut Pii) {
    *text = DOTS.into();
}

fn dots(text: &mut String) {
    DOTS.clone_into(text);
}
