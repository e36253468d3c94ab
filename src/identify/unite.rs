//! Two records of one person laid together, and parted again. Nothing that either of them held is lost by the
//! first, so the second gives both back, with what came since.

use super::merge::{
    add_touch, all_seen, keep_seen, merge, merge_answers, merge_company, merge_consents,
    merge_contact,
};
use super::pair::{Doubt, compare};
use super::persona::Persona;
use super::{IndexedBy, find_out, found};
use crate::domain::{Finding, Inquiry, InquiryId, Lead, LeadId, Seen, Timestamp};

/// `other`, the same person's record, laid into `lead`. The record that goes is kept by whoever calls
/// this, with a pointer to the one that stays; so its keys need not be taken over.
///
/// Assignment, score, completeness and cycle are left as they were.
#[must_use]
pub fn absorb(lead: &Lead, other: &Lead, now: Timestamp) -> Lead {
    let newest = |lead: &Lead| lead.touches.last().map(|touch| touch.at);
    let late = newest(other) < newest(lead);
    let mut lead = lead.clone();
    lead.updated_at = now;
    let seen = [all_seen(&lead), all_seen(other)].concat();
    keep_seen(&mut lead, seen);
    merge_contact(&mut lead.contact, &other.contact);
    merge_company(&mut lead, &other.company);
    merge_answers(&mut lead.answers, &other.answers, late);
    found::merge(&mut lead, other);
    merge_consents(&mut lead.consents, &other.consents);
    if let Some(other) = &other.nurture {
        let own = lead.nurture.get_or_insert_default();
        own.engagements.merge(&other.engagements);
        own.left = own.left.take().or_else(|| other.left.clone());
        own.stopped = own.stopped.max(other.stopped);
    }
    let proved = |lead: &Lead| lead.confirmation.as_ref().is_some_and(|it| it.confirmed.is_some());
    if lead.confirmation.is_none() || (proved(other) && !proved(&lead)) {
        lead.confirmation.clone_from(&other.confirmation);
    }
    if lead.attribution.is_empty() {
        lead.attribution.clone_from(&other.attribution);
    }
    let inquiries = lead.inquiries.saturating_add(other.inquiries);
    for touch in &other.touches {
        add_touch(&mut lead, touch.clone());
    }
    for touch in other.earliest_known.iter().chain([&other.first_touch]) {
        let earliest = lead.earliest_known.as_ref().unwrap_or(&lead.first_touch);
        if touch.at < earliest.at {
            lead.earliest_known = Some(touch.clone());
        }
    }
    lead.inquiries = inquiries;
    lead.account = lead.account.or(other.account);
    lead.referrer = lead.referrer.or(other.referrer);
    if !lead.absorbed.contains(&other.id) {
        lead.absorbed.push(other.id);
    }
    let (own, gone) = (lead.id, other.id);
    let relations = [(&mut lead.apart, &other.apart), (&mut lead.linked, &other.linked)];
    for (known, new) in relations {
        known.extend_from_slice(new);
        known.retain(|id| *id != own && *id != gone);
        unique(known);
    }
    lead
}

/// Each once, in the order of their coming.
pub(super) fn unique(ids: &mut Vec<LeadId>) {
    let mut kept: Vec<LeadId> = Vec::with_capacity(ids.len());
    ids.retain(|id| {
        let new = !kept.contains(id);
        kept.push(*id);
        new
    });
}

/// What came to a record since another one went up in it, in the order of its coming.
#[derive(Debug, Clone, Copy)]
pub enum Since<'a> {
    Inquiry(&'a Inquiry, &'a [IndexedBy]),
    /// A further record that went up in it.
    Lead(&'a Lead),
}

/// Two records that were one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// The one that stayed, as it would be without the other.
    pub survivor: Lead,
    /// The one that had gone up in it.
    pub back: Lead,
    /// Inquiries that came since and are that one's.
    pub moved: Vec<InquiryId>,
}

