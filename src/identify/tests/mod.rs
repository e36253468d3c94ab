//! Tables for each normaliser, the judgement and the merge; properties over invented persons.

use crate::domain::*;
use crate::identify::*;

mod accounts;
mod judging;
mod merging;
mod names;
mod normalising;
mod parting;
mod properties;
mod values;
mod whole;

pub(super) const T0: Timestamp = Timestamp::from_millis(1_770_000_000_000);

pub(super) fn at(minutes: u64) -> Timestamp {
    T0.after(std::time::Duration::from_secs(60 * minutes))
}

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(super) fn inquiry_id(n: u8) -> InquiryId {
    InquiryId::from_bytes([n; 16])
}

pub(super) fn lead_id(n: u8) -> LeadId {
    LeadId::from_bytes([n; 16])
}

pub(super) fn pepper() -> Pepper {
    Pepper::new([3; 32])
}

pub(super) fn submission(fields: &[(Field, &str)]) -> Submission {
    Submission {
        source: name("web"),
        channel: Channel::Website,
        event_id: None,
        is_test: false,
        filtered: false,
        filtered_by: None,
        challenge: None,
        erases: false,
        reference: crate::domain::Reference::new(),
        fields: fields.iter().map(|(field, text)| (*field, (*text).into())).collect(),
        answers: vec![],
        consents: vec![],
        attribution: Attribution::new(),
        occurred_at: None,
        flags: vec![],
        content: vec![],
    }
}

/// An inquiry of these fields with the hint DE, numbered, received `n` minutes after the start.
pub(super) fn inquiry(n: u8, fields: &[(Field, &str)]) -> Inquiry {
    let hints = Hints { country: Some("DE".to_owned()), language: None };
    normalise(submission(fields), &hints, inquiry_id(n), at(u64::from(n)))
}

/// A lead made of one inquiry, with the same number.
pub(super) fn lead(n: u8, fields: &[(Field, &str)]) -> Lead {
    let inquiry = inquiry(n, fields);
    merge(None, lead_id(n), &inquiry, &keys(&inquiry, &pepper()), at(u64::from(n)))
}

/// The facts behind the keys of an inquiry, as a store holding these leads would give them.
pub(super) fn facts(inquiry: &Inquiry, leads: &[Lead]) -> Facts {
    let sets = keys(inquiry, &pepper()).into_iter().filter_map(|indexed| {
        let holders: Vec<LeadId> =
            leads.iter().filter(|lead| lead.keys.contains(&indexed.key)).map(|it| it.id).collect();
        let set = Known { version: 1, value: KeySet::Leads(holders.clone()) };
        (!holders.is_empty()).then_some((indexed.key, set))
    });
    let leads = leads.iter().map(|it| (it.id, Known { version: 1, value: it.clone() }));
    Facts { keys: sets.collect(), leads: leads.collect(), ..Facts::default() }
}

pub(super) fn judged(inquiry: &Inquiry, leads: &[Lead]) -> Judgement {
    judge(inquiry, &keys(inquiry, &pepper()), &facts(inquiry, leads))
}
