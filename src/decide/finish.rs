//! The last step of everything that is done with a lead: its commit.

use super::account::{self, After, Membership};
use super::consequence::{Cause, Happening, freed};
use super::dimensions::{self, previous_owner, whole};
use super::engaging;
use super::inquiry::pending;
use super::look_again::{Stands, schedule};
use super::nurture;
use super::operate::{Action, Operation, Work};
use super::record::{json, put_entry, put_lead, row};
use super::saying::Spoken;
use crate::assign::PlannedBranch;
use crate::domain::{
    Assignment, Branch, BranchOutcome, ClockTold, Commit, EventType, IdBlock, IndexChange,
    InquiryEntry, InquiryId, JournalRow, Key, Lead, Name, NewJob, Qualification, Read, Stage,
    TouchTimes, Write,
};
use crate::follow_up::sla;

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
    pub(super) clocked: Clocked,
    /// What was said, if that is what it is about.
    pub(super) spoken: Option<Spoken>,
}

impl Doing {
    /// The lead goes by these ways.
    pub(super) fn goes(
        fact: &'static str,
        cause: Cause,
        lead: Lead,
        branches: Vec<PlannedBranch>,
    ) -> Self {
        Self {
            fact,
            cause,
            lead,
            branches,
            reason: None,
            entry: None,
            keeps: None,
            indexes: Vec::new(),
            clocked: Clocked::default(),
            spoken: None,
        }
    }

    /// The lead stays where it is, with whoever has it.
    pub(super) fn stays(fact: &'static str, cause: Cause, lead: Lead) -> Self {
        let here = lead.assignment.clone();
        Self::stands(fact, cause, lead, here)
    }

    /// The lead stands there from now on, and nobody is picked.
    pub(super) fn stands(
        fact: &'static str,
        cause: Cause,
        lead: Lead,
        assignment: Assignment,
    ) -> Self {
        let here = assignment.outcome().cloned().map(PlannedBranch::to);
        let branches = here.into_iter().collect();
        Self { keeps: Some(assignment), ..Self::goes(fact, cause, lead, branches) }
    }
}

/// What time has to do with it.
#[derive(Default)]
pub(super) struct Clocked {
    /// What clocks said.
    pub(super) told: Vec<ClockTold>,
    /// Nobody hears of breaches.
    pub(super) silent: bool,
    /// What the lead is worth now, where that was asked.
    pub(super) judged: Option<Qualification>,
}

