//! What a source's policy makes of somebody who is known.

use super::configuration::Configuration;
use super::record::put_lead;
use crate::domain::{Facts, Flag, Inquiry, Known, KnownPerson, Lead, Timestamp, Write};
use crate::identify::Judgement;

/// The judgement, as far as the policy lets it count.
#[derive(Debug)]
pub(super) struct Applied<'a> {
    /// The record in which the inquiry is noted.
    pub(super) known: Option<&'a Known<Lead>>,
    /// The known person's record, beside which the inquiry gets one of its own that is linked with it.
    pub(super) linked: Option<&'a Known<Lead>>,
    /// Noted, and nothing else.
    pub(super) rejects: bool,
}

/// Applies the policy of the inquiry's source; whoever is known and not merged is marked.
pub(super) fn apply<'a>(
    configuration: &Configuration,
    inquiry: &mut Inquiry,
    judgement: &mut Judgement,
    facts: &'a Facts,
) -> Applied<'a> {
    let known = judgement.lead.and_then(|id| facts.lead(id));
    let policy = configuration.known_person.get(&inquiry.source).copied();
    let policy = policy.unwrap_or(KnownPerson::Merge);
    let mut applied = Applied { known, linked: None, rejects: false };
    if known.is_none() || policy == KnownPerson::Merge {
        return applied;
    }
    judgement.joins.clear();
    if !inquiry.flags.contains(&Flag::KnownPerson) {
        inquiry.flags.push(Flag::KnownPerson);
    }
    match policy {
        KnownPerson::Merge => {}
        KnownPerson::Link => (applied.known, applied.linked) = (None, known),
        KnownPerson::Allow => {
            applied.known = None;
            judgement.review.extend(judgement.lead);
        }
        KnownPerson::Reject => applied.rejects = true,
    }
    applied
}

/// Links a new lead with one of the same person, on both sides.
pub(super) fn link(lead: &mut Lead, other: Option<&Known<Lead>>, now: Timestamp) -> Vec<Write> {
    let Some(known) = other else { return Vec::new() };
    lead.linked.push(known.value.id);
    let mut other = Lead { updated_at: now, ..known.value.clone() };
    other.linked.push(lead.id);
    vec![put_lead(&other, known.version + 1, None)]
}
