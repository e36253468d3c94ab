//! Jobs, chains, queues and pools agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{DeadKind, DeliveryId, Index, LeadId, Name, PoolState};
use crate::store::step::{Chain, JobValue, Link};

use super::content::Content;
use super::report::{Violation, find};

/// Where a job stands: in which of a queue's indexes, with which score.
struct Place {
    index: Index,
    score: i64,
}

impl Place {
    fn queue(&self) -> Option<&Name> {
        match &self.index {
            Index::Ready(queue) | Index::Delayed(queue) | Index::Leased(queue) => Some(queue),
            _ => None,
        }
    }
}

type Places = BTreeMap<DeliveryId, Vec<Place>>;

pub(super) fn check(content: &Content, violations: &mut Vec<Violation>) {
    let places = places(content, violations);
    let mut chained = BTreeSet::new();
    for (lead, chain) in &content.chains {
        for link in &chain.links {
            link_stands(content, *lead, link, &places, violations);
            for job in link.head.iter().chain(&link.successors) {
                if !chained.insert(*job) {
                    find(violations, "chain", format_args!("{job} is chained twice"));
                }
            }
        }
        remembered(content, *lead, chain, violations);
    }
    for (id, job) in &content.jobs {
        let stands = places.get(id).map_or(&[][..], Vec::as_slice);
        job_stands(content, *id, job, stands, chained.contains(id), violations);
    }
    for id in places.keys().filter(|id| !content.jobs.contains_key(id)) {
        find(violations, "job_lost", format_args!("{id} is queued but gone"));
    }
    dead(content, violations);
    queues(content, violations);
    for (name, state) in &content.pools {
        pool(name, state, violations);
    }
}

/// The queue index of that name, if it is one.
fn queue_index(encoded: &[u8]) -> Option<Index> {
    let name = || Name::parse(std::str::from_utf8(encoded.get(2..)?).ok()?).ok();
    match encoded.get(..2)? {
        b"zr" => name().map(Index::Ready),
        b"zw" => name().map(Index::Delayed),
        b"zx" => name().map(Index::Leased),
        _ => None,
    }
}

fn places(content: &Content, violations: &mut Vec<Violation>) -> Places {
    let mut places = Places::new();
    for (encoded, members) in &content.indexes {
        let Some(index) = queue_index(encoded) else { continue };
        for (member, score) in members {
            let whole = member.len() == 16 || matches!(index, Index::Leased(_));
            match member.get(..16).and_then(|id| id.try_into().ok()) {
                Some(id) if whole => places
                    .entry(DeliveryId::from_bytes(id))
                    .or_default()
                    .push(Place { index: index.clone(), score: *score }),
                _ => {
                    find(
                        violations,
                        "queue",
                        format_args!("{index:?} has a member that is no job"),
                    );
                }
            }
        }
    }
    places
}

fn link_stands(
    content: &Content,
    lead: LeadId,
    link: &Link,
    places: &Places,
    violations: &mut Vec<Violation>,
) {
    let queue = &link.queue;
    if link.head.is_none() && !link.successors.is_empty() {
        find(violations, "chain", format_args!("{lead} {queue}: jobs wait behind nothing"));
    }
    let mut before = 0;
    for id in link.head.iter().chain(&link.successors) {
        let Some(job) = content.jobs.get(id) else {
            find(violations, "job_lost", format_args!("{id} of {lead} is chained but gone"));
            continue;
        };
        if job.queue != *queue || job.lead != Some(lead) || job.ended || job.dead {
            find(violations, "chain", format_args!("{id} is chained in {queue} of {lead} wrongly"));
        }
        if job.sequence > link.sequence {
            find(violations, "sequence", format_args!("{id} has one that was not given out"));
        }
        let waits = link.head.as_ref() != Some(id);
        if waits && places.contains_key(id) {
            find(violations, "chain", format_args!("{id} waits but is queued"));
        }
        if waits && job.sequence <= before {
            find(violations, "sequence", format_args!("{id} waits out of order"));
        }
        before = if waits { job.sequence } else { 0 };
    }
    if let Some(open) = &link.open {
        let here = link.head.iter().chain(&link.successors).any(|id| id == open);
        let leased = places
            .get(open)
            .is_some_and(|places| places.iter().any(|p| matches!(p.index, Index::Leased(_))));
        let coalesces = content.jobs.get(open).is_some_and(|job| job.coalesces);
        if !here || leased || !coalesces {
            find(violations, "chain", format_args!("{open} of {lead} is open wrongly"));
        }
    }
}

fn remembered(content: &Content, lead: LeadId, chain: &Chain, violations: &mut Vec<Violation>) {
    for (link, id) in &chain.jobs {
        let queue = chain.links.get(usize::from(*link)).map(|link| &link.queue);
        let agrees = match (queue, content.jobs.get(id)) {
            (None, _) => false,
            (Some(queue), Some(job)) => job.queue == *queue && job.lead == Some(lead),
            // Done long ago and reclaimed.
            (Some(_), None) => true,
        };
        if !agrees {
            find(violations, "chain", format_args!("{lead} remembers {id} wrongly"));
        }
    }
}

