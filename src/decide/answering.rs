//! People answer for a lead, or try to reach it in vain.

use super::again::Again;
use super::consequence::{Cause, worklist};
use super::finish::Doing;
use super::nurture::had_before;
use super::operate::{Operation, Refusal, Work};
use super::said::Saying;
use super::saying;
use crate::domain::{
    Disposition, Found, IdBlock, Index, IndexChange, Lead, Name, Pii, Timestamp, Tries, closest,
};
use crate::follow_up::dispositions::Once;

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
        if answers.qualified {
            let mut saying = Saying::bare(Disposition::FirstLevelQualified, answers.at);
            saying.answers = answers.clone();
            return self.say(&saying, ids);
        }
        if answers.found.is_empty() {
            return Err(Refusal::NothingSaid);
        }
        let now = self.order.now;
        let mut lead = self.lead(false);
        self.lay_in(&mut lead, answers, answers.at.map_or(now, |at| at.min(now)))?;
        // Somebody was reached.
        let due = lead.tries.take().is_some().then_some(now);
        let again = Again {
            may_stay: true,
            owners: had_before(&self.order.lead.value),
            indexes: self.requeue(due),
            ..Again::of(lead, Cause::Answered)
        };
        self.afresh("lead_answered", again, ids)
    }

    /// Whether there is such a question.
    pub(super) fn known(&self, found: &Found) -> Result<(), Refusal> {
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
        mut lead: Lead,
        once: &Once,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        if self.before().is_none_or(|before| before.stage.is_closed()) {
            return Err(Refusal::Closed);
        }
        let (at, once) = (once.at, once.clone());
        let last = lead.tries.map_or(at, |tries| tries.last.max(at));
        let count = lead.tries.map_or(0, |tries| tries.count).saturating_add(1);
        let unresponsive = self.configuration.qualifier.unresponsive();
        if count >= unresponsive.max {
            lead.tries = Some(Tries { count, last, next: None, told: false });
            lead.said.get_or_insert_default().gave_up = Some(last);
            return Ok(self.pass_back(lead, once, Some("unresponsive"), ids));
        }
        let next = last.after(unresponsive.after);
        lead.tries = Some(Tries { count, last, next: Some(next), told: false });
        let doing = Doing {
            indexes: self.requeue(Some(next)),
            spoken: Some(self.spoken(once)),
            ..Doing::stays(saying::FACT, Cause::Said, lead)
        };
        Ok(self.finish(doing, ids))
    }

    /// A new place in the worklist of those whom people ask, by when they are to be asked.
    pub(super) fn requeue(&self, due: Option<Timestamp>) -> Vec<IndexChange> {
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
