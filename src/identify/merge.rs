//! Laying an inquiry into the record about the person, without loss: the best value of a kind has the
//! place, other valid ones stand in `contact.others`.

use super::named::{Full, Names};
use super::person::PersonName;
use super::text::fold;
use super::{IndexedBy, found};
use crate::domain::{
    Answer, Assignment, Checked, Company, Consent, Contact, Field, IndexKey, Inquiry, Lead, LeadId,
    Pii, Seen, Timestamp, Touch, Validity,
};

/// How many other values a lead keeps. Beyond it the oldest go; they stay in their inquiries.
pub const OTHERS_MAX: usize = 50;

/// The lead after this inquiry: a new one under `id`, or `known` with what is new (its own id stays).
/// Assignment, score, completeness and cycle are left as they were; `decide` fills them in.
///
/// The same inquiry merged again (after a lost reply, say) is not counted again.
#[must_use]
pub fn merge(
    known: Option<&Lead>,
    id: LeadId,
    inquiry: &Inquiry,
    keys: &[IndexedBy],
    now: Timestamp,
) -> Lead {
    let touch = touch_of(inquiry);
    let mut lead = match known {
        None => new_lead(id, inquiry, touch, now),
        Some(known) => {
            let mut lead = known.clone();
            lead.updated_at = now;
            note_seen(&mut lead, inquiry);
            let late = lead.touches.last().is_some_and(|newest| inquiry.occurred_at < newest.at);
            lead.tries = None;
            merge_contact(&mut lead.contact, &inquiry.contact);
            merge_company(&mut lead, &inquiry.company);
            found::merge_answers_of(&mut lead, inquiry, late);
            if lead.attribution.is_empty() {
                lead.attribution.clone_from(&inquiry.attribution);
            }
            add_touch(&mut lead, touch);
            lead
        }
    };
    merge_consents(&mut lead.consents, &inquiry.consents);
    add_keys(&mut lead.keys, keys);
    lead
}

/// The lead with the inquiry noted among its touches, and nothing else of it.
#[must_use]
pub fn touch(known: &Lead, inquiry: &Inquiry, now: Timestamp) -> Lead {
    let mut lead = Lead { updated_at: now, ..known.clone() };
    add_touch(&mut lead, touch_of(inquiry));
    lead
}

fn touch_of(inquiry: &Inquiry) -> Touch {
    Touch {
        inquiry: inquiry.id,
        at: inquiry.occurred_at,
        source: inquiry.source.clone(),
        channel: inquiry.channel,
    }
}

/// Appends keys; a compound one behind its bare one.
fn add_keys(known: &mut Vec<IndexKey>, keys: &[IndexedBy]) {
    let mut bare = None;
    for IndexedBy { key, kind } in keys {
        if !kind.is_compound() {
            bare = Some(*key);
        }
        if known.contains(key) {
            continue;
        }
        let behind = bare.filter(|_| kind.is_compound());
        match behind.and_then(|bare| known.iter().position(|it| *it == bare)) {
            Some(at) => known.insert(at + 1, *key),
            None => known.push(*key),
        }
    }
}

pub(super) fn all_seen(lead: &Lead) -> Vec<Seen> {
    if lead.seen.is_empty() {
        vec![Seen::of(&lead.contact, &lead.company)]
    } else {
        lead.seen.clone()
    }
}

/// Before the inquiry is laid into the record: what the record alone would not show any more.
fn note_seen(lead: &mut Lead, inquiry: &Inquiry) {
    let new = Seen::of(&inquiry.contact, &inquiry.company);
    let mut seen = all_seen(lead);
    if !seen.contains(&new) {
        seen.push(new);
        keep_seen(lead, seen);
    }
}