fn job_stands(
    content: &Content,
    id: DeliveryId,
    job: &JobValue,
    places: &[Place],
    chained: bool,
    violations: &mut Vec<Violation>,
) {
    let listed_dead = content.index(&Index::Dead).contains_key(id.as_bytes().as_slice());
    let of = Index::DeadOf(DeadKind::of_state(&job.state), job.queue.clone());
    let apart = content.index(&of).contains_key(id.as_bytes().as_slice());
    if job.dead != listed_dead || job.dead != apart || (job.dead && job.ended) {
        find(violations, "dead", format_args!("{id} and the dead list disagree"));
    }
    let alive = !job.dead && !job.ended;
    let queued = match (alive, job.lead.is_some()) {
        (true, true) => chained && places.len() <= 1,
        (true, false) => places.len() == 1,
        (false, _) => !chained && places.is_empty(),
    };
    if !queued {
        find(
            violations,
            "job_adrift",
            format_args!("{id}: alive {alive}, chained {chained}, in {} queues", places.len()),
        );
    }
    if let Some(lead) = job.lead.filter(|_| alive) {
        let head = content
            .chains
            .get(&lead)
            .is_some_and(|chain| chain.links.iter().any(|link| link.head == Some(id)));
        if head != (places.len() == 1) {
            find(violations, "chain", format_args!("{id}: a head is queued, and only a head"));
        }
    }
    if (job.sequence == 0) == job.lead.is_some() {
        find(violations, "sequence", format_args!("{id} has {}", job.sequence));
    }
    for place in places {
        let right = match &place.index {
            Index::Ready(_) => place.score == job.ready_score(),
            Index::Delayed(_) => place.score == job.due.as_millis(),
            _ => true,
        };
        if !right || place.queue() != Some(&job.queue) {
            find(violations, "queue", format_args!("{id} stands wrongly in {:?}", place.index));
        }
    }
}

fn dead(content: &Content, violations: &mut Vec<Violation>) {
    for member in content.index(&Index::Dead).keys() {
        let job = <[u8; 16]>::try_from(member.as_slice()).map(DeliveryId::from_bytes);
        if !job.is_ok_and(|id| content.jobs.contains_key(&id)) {
            find(violations, "dead", "the dead list holds a job that is gone");
        }
    }
    let apart = content.indexes.iter().filter(|(name, _)| is_dead_of(name));
    let apart: usize = apart.map(|(_, members)| members.len()).sum();
    if apart != content.index(&Index::Dead).len() {
        find(violations, "dead", "the dead list and those by kind disagree");
    }
}

/// Whether it is the list of a queue's dead of one kind.
fn is_dead_of(encoded: &[u8]) -> bool {
    DeadKind::ALL.iter().any(|kind| {
        let any = Index::DeadOf(*kind, Name::fixed("any")).encode();
        encoded.get(..2) == any.get(..2)
    })
}

/// Whatever stands in a queue is looked at in time.
fn queues(content: &Content, violations: &mut Vec<Violation>) {
    let mut firsts: BTreeMap<Name, Option<i64>> = BTreeMap::new();
    for (encoded, members) in &content.indexes {
        let (Some(index), Some(first)) = (queue_index(encoded), members.values().min()) else {
            continue;
        };
        match index {
            Index::Ready(queue) => {
                firsts.entry(queue).or_default();
            }
            Index::Delayed(queue) | Index::Leased(queue) => {
                let known = firsts.entry(queue).or_default();
                *known = Some(known.map_or(*first, |known| known.min(*first)));
            }
            _ => {}
        }
    }
    for (queue, first) in firsts {
        let paused = content.pauses.get(&queue);
        if paused == Some(&None) {
            continue;
        }
        let latest = first.map(|first| first.max(paused.copied().flatten().unwrap_or(first)));
        match content.due.get(&queue) {
            None => find(violations, "due", format_args!("nobody looks at {queue}")),
            Some(at) if latest.is_some_and(|latest| *at > latest) => {
                find(violations, "due", format_args!("{queue} is looked at too late"));
            }
            Some(_) => {}
        }
    }
}

/// Every pick took one turn, but for those given back, and nobody's is still to come; running weights cancel out, unless
/// the pool changes them for whoever was away. (Two may have one turn: whoever lost theirs stands behind all others.)
fn pool(name: &Name, state: &PoolState, violations: &mut Vec<Violation>) {
    let assigned: u64 = state.seats.iter().map(|seat| seat.assigned).sum();
    let weights: i64 = state.seats.iter().map(|seat| seat.current).sum();
    let ahead = state.seats.iter().any(|seat| seat.turn > state.turn);
    let drifts = state.levels_of.is_none() && weights != 0;
    if assigned + state.returned != state.turn || drifts || ahead {
        find(violations, "pool", format_args!("{name} does not add up"));
    }
}
