//! Who referred the person: whose lead that is, and how the two are found together.

use super::configuration::Configuration;
use crate::domain::{
    Facts, Index, IndexChange, IndexKey, Key, KeySet, Lead, Name, OwnerStep, Read,
};

/// What a decision has to know of who referred the person: nothing, unless the owner of that lead is asked for.
pub(super) fn reads(
    configuration: &Configuration,
    referrer: Option<IndexKey>,
    facts: &Facts,
) -> Option<Read> {
    let key = referrer.filter(|_| configuration.router.asks(OwnerStep::Referrer))?;
    let version = facts.key(key).map_or(0, |known| known.version);
    Some(Read { key: Key::Identity(key), version })
}

/// Who has whoever referred the lead, or had them last.
pub(super) fn owner<'f>(lead: &Lead, facts: &'f Facts) -> Option<&'f Name> {
    let KeySet::Leads(ids) = &facts.key(lead.referrer?)?.value else { return None };
    ids.iter().filter_map(|id| facts.lead(*id)).find_map(|known| {
        let referrer = &facts.survivor(known).value;
        if referrer.id == lead.id {
            return None;
        }
        let left = || referrer.left_sales().and_then(|left| left.owner.as_ref());
        referrer.assignment.owner().or_else(left)
    })
}

/// The lead's place among those whom the referrer brought, if it was not there before.
pub(super) fn listed(lead: &Lead, before: Option<&Lead>) -> Vec<IndexChange> {
    let new = lead.referrer.filter(|_| before.is_none_or(|before| before.referrer.is_none()));
    let listed = new.map(|referrer| IndexChange {
        index: Index::Referred(referrer),
        member: lead.id.as_bytes().to_vec(),
        score: Some(lead.created_at.as_millis()),
    });
    listed.into_iter().collect()
}
