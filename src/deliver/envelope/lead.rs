//! The lead and the inquiry as receivers see them.

use serde_json::{Map, Value, json};

use super::body::{points, put};
use super::cut::{Limits, cut};
use crate::domain::{
    Answer, Attribution, Checked, Company, Consent, Contact, EventRow, Inquiry, Lead, Pii, Touch,
};

/// The lead: stage, category and score as frozen by the event, the rest as it is now.
pub(super) fn lead(lead: &Lead, event: &EventRow, limits: &Limits) -> Value {
    let outcome = event.outcome.as_ref().or_else(|| lead.assignment.outcome());
    let mut map = Map::new();
    map.insert("id".into(), lead.id.to_string().into());
    put(&mut map, "stage", outcome.map(|o| o.stage.as_str()));
    put(&mut map, "category", outcome.map(|o| o.category.as_str()));
    map.insert("score".into(), points(event.score));
    map.insert("created_at".into(), lead.created_at.to_string().into());
    map.insert("inquiries".into(), lead.inquiries.into());
    map.insert("contact".into(), contact(&lead.contact, limits));
    map.insert("company".into(), company(&lead.company, limits));
    map.insert("answers".into(), answers(&lead.answers, limits));
    map.insert("consents".into(), consents(&lead.consents, limits));
    map.insert("first_touch".into(), touch(&lead.first_touch));
    if let Some(confirmed) = lead.confirmation.as_ref().and_then(|it| it.confirmed.as_ref()) {
        let mut evidence = Map::new();
        evidence.insert("at".into(), confirmed.at.to_string().into());
        put(&mut evidence, "from", confirmed.network.as_ref().map(Pii::expose));
        map.insert("confirmed".into(), evidence.into());
    }
    Value::Object(map)
}

/// The inquiry that brought it about.
pub(super) fn inquiry(inquiry: &Inquiry, limits: &Limits) -> Value {
    json!({
        "id": inquiry.id.to_string(),
        "source": inquiry.source.as_str(),
        "channel": inquiry.channel.as_str(),
        "received_at": inquiry.received_at.to_string(),
        "occurred_at": inquiry.occurred_at.to_string(),
        "answers": answers(&inquiry.answers, limits),
        "attribution": attribution(&inquiry.attribution, limits),
    })
}

pub(super) fn touch(touch: &Touch) -> Value {
    json!({
        "inquiry": touch.inquiry.to_string(),
        "at": touch.at.to_string(),
        "source": touch.source.as_str(),
        "channel": touch.channel.as_str(),
    })
}

fn contact(contact: &Contact, limits: &Limits) -> Value {
    let mut map = Map::new();
    checked(&mut map, "email", contact.email.as_ref(), limits);
    checked(&mut map, "phone", contact.phone.as_ref(), limits);
    let texts: [(&str, &Option<Pii>); 9] = [
        ("full_name", &contact.full_name),
        ("first_name", &contact.first_name),
        ("last_name", &contact.last_name),
        ("title", &contact.title),
        ("street", &contact.street),
        ("postal_code", &contact.postal_code),
        ("city", &contact.city),
        ("region", &contact.region),
        ("external_id", &contact.external_id),
    ];
    for (key, value) in texts {
        put(&mut map, key, value.as_ref().map(|text| cut(text.expose(), limits.field)));
    }
    let country = contact.country.as_ref().map(|c| cut(c.best(), limits.field));
    put(&mut map, "country", country);
    put(&mut map, "language", contact.language.as_ref().map(|text| cut(text, limits.field)));
    if !contact.others.is_empty() {
        let others = contact.others.iter().take(limits.items).map(|(field, value)| {
            json!({"field": field.as_str(), "value": cut(value.expose(), limits.field)})
        });
        map.insert("others".into(), others.collect());
    }
    Value::Object(map)
}

fn checked(map: &mut Map<String, Value>, key: &str, value: Option<&Checked>, limits: &Limits) {
    let Some(value) = value else { return };
    map.insert(key.to_owned(), cut(value.best(), limits.field).into());
    map.insert(format!("{key}_validity"), value.validity.as_str().into());
}

fn company(company: &Company, limits: &Limits) -> Value {
    let mut map = Map::new();
    put(&mut map, "name", company.name.as_ref().map(|t| cut(t.expose(), limits.field)));
    put(&mut map, "domain", company.domain.as_ref().map(|t| cut(t, limits.field)));
    put(&mut map, "website", company.website.as_ref().map(|t| cut(t.expose(), limits.field)));
    put(&mut map, "employees", company.employees);
    put(&mut map, "industry", company.industry.as_ref().map(|t| cut(t, limits.field)));
    put(&mut map, "revenue", company.revenue);
    Value::Object(map)
}

fn answers(answers: &[Answer], limits: &Limits) -> Value {
    let pair = |answer: &Answer| {
        json!({
            "key": cut(&answer.key, limits.field),
            "value": cut(answer.value.expose(), limits.text),
        })
    };
    answers.iter().take(limits.items).map(pair).collect()
}

fn consents(consents: &[Consent], limits: &Limits) -> Value {
    let one = |consent: &Consent| {
        let mut map = Map::new();
        map.insert("purpose".into(), cut(&consent.purpose, limits.field).into());
        map.insert("channel".into(), cut(&consent.channel, limits.field).into());
        map.insert("granted".into(), consent.granted.into());
        put(&mut map, "text", consent.text.as_ref().map(|text| cut(text, limits.text)));
        map.insert("at".into(), consent.at.to_string().into());
        Value::Object(map)
    };
    consents.iter().take(limits.items).map(one).collect()
}

fn attribution(attribution: &Attribution, limits: &Limits) -> Value {
    let pairs = attribution.iter().take(limits.items);
    let pairs = pairs.map(|(k, v)| (cut(k, limits.field), Value::from(cut(v, limits.field))));
    Value::Object(pairs.collect())
}
