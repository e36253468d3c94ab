//! A lead that was passed back comes back by itself: at the time that was said, or once it was left in peace long enough, if
//! what the person did meanwhile is enough.

use super::again::Again;
use super::consequence::Cause;
use super::finish::Clocked;
use super::inquiry::judged;
use super::nurture::had_before;
use super::operate::{Operation, Refusal, Work};
use crate::domain::{
    BranchOutcome, Category, ClockTold, IdBlock, Lead, Name, Qualification, Stage, Timestamp,
};

/// Why it comes back.
const REVISIT: &str = "revisit";
const ENGAGEMENT: &str = "engagement";

/// When a lead that was passed back is to be looked at for that.
pub(super) fn due(lead: &Lead, outcomes: &[BranchOutcome], now: Timestamp) -> Option<Timestamp> {
    if !outcomes.iter().all(|outcome| outcome.stage == Stage::Recycled) {
        return None;
    }
    let left = lead
        .left_sales()
        .filter(|left| lead.nurture.as_ref().is_some_and(|it| it.engagements.any_after(left.at)));
    let cools = left.and_then(|left| left.cool_until).filter(|end| now < *end);
    revisit_at(lead).into_iter().chain(cools).min()
}

fn revisit_at(lead: &Lead) -> Option<Timestamp> {
    lead.said.as_ref()?.revisit_at
}

impl Work<'_> {
    /// Why a lead is due back in sales.
    pub(super) fn returns(
        &self,
        before: &BranchOutcome,
        judged: Option<&Qualification>,
    ) -> Option<&'static str> {
        let (lead, now) = (&self.order.lead.value, self.order.now);
        if before.stage != Stage::Recycled {
            return None;
        }
        if revisit_at(lead).is_some_and(|at| at <= now) {
            return Some(REVISIT);
        }
        let cooled = lead.left_sales().and_then(|left| left.cool_until).is_some_and(|at| at <= now);
        let enough = judged.is_some_and(|judged| judged.category == Category::Sell);
        (cooled && enough && self.gained()).then_some(ENGAGEMENT)
    }

    /// Whether what the person did since the lead left sales makes it worth more: what it was worth then has been seen.
    fn gained(&self) -> bool {
        let (Some(entry), lead) = (self.order.inquiry, &self.order.lead.value) else {
            return false;
        };
        let Some(left) = lead.left_sales() else { return false };
        let score = |mut lead: Lead| {
            let known = lead.inquiries > 1;
            let (configuration, now) = (self.configuration, self.order.now);
            judged(configuration, &entry.value.inquiry, &mut lead, known, now).score
        };
        let mut before = lead.clone();
        if let Some(nurture) = &mut before.nurture {
            nurture.engagements.forget_after(left.at);
        }
        score(lead.clone()) > score(before)
    }

    /// Takes it back to whoever had it. What sales wanted to see again is for sales, whatever it is worth now.
    pub(super) fn come_back(
        &self,
        mut lead: Lead,
        reason: &'static str,
        told: Vec<ClockTold>,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        if let Some(said) = &mut lead.said {
            said.revisit_at = None;
        }
        let again = Again {
            owners: had_before(&lead),
            wanted: reason == REVISIT,
            at_least_nurtured: true,
            reason: Some(Name::fixed(reason)),
            clocked: Clocked { told, ..Clocked::default() },
            ..Again::of(lead, Cause::Clock)
        };
        self.afresh("lead_promoted", again, ids)
    }

    /// Whether what the lead was last decided by made it worth selling: if not, a person's word stands above its score, and
    /// time alone takes nothing away from that.
    pub(super) fn was_worth_it(&self) -> bool {
        let record = self.order.inquiry.map(|known| &known.value.record.qualification);
        record.is_none_or(|judged| self.configuration.qualifier.is_worth_selling(judged))
    }
}
