//! What a person allows, or allows no more: it stops what is going on.

use super::consequence::{Cause, given_up};
use super::finish::Doing;
use super::operate::{Operation, Refusal, Work};
use super::saying::Spoken;
use crate::assign::PlannedBranch;
use crate::domain::{
    BranchOutcome, Category, Consent, IdBlock, Lead, Name, Stage, do_not_contact, unsubscribed,
};
use crate::identify::allow;

/// What is noted of it in the journal.
const FACT: &str = "consent_noted";

impl Work<'_> {
    /// Notes what the person said about being contacted. A no takes the lead out of its queue, as far as it is about that;
    /// every destination that had the lead is told, and nothing else goes out any more.
    pub(super) fn consent(
        &self,
        consent: &Consent,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        self.consent_with(self.lead(false), consent, None, ids)
    }

    /// The same with something else laid into the lead before.
    pub(super) fn consent_with(
        &self,
        mut lead: Lead,
        consent: &Consent,
        spoken: Option<Spoken>,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let before = self.before().ok_or(Refusal::NoInquiry)?;
        let now = self.order.now;
        let said = Consent { at: consent.at.min(now), ..consent.clone() };
        let known = self.order.lead.value.consents.contains(&said);
        if known || !allow(&mut lead.consents, &said) {
            return Err(Refusal::NothingNewSaid);
        }
        let stops = (!said.granted).then(|| self.stopped(&lead, before)).flatten();
        if stops.is_some() {
            lead.tries = None;
            lead.nurture.get_or_insert_default().stopped = Some(now);
        }
        let open = !before.stage.is_closed() || before.stage == Stage::Recycled;
        let cause = if said.granted { Cause::Answered } else { Cause::Refused };
        let doing = if stops.is_some() && open {
            lead.look_again = None;
            Doing::goes(FACT, cause, lead, vec![PlannedBranch::to(given_up())])
        } else {
            Doing::stays(FACT, cause, lead)
        };
        Ok(self.finish(Doing { reason: stops.map(Name::fixed), spoken, ..doing }, ids))
    }

    /// Why a lead does not stay where it is.
    fn stopped(&self, lead: &Lead, before: &BranchOutcome) -> Option<&'static str> {
        if do_not_contact(&lead.consents).is_some() {
            return Some(crate::qualify::DO_NOT_CONTACT);
        }
        let everything = self.configuration.follow_up.nurture.stops_everything();
        let stops = everything || before.category == Category::Nurture;
        (stops && unsubscribed(&lead.consents)).then_some(crate::qualify::UNSUBSCRIBED)
    }
}
