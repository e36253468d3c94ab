//! Whether an inquiry comes from somebody known. This is the only place where two records are judged
//! to be one person; the store only fetches what shares a key.

use std::collections::BTreeMap;

use super::pair::{Doubt, Proof, compare};
use super::persona::Persona;
use super::unite::are_told_apart;
use super::{IndexedBy, KeyKind};
use crate::domain::{Facts, Inquiry, KeySet, Lead, LeadId, Seen, Stage};

/// What was concluded about who inquired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The known lead it belongs to; `None` = somebody new.
    pub lead: Option<LeadId>,
    /// Other leads that are shown to be the same person's by this inquiry, by id: they are merged into
    /// that one.
    pub joins: Vec<LeadId>,
    /// The kinds of keys that prove it, in the order of [`super::KeyKind`].
    pub matched_on: Vec<String>,
    /// Leads that have something in common with it but were judged to be somebody else, by id, with one
    /// word for why: those of `Doubt`, or `namesake`: the name is another's too at this company.
    pub refused: Vec<(LeadId, String)>,
    /// Leads that people are to look at, by id: they may be the same person's all the same, and nobody has said
    /// that they are not.
    pub review: Vec<LeadId>,
    /// Whether a shared key stands among the keys (switchboard, info@).
    pub shared: bool,
}

/// One person's record among the facts, and what comparing it with the inquiry says.
struct Candidate<'f> {
    lead: &'f Lead,
    personas: Vec<Persona>,
    /// Keys by which it was found.
    kinds: Vec<KeyKind>,
    proofs: Vec<Proof>,
    doubt: Option<Doubt>,
}

impl Candidate<'_> {
    /// Proved by something that belongs to the person.
    fn is_sure(&self) -> bool {
        self.proofs.iter().any(|proof| *proof != Proof::NameCompany)
    }

    /// Only a name at a company speaks for it, and nothing against it.
    fn is_namesake(&self) -> bool {
        self.proofs == [Proof::NameCompany] && self.doubt.is_none()
    }

    /// Whether something says that the two are two people, or somebody does.
    fn is_apart_from(&self, other: &Self) -> bool {
        if self.is_told_from(other) {
            return true;
        }
        self.personas
            .iter()
            .any(|a| other.personas.iter().any(|b| compare(a, b).doubt.is_some_and(Doubt::parts)))
    }

    /// Whether a person, or a source's policy, says that the two are to stay two.
    fn is_told_from(&self, other: &Self) -> bool {
        are_told_apart(self.lead, other.lead)
    }

    /// Refused, and yet people are to look at it.
    fn is_worth_a_look(&self) -> bool {
        match self.doubt {
            Some(doubt) => doubt.is_worth_a_look(),
            None => !self.proofs.is_empty() && !is_history(self.lead.stage()),
        }
    }

    fn proved_by(&self, kind: KeyKind) -> bool {
        let proof = match kind {
            KeyKind::Email | KeyKind::EmailName => Proof::Email,
            KeyKind::Phone | KeyKind::PhoneName => Proof::Phone,
            KeyKind::ExternalId => Proof::ExternalId,
            KeyKind::NameCompany => Proof::NameCompany,
        };
        self.proofs.contains(&proof)
    }
}

/// Judges which known lead, if any, an inquiry belongs to. The order in which the facts stand does
/// not matter. What proves it is said by one rule over pairs of inquiries (`pair`), applied to
/// each inquiry that a lead was seen in.
///
/// - Of several leads that are proved, the oldest open one is taken, else the newest closed one. The
///   others are the same person's and join it, unless something says that the two are two, or they
///   are history: won, lost or recycled.
/// - A name at a company is enough only if it is one person's there: with two records of that name
///   the inquiry belongs to neither by its name.
/// - A shared key proves nothing; behind it, the key with the name is looked up.
/// - A lead that was merged away stands for its survivor.
#[must_use]
pub fn judge(inquiry: &Inquiry, keys: &[IndexedBy], facts: &Facts) -> Judgement {
    let (candidates, shared) = candidates(inquiry, keys, facts);
    let mut proved: Vec<&Candidate<'_>> = candidates.iter().filter(|it| it.is_sure()).collect();
    let namesakes: Vec<&Candidate<'_>> = candidates.iter().filter(|it| it.is_namesake()).collect();
    // One person's name there: all who have it can be one.
    let all: Vec<&Candidate<'_>> = proved.iter().chain(&namesakes).copied().collect();
    let one = candidates.iter().all(|it| !it.doubt.is_some_and(Doubt::is_of_namesakes))
        && all.iter().enumerate().all(|(at, a)| all[at + 1..].iter().all(|b| !a.is_apart_from(b)));
    if one {
        proved.extend(&namesakes);
    }
    proved.sort_by_key(|candidate| preference(candidate.lead));
    let Some(chosen) = proved.first() else {
        let review = candidates.iter().filter(|it| it.is_worth_a_look());
        return Judgement {
            review: review.map(|it| it.lead.id).collect(),
            refused: refused(&candidates, &[]),
            shared,
            ..Judgement::default()
        };
    };
    let joins = proved[1..]
        .iter()
        .filter(|it| !is_history(it.lead.stage()))
        .filter(|it| !proved.iter().any(|other| it.is_apart_from(other)));
    let mut joins: Vec<LeadId> = joins.map(|it| it.lead.id).collect();
    joins.sort_unstable();
    let apart = candidates.iter().filter(|it| {
        let id = it.lead.id;
        id != chosen.lead.id && !joins.contains(&id) && !it.is_told_from(chosen)
    });
    let review = apart.filter(|it| it.is_worth_a_look()).map(|it| it.lead.id).collect();
    Judgement {
        lead: Some(chosen.lead.id),
        review,
        joins,
        matched_on: matched_on(chosen),
        refused: refused(&candidates, &proved),
        shared,
    }
}

