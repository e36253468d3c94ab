//! From what capture hands over to one normalised inquiry. Nothing is rejected: what does not hold is
//! kept as sent and marked, and a text that does not fit its field is kept as an answer.

use std::collections::BTreeMap;

use super::text::Scrub;
use super::{company, country, email, language, person, phone, place, quantity};
use crate::domain::{
    Answer, Attribution, Checked, Company, Consent, Contact, Field, Flag, Inquiry, InquiryId, Pii,
    Submission, Timestamp,
};

/// What the source's settings say about values that do not say it themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// ISO alpha-2 code for reading local phone numbers. It does not become the contact's country:
    /// a show in Germany has visitors from everywhere.
    pub country: Option<String>,
    /// BCP 47; becomes the contact's language if the inquiry states none.
    pub language: Option<String>,
}

/// Fields whose text goes to the answers, under their path, in this order.
const NEEDS: [Field; 7] = [
    Field::Budget,
    Field::Authority,
    Field::Need,
    Field::Timeline,
    Field::Product,
    Field::Message,
    Field::Rating,
];

/// Normalises a submission.
///
/// Texts are capped (500 characters in a line, 10,000 in a message or answer); the inquiry is flagged
/// `truncated` then. Where a number was read out of a text that says more (`51–200 Mitarbeiter`), or
/// no value could be read, the text itself is kept as an answer under the field's path.
#[must_use]
pub fn normalise(
    submission: Submission,
    hints: &Hints,
    id: InquiryId,
    received_at: Timestamp,
) -> Inquiry {
    let mut reading =
        Reading { fields: submission.fields, scrub: Scrub::default(), kept: Vec::new() };
    let contact = reading.contact(hints, submission.source.as_str());
    let company = reading.company(&contact);
    let referrer = reading.referrer();
    let mut answers = reading.needs();
    answers.append(&mut reading.kept);
    answers.extend(submission.answers.into_iter().filter_map(|answer| {
        let value = reading.scrub.block(answer.value.expose())?;
        Some(Answer { key: answer.key, value: value.into() })
    }));
    let consents = submission.consents.into_iter().map(|it| reading.consent(it)).collect();
    let attribution = reading.attribution(submission.attribution);
    let mut flags = submission.flags;
    let address = contact.email.as_ref().and_then(Checked::normal);
    let slip = address.is_some_and(|it| email::is_slip(email::domain_of(it)));
    for (set, flag) in [(reading.scrub.truncated, Flag::Truncated), (slip, Flag::EmailTypo)] {
        if set && !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    Inquiry {
        id,
        source: submission.source,
        channel: submission.channel,
        received_at,
        occurred_at: submission.occurred_at.unwrap_or(received_at),
        event_id: submission.event_id,
        is_test: submission.is_test,
        filtered: submission.filtered,
        filtered_by: submission.filtered_by,
        contact,
        company,
        answers,
        consents,
        attribution,
        referrer,
        flags,
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

/// The fields while they are read.
struct Reading {
    fields: BTreeMap<Field, Pii>,
    scrub: Scrub,
    /// Texts that did not fit their field.
    kept: Vec<Answer>,
}

impl Reading {
    fn line(&mut self, field: Field) -> Option<String> {
        let text = self.fields.remove(&field)?;
        self.scrub.line(text.expose())
    }

    fn pii(&mut self, field: Field) -> Option<Pii> {
        self.line(field).map(Pii::new)
    }

    /// The text as sent, if it says anything.
    fn raw(&mut self, field: Field) -> Option<String> {
        let text = self.fields.remove(&field)?;
        self.scrub.line(text.expose())?;
        Some(self.scrub.raw(text.expose()).to_owned())
    }

    fn keep(&mut self, field: Field, text: &str) {
        self.kept.push(Answer { key: field.as_str().to_owned(), value: text.into() });
    }

    fn contact(&mut self, hints: &Hints, source: &str) -> Contact {
        let country = self.raw(Field::Country).map(|raw| country::check(&raw));
        let code = country.as_ref().and_then(Checked::normal).map(str::to_owned);
        let email = self.raw(Field::Email).map(|raw| email::check(&raw));
        let phone = self.raw(Field::Phone);
        if let Some(raw) = phone.as_ref().filter(|raw| phone::has_extension(raw)) {
            self.keep(Field::Phone, raw);
        }
        let phone = phone.map(|raw| phone::check(&raw, code.as_deref(), hints.country.as_deref()));
        let mut name = |field| self.line(field).map(|text| person::tidy(&text));
        let parts = (name(Field::FullName), name(Field::FirstName), name(Field::LastName));
        let (full_name, first_name, last_name) = person::complete(parts);
        let mut contact = Contact {
            email,
            phone,
            full_name: full_name.map(Pii::new),
            first_name: first_name.map(Pii::new),
            last_name: last_name.map(Pii::new),
            title: self.pii(Field::Title),
            language: self.language(hints),
            country,
            region: self
                .line(Field::Region)
                .map(|text| place::region(text, code.as_deref()).into()),
            city: self.pii(Field::City),
            postal_code: self
                .line(Field::PostalCode)
                .map(|text| place::postal_code(&text, code.as_deref()).into()),
            street: self.pii(Field::Street),
            external_id: self.line(Field::ExternalId).map(|id| format!("{source}:{id}").into()),
            ..Contact::default()
        };
        if let Some((local, domain)) =
            contact.email.as_ref().and_then(Checked::normal).and_then(|it| it.rsplit_once('@'))
        {
            let (role, free) = (email::is_role(local), email::is_free(domain));
            let disposable = email::is_disposable(domain);
            contact.email_role = role;
            contact.email_free = free;
            contact.email_disposable = disposable;
        }
        contact
    }

    fn language(&mut self, hints: &Hints) -> Option<String> {
        let stated = self.line(Field::Language);
        let tag = stated.as_deref().and_then(language::tag);
        if let (Some(text), None) = (&stated, &tag) {
            self.keep(Field::Language, text);
        }
        tag.or_else(|| hints.language.as_deref().and_then(language::tag))
    }

    fn company(&mut self, contact: &Contact) -> Company {
        let website = self.line(Field::Website);
        let of_address = || {
            let address = contact.email.as_ref().and_then(Checked::normal)?;
            company::domain_of_address(address)
        };
        Company {
            name: self.pii(Field::CompanyName),
            domain: website.as_deref().and_then(company::domain_of_website).or_else(of_address),
            website: website.map(Pii::new),
            employees: self.quantity(Field::Employees),
            industry: self.line(Field::Industry),
            revenue: self.quantity(Field::Revenue),
        }
    }

    fn quantity(&mut self, field: Field) -> Option<i64> {
        let text = self.line(field)?;
        let number = quantity::lower_end(&text);
        if number.is_none_or(|number| number.to_string() != text) {
            self.keep(field, &text);
        }
        number
    }

    /// Who referred the person: an address in its normal form, or the text.
    fn referrer(&mut self) -> Option<Pii> {
        let text = self.line(Field::Referrer)?;
        Some(email::check(&text).value.unwrap_or_else(|| text.into()))
    }

    fn needs(&mut self) -> Vec<Answer> {
        let texts = NEEDS.into_iter().filter_map(|field| {
            let value = self.scrub.block(self.fields.remove(&field)?.expose())?;
            Some(Answer { key: field.as_str().to_owned(), value: value.into() })
        });
        texts.collect()
    }

    fn consent(&mut self, consent: Consent) -> Consent {
        Consent {
            purpose: consent.purpose.trim().to_lowercase(),
            channel: consent.channel.trim().to_lowercase(),
            text: consent.text.and_then(|text| self.scrub.block(&text)),
            ..consent
        }
    }

    fn attribution(&mut self, attribution: Attribution) -> Attribution {
        let cleaned = attribution
            .into_iter()
            .filter_map(|(key, value)| Some((key, self.scrub.line(&value)?)));
        cleaned.collect()
    }
}
