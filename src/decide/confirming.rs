//! Double opt-in: a lead waits until its address is confirmed, and goes on from there as if it had just come.

use super::account;
use super::again::Again;
use super::configuration::Configuration;
use super::consequence::{Cause, given_up};
use super::finish::Doing;
use super::inquiry::owners;
use super::nurture::had_before;
use super::operate::{Operation, Refusal, Work};
use crate::assign::{NONE, PlannedBranch};
use crate::domain::{
    BranchOutcome, Category, Confirmation, ConfirmationTerms, Confirmed, IdBlock, Inquiry, Lead,
    Name, OwnerStep, Pii, Qualification, Stage, Status, Timestamp, Unconfirmed, Validity,
};

/// What is said of a lead whose address was confirmed.
const CONFIRMED: &str = "lead_confirmed";
/// Why a lead was given up whose address nobody confirmed.
const UNCONFIRMED: &str = "unconfirmed";

/// Whether a lead waits for its address to be confirmed.
pub(super) fn awaits(outcome: &BranchOutcome) -> bool {
    outcome.status == Status::AwaitingConfirmation
}

/// What is asked before anything else is done about an inquiry.
#[derive(Debug)]
pub(super) struct Asks<'a> {
    terms: &'a ConfirmationTerms,
    /// The person is written to; not again so soon.
    mails: bool,
}

impl Asks<'_> {
    /// Who is told of it.
    pub(super) fn told(&self) -> &[Name] {
        if self.mails { std::slice::from_ref(&self.terms.destination) } else { &[] }
    }

    /// Where the lead is meanwhile.
    pub(super) fn way(judged: &Qualification) -> Vec<PlannedBranch> {
        let outcome = BranchOutcome {
            status: Status::AwaitingConfirmation,
            stage: Stage::Inquiry,
            category: judged.category,
            queue: Name::fixed(NONE),
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        };
        vec![PlannedBranch::to(outcome)]
    }
}

/// Whether the inquiry's address is to be confirmed first; notes in the lead that it is asked. Nobody is asked who has
/// confirmed the address, who is with people already, who is given up anyway, or whom no mail could reach.
pub(super) fn asks<'a>(
    (configuration, now): (&'a Configuration, Timestamp),
    inquiry: &Inquiry,
    (lead, before): (&mut Lead, Option<&BranchOutcome>),
    judged: &Qualification,
) -> Option<Asks<'a>> {
    let terms = configuration.confirmations.get(&inquiry.source)?;
    let email = usable(inquiry)?;
    let with_people = before.is_some_and(|before| !before.stage.is_closed() && !awaits(before));
    let confirmed = lead.confirmation.as_ref().is_some_and(|it| it.holds_for(email));
    if with_people || confirmed || judged.category == Category::Discard {
        return None;
    }
    let waits = before.is_some_and(awaits);
    let asked = lead.confirmation.as_deref().filter(|it| waits && it.email == *email);
    let recently = |it: &Confirmation| now < it.asked_at.after(terms.again_after);
    let mails = !asked.is_some_and(recently);
    if mails {
        let count = asked.map_or(0, |it| it.asked);
        // Its assignment is still the one before.
        let owner = lead.confirmation.as_ref().filter(|_| waits).and_then(|it| it.owner.clone());
        let had = || had_before(lead).into_iter().map(|(_, owner)| owner).next();
        let owner = owner.or_else(|| lead.assignment.owner().cloned()).or_else(had);
        lead.confirmation = Some(Box::new(Confirmation {
            email: email.clone(),
            source: inquiry.source.clone(),
            asked_at: now,
            asked: count.saturating_add(1),
            until: now.after(terms.within),
            unconfirmed: terms.unconfirmed,
            owner,
            confirmed: None,
        }));
    }
    Some(Asks { terms, mails })
}

/// The address a mail can reach.
fn usable(inquiry: &Inquiry) -> Option<&Pii> {
    let email = inquiry.contact.email.as_ref()?;
    email.value.as_ref().filter(|_| email.validity == Validity::Valid)
}

/// Until when a lead waits that does.
pub(super) fn until(lead: &Lead, outcomes: &[BranchOutcome]) -> Option<Timestamp> {
    let waits = outcomes.iter().any(awaits);
    lead.confirmation.as_ref().filter(|_| waits).map(|it| it.until)
}

impl Work<'_> {
    /// The person has confirmed the address: the lead goes where it would have gone.
    pub(super) fn confirm(
        &self,
        confirmed: &Confirmed,
        ids: &mut IdBlock,
    ) -> Result<Operation, Refusal> {
        let before = self.before().ok_or(Refusal::NoInquiry)?;
        let mut lead = self.lead(false);
        let confirmation = lead.confirmation.as_mut().ok_or(Refusal::NotWaiting)?;
        if confirmation.confirmed.is_some() {
            return Err(Refusal::AlreadyConfirmed);
        }
        confirmation.confirmed = Some(confirmed.clone());
        if !awaits(before) {
            // Somebody has moved it on meanwhile: it is noted, and the lead stays where it is.
            return Ok(self.finish(Doing::stays(CONFIRMED, Cause::Answered, lead), ids));
        }
        let owners = self.owners_before_rules(&lead);
        self.afresh(CONFIRMED, Again { owners, ..Again::of(lead, Cause::Engaged) }, ids)
    }

    /// Who is asked before the rules, as for an inquiry that has just come.
    fn owners_before_rules(&self, lead: &Lead) -> Vec<(OwnerStep, Name)> {
        let Some(entry) = self.order.inquiry else { return Vec::new() };
        let mut record = entry.value.record.clone();
        record.account_owner = account::owner(self.configuration, lead, self.order.account);
        let existing = lead.confirmation.as_ref().and_then(|it| it.owner.clone());
        let existing = existing.map(|owner| (OwnerStep::Existing, owner));
        existing.into_iter().chain(owners(lead, &record, self.order.account)).collect()
    }

    /// Nobody has confirmed it in time, if that is over.
    pub(super) fn unconfirmed(&self, ids: &mut IdBlock) -> Result<Operation, Refusal> {
        let mut lead = self.lead(false);
        let Some(waits) = lead.confirmation.as_deref() else { return Err(Refusal::NotDue(None)) };
        if self.order.now < waits.until {
            return Err(Refusal::NotDue(Some(waits.until)));
        }
        // Who was known before is not forgotten for what somebody typed into a form.
        let new = lead.cycle == 1 && lead.absorbed.is_empty();
        if waits.unconfirmed == Unconfirmed::Erase && new {
            return Err(Refusal::ToBeErased);
        }
        lead.look_again = None;
        let way = vec![PlannedBranch::to(given_up())];
        let reason = Some(Name::fixed(UNCONFIRMED));
        let doing = Doing::goes("confirmation_expired", Cause::Clock, lead, way);
        Ok(self.finish(Doing { reason, ..doing }, ids))
    }
}
