//! The person did something: it counts at once, and may take a lead to sales or out of there.

use super::again::Again;
use super::confirming::awaits;
use super::consequence::Cause;
use super::finish::Doing;
use super::inquiry::judged;
use super::nurture::had_before;
use super::operate::{Operation, Refusal, Work};
use crate::domain::{
    Category, Consent, Engagement, EngagementKind, IdBlock, Lead, Name, Noted, Stage, Status,
};

/// The fact where it moves nothing.
pub(super) const NOTED: &str = "engagement_noted";

impl Work<'_> {
    /// Lays in what the person did. A lead that it lifts over the line is promoted: back to whoever had it, in its next cycle
    /// if it had left sales. One that it brings below the line is nurtured, unless sales has accepted it.
    pub(super) fn engage(
        &self,
        told: &[Engagement],
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        if self.before().is_none() {
            return Err(Refusal::NoInquiry);
        }
        let mut lead = self.lead(false);
        let noted = lead.nurture.get_or_insert_default().engagements.note(told);
        if !noted.contains(&Noted::New) {
            return Err(Refusal::NothingNew(noted));
        }
        let stops = |(one, noted): (&Engagement, &Noted)| {
            (one.kind == EngagementKind::Unsubscribed && *noted == Noted::New).then_some(one.at)
        };
        if let Some(at) = told.iter().zip(&noted).filter_map(stops).max()
            && let Ok(done) = self.consent_with(lead.clone(), &Consent::unsubscribed(at), None, ids)
        {
            return Ok(done);
        }
        if let Some((fact, reason)) = self.moved_by(&mut lead) {
            let again = Again {
                owners: had_before(&lead),
                at_least_nurtured: true,
                reason: Some(Name::fixed(reason)),
                ..Again::of(lead, Cause::Engaged)
            };
            return self.afresh(fact, again, ids);
        }
        // Nothing about it is different for people: whoever looks at it may go on.
        lead.updated_at = self.order.lead.value.updated_at;
        Ok(self.finish(Doing::stays(NOTED, Cause::Engaged, lead), ids))
    }

    /// What is to be said of a lead that its engagement moves; its score is the one of now.
    fn moved_by(&self, lead: &mut Lead) -> Option<(&'static str, &'static str)> {
        let (now, known) = (self.order.now, lead.inquiries > 1);
        let entry = self.order.inquiry?;
        let inquiry = &entry.value.inquiry;
        let was = judged(self.configuration, inquiry, &mut self.lead(false), known, now);
        let is = judged(self.configuration, inquiry, lead, known, now);
        let before = self.before().filter(|before| !awaits(before))?;
        let cools = lead.left_sales().and_then(|left| left.cool_until).is_some_and(|end| now < end);
        let open = !before.stage.is_closed() || before.stage == Stage::Recycled;
        let nurtured = open && matches!(before.status, Status::Nurtured | Status::Qualifying);
        let early = matches!(before.stage, Stage::Inquiry | Stage::Lead);
        let more = is.score > was.score;
        match (was.category, is.category) {
            (_, Category::Sell) if nurtured && more && !cools => {
                Some(("lead_promoted", "engagement"))
            }
            (Category::Sell, Category::Nurture | Category::Discard)
                if before.category == Category::Sell && before.status != Status::Held && early =>
            {
                Some(("category_changed", "engagement"))
            }
            _ => None,
        }
    }
}