pub(super) fn keep_seen(lead: &mut Lead, seen: Vec<Seen>) {
    let mut kept: Vec<Seen> = Vec::with_capacity(seen.len());
    for one in seen {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept.drain(..kept.len().saturating_sub(Lead::SEEN_MAX));
    lead.seen = kept;
}

fn new_lead(id: LeadId, inquiry: &Inquiry, touch: Touch, now: Timestamp) -> Lead {
    Lead {
        id,
        created_at: now,
        updated_at: now,
        cycle: 1,
        score: 0,
        worth: 0,
        completeness: 0,
        contact: inquiry.contact.clone(),
        company: inquiry.company.clone(),
        answers: inquiry.answers.clone(),
        consents: Vec::new(),
        attribution: inquiry.attribution.clone(),
        first_touch: touch.clone(),
        earliest_known: None,
        touches: vec![touch],
        inquiries: 1,
        keys: Vec::new(),
        seen: Vec::new(),
        assignment: Assignment::Pending(Vec::new()),
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
    }
}

/// Counts the inquiry and remembers it by the time it happened. The first touch is the first one
/// committed; an earlier one that arrives later is `earliest_known`.
pub(super) fn add_touch(lead: &mut Lead, touch: Touch) {
    let counted =
        lead.touches.iter().chain([&lead.first_touch]).any(|it| it.inquiry == touch.inquiry);
    if counted {
        return;
    }
    lead.inquiries = lead.inquiries.saturating_add(1);
    let earliest = lead.earliest_known.as_ref().unwrap_or(&lead.first_touch);
    if touch.at < earliest.at {
        lead.earliest_known = Some(touch.clone());
    }
    let place = lead.touches.partition_point(|it| it.at <= touch.at);
    lead.touches.insert(place, touch);
    let surplus = lead.touches.len().saturating_sub(Lead::TOUCHES_MAX);
    lead.touches.drain(..surplus);
}

pub(super) fn merge_contact(known: &mut Contact, new: &Contact) {
    let mut others = Vec::new();
    let email_before = known.email.clone();
    merge_checked(Field::Email, &mut known.email, new.email.as_ref(), &mut others);
    if known.email != email_before {
        known.email_free = new.email_free;
        known.email_role = new.email_role;
        known.email_disposable = new.email_disposable;
    }
    merge_checked(Field::Phone, &mut known.phone, new.phone.as_ref(), &mut others);
    merge_checked(Field::Country, &mut known.country, new.country.as_ref(), &mut others);
    merge_name(known, new, &mut others);
    merge_address(known, new, &mut others);
    merge_text(Field::Title, &mut known.title, new.title.as_ref(), &mut others);
    merge_text(Field::ExternalId, &mut known.external_id, new.external_id.as_ref(), &mut others);
    let mut language = known.language.take().map(Pii::new);
    let new_language = new.language.clone().map(Pii::new);
    merge_text(Field::Language, &mut language, new_language.as_ref(), &mut others);
    known.language = language.map(|text| text.expose().to_owned());
    others.extend(new.others.iter().cloned());
    add_others(known, others);
}

/// Appends what is not there yet; beyond the cap the oldest go.
pub(super) fn add_others(contact: &mut Contact, others: Vec<(Field, Pii)>) {
    for other in others {
        if !contact.others.contains(&other) {
            contact.others.push(other);
        }
    }
    let surplus = contact.others.len().saturating_sub(OTHERS_MAX);
    contact.others.drain(..surplus);
}

/// A value takes the place of a less valid one; between two valid ones the first stays.
fn merge_checked(
    field: Field,
    known: &mut Option<Checked>,
    new: Option<&Checked>,
    others: &mut Vec<(Field, Pii)>,
) {
    fn rank(checked: &Checked) -> u8 {
        match checked.validity {
            Validity::Invalid => 0,
            Validity::Ambiguous => 1,
            Validity::Valid => 2,
        }
    }
    let Some(new) = new else { return };
    match known {
        Some(known) if rank(known) >= rank(new) => {
            if let Some(value) = &new.value
                && known.value.as_ref() != Some(value)
            {
                others.push((field, value.clone()));
            }
        }
        _ => *known = Some(new.clone()),
    }
}

fn merge_text(
    field: Field,
    known: &mut Option<Pii>,
    new: Option<&Pii>,
    others: &mut Vec<(Field, Pii)>,
) {
    match (known.as_ref(), new) {
        (None, Some(new)) => *known = Some(new.clone()),
        (Some(known), Some(new)) if known != new => others.push((field, new.clone())),
        _ => {}
    }
}

/// A name is taken whole: parts of two people's names make a third person. The fuller of two
/// compatible names has the place.
fn merge_name(known: &mut Contact, new: &Contact, others: &mut Vec<(Field, Pii)>) {
    let (old_name, new_name) = (PersonName::of(known), PersonName::of(new));
    if new_name.is_empty() {
        return;
    }
    let fuller = old_name.is_empty()
        || (Names::of(&old_name, &new_name).full() != Full::Differ
            && new_name.fullness() > old_name.fullness());
    let full = |contact: &Contact| contact.full_name.clone().map(|name| (Field::FullName, name));
    if fuller {
        others.extend(full(known).filter(|(_, old)| new.full_name.as_ref() != Some(old)));
        known.full_name.clone_from(&new.full_name);
        known.first_name.clone_from(&new.first_name);
        known.last_name.clone_from(&new.last_name);
    } else {
        others.extend(full(new).filter(|(_, name)| known.full_name.as_ref() != Some(name)));
    }
}

/// An address is filled up only if what both know of it agrees.
fn merge_address(known: &mut Contact, new: &Contact, others: &mut Vec<(Field, Pii)>) {
    let pairs = |known: &Contact| {
        let of = |it: &Contact| {
            [it.street.clone(), it.postal_code.clone(), it.city.clone(), it.region.clone()]
        };
        of(known).into_iter().zip(of(new)).collect::<Vec<_>>()
    };
    let agree = pairs(known).iter().all(|pair| match pair {
        (Some(old), Some(new)) => fold(old.expose()) == fold(new.expose()),
        _ => true,
    });
    for (field, place, new) in [
        (Field::Street, &mut known.street, &new.street),
        (Field::PostalCode, &mut known.postal_code, &new.postal_code),
        (Field::City, &mut known.city, &new.city),
        (Field::Region, &mut known.region, &new.region),
    ] {
        if agree {
            merge_text(field, place, new.as_ref(), others);
        } else {
            others.extend(
                new.clone().filter(|new| place.as_ref() != Some(new)).map(|new| (field, new)),
            );
        }
    }
}

/// What is missing about the company is filled in, unless the inquiry speaks of another company.
pub(super) fn merge_company(lead: &mut Lead, new: &Company) {
    let known = &mut lead.company;
    let differ =
        |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| fold(a) != fold(b));
    let other = match (&known.domain, &new.domain) {
        (Some(known), Some(new)) => known != new,
        _ => differ(known.name.as_ref().map(Pii::expose), new.name.as_ref().map(Pii::expose)),
    };
    let mut others = Vec::new();
    let number = |number: Option<i64>| number.map(|number| Pii::new(number.to_string()));
    let text = |text: &Option<String>| text.clone().map(Pii::new);
    if other {
        let values = [
            (Field::CompanyName, new.name.clone(), known.name.clone()),
            (
                Field::Website,
                new.website.clone().or_else(|| text(&new.domain)),
                known.website.clone(),
            ),
            (Field::Employees, number(new.employees), number(known.employees)),
            (Field::Industry, text(&new.industry), text(&known.industry)),
            (Field::Revenue, number(new.revenue), number(known.revenue)),
        ];
        let differing = values.into_iter().filter(|(_, new, known)| new != known);
        others.extend(differing.filter_map(|(field, new, _)| Some((field, new?))));
    } else {
        merge_text(Field::CompanyName, &mut known.name, new.name.as_ref(), &mut others);
        merge_text(Field::Website, &mut known.website, new.website.as_ref(), &mut others);
        known.domain = known.domain.take().or_else(|| new.domain.clone());
        let mut industry = text(&known.industry);
        merge_text(Field::Industry, &mut industry, text(&new.industry).as_ref(), &mut others);
        known.industry = industry.map(|text| text.expose().to_owned());
        for (field, place, new) in [
            (Field::Employees, &mut known.employees, new.employees),
            (Field::Revenue, &mut known.revenue, new.revenue),
        ] {
            if place.is_some() && new.is_some() && *place != new {
                others.extend(number(new).map(|value| (field, value)));
            }
            *place = place.or(new);
        }
    }
    add_others(&mut lead.contact, others);
}

/// The newest answers to a question have the place (all of them, where several were ticked); an
/// inquiry that happened earlier only answers what is still open.
pub(super) fn merge_answers(known: &mut Vec<Answer>, new: &[Answer], late: bool) {
    let answered = |answers: &[Answer], key: &str| answers.iter().any(|answer| answer.key == key);
    let new: Vec<Answer> =
        new.iter().filter(|answer| !late || !answered(known, &answer.key)).cloned().collect();
    known.retain(|answer| !answered(&new, &answer.key));
    known.extend(new);
}

/// The latest statement per purpose and channel; of two at the same time the refusal.
pub(super) fn merge_consents(known: &mut Vec<Consent>, new: &[Consent]) {
    for consent in new {
        allow(known, consent);
    }
}

/// Notes one statement; `false` = what is known holds.
pub fn allow(known: &mut Vec<Consent>, new: &Consent) -> bool {
    let about = |it: &&mut Consent| it.purpose == new.purpose && it.channel == new.channel;
    match known.iter_mut().find(about) {
        None => known.push(new.clone()),
        Some(place) if new.replaces(place) => *place = new.clone(),
        Some(_) => return false,
    }
    true
}
