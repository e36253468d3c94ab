//! A person acts on a lead: assign, release, discard, decide again, answer. Decided by `decide::operate`,
//! committed like everything else. Time acts too.

use super::context::{Flow, Unavailable};
use super::inquiry::{read_entry, read_lead};
use super::workspace::Workspace;
use crate::decide::{Order, Refusal, operate};
use crate::domain::{
    Assignment, Claim, CommitOutcome, Engagement, EngagementKind, Key, Known, Lead, LeadId, Name,
    Timestamp,
};
use crate::telemetry::Fact;

pub use crate::decide::{Action, Answers, Saying};

/// A person's action that meets somebody else's is tried again so often.
pub(super) const ROUNDS_MAX: u32 = 3;

/// What became of an action.
#[derive(Debug, Clone)]
pub struct Acted {
    /// As it is afterwards.
    pub lead: Lead,
    /// The same was asked for before, and done then.
    pub again: bool,
    /// It stands elsewhere than before.
    pub moved: bool,
}

/// Why an action was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    #[error("there is no such lead")]
    NoLead,
    #[error("there is no such inquiry")]
    NoInquiry,
    /// More than one lead could be meant.
    #[error("several leads could be meant")]
    Ambiguous(Vec<LeadId>),
    #[error("the same id came before with something else")]
    KeyReused,
    #[error("somebody changed it meanwhile")]
    Changed,
    /// Several leads are found by it.
    #[error("several people are found by that")]
    Several(Vec<LeadId>),
    #[error("the inquiry is not filtered (any more)")]
    NotFiltered,
    #[error("the inquiry holds nobody's contact data: there is no lead to make of it")]
    NoContact,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Flow {
    /// Carries out one action on one lead; gives the lead as it is afterwards. `seen`: when the lead
    /// as the person saw it was last changed; nothing is done if it was changed since.
    ///
    /// # Errors
    /// If there is no such lead, the action makes no sense for it, or the store does not answer.
    pub async fn act(
        &self,
        workspace: &Workspace,
        lead: LeadId,
        action: Action,
        actor: &Name,
        seen: Option<Timestamp>,
    ) -> Result<Lead, ActionError> {
        self.act_once(workspace, lead, action, actor, seen, None).await.map(|acted| acted.lead)
    }

    /// The same, once only for one claim.
    ///
    /// # Errors
    /// As [`Flow::act`]; [`ActionError::KeyReused`] if the claim was taken for something else.
    pub(super) async fn act_once(
        &self,
        workspace: &Workspace,
        lead: LeadId,
        action: Action,
        actor: &Name,
        seen: Option<Timestamp>,
        claim: Option<Claim>,
    ) -> Result<Acted, ActionError> {
        for _ in 0..ROUNDS_MAX {
            let stored = self.read_one(&workspace.name, Key::Lead(lead)).await?;
            let stored = stored.ok_or(ActionError::NoLead)?;
            let known = Known { version: stored.version, value: read_lead(&stored)? };
            if seen.is_some_and(|seen| seen != known.value.updated_at) {
                return Err(ActionError::Changed);
            }
            let last = known
                .value
                .touches
                .last()
                .map_or(known.value.first_touch.inquiry, |touch| touch.inquiry);
            let entry = self.read_one(&workspace.name, Key::Inquiry(last)).await?;
            let entry = entry
                .map(|stored| {
                    let value = read_entry(&stored)?;
                    Ok::<_, Unavailable>(Known { version: stored.version, value })
                })
                .transpose()?;
            let account = self.account_facts(workspace, &known.value).await?;
            let roster = self.roster(&workspace.name).await?;
            let told = self.told(&workspace.name, lead, &action).await?;
            let order = Order {
                roster: &roster.value,
                overlay: roster.version,
                action: action.clone(),
                actor,
                lead: &known,
                inquiry: entry.as_ref(),
                account: &account,
                claim: claim.clone(),
                lease: Some(self.lease.clone()),
                now: self.now(),
                told: &told,
            };
            let operation = operate(&workspace.decide, &order, &mut self.ids())?;
            let outcome = self.store.commit(&operation.commit).await;
            let outcome = outcome.map_err(|error| self.troubled("operate", error))?;
            match outcome {
                CommitOutcome::Duplicate { .. } => {
                    return Ok(Acted { lead: known.value, again: true, moved: false });
                }
                CommitOutcome::Conflict { .. } => return Err(ActionError::KeyReused),
                CommitOutcome::Stale(_) => {}
                CommitOutcome::Committed(committed) => {
                    self.hand_out(&operation.commit, committed.leased);
                    let on = lead.to_string();
                    self.telemetry.record(&Fact::OperatorActed {
                        workspace: &workspace.name,
                        actor: actor.as_str(),
                        action: word(&action),
                        on: &on,
                    });
                    self.record_told(&workspace.name, lead, &operation.told);
                    let mut after = operation.lead;
                    let pending =
                        std::mem::replace(&mut after.assignment, Assignment::Pending(Vec::new()));
                    after.assignment = pending.settle(Some(&committed.receipt));
                    let moved = after.assignment != known.value.assignment;
                    return Ok(Acted { lead: after, again: false, moved });
                }
            }
            self.refresh_roster(&workspace.name).await?;
        }
        Err(Unavailable::Contention.into())
    }
}

impl Flow {
    /// The destinations that have had a lead, as far as they are to be told of the action.
    async fn told(
        &self,
        workspace: &Name,
        lead: LeadId,
        action: &Action,
    ) -> Result<Vec<Name>, Unavailable> {
        let unsubscribes = |one: &Engagement| one.kind == EngagementKind::Unsubscribed;
        let all_are_told = match action {
            Action::Consent(_) => true,
            Action::Engage(told) => told.iter().any(unsubscribes),
            _ => false,
        };
        if !all_are_told {
            return Ok(Vec::new());
        }
        self.told_of(workspace, lead).await
    }
}

/// The word in logs and counters.
fn word(action: &Action) -> &'static str {
    match action {
        Action::Assign { .. } => "assign",
        Action::Release => "release",
        Action::Retry => "retry",
        Action::Discard { .. } => "discard",
        Action::Redecide => "redecide",
        Action::Answer(_) => "answer",
        Action::Engage(_) => "engage",
        Action::Consent(_) => "consent",
        Action::Say(saying) => saying.disposition.as_str(),
        Action::Confirm(_) => "confirm",
        Action::LookAgain { .. } => "look_again",
    }
}
