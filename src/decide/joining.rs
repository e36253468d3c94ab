//! What follows for records that are shown to be the same person's: they point to the one that stays,
//! leave the worklists, and whoever works on any of them is told.

use super::configuration::Configuration;
use super::consequence::{Happening, freed, worklist};
use super::pairs::settled;
use super::record::put_lead;
use crate::assign::PlannedBranch;
use crate::domain::{
    Branch, EventType, IdBlock, Index, IndexChange, Known, Lead, LeadId, MergedAway, Timestamp,
    Write,
};
use crate::identify::absorb;

/// The part of a commit that concerns records that go up in another.
#[derive(Debug, Default)]
pub(super) struct Joining {
    pub(super) writes: Vec<Write>,
    pub(super) indexes: Vec<IndexChange>,
}

/// A record as it is once it went up in another one, which is remembered as it was before.
pub(super) fn gone(lead: &Lead, into: &Lead, now: Timestamp) -> Lead {
    Lead {
        merged_into: Some(into.id),
        merged_away: Some(Box::new(MergedAway { at: now, survivor: into.clone() })),
        updated_at: now,
        ..lead.clone()
    }
}

/// What a record leaves when it goes up in another one: what people were to do with it, and its owner's open leads.
pub(super) fn leaves(gone: &Lead, into: LeadId) -> Joining {
    Joining {
        writes: freed(gone).into_iter().collect(),
        indexes: settled(gone.id, into).into_iter().chain(lists(gone, None)).collect(),
    }
}

/// In the worklist of its outcome from now on, or out of it.
pub(super) fn lists(lead: &Lead, since: Option<Timestamp>) -> Vec<IndexChange> {
    let outcome = lead.assignment.outcome();
    let change = |index, at: Option<Timestamp>| IndexChange {
        index,
        member: lead.id.as_bytes().to_vec(),
        score: at.map(Timestamp::as_millis),
    };
    let list = outcome.and_then(worklist).map(|index| change(index, since));
    // Who is held is tried again by itself: as soon as it was due before.
    let wait = outcome.and_then(|outcome| outcome.wait.as_ref());
    let again = wait.map(|wait| change(Index::Waits, since.and(Some(wait.next))));
    list.into_iter().chain(again).collect()
}

/// Joins leads to the one of `happening`; `lead.merged` follows the branch's own event, once per lead that
/// goes, to the destinations of both queues.
///
/// A record that goes keeps everything it held but its place in the worklists, so that the two can be
/// parted again.
pub(super) fn join(
    configuration: &Configuration,
    happening: &Happening<'_>,
    (survivor, joined): (Option<&Lead>, &[&Known<Lead>]),
    ways: &[PlannedBranch],
    branches: &mut [Branch],
    ids: &mut IdBlock,
) -> Joining {
    let mut joining = Joining::default();
    let Some(mut before) = survivor.cloned() else { return joining };
    for known in joined {
        let gone = gone(&known.value, &before, happening.now);
        before = absorb(&before, &known.value, happening.now);
        joining.writes.push(put_lead(&gone, known.version + 1, None));
        let Joining { writes, indexes } = leaves(&known.value, before.id);
        joining.writes.extend(writes);
        joining.indexes.extend(indexes);
        let told = Happening {
            event: ids.event(),
            before: known.value.assignment.outcome(),
            merged: Some(gone.id),
            ..happening.clone()
        };
        for (way, branch) in ways.iter().zip(branches.iter_mut()) {
            let jobs = told.jobs(configuration, EventType::LeadMerged, &way.outcome, ids);
            branch.jobs.extend(jobs);
        }
    }
    joining
}
