//! What follows for records that are shown to be the same person's: they point to the one that stays,
//! leave the worklists, and whoever works on any of them is told.

use super::configuration::Configuration;
use super::consequence::{Happening, worklist};
use super::record::put_lead;
use crate::assign::PlannedBranch;
use crate::domain::{Branch, EventType, IdBlock, IndexChange, Known, Lead, Write};

/// The part of a commit that concerns records that go up in another.
#[derive(Debug, Default)]
pub(super) struct Joining {
    pub(super) writes: Vec<Write>,
    pub(super) indexes: Vec<IndexChange>,
}

/// Joins leads to the one of `happening`; `lead.merged` follows the branch's own event, once per lead that
/// goes, to the destinations of both queues.
///
/// A record that goes keeps everything it held but its place in the worklists, so that the two can be
/// parted again.
pub(super) fn join(
    configuration: &Configuration,
    happening: &Happening<'_>,
    joined: &[&Known<Lead>],
    ways: &[PlannedBranch],
    branches: &mut [Branch],
    ids: &mut IdBlock,
) -> Joining {
    let mut joining = Joining::default();
    for known in joined {
        let mut gone = known.value.clone();
        gone.merged_into = happening.lead;
        gone.updated_at = happening.now;
        joining.writes.push(put_lead(&gone, known.version + 1, None));
        joining.indexes.extend(
            gone.assignment.outcome().and_then(worklist).map(|index| IndexChange {
                index,
                member: gone.id.as_bytes().to_vec(),
                score: None,
            }),
        );
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