/// Parts two records; `None` if `gone` did not go up in `survivor`.
///
/// Each inquiry that came since goes to the record it is proved to belong to; to the one that stayed if that
/// cannot be said. What people wrote into the common record (answers, consents) stays in the one that stayed.
/// Assignment, score, completeness and cycle of both are left as they are.
#[must_use]
pub fn part(survivor: &Lead, gone: &Lead, since: &[Since<'_>], now: Timestamp) -> Option<Parted> {
    let merging = gone.merged_away.as_ref().filter(|_| gone.merged_into == Some(survivor.id))?;
    let before = &merging.survivor;
    let mut back = gone.clone();
    (back.merged_into, back.merged_away) = (None, None);
    let mut with = absorb(before, gone, now);
    let mut without = before.clone();
    let mut moved = Vec::new();
    for one in since {
        with = after(&with, *one, now);
        match one {
            Since::Inquiry(inquiry, keys) if belongs(inquiry, &back, &without) => {
                moved.push(inquiry.id);
                back = merge(Some(&back), back.id, inquiry, keys, now);
            }
            _ => without = after(&without, *one, now),
        }
    }
    let known: Vec<Finding> = with.findings.iter().cloned().collect();
    for finding in survivor.findings.iter().filter(|finding| !known.contains(finding)) {
        // What did not fit the record would not be in it.
        let _ = find_out(&mut without, finding);
    }
    let answers = survivor.answers.iter().filter(|answer| !with.answers.contains(answer));
    let answers: Vec<_> = answers.cloned().collect();
    merge_answers(&mut without.answers, &answers, false);
    let consents = survivor.consents.iter().filter(|consent| !with.consents.contains(consent));
    let consents: Vec<_> = consents.cloned().collect();
    merge_consents(&mut without.consents, &consents);
    let mut stays = Lead {
        contact: without.contact,
        company: without.company,
        answers: without.answers,
        consents: without.consents,
        attribution: without.attribution,
        first_touch: without.first_touch,
        earliest_known: without.earliest_known,
        touches: without.touches,
        inquiries: without.inquiries,
        seen: without.seen,
        findings: without.findings,
        absorbed: without.absorbed,
        updated_at: now,
        ..survivor.clone()
    };
    back.updated_at = now;
    set_apart(&mut stays, &mut back);
    Some(Parted { survivor: stays, back, moved })
}

/// Two leads are two people's from now on, whatever inquiries show.
pub fn set_apart(a: &mut Lead, b: &mut Lead) {
    let (first, second) = (a.id, b.id);
    for (lead, other) in [(a, second), (b, first)] {
        lead.linked.retain(|id| *id != other);
        lead.apart.push(other);
        unique(&mut lead.apart);
    }
}

/// Whether a person, or a source's policy, says that the two are to stay two.
#[must_use]
pub fn are_told_apart(a: &Lead, b: &Lead) -> bool {
    let told = |a: &Lead, b: LeadId| a.apart.contains(&b) || a.linked.contains(&b);
    told(a, b.id) || told(b, a.id)
}

fn after(lead: &Lead, one: Since<'_>, now: Timestamp) -> Lead {
    match one {
        Since::Inquiry(inquiry, keys) => merge(Some(lead), lead.id, inquiry, keys, now),
        Since::Lead(other) => absorb(lead, other, now),
    }
}

/// Whether an inquiry is proved to be the one's and not the other's.
fn belongs(inquiry: &Inquiry, to: &Lead, other: &Lead) -> bool {
    let own = Persona::of(&Seen::of(&inquiry.contact, &inquiry.company));
    let proved = |lead: &Lead| {
        Persona::all_of(lead).iter().any(|persona| !compare(&own, persona).proofs.is_empty())
    };
    proved(to) && !proved(other)
}

/// Why two records may be one person's, or may seem so: the words of what proves it and of what speaks against
/// it, each once, the strongest first.
#[must_use]
pub fn in_common(a: &Lead, b: &Lead) -> Vec<&'static str> {
    let (own, others) = (Persona::all_of(a), Persona::all_of(b));
    let verdicts: Vec<_> = own.iter().flat_map(|a| others.iter().map(|b| compare(a, b))).collect();
    let doubts = verdicts.iter().filter_map(|verdict| verdict.doubt).map(Doubt::as_str);
    let proofs = verdicts.iter().flat_map(|verdict| &verdict.proofs).map(|proof| proof.as_str());
    let mut words: Vec<&'static str> = Vec::new();
    for word in proofs.chain(doubts) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
