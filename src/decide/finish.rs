//! The last step of everything that is done with a lead: its commit.

use super::account::{self, After, Membership};
use super::consequence::{Cause, Happening, freed};
use super::dimensions::{self, previous_owner, whole};
use super::engaging;
use super::inquiry::pending;
use super::look_again;
use super::nurture;
use super::operate::{Action, Operation, Work};
use super::record::{json, put_entry, put_lead, row};
use crate::assign::PlannedBranch;
use crate::domain::{
    Assignment, Branch, BranchOutcome, Commit, IdBlock, IndexChange, InquiryEntry, InquiryId,
    JournalRow, Key, Lead, Name, Read, Write,
};

/// What is common to the last step of all actions.
pub(super) struct Doing {
    pub(super) fact: &'static str,
    pub(super) cause: Cause,
    pub(super) lead: Lead,
    pub(super) branches: Vec<PlannedBranch>,
    pub(super) reason: Option<Name>,
    pub(super) entry: Option<(InquiryEntry, u64)>,
    /// The assignment of before, if it stays.
    pub(super) keeps: Option<Assignment>,
    pub(super) indexes: Vec<IndexChange>,
}

impl Work<'_> {
    /// The commit that depends on the lead (and its inquiry) being as it was seen.
    pub(super) fn finish(&self, doing: Doing, ids: &mut IdBlock) -> Operation {
        let Doing { fact, cause, mut lead, branches, reason, entry, keeps, mut indexes } = doing;
        let order = self.order;
        let inquiry: Option<InquiryId> = entry.as_ref().map_or_else(
            || lead.touches.last().map(|touch| touch.inquiry),
            |(entry, _)| Some(entry.inquiry.id),
        );
        let left = if keeps.is_some() { None } else { freed(&order.lead.value) };
        let before = self.before();
        nurture::note(self.configuration, &mut lead, before, &branches, reason.as_ref(), order.now);
        lead.assignment = keeps.unwrap_or_else(|| pending(&branches));
        let happening = self.happening(cause, &lead, inquiry, ids);
        let from = dimensions::from(Some(&order.lead.value), &branches);
        let outcomes: Vec<BranchOutcome> =
            branches.iter().map(|branch| branch.outcome.clone()).collect();
        let mut ways: Vec<Branch> = branches
            .into_iter()
            .map(|PlannedBranch { outcome, pick }| {
                happening.branch(self.configuration, &outcome, pick, ids)
            })
            .collect();
        if let Some((entry, _)) = &entry {
            let judged = &entry.record.qualification;
            let (configuration, now) = (self.configuration, order.now);
            look_again::schedule(configuration, &mut lead, judged, &outcomes, &mut ways, now, ids);
        }
        let mut reads = vec![Read { key: Key::Lead(lead.id), version: order.lead.version }];
        reads.extend(self.overlay());
        let own = put_lead(&lead, order.lead.version + 1, None);
        let mut writes: Vec<Write> = std::iter::once(own).chain(left).collect();
        if let Some((entry, version)) = &entry {
            reads.push(Read { key: Key::Inquiry(entry.inquiry.id), version: *version });
            writes.push(put_entry(entry, version + 1, None));
        }
        let picks = ways.iter().any(|branch| branch.pick.is_some());
        let journal = JournalRow {
            lead: Some(lead.id),
            inquiry: entry.as_ref().and(inquiry),
            source: entry.as_ref().map(|(entry, _)| entry.inquiry.source.clone()),
            outcomes,
            rule: entry.as_ref().and_then(|(entry, _)| entry.record.rule.clone()),
            actor: is_an_act(&order.action, fact).then(|| order.actor.clone()),
            reason,
            cycle: lead.cycle,
            score: entry.as_ref().map(|(entry, _)| whole(entry.record.qualification.score)),
            from,
            previous_owner: previous_owner(&order.lead.value, picks),
            ..row(order.now, fact)
        };
        let membership = self.membership(&lead, &journal.outcomes, &ways);
        reads.extend(membership.reads);
        writes.extend(membership.writes);
        let row = json(&journal);
        indexes.extend(journal.listed(&row).into_iter().chain(membership.indexes));
        let commit = Commit {
            workspace: self.configuration.workspace.clone(),
            now: order.now,
            claim: order.claim.clone(),
            reads,
            writes,
            indexes,
            branches: ways,
            journal: row,
            lease: order.lease.clone(),
        };
        Operation { lead, record: entry.map(|(entry, _)| entry.record), commit }
    }

    fn happening(
        &self,
        cause: Cause,
        lead: &Lead,
        inquiry: Option<InquiryId>,
        ids: &mut IdBlock,
    ) -> Happening<'_> {
        Happening {
            cause,
            event: ids.event(),
            lead: Some(lead.id),
            inquiry,
            merged: None,
            score: lead.score,
            cycle: lead.cycle,
            is_test: false,
            before: self.before(),
            trace: None,
            told: if cause == Cause::Refused { self.order.told } else { &[] },
            now: self.order.now,
        }
    }

    /// The overlay, if there is one.
    fn overlay(&self) -> Option<Read> {
        let version = self.order.overlay;
        (version > 0).then_some(Read { key: Key::Overlay, version })
    }

    /// What it has to do with the account, whose leads it was decided by.
    fn membership(&self, lead: &Lead, outcomes: &[BranchOutcome], ways: &[Branch]) -> Membership {
        let facts = self.order.account;
        let picks = ways.iter().any(|branch| branch.pick.is_some());
        let after = After {
            joins: false,
            owned: picks || lead.assignment.owner().is_some(),
            closed: outcomes.iter().all(|outcome| outcome.stage.is_closed()),
        };
        let mut membership = account::remember(lead, after, facts, self.order.now);
        let others = facts.leads.iter().filter(|(id, _)| *id != lead.id);
        let others = others.map(|(id, it)| Read { key: Key::Lead(*id), version: it.version });
        membership.reads.splice(0..0, others);
        membership
    }
}

/// Whether it is worth a line among what was done with the lead: what the person does is, where it moves the lead.
fn is_an_act(action: &Action, fact: &str) -> bool {
    match action {
        Action::Retry => false,
        Action::Engage(_) => fact != engaging::NOTED,
        _ => true,
    }
}