impl Work<'_> {
    /// The commit that depends on the lead (and its inquiry) being as it was seen.
    pub(super) fn finish(&self, doing: Doing, ids: &mut IdBlock) -> Operation {
        let Doing { fact, cause, mut lead, branches, reason, entry, keeps, .. } = doing;
        let (mut indexes, clocked, spoken) = (doing.indexes, doing.clocked, doing.spoken);
        let order = self.order;
        let inquiry: Option<InquiryId> = entry.as_ref().map_or_else(
            || lead.touches.last().map(|touch| touch.inquiry),
            |(entry, _)| Some(entry.inquiry.id),
        );
        let counts = keeps.as_ref().and_then(Assignment::outcome).is_some_and(|kept| kept.counted);
        let left = if counts { None } else { freed(&order.lead.value) };
        let before = self.before();
        nurture::note(self.configuration, &mut lead, before, &branches, reason.as_ref(), order.now);
        let outcomes: Vec<BranchOutcome> =
            branches.iter().map(|branch| branch.outcome.clone()).collect();
        let touched = self.touched(&mut lead);
        self.assigned(&mut lead, keeps.as_ref(), &outcomes);
        lead.assignment = keeps.clone().unwrap_or_else(|| pending(&branches));
        let happening = self.happening(cause, &lead, inquiry, ids);
        let from = dimensions::from(Some(&order.lead.value), &branches);
        let mut ways = self.ways(&happening, branches, &clocked, ids);
        let of_entry = entry.as_ref().map(|(entry, _)| &entry.record.qualification);
        let stands = Stands {
            outcomes: &outcomes,
            keeps: keeps.as_ref(),
            judged: clocked.judged.as_ref().or(of_entry),
            roster: order.roster,
        };
        schedule(self.configuration, &mut lead, stands, &mut ways, order.now, ids);
        let mut reads = vec![Read { key: Key::Lead(lead.id), version: order.lead.version }];
        reads.extend(self.overlay());
        let credit = spoken.as_ref().and_then(|_| self.credit(&mut lead));
        let own = put_lead(&lead, order.lead.version + 1, None);
        let mut writes: Vec<Write> = std::iter::once(own).chain(left).chain(credit).collect();
        if let Some((entry, version)) = &entry {
            reads.push(Read { key: Key::Inquiry(entry.inquiry.id), version: *version });
            writes.push(put_entry(entry, version + 1, None));
        }
        let picks = ways.iter().any(|branch| branch.pick.is_some());
        let decided = entry.as_ref().map(|(entry, _)| entry);
        let told = Told { decided, outcomes, reason, picks, from, touched, spoken };
        let journal = JournalRow { clocks: clocked.told.clone(), ..self.told(&lead, told, fact) };
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
        let record = entry.map(|(entry, _)| entry.record);
        Operation { lead, record, told: clocked.told, commit }
    }

    /// What each way brings about. What clocks say goes ahead of the rest, to the same destinations.
    fn ways(
        &self,
        happening: &Happening<'_>,
        branches: Vec<PlannedBranch>,
        clocked: &Clocked,
        ids: &mut IdBlock,
    ) -> Vec<Branch> {
        let heard = clocked.told.iter().filter(|told| !(told.is_breach() && clocked.silent));
        let mut said: Vec<Vec<NewJob>> = vec![Vec::new(); branches.len()];
        for told in heard {
            let kind = if told.is_breach() {
                EventType::LeadSlaBreached
            } else {
                EventType::LeadSlaWarning
            };
            let event = ids.event();
            let happening = Happening { clock: Some(told), event, ..happening.clone() };
            for (branch, jobs) in branches.iter().zip(&mut said) {
                jobs.extend(happening.jobs(self.configuration, kind, &branch.outcome, ids));
            }
        }
        let way = |(PlannedBranch { outcome, pick }, said)| {
            let mut way = happening.branch(self.configuration, &outcome, pick, ids);
            way.jobs.splice(0..0, said);
            way
        };
        branches.into_iter().zip(said).map(way).collect()
    }

    /// Unless it stays, the lead comes to somebody else, or into another queue.
    fn assigned(&self, lead: &mut Lead, keeps: Option<&Assignment>, outcomes: &[BranchOutcome]) {
        let order = self.order;
        if keeps.is_some() {
            return;
        }
        let received_at = order.inquiry.map(|known| known.value.inquiry.received_at);
        let owner = order.lead.value.assignment.owner();
        let received_at = received_at.unwrap_or(lead.created_at);
        sla::assigned(lead, owner, outcomes, received_at, order.now);
    }

    /// Somebody got in touch with the person, if what people said back has it: how long that took, if it was the first
    /// time in this cycle.
    fn touched(&self, lead: &mut Lead) -> Option<TouchTimes> {
        let stored = &self.order.lead.value;
        let (outcome, owner) = (stored.assignment.outcome()?, stored.assignment.owner());
        let router = &self.configuration.router;
        let calendar = sla::calendar(router, stored, outcome, owner, self.order.roster);
        sla::heard(lead, stored.said.as_deref(), &calendar)
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
            worth: lead.worth,
            cycle: lead.cycle,
            is_test: false,
            before: self.before(),
            trace: None,
            clock: None,
            told: if cause == Cause::Refused { self.order.told } else { &[] },
            now: self.order.now,
        }
    }

    /// The journal row.
    fn told(&self, lead: &Lead, told: Told<'_>, fact: &'static str) -> JournalRow {
        let Told { decided, outcomes, reason, picks, from, touched, spoken } = told;
        let (order, before) = (self.order, &self.order.lead.value);
        let mut row = JournalRow {
            lead: Some(lead.id),
            inquiry: decided.map(|entry| entry.inquiry.id),
            source: decided.map(|entry| entry.inquiry.source.clone()),
            outcomes,
            rule: decided.and_then(|entry| entry.record.rule.clone()),
            actor: is_an_act(&order.action, fact).then(|| order.actor.clone()),
            reason,
            cycle: lead.cycle,
            score: decided.map(|entry| whole(entry.record.qualification.score)),
            from,
            previous_owner: previous_owner(before, picks),
            touched,
            ..row(order.now, fact)
        };
        if let Some(Spoken { once, earlier }) = &spoken {
            row.cycle -= u32::from(*earlier);
            row.reason = row.reason.or_else(|| once.reason.clone());
            row.happened_at = Some(once.at).filter(|at| *at != row.at);
            row.disposition = Some(once.disposition);
            row.amount = once.deal;
            row.member = before.assignment.owner().cloned();
        }
        row
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

/// What the journal row is made of.
struct Told<'a> {
    /// If it was decided again.
    decided: Option<&'a InquiryEntry>,
    outcomes: Vec<BranchOutcome>,
    reason: Option<Name>,
    picks: bool,
    from: Option<Stage>,
    touched: Option<TouchTimes>,
    spoken: Option<Spoken>,
}
