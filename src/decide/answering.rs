//! People answer for a lead, or try to reach it in vain.

use super::again::Again;
use super::consequence::{Cause, worklist};
use super::finish::{Clocked, Doing};
use super::nurture::had_before;
use super::operate::{Operation, Refusal, Work};
use crate::assign::{NONE, NURTURE, PlannedBranch};
use crate::domain::{
    BranchOutcome, Category, Disposition, Finding, Found, IdBlock, Index, IndexChange, Lead, Name,
    Pii, Stage, Status, Timestamp, Tries, closest,
};
use crate::identify::find_out;

/// What a person found out about a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    pub found: Vec<Found>,
    /// The person calls the lead first-level qualified: it is a lead from now on, and nobody asks any further. What
    /// becomes of it, the score says.
    pub qualified: bool,
    pub note: Option<Pii>,
    /// When it was found out; now, if nothing is said or it is still to come.
    pub at: Option<Timestamp>,
}

impl Work<'_> {
    /// Lays the answers in and decides by them. A lead that they leave where it is keeps its owner.
    pub(super) fn answer(
        &self,
        answers: &Answers,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        if answers.found.is_empty() && !answers.qualified {
            return Err(Refusal::NothingSaid);
        }
        let now = self.order.now;
        let mut lead = self.lead(false);
        for found in &answers.found {
            self.known(found)?;
            let finding = Finding {
                found: found.clone(),
                by: self.order.actor.clone(),
                at: answers.at.map_or(now, |at| at.min(now)),
                note: answers.note.clone(),
            };
            find_out(&mut lead, &finding).map_err(|unfit| Refusal::UnfitValue(unfit.field))?;
        }
        if answers.qualified {
            let at = answers.at.map_or(now, |at| at.min(now));
            said(&mut lead, Disposition::FirstLevelQualified, at);
        }
        // Somebody was reached.
        let due = lead.tries.take().is_some().then_some(now);
        let again = Again {
            lead,
            cause: Cause::Answered,
            qualified: answers.qualified,
            wanted: false,
            may_stay: true,
            at_least_nurtured: answers.qualified,
            owners: had_before(&self.order.lead.value),
            indexes: self.requeue(due),
            clocked: Clocked::default(),
            reason: answers.qualified.then(|| Name::fixed("first_level_qualified")),
        };
        self.afresh("lead_answered", again, ids)
    }

    /// Whether there is such a question.
    fn known(&self, found: &Found) -> Result<(), Refusal> {
        let qualifier = &self.configuration.qualifier;
        match found {
            Found::Criterion(name, _) if !qualifier.has(name) => {
                let all = qualifier.criteria().map(Name::as_str);
                let suggestion = closest(name.as_str(), all).and_then(|it| Name::parse(it).ok());
                Err(Refusal::UnknownCriterion { criterion: name.clone(), suggestion })
            }
            Found::Field(path, _) if !crate::domain::Field::is_asked(path) => {
                Err(Refusal::NotAsked(path.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Counts a try in vain: the next one is due some time later; after the last one the lead is recycled.
    pub(super) fn no_answer(
        &self,
        at: Option<Timestamp>,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let before = self.before().filter(|before| !before.stage.is_closed());
        let before = before.ok_or(Refusal::Closed)?;
        let now = self.order.now;
        let last = at.map_or(now, |at| at.min(now));
        let mut lead = self.lead(false);
        said(&mut lead, Disposition::NoAnswer, last);
        let count = lead.tries.map_or(0, |tries| tries.count).saturating_add(1);
        let unresponsive = self.configuration.qualifier.unresponsive();
        if count >= unresponsive.max {
            lead.tries = Some(Tries { count, last, next: None, told: false });
            lead.look_again = None;
            return Ok(self.recycle(lead, "unresponsive", ids));
        }
        let next = last.after(unresponsive.after);
        lead.tries = Some(Tries { count, last, next: Some(next), told: false });
        let doing = Doing {
            fact: "no_answer_noted",
            cause: Cause::Answered,
            keeps: Some(lead.assignment.clone()),
            branches: vec![PlannedBranch { outcome: before.clone(), pick: None }],
            lead,
            reason: None,
            entry: None,
            indexes: self.requeue(Some(next)),
            clocked: Clocked::default(),
        };
        Ok(self.finish(doing, ids))
    }

    /// Passes a lead back: nurture keeps it warm, and the next inquiry begins its next cycle.
    fn recycle(
        &self,
        lead: crate::domain::Lead,
        reason: &'static str,
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
        let doing = Doing {
            fact: "lead_recycled",
            cause: Cause::Answered,
            lead,
            branches: vec![PlannedBranch { outcome, pick: None }],
            reason: Some(Name::fixed(reason)),
            entry: None,
            keeps: None,
            indexes: Vec::new(),
            clocked: Clocked::default(),
        };
        self.finish(doing, ids)
    }

    /// A new place in the worklist of those whom people ask, by when they are to be asked.
    fn requeue(&self, due: Option<Timestamp>) -> Vec<IndexChange> {
        let listed = self.before().and_then(worklist) == Some(Index::Qualify);
        let due = due.filter(|_| listed);
        due.map(|due| IndexChange {
            index: Index::Qualify,
            member: self.order.lead.value.id.as_bytes().to_vec(),
            score: Some(due.as_millis()),
        })
        .into_iter()
        .collect()
    }
}

/// Notes when that was last said.
fn said(lead: &mut Lead, disposition: Disposition, at: Timestamp) {
    let last = lead.said.get_or_insert_default().last.entry(disposition).or_insert(at);
    *last = at.max(*last);
}
