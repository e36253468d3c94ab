//! What time brings about for a lead when it is looked at: everything that is due by then, in one commit.

use super::again::Again;
use super::confirming::awaits;
use super::consequence::Cause;
use super::finish::{Clocked, Doing};
use super::inquiry::{judged, pending, planned};
use super::look_again::{Stands, earliest};
use super::operate::{Operation, Refusal, Work};
use crate::assign::{Lot, PlannedBranch, Situation, TRIAGE, status_in};
use crate::domain::{
    BranchOutcome, Category, ClockTold, DeliveryId, IdBlock, InquiryEntry, Lead, Name,
    Qualification, Stage, Status,
};
use crate::follow_up::sla;

/// Why a lead goes to somebody else without anybody saying so.
const SLA: &str = "sla";

impl Work<'_> {
    /// Does what is due: clocks say what they have to say, a lead that nobody touched goes to somebody else, and one that
    /// is not worth selling any more is nurtured. Silence alone discards nobody, and takes nothing from sales that
    /// sales has accepted.
    pub(super) fn look_again(
        &self,
        job: DeliveryId,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let stored = &self.order.lead.value;
        let ours = stored.look_again.is_some_and(|look| look.job == job);
        let before = self.before().filter(|_| ours).ok_or(Refusal::NotDue(None))?;
        if awaits(before) {
            return self.unconfirmed(ids);
        }
        let now = self.order.now;
        let mut lead = self.lead(false);
        lead.look_again = None;
        let judged = self.judged_now();
        let owner = stored.assignment.owner();
        let calendar =
            sla::calendar(&self.configuration.router, stored, before, owner, self.order.roster);
        let mut told = sla::says(&mut lead, &calendar, now);
        told.extend(sla::attempt_says(&mut lead, now));
        if let Some(reason) = self.returns(before, judged.as_ref()) {
            return self.come_back(lead, reason, told, ids);
        }
        if judged.as_ref().is_some_and(|judged| fades(before, judged)) && self.was_worth_it() {
            return self.fade(lead, told, ids);
        }
        if told.is_empty() {
            let stands = Stands {
                outcomes: std::slice::from_ref(before),
                keeps: Some(&stored.assignment),
                judged: judged.as_ref(),
                roster: self.order.roster,
            };
            return Err(Refusal::NotDue(earliest(self.configuration, &lead, stands, now)));
        }
        Ok(self.tell(before, lead, Clocked { told, judged, silent: false }, ids))
    }

    /// What the lead is worth now.
    fn judged_now(&self) -> Option<Qualification> {
        let inquiry = &self.order.inquiry?.value.inquiry;
        let mut lead = self.order.lead.value.clone();
        let known = lead.inquiries > 1;
        Some(judged(self.configuration, inquiry, &mut lead, known, self.order.now))
    }

    fn fade(
        &self,
        lead: Lead,
        told: Vec<ClockTold>,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let again = Again {
            at_least_nurtured: true,
            reason: Some(Name::fixed("decay")),
            clocked: Clocked { told, ..Clocked::default() },
            ..Again::of(lead, Cause::Clock)
        };
        self.afresh("category_changed", again, ids)
    }

    /// Clocks said something; after a breach the lead may go to somebody else, or up.
    fn tell(
        &self,
        before: &BranchOutcome,
        mut lead: Lead,
        mut clocked: Clocked,
        ids: &mut IdBlock,
    ) -> Operation {
        let breached = clocked.told.iter().find(|told| told.is_breach());
        let steps = breached
            .and_then(|told| told.clock.as_ref())
            .map(|clock| self.configuration.follow_up.sla.on_breach(clock));
        let fact = if steps.is_some() { "sla_breached" } else { "sla_warned" };
        let mut way = None;
        if let Some(steps) = &steps {
            clocked.silent = !steps.notify;
            let up = steps.escalate.as_ref().and_then(|queue| self.up(before, queue));
            let turns = lead.clocks.as_ref().map_or(0, |clocks| clocks.reassigned);
            if turns < steps.reassign {
                way = self.to_others(before, &lead, up.as_ref(), clocked.judged.as_ref());
                let given = u32::from(way.is_some());
                lead.clocks.iter_mut().for_each(|clocks| clocks.reassigned += given);
            }
            way = way.or_else(|| up.map(|up| Way { branches: vec![up], entry: None }));
        }
        let Some(Way { branches, entry }) = way else {
            let doing = Doing { clocked, ..Doing::stays(fact, Cause::Clock, lead) };
            return self.finish(doing, ids);
        };
        if let Some((entry, _)) = &entry {
            lead.score = entry.record.qualification.score;
            lead.completeness = entry.record.qualification.completeness;
        }
        let reason = Some(Name::fixed(SLA));
        let ways = Doing::goes(fact, Cause::Overdue, lead, branches);
        self.finish(Doing { reason, entry, clocked, ..ways }, ids)
    }

    /// The way up into a queue, unless the lead is there.
    fn up(&self, before: &BranchOutcome, queue: &Name) -> Option<PlannedBranch> {
        if before.queue == *queue {
            return None;
        }
        let outcome = self.clocked(BranchOutcome {
            status: status_in(queue, before.category),
            queue: queue.clone(),
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
            ..before.clone()
        });
        Some(PlannedBranch::to(outcome))
    }

    /// The ways to somebody else of the same queue, as the rules say and never back to anybody who had it; `None` if
    /// nobody is there. If all of them turn out to be at a cap: up, or it is held.
    fn to_others(
        &self,
        before: &BranchOutcome,
        lead: &Lead,
        up: Option<&PlannedBranch>,
        judged: Option<&Qualification>,
    ) -> Option<Way> {
        let owner = lead.assignment.owner()?;
        let mut excluded = lead.clocks.as_ref().map_or_else(Vec::new, |it| it.previous.clone());
        excluded.push(owner.clone());
        let known = self.order.inquiry?;
        let mut entry = known.value.clone();
        let judged = judged?;
        entry.record.qualification = judged.clone();
        entry.record.config.clone_from(&self.configuration.hash);
        entry.record.overlay = self.order.overlay;
        // What it was sold for stays, though it may be worth another category by now, or a person's word was against
        // the rules.
        let as_it_is = &mut entry.record.qualification;
        (as_it_is.category, as_it_is.ask, as_it_is.ineligible) = (before.category, false, None);
        let (now, roster) = (self.order.now, self.order.roster);
        let situation =
            Situation { now, roster, held_since: None, owners: &[], excluded: &excluded };
        let (inquiry, record) = (&entry.inquiry, &mut entry.record);
        let planned =
            planned(self.configuration, inquiry, lead, lead.inquiries > 1, record, situation);
        entry.record.qualification = judged.clone();
        let mut branches = planned.branches;
        let last = branches.pop()?;
        branches.retain(|branch| {
            let found = branch.pick.as_ref().is_some_and(|pick| !pick.candidates.is_empty());
            found && branch.outcome.queue == before.queue
        });
        if branches.is_empty() {
            // A person put it here, or the rules are not what they were: somebody of the same pool.
            let pool = before.pool.as_ref()?;
            let lot = Lot::of_lead(lead, before.category);
            let pick = self.configuration.router.others(pool, &excluded, lot, now, roster)?;
            let outcome = BranchOutcome { opens_at: None, wait: None, ..before.clone() };
            branches.push(PlannedBranch { outcome, pick: Some(pick) });
        }
        let held = PlannedBranch::to(BranchOutcome {
            status: Status::Held,
            queue: Name::fixed(TRIAGE),
            clock: None,
            counted: false,
            opens_at: None,
            ..before.clone()
        });
        let rest = if last.outcome.stage.is_closed() { held } else { last };
        branches.push(up.cloned().unwrap_or(rest));
        for branch in &mut branches {
            branch.outcome.stage = before.stage;
        }
        entry.assignment = pending(&branches);
        Some(Way { branches, entry: Some((entry, known.version)) })
    }
}

/// Where a breach leads.
struct Way {
    branches: Vec<PlannedBranch>,
    entry: Option<(InquiryEntry, u64)>,
}

/// Whether time took a lead out of sales that sales has not accepted.
fn fades(before: &BranchOutcome, judged: &Qualification) -> bool {
    before.category == Category::Sell
        && matches!(before.stage, Stage::Inquiry | Stage::Lead)
        && judged.category != Category::Sell
}
