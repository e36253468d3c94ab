//! Who it is: each value as it came, its normal form, and whether it holds.

use askama::Template;
use askama::filters::HtmlSafe;

use super::words::{Mark, Tone, spaced};
use crate::domain::{Answer, Attribution, Checked, Company, Consent, Contact, Pii, Validity};

/// Everything that is known of a person and the company.
#[derive(Debug, Clone, Template)]
#[template(path = "person.html")]
pub struct Person {
    rows: Vec<Row>,
    others: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    consents: Vec<ConsentRow>,
    attribution: Vec<(String, String)>,
}

impl HtmlSafe for Person {}

#[derive(Clone)]
struct Row {
    label: &'static str,
    value: String,
    /// As it came, where that is not the value.
    raw: Option<String>,
    marks: Vec<Mark>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("label", &self.label).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone)]
struct ConsentRow {
    what: String,
    mark: Mark,
    at: super::words::When,
    text: Option<String>,
}

/// A name to call the record by: the person's, else the company's, else what can be reached.
pub fn title(contact: &Contact, company: &Company) -> String {
    let expose = |value: &Option<Pii>| value.as_ref().map(|value| value.expose().to_owned());
    let parts: Vec<String> =
        [&contact.first_name, &contact.last_name].into_iter().filter_map(expose).collect();
    expose(&contact.full_name)
        .or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
        .or_else(|| expose(&company.name))
        .or_else(|| contact.email.as_ref().map(|email| email.best().to_owned()))
        .or_else(|| contact.phone.as_ref().map(|phone| phone.best().to_owned()))
        .unwrap_or_else(|| "Somebody without a name".to_owned())
}

impl Person {
    /// Of a lead or an inquiry.
    pub fn of(
        contact: &Contact,
        company: &Company,
        answers: &[Answer],
        consents: &[Consent],
        attribution: &Attribution,
    ) -> Self {
        let mut rows = Vec::new();
        contact_rows(contact, &mut rows);
        company_rows(company, &mut rows);
        let consents = consents.iter().map(|consent| ConsentRow {
            what: format!("{} by {}", spaced(&consent.purpose), spaced(&consent.channel)),
            mark: if consent.granted {
                Mark::new("granted", Tone::Good)
            } else {
                Mark::new("withdrawn", Tone::Bad)
            },
            at: super::words::When::at(consent.at),
            text: consent.text.clone(),
        });
        let answers = answers.iter();
        Self {
            rows,
            others: contact
                .others
                .iter()
                .map(|(field, value)| (field.to_string(), value.expose().to_owned()))
                .collect(),
            answers: answers.map(|a| (a.key.clone(), a.value.expose().to_owned())).collect(),
            consents: consents.collect(),
            attribution: attribution.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        }
    }
}

fn contact_rows(contact: &Contact, rows: &mut Vec<Row>) {
    let first = [("First name", &contact.first_name), ("Last name", &contact.last_name)];
    plain(rows, "Name", contact.full_name.as_ref());
    for (label, value) in first {
        plain(rows, label, value.as_ref());
    }
    plain(rows, "Title", contact.title.as_ref());
    let kinds = [
        (contact.email_free, "free mail"),
        (contact.email_role, "role address"),
        (contact.email_disposable, "throw-away"),
    ];
    let kinds = kinds.into_iter().filter(|(is, _)| *is);
    let kinds = kinds.map(|(_, word)| Mark::new(word, Tone::Warn)).collect();
    checked(rows, "E-mail", contact.email.as_ref(), kinds);
    checked(rows, "Phone", contact.phone.as_ref(), Vec::new());
    checked(rows, "Country", contact.country.as_ref(), Vec::new());
    let rest = [
        ("Region", &contact.region),
        ("City", &contact.city),
        ("Postal code", &contact.postal_code),
        ("Street", &contact.street),
        ("External id", &contact.external_id),
    ];
    for (label, value) in rest {
        plain(rows, label, value.as_ref());
    }
    text(rows, "Language", contact.language.clone());
}

fn company_rows(company: &Company, rows: &mut Vec<Row>) {
    plain(rows, "Company", company.name.as_ref());
    text(rows, "Domain", company.domain.clone());
    plain(rows, "Website", company.website.as_ref());
    text(rows, "Employees", company.employees.map(|count| count.to_string()));
    text(rows, "Industry", company.industry.clone());
    text(rows, "Revenue", company.revenue.map(|amount| amount.to_string()));
}

fn plain(rows: &mut Vec<Row>, label: &'static str, value: Option<&Pii>) {
    text(rows, label, value.map(|value| value.expose().to_owned()));
}

fn text(rows: &mut Vec<Row>, label: &'static str, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        rows.push(Row { label, value, raw: None, marks: Vec::new() });
    }
}

fn checked(
    rows: &mut Vec<Row>,
    label: &'static str,
    value: Option<&Checked>,
    mut marks: Vec<Mark>,
) {
    let Some(value) = value else { return };
    let best = value.best().to_owned();
    let raw = value.raw.expose();
    let word = value.validity.as_str();
    let tone = match value.validity {
        Validity::Valid => Tone::Good,
        Validity::Ambiguous => Tone::Warn,
        Validity::Invalid => Tone::Bad,
    };
    marks.insert(0, Mark::new(word, tone));
    rows.push(Row { label, raw: (raw != best).then(|| raw.to_owned()), value: best, marks });
}
