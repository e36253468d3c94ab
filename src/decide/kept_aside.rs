//! Inquiries that never become leads: tests and what the source's own filter caught.

use std::time::Duration;

use super::configuration::Configuration;
use super::consequence::{Cause, Happening};
use super::dimensions::decided;
use super::inquiry::{Input, judged, pending, planned};
use super::record::{json, put_entry, put_lead, record};
use crate::assign::Situation;
use crate::domain::{
    Assignment, Branch, Commit, Decision, IdBlock, Index, IndexChange, InquiryEntry, JournalRow,
    Lead, PoolPick, Status, Timestamp,
};
use crate::identify::merge;

/// What never becomes a lead: a filtered one, one that a filter of the workspace catches, a test. `None` = it is none
/// of these.
pub(super) fn decided_aside(
    configuration: &Configuration,
    input: &Input<'_>,
    ids: &mut IdBlock,
) -> Option<Decision> {
    if input.inquiry.filtered {
        return Some(filtered(configuration, input.clone(), ids));
    }
    if let Some(by) = configuration.filters.catches(input.inquiry, input.now) {
        let mut caught = input.inquiry.clone();
        (caught.filtered, caught.filtered_by) = (true, Some(by.clone()));
        return Some(filtered(configuration, Input { inquiry: &caught, ..input.clone() }, ids));
    }
    input.inquiry.is_test.then(|| test(configuration, input.clone(), ids))
}

/// A filtered one: kept with its score for whoever looks it over; not routed.
fn filtered(configuration: &Configuration, input: Input<'_>, ids: &mut IdBlock) -> Decision {
    let mut lead = merge(None, ids.lead(), input.inquiry, &[], input.now);
    let qualification = judged(configuration, input.inquiry, &mut lead, false, input.now);
    let status = Some(Status::Filtered);
    let entry = InquiryEntry {
        inquiry: input.inquiry.clone(),
        lead: None,
        record: record(&configuration.hash, input.facts.overlay, status, qualification),
        assignment: Assignment::Pending(Vec::new()),
    };
    let kept = Kept { index: Index::Filtered, ttl: configuration.filtered_ttl };
    kept.decision(configuration, input, entry, Vec::new(), Vec::new())
}

/// A test: decided as a new person's inquiry would be, by a dry run. The way shown is the first one the rules
/// would try; nobody is picked, so no pool or cap moves.
fn test(configuration: &Configuration, input: Input<'_>, ids: &mut IdBlock) -> Decision {
    let (inquiry, now) = (input.inquiry, input.now);
    let mut lead = merge(None, ids.lead(), inquiry, &[], now);
    let qualification = judged(configuration, inquiry, &mut lead, false, now);
    let status = Some(Status::Test);
    let mut record = record(&configuration.hash, input.facts.overlay, status, qualification);
    let situation = Situation::at(now, &input.facts.roster);
    let mut planned = planned(configuration, inquiry, &lead, false, &mut record, situation);
    let dry = planned.branches.iter_mut().map(|branch| branch.pick.take()).collect();
    planned.branches.truncate(1);
    let happening = Happening {
        cause: Cause::New,
        event: ids.event(),
        lead: Some(lead.id),
        inquiry: Some(inquiry.id),
        merged: None,
        score: lead.score,
        worth: lead.worth,
        cycle: lead.cycle,
        is_test: true,
        before: None,
        trace: input.trace,
        told: &[],
        clock: None,
        now,
    };
    let branches = planned
        .branches
        .iter()
        .map(|branch| happening.branch(configuration, &branch.outcome, None, ids))
        .collect();
    let assignment = pending(&planned.branches);
    lead.assignment = assignment.clone();
    let entry = InquiryEntry { inquiry: inquiry.clone(), lead: Some(lead.id), record, assignment };
    let kept = Kept { index: Index::Tests, ttl: configuration.test_ttl };
    let decision = kept.decision(configuration, input, entry, branches, dry);
    kept.with_lead(decision, lead)
}

/// Where and how long it is kept.
struct Kept {
    index: Index,
    ttl: Duration,
}

impl Kept {
    fn decision(
        &self,
        configuration: &Configuration,
        input: Input<'_>,
        entry: InquiryEntry,
        branches: Vec<Branch>,
        dry: Vec<Option<PoolPick>>,
    ) -> Decision {
        let until = input.now.after(self.ttl);
        let outcomes = match &entry.assignment {
            Assignment::Pending(outcomes) => outcomes.clone(),
            Assignment::Settled { outcome, .. } => vec![outcome.clone()],
        };
        let reason = entry.inquiry.filtered_by.clone();
        let journal = JournalRow { outcomes, reason, ..decided(configuration, &entry, input.now) };
        let commit = Commit {
            workspace: configuration.workspace.clone(),
            now: input.now,
            claim: input.claim,
            reads: Vec::new(),
            writes: vec![put_entry(&entry, 1, Some(until))],
            indexes: self.indexes(&entry, input.now, until),
            branches,
            journal: json(&journal),
            lease: input.lease,
        };
        Decision {
            assignment: entry.assignment,
            inquiry: entry.inquiry,
            lead: None,
            known: false,
            record: entry.record,
            dry,
            commit,
        }
    }

    /// A test's lead is kept as long as the test: receivers are told of it as of any other. No index
    /// key leads to it.
    fn with_lead(&self, mut decision: Decision, lead: Lead) -> Decision {
        let until = decision.commit.now.after(self.ttl);
        decision.commit.writes.push(put_lead(&lead, 1, Some(until)));
        decision.lead = Some(lead);
        decision
    }

    fn indexes(&self, entry: &InquiryEntry, now: Timestamp, until: Timestamp) -> Vec<IndexChange> {
        let id = entry.inquiry.id.as_bytes();
        // The letter that names the worklist among the members of `Index::Expiry`.
        let letter = self.index.encode().get(1).copied();
        let lead = entry.lead.iter().flat_map(|lead| *lead.as_bytes());
        let served = letter.into_iter().chain(*id).chain(lead).collect();
        let change = |index, member, at: Timestamp| IndexChange {
            index,
            member,
            score: Some(at.as_millis()),
        };
        vec![change(self.index.clone(), id.to_vec(), now), change(Index::Expiry, served, until)]
    }
}
