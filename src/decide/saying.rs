//! People and tools say back what became of a lead: it moves by that, or it is only noted.

use super::again::Again;
use super::answering::Answers;
use super::consequence::{Cause, given_up, later};
use super::finish::Doing;
use super::inquiry::judged;
use super::nurture::had_before;
use super::operate::{Operation, Refusal, Work};
use super::pairs::to_review;
use super::said::Saying;
use crate::assign::{NONE, NURTURE, PlannedBranch};
use crate::domain::{
    Assignment, BranchOutcome, Category, Consent, Disposition, Finding, IdBlock, Lead, LeadId,
    Name, Stage, Status, Timestamp, closest,
};
use crate::follow_up::dispositions::{Dealt, Effect, Heard, Impossible, Once, Stands, hear, row};
use crate::identify::find_out;

/// What is noted of it in the journal.
pub(super) const FACT: &str = "disposition_noted";

/// What was said, as the journal tells it.
#[derive(Debug, Clone)]
pub(super) struct Spoken {
    pub(super) once: Once,
    /// It is of an earlier cycle.
    pub(super) earlier: bool,
}

impl Work<'_> {
    /// Hears what was said and does what follows from it.
    pub(super) fn say(&self, saying: &Saying, ids: &mut IdBlock) -> Result<Operation, Refusal> {
        let once = self.once(saying)?;
        let meant = row(once.disposition);
        let mut lead = self.lead(false);
        self.lay_in(&mut lead, &saying.answers, once.at)?;
        let heard = hear(&lead, &once).map_err(|impossible| match impossible {
            Impossible::Ended(by) => Refusal::Ended(by),
            Impossible::Closed(stage) => Refusal::ClosedAs(stage),
        })?;
        lead.said = Some(Box::new(heard.said.clone()));
        let mut last = heard.said.last.iter();
        let since = last.any(|(word, at)| row(*word).dealt == Dealt::Reached && *at > once.at);
        if meant.effect == Effect::Tries && !heard.late && !since {
            return self.no_answer(lead, &once, ids);
        }
        // Somebody was reached after all: whoever asks may go on at once.
        let tried = lead.tries.is_some_and(|tries| tries.last <= once.at);
        let reached = meant.dealt == Dealt::Reached && tried;
        let heard_from = reached.then_some(self.order.now);
        if reached {
            lead.tries = None;
        }
        let telling = Telling { once, answered: !saying.answers.found.is_empty(), heard_from };
        if telling.once.disposition == Disposition::Unsubscribed {
            return self.unsubscribed(lead, telling, ids);
        }
        match self.follows(&heard, meant.effect) {
            Follows::Nothing => Ok(self.noted(lead, telling, ids)),
            Follows::Open(stage) => self.open(lead, stage, telling, ids),
            Follows::Returns(stage) => Ok(self.resumed(lead, stage, telling, ids)),
            Follows::Ends(stage) => Ok(self.ends(lead, stage, telling, ids)),
            Follows::Back => Ok(self.pass_back(lead, telling.once, None, ids)),
            Follows::Discarded => Ok(self.give_up(lead, saying.of, telling, ids)),
        }
    }

    /// The person wants no more messages: that holds at once, wherever the lead is.
    fn unsubscribed(
        &self,
        lead: Lead,
        telling: Telling,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let consent = Consent::unsubscribed(telling.once.at);
        let spoken = Some(self.spoken(telling.once.clone()));
        match self.consent_with(lead.clone(), &consent, spoken, ids) {
            Err(Refusal::NothingNewSaid) => Ok(self.noted(lead, telling, ids)),
            done => done,
        }
    }

    /// What was said in the form that the workspace takes.
    fn once(&self, saying: &Saying) -> Result<Once, Refusal> {
        let Saying { disposition, deal, .. } = *saying;
        let words = &self.configuration.follow_up.dispositions;
        if !words.used().any(|used| used == disposition) {
            return Err(Refusal::NotUsed(disposition));
        }
        let meant = row(disposition);
        let beside = [
            ("amount", deal.is_some() && !meant.takes_amount()),
            ("reason", saying.reason.is_some() && !meant.takes_reason()),
            ("of", saying.of.is_some() && disposition != Disposition::Duplicate),
            ("revisit_at", saying.revisit_at.is_some() && !meant.takes_revisit()),
        ];
        if let Some((what, _)) = beside.into_iter().find(|(_, wrong)| *wrong) {
            return Err(Refusal::NotBeside(what, disposition));
        }
        let reasons = words.reasons(disposition);
        if let Some(given) = &saying.reason
            && !reasons.is_empty()
            && !reasons.contains(given)
        {
            let near = closest(given.as_str(), reasons.iter().map(Name::as_str));
            let suggestion = near.and_then(|near| Name::parse(near).ok());
            return Err(Refusal::UnknownReason { known: reasons.to_vec(), suggestion });
        }
        let now = self.order.now;
        let at = saying.at.map_or(now, |at| at.min(now));
        let later = disposition == Disposition::TimelineLater;
        let usual = later.then(|| at.after(words.revisit_after()));
        Ok(Once {
            disposition,
            at,
            deal,
            reason: saying.reason.clone(),
            revisit_at: saying.revisit_at.or(usual),
        })
    }

    /// Lays in what was found out.
    pub(super) fn lay_in(
        &self,
        lead: &mut Lead,
        answers: &Answers,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        for found in &answers.found {
            self.known(found)?;
            let finding = Finding {
                found: found.clone(),
                by: self.order.actor.clone(),
                at,
                note: answers.note.clone(),
            };
            find_out(lead, &finding).map_err(|unfit| Refusal::UnfitValue(unfit.field))?;
        }
        Ok(())
    }

    /// What follows for the lead as it is now.
    fn follows(&self, heard: &Heard, effect: Effect) -> Follows {
        let stage = self.order.lead.value.stage();
        let closed = stage.is_closed();
        if effect == Effect::Notes || (heard.late && heard.before == heard.after) {
            return Follows::Nothing;
        }
        match heard.after {
            Stands::Ended(end) if stage != end => Follows::Ends(end),
            Stands::Back if stage != Stage::Recycled => Follows::Back,
            Stands::Discarded if stage != Stage::Discarded => Follows::Discarded,
            Stands::Open(reached) if !closed => Follows::Open(reached),
            Stands::Open(reached) if matches!(heard.before, Stands::Back | Stands::Discarded) => {
                Follows::Returns(reached)
            }
            _ => Follows::Nothing,
        }
    }

    /// It stays where it is.
    fn noted(&self, mut lead: Lead, telling: Telling, ids: &mut IdBlock) -> Operation {
        if telling.answered
            && let Some(entry) = self.order.inquiry
        {
            let repeated = lead.inquiries > 1;
            let inquiry = &entry.value.inquiry;
            judged(self.configuration, inquiry, &mut lead, repeated, self.order.now);
        }
        let assignment = lead.assignment.clone();
        self.stays(lead, assignment, telling, ids)
    }

    /// It is at least this far. Whoever was asked about is decided anew; so is everybody with answers.
    fn open(
        &self,
        lead: Lead,
        stage: Stage,
        telling: Telling,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let first_level = telling.once.disposition == Disposition::FirstLevelQualified;
        if first_level || telling.answered {
            let cause = if first_level { Cause::Answered } else { Cause::Said };
            let again = Again {
                reaches: Some(stage),
                may_stay: true,
                at_least_nurtured: true,
                owners: had_before(&self.order.lead.value),
                indexes: self.requeue(telling.heard_from),
                reason: first_level.then(|| Name::fixed("first_level_qualified")),
                spoken: Some(self.spoken(telling.once)),
                ..Again::of(lead, cause)
            };
            return self.afresh(FACT, again, ids);
        }
        let mut assignment = lead.assignment.clone();
        if let Assignment::Settled { outcome, .. } = &mut assignment {
            outcome.stage = later(outcome.stage, stage);
        }
        Ok(self.stays(lead, assignment, telling, ids))
    }

    /// What passed it back is taken back: it is where it was, and whose it was.
    fn resumed(
        &self,
        mut lead: Lead,
        stage: Stage,
        telling: Telling,
        ids: &mut IdBlock,
    ) -> Operation {
        let assignment = Self::taken_back(&mut lead, |before| later(before, stage));
        self.stays(lead, assignment, telling, ids)
    }

    /// Won or lost, with whoever has it.
    fn ends(&self, mut lead: Lead, stage: Stage, telling: Telling, ids: &mut IdBlock) -> Operation {
        let assignment = Self::taken_back(&mut lead, |_| stage);
        self.stays(lead, assignment, telling, ids)
    }

    /// Where it is, or was before it was passed back, at another stage. It is no more among its owner's open leads.
    fn taken_back(lead: &mut Lead, stage: impl Fn(Stage) -> Stage) -> Assignment {
        let left = matches!(lead.stage(), Stage::Recycled | Stage::Discarded);
        let before = lead.said.as_mut().and_then(|said| said.handed_back.take());
        let mut assignment = before.filter(|_| left).unwrap_or_else(|| lead.assignment.clone());
        if let Assignment::Settled { outcome, .. } = &mut assignment {
            outcome.stage = stage(outcome.stage);
            outcome.counted = false;
            (outcome.wait, outcome.opens_at, outcome.clock) = (None, None, None);
        }
        assignment
    }

    fn stays(
        &self,
        mut lead: Lead,
        assignment: Assignment,
        telling: Telling,
        ids: &mut IdBlock,
    ) -> Operation {
        if assignment.outcome().is_some_and(|outcome| outcome.stage.is_closed()) {
            lead.look_again = None;
        }
        let doing = Doing {
            indexes: self.requeue(telling.heard_from),
            spoken: Some(self.spoken(telling.once)),
            ..Doing::stands(FACT, Cause::Said, lead, assignment)
        };
        self.finish(doing, ids)
    }

    /// Passes a lead back: nurture keeps it warm, and the next inquiry begins its next cycle.
    pub(super) fn pass_back(
        &self,
        lead: Lead,
        once: Once,
        why: Option<&'static str>,
        ids: &mut IdBlock,
    ) -> Operation {
        let declared = self.configuration.router.has_queue(NURTURE);
        let outcome = BranchOutcome {
            status: Status::Nurtured,
            stage: Stage::Recycled,
            category: Category::Nurture,
            queue: Name::fixed(if declared { NURTURE } else { NONE }),
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        };
        self.finish(self.handed_back(lead, outcome, why, once), ids)
    }

    /// Gives a lead up.
    fn give_up(
        &self,
        lead: Lead,
        of: Option<LeadId>,
        telling: Telling,
        ids: &mut IdBlock,
    ) -> Operation {
        let (own, now) = (lead.id, self.order.now);
        let pairs = of.filter(|of| *of != own).map(|of| to_review(own, of, now));
        let indexes = pairs.into_iter().flatten().collect();
        let doing = self.handed_back(lead, given_up(), None, telling.once);
        self.finish(Doing { indexes, ..doing }, ids)
    }

    /// It leaves whoever has it; where it was is remembered. Without `why` the reason is what was said.
    fn handed_back(
        &self,
        mut lead: Lead,
        outcome: BranchOutcome,
        why: Option<&'static str>,
        once: Once,
    ) -> Doing {
        lead.look_again = None;
        let before = &self.order.lead.value.assignment;
        let said = lead.said.get_or_insert_default();
        if let Some(why) = why {
            said.reason = Some(Name::fixed(why));
        }
        if before.outcome().is_some_and(|outcome| !outcome.stage.is_closed()) {
            said.handed_back = Some(before.clone());
        }
        let (reason, spoken) = (said.reason.clone(), Some(self.spoken(once)));
        let way = vec![PlannedBranch::to(outcome)];
        Doing { reason, spoken, ..Doing::goes(FACT, Cause::Said, lead, way) }
    }

    pub(super) fn spoken(&self, once: Once) -> Spoken {
        let said = self.order.lead.value.said.as_ref();
        let earlier = said.and_then(|said| said.since).is_some_and(|since| once.at < since);
        Spoken { once, earlier }
    }
}

/// What is to be told of it.
struct Telling {
    once: Once,
    /// Something was found out.
    answered: bool,
    /// Somebody was reached who was tried in vain before.
    heard_from: Option<Timestamp>,
}

/// What follows from what was said.
enum Follows {
    Nothing,
    /// Open, and at least this far.
    Open(Stage),
    /// Back to whoever had it.
    Returns(Stage),
    Ends(Stage),
    Back,
    Discarded,
}