/// The kinds of keys by which the lead was found and which prove something.
fn matched_on(chosen: &Candidate<'_>) -> Vec<String> {
    let mut kinds: Vec<KeyKind> =
        chosen.kinds.iter().copied().filter(|kind| chosen.proved_by(*kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    // A name at a company is worth a word only where nothing better speaks.
    if kinds.len() > 1 {
        kinds.retain(|kind| *kind != KeyKind::NameCompany);
    }
    kinds.iter().map(|kind| kind.as_str().to_owned()).collect()
}

fn refused(candidates: &[Candidate<'_>], taken: &[&Candidate<'_>]) -> Vec<(LeadId, String)> {
    let others = candidates.iter().filter(|it| taken.iter().all(|own| own.lead.id != it.lead.id));
    others
        .filter_map(|it| {
            let why = match it.doubt {
                Some(doubt) => doubt.as_str(),
                None if it.proofs.is_empty() => return None,
                None => "namesake",
            };
            Some((it.lead.id, why.to_owned()))
        })
        .collect()
}

/// Everybody who shares a key, by id, compared; and whether a key is shared.
fn candidates<'f>(
    inquiry: &Inquiry,
    keys: &[IndexedBy],
    facts: &'f Facts,
) -> (Vec<Candidate<'f>>, bool) {
    let mut shared = false;
    let mut leads: BTreeMap<LeadId, (&Lead, Vec<KeyKind>)> = BTreeMap::new();
    for indexed in keys {
        let ids = match facts.key(indexed.key).map(|known| &known.value) {
            Some(KeySet::Leads(ids)) => ids.as_slice(),
            Some(KeySet::Shared(_)) => {
                shared |= indexed.kind != KeyKind::NameCompany;
                continue;
            }
            None => continue,
        };
        for holder in ids.iter().filter_map(|id| facts.lead(*id)) {
            let survivor = &facts.survivor(holder).value;
            leads.entry(survivor.id).or_insert((survivor, Vec::new())).1.push(indexed.kind);
        }
    }
    if leads.is_empty() {
        return (Vec::new(), shared);
    }
    let own = Persona::of(&Seen::of(&inquiry.contact, &inquiry.company));
    let candidates = leads.into_values().map(|(lead, kinds)| {
        let personas = Persona::all_of(lead);
        let (mut proofs, mut doubt) = (Vec::new(), None);
        for verdict in personas.iter().map(|persona| compare(&own, persona)) {
            proofs.extend(verdict.proofs);
            doubt = [doubt, verdict.doubt].into_iter().flatten().min();
        }
        proofs.sort_unstable();
        proofs.dedup();
        Candidate { lead, personas, kinds, proofs, doubt }
    });
    (candidates.collect(), shared)
}

/// What sales made of a lead stands by itself; a lead that nobody worked on is only a record.
fn is_history(stage: Stage) -> bool {
    matches!(stage, Stage::Won | Stage::Lost | Stage::Recycled)
}

/// The oldest open lead first, then the newest closed one; ties by id.
fn preference(lead: &Lead) -> (bool, i64, LeadId) {
    let created = lead.created_at.as_millis();
    let closed = lead.stage().is_closed();
    (closed, if closed { -created } else { created }, lead.id)
}
