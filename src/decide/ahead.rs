//! What is to come of a lead once its inquiry is decided: what falls due, whom people ask next.

use super::configuration::Configuration;
use super::consequence::worklist;
use super::inquiry::{Input, Way, outcomes};
use super::look_again::{Stands, schedule};
use crate::assign::PlannedBranch;
use crate::domain::{Branch, IdBlock, Index, IndexChange, Lead, Qualification, Timestamp};
use crate::follow_up::sla;

/// What time is to bring about for the lead.
pub(super) fn fall_due(
    configuration: &Configuration,
    input: &Input<'_>,
    (lead, before): (&mut Lead, Option<&Lead>),
    judged: &Qualification,
    way: &Way,
    branches: &mut [Branch],
    ids: &mut IdBlock,
) {
    let outcomes = outcomes(way);
    if !way.keeps {
        let left = before.and_then(|before| before.assignment.owner());
        sla::assigned(lead, left, &outcomes, input.inquiry.received_at, input.now);
    }
    let stands = Stands {
        outcomes: &outcomes,
        keeps: before.filter(|_| way.keeps).map(|before| &before.assignment),
        judged: Some(judged),
        roster: &input.facts.roster,
    };
    schedule(configuration, lead, stands, branches, input.now, ids);
}

/// Who was tried in vain and inquires again is to be asked now.
pub(super) fn asked_anew(
    before: Option<&Lead>,
    ways: &[PlannedBranch],
    branches: &mut [Branch],
    now: Timestamp,
) {
    let Some(lead) = before.filter(|lead| lead.tries.is_some()) else { return };
    for (way, branch) in ways.iter().zip(branches) {
        if worklist(&way.outcome) == Some(Index::Qualify) {
            let member = lead.id.as_bytes().to_vec();
            branch.indexes.retain(|change| change.member != member || change.score.is_none());
            let score = Some(now.as_millis());
            branch.indexes.push(IndexChange { index: Index::Qualify, member, score });
        }
    }
}
