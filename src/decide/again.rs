//! A lead is decided again by its last inquiry: because somebody wants it, because people found something out, or
//! because time went on.

use super::account;
use super::consequence::{Cause, later};
use super::finish::{Clocked, Doing};
use super::inquiry::{judged, pending, planned};
use super::nurture::comes_back;
use super::operate::{Operation, Refusal, Work};
use super::saying::Spoken;
use crate::assign::{PlannedBranch, Situation};
use crate::domain::{
    Assignment, BranchOutcome, Category, IdBlock, IndexChange, Lead, Name, OwnerStep, Stage, Status,
};

/// How a lead is decided again.
pub(super) struct Again {
    /// With what is new laid in.
    pub(super) lead: Lead,
    pub(super) cause: Cause,
    /// Sales wants to see it again: it is for sales, whatever it is worth.
    pub(super) wanted: bool,
    /// It is at least this far, if it stays open: somebody said so.
    pub(super) reaches: Option<Stage>,
    /// It may keep its owner where nothing is different.
    pub(super) may_stay: bool,
    /// Too few points alone discard nobody here.
    pub(super) at_least_nurtured: bool,
    /// Who is asked before the rules.
    pub(super) owners: Vec<(OwnerStep, Name)>,
    pub(super) indexes: Vec<IndexChange>,
    pub(super) reason: Option<Name>,
    pub(super) clocked: Clocked,
    pub(super) spoken: Option<Spoken>,
}

impl Again {
    /// As the rules say, by what is known now.
    pub(super) fn of(lead: Lead, cause: Cause) -> Self {
        Self {
            lead,
            cause,
            wanted: false,
            reaches: None,
            may_stay: false,
            at_least_nurtured: false,
            owners: Vec::new(),
            indexes: Vec::new(),
            reason: None,
            clocked: Clocked::default(),
            spoken: None,
        }
    }
}

impl Work<'_> {
    /// Because somebody wants it: nothing is new but the configuration and the time.
    pub(super) fn again(
        &self,
        fact: &'static str,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        // Nobody is asked before the rules: who wants it decided again may want another owner.
        self.afresh(fact, Again::of(self.lead(false), Cause::Again), ids)
    }

    /// Qualifies and plans afresh by the last inquiry, whose record is written anew.
    pub(super) fn afresh(
        &self,
        fact: &'static str,
        again: Again,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let known = self.order.inquiry.ok_or(Refusal::NoInquiry)?;
        let mut entry = known.value.clone();
        let mut lead = again.lead;
        let (now, repeated) = (self.order.now, lead.inquiries > 1);
        let mut judged = judged(self.configuration, &entry.inquiry, &mut lead, repeated, now);
        // Nobody asks about whom a person has qualified, or time alone has cooled.
        judged.ask &= !again.at_least_nurtured;
        if again.at_least_nurtured
            && judged.category == Category::Discard
            && judged.ineligible.is_none()
        {
            judged.category = Category::Nurture;
        }
        if again.wanted && judged.ineligible.is_none() {
            (judged.category, judged.ask) = (Category::Sell, false);
        }
        entry.record.qualification = judged;
        entry.record.config.clone_from(&self.configuration.hash);
        entry.record.account_owner = account::owner(self.configuration, &lead, self.order.account);
        entry.record.overlay = self.order.overlay;
        let inquiry = &entry.inquiry;
        let held_since =
            self.before().and_then(|before| before.wait.as_ref()).map(|wait| wait.since);
        let owners = &again.owners;
        let excluded = lead.clocks.as_ref().filter(|it| !self.closed() && it.cycle == lead.cycle);
        let excluded = excluded.map_or_else(Vec::new, |it| it.excluded().to_vec());
        let roster = self.order.roster;
        let situation = Situation { now, roster, held_since, owners, excluded: &excluded };
        let record = &mut entry.record;
        let planned = planned(self.configuration, inquiry, &lead, repeated, record, situation);
        let mut branches = planned.branches;
        let stays_closed = branches.iter().all(|branch| branch.outcome.stage.is_closed());
        let reopens = (self.closed() && !stays_closed) || comes_back(&lead, &branches);
        if reopens {
            lead.begin_cycle(now);
        }
        let before = self.before().filter(|_| !self.closed() && !reopens);
        for branch in branches.iter_mut().filter(|branch| !branch.outcome.stage.is_closed()) {
            let stage = &mut branch.outcome.stage;
            *stage = before.map_or(*stage, |before| later(before.stage, *stage));
            if let Some(reached) = again.reaches {
                *stage = later(*stage, reached);
            }
        }
        let keeps = before
            .filter(|_| again.may_stay)
            .and_then(|before| stays(before, &branches))
            .map(|outcome| self.keeping(outcome, &mut branches));
        entry.assignment = keeps.clone().unwrap_or_else(|| pending(&branches));
        let cause = if reopens { Cause::Reopened } else { again.cause };
        let doing = Doing {
            reason: again.reason,
            entry: Some((entry, known.version)),
            keeps,
            indexes: again.indexes,
            clocked: again.clocked,
            spoken: again.spoken,
            ..Doing::goes(fact, cause, lead, branches)
        };
        Ok(self.finish(doing, ids))
    }

    /// The lead stays where it is, with its owner.
    fn keeping(&self, outcome: BranchOutcome, branches: &mut Vec<PlannedBranch>) -> Assignment {
        *branches = vec![PlannedBranch::to(outcome.clone())];
        let owner = self.order.lead.value.assignment.owner().cloned();
        Assignment::Settled { outcome, owner }
    }
}

/// The outcome with which a lead stays where it is: it waits for nobody, and the rules lead to the same queue for
/// the same reason.
fn stays(before: &BranchOutcome, branches: &[PlannedBranch]) -> Option<BranchOutcome> {
    let first = &branches.first()?.outcome;
    let same = before.status != Status::Held
        && before.queue == first.queue
        && before.category == first.category;
    same.then(|| BranchOutcome { stage: first.stage, ..before.clone() })
}
