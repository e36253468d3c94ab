//! Whether an inquiry comes from somebody known. This is the only place where two records are judged
//! to be one person; the store only fetches what shares a key.

use std::collections::BTreeMap;

use super::person::{NameSays, PersonName, name_compatible};
use super::{IndexedBy, KeyKind};
use crate::domain::{Facts, Inquiry, KeySet, Lead, LeadId};

/// What was concluded about who inquired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The known lead it belongs to; `None` = somebody new.
    pub lead: Option<LeadId>,
    /// The kinds of keys that prove it, in the order of [`super::KeyKind`].
    pub matched_on: Vec<String>,
    /// Leads that share a key but were judged to be somebody else, by id, with one word for why:
    /// `role_mailbox_other_name`, `phone_other_name`, `phone_name_unknown`.
    pub refused: Vec<(LeadId, String)>,
    /// Whether a shared key stands among the keys (switchboard, info@).
    pub shared: bool,
}

/// What the keys say about one lead.
#[derive(Default)]
struct Evidence {
    proofs: Vec<KeyKind>,
    /// Why the first key that is no proof is none.
    doubt: Option<&'static str>,
}

/// Judges which known lead, if any, an inquiry belongs to. The order in which the facts stand does
/// not matter.
///
/// - An external id proves it.
/// - An e-mail address proves it, unless it is a role mailbox: then the names must not differ.
/// - A phone number proves it only with a compatible name ([`name_compatible`]); a name that is
///   missing on either side is not.
/// - A shared key proves nothing; behind it, the key with the name is looked up.
///
/// If several leads are proved, the oldest open one is taken, else the newest closed one; the others
/// are not refused: they are the same person's. A lead that was merged away stands for its survivor.
#[must_use]
pub fn judge(inquiry: &Inquiry, keys: &[IndexedBy], facts: &Facts) -> Judgement {
    let name = PersonName::of(&inquiry.contact);
    let mut shared = false;
    let mut leads: BTreeMap<LeadId, (&Lead, Evidence)> = BTreeMap::new();
    for indexed in keys {
        let ids = match facts.key(indexed.key).map(|known| &known.value) {
            Some(KeySet::Leads(ids)) => ids.as_slice(),
            Some(KeySet::Shared(_)) => {
                shared = true;
                continue;
            }
            None => continue,
        };
        for holder in ids.iter().filter_map(|id| facts.lead(*id)) {
            let survivor = survivor(&holder.value, facts);
            let (_, evidence) = leads.entry(survivor.id).or_insert((survivor, Evidence::default()));
            match proves(indexed.kind, inquiry, &name, [&holder.value, survivor]) {
                Ok(()) if !evidence.proofs.contains(&indexed.kind) => {
                    evidence.proofs.push(indexed.kind);
                }
                Ok(()) => {}
                Err(doubt) => evidence.doubt = evidence.doubt.or(Some(doubt)),
            }
        }
    }
    let proved = leads.values().filter(|(_, evidence)| !evidence.proofs.is_empty());
    let chosen = proved.min_by_key(|(lead, _)| preference(lead));
    Judgement {
        lead: chosen.map(|(lead, _)| lead.id),
        matched_on: chosen.map_or(Vec::new(), |(_, evidence)| {
            evidence.proofs.iter().map(|kind| kind.as_str().to_owned()).collect()
        }),
        refused: leads
            .values()
            .filter(|(_, evidence)| evidence.proofs.is_empty())
            .filter_map(|(lead, evidence)| Some((lead.id, evidence.doubt?.to_owned())))
            .collect(),
        shared,
    }
}

/// Whether a common key of that kind proves that the inquiry is the lead's person.
fn proves(
    kind: KeyKind,
    inquiry: &Inquiry,
    name: &PersonName,
    leads: [&Lead; 2],
) -> Result<(), &'static str> {
    match kind {
        KeyKind::ExternalId => Ok(()),
        KeyKind::Email | KeyKind::EmailName if !inquiry.contact.email_role => Ok(()),
        KeyKind::Email | KeyKind::EmailName => match best(name, leads) {
            NameSays::Compatible | NameSays::Unknown => Ok(()),
            NameSays::Different => Err("role_mailbox_other_name"),
        },
        KeyKind::Phone | KeyKind::PhoneName => match best(name, leads) {
            NameSays::Compatible => Ok(()),
            NameSays::Different => Err("phone_other_name"),
            NameSays::Unknown => Err("phone_name_unknown"),
        },
    }
}

/// The best that any of the leads' names says.
fn best(name: &PersonName, leads: [&Lead; 2]) -> NameSays {
    let names = leads.iter().flat_map(|lead| PersonName::all_of(&lead.contact));
    let said: Vec<NameSays> = names.map(|known| name_compatible(name, &known)).collect();
    if said.contains(&NameSays::Compatible) {
        NameSays::Compatible
    } else if said.contains(&NameSays::Different) {
        NameSays::Different
    } else {
        NameSays::Unknown
    }
}

/// Follows `merged_into` as far as the facts reach.
fn survivor<'f>(lead: &'f Lead, facts: &'f Facts) -> &'f Lead {
    let mut lead = lead;
    // A chain is never longer than the number of leads; a loop would be.
    for _ in 0..facts.leads.len() {
        match lead.merged_into.and_then(|id| facts.lead(id)) {
            Some(next) => lead = &next.value,
            None => break,
        }
    }
    lead
}

/// The oldest open lead first, then the newest closed one; ties by id.
fn preference(lead: &Lead) -> (bool, i64, LeadId) {
    let created = lead.created_at.as_millis();
    let closed = lead.stage().is_closed();
    (closed, if closed { -created } else { created }, lead.id)
}
