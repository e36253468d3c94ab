//! Pairs of leads that people look at: `review` lists those that may be one person's, `refused` those that have
//! something in common and were judged to be two.

use crate::domain::{Facts, Index, IndexChange, Lead, LeadId, Timestamp};
use crate::identify::{Judgement, are_told_apart, in_common};

/// What an inquiry shows of its lead and others, `before` being the lead as it was known. A pair stands on one of
/// the lists; on `refused` it is put once, by the inquiry that first shows what the two have in common.
pub(super) fn noticed(
    lead: &Lead,
    before: Option<&Lead>,
    judgement: &Judgement,
    facts: &Facts,
    now: Timestamp,
) -> Vec<IndexChange> {
    let mut changes = Vec::new();
    for other in &judgement.review {
        changes.extend(to_review(lead.id, *other, now));
    }
    let person = judgement.lead.and_then(|id| facts.lead(id));
    for (id, _) in judgement.refused.iter().filter(|(id, _)| !judgement.review.contains(id)) {
        let Some(other) = facts.lead(*id).map(|known| &known.value) else { continue };
        let answered = person.is_some_and(|person| are_told_apart(&person.value, other));
        let seen = before.is_some_and(|before| !in_common(before, other).is_empty());
        if !answered && !seen {
            changes.push(on_list(Index::Refused, lead.id, *id, Some(now)));
            changes.extend(beside(lead.id, *id, Some(now)));
        }
    }
    changes
}

/// People are to look at these two.
pub(super) fn to_review(a: LeadId, b: LeadId, now: Timestamp) -> [IndexChange; 4] {
    let [first, second] = beside(a, b, Some(now));
    [on_list(Index::Review, a, b, Some(now)), on_list(Index::Refused, a, b, None), first, second]
}

/// Nobody needs to look at these two any more.
#[must_use]
pub fn settled(a: LeadId, b: LeadId) -> [IndexChange; 4] {
    let [first, second] = beside(a, b, None);
    [on_list(Index::Review, a, b, None), on_list(Index::Refused, a, b, None), first, second]
}

/// On a list, or off it.
fn on_list(list: Index, a: LeadId, b: LeadId, noticed: Option<Timestamp>) -> IndexChange {
    let mut ids = [a, b];
    ids.sort_unstable();
    IndexChange {
        index: list,
        member: ids.iter().flat_map(|id| *id.as_bytes()).collect(),
        score: noticed.map(Timestamp::as_millis),
    }
}

/// Among the pairs of each of them, or not any more.
fn beside(a: LeadId, b: LeadId, noticed: Option<Timestamp>) -> [IndexChange; 2] {
    [(a, b), (b, a)].map(|(of, with)| IndexChange {
        index: Index::PairsOf(of),
        member: with.as_bytes().to_vec(),
        score: noticed.map(Timestamp::as_millis),
    })
}
