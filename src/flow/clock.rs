//! Time goes on over a lead: the job that its record names looks at it again.

use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::operate::ActionError;
use super::workspace::Workspace;
use crate::decide::{Action, Refusal};
use crate::domain::{ClockTold, DeliveryId, Lead, LeadId, Name, Timestamp};
use crate::follow_up::sla::{self, Shown};
use crate::telemetry::Fact;

/// The name under which the clock acts.
const CLOCK: &str = "clock";

impl Flow {
    /// How a lead's clocks stand now; `None` = none ran in its present cycle.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn clock(
        &self,
        workspace: &Workspace,
        lead: &Lead,
    ) -> Result<Option<Shown>, Unavailable> {
        let Some(outcome) = lead.assignment.outcome().filter(|_| lead.clocks.is_some()) else {
            return Ok(None);
        };
        let roster = self.roster(&workspace.name).await?;
        let owner = lead.assignment.owner();
        let calendar = sla::calendar(&workspace.decide.router, lead, outcome, owner, &roster.value);
        Ok(sla::shown(lead, &calendar, self.now()))
    }

    /// Counts and logs what clocks said.
    pub(super) fn record_told(&self, workspace: &Name, lead: LeadId, told: &[ClockTold]) {
        for told in told {
            self.telemetry.record(&Fact::ClockTold {
                workspace,
                lead,
                clock: told.clock.as_ref().map_or("", Name::as_str),
                awaited: told.awaited.as_str(),
                how: if told.is_breach() { "breached" } else { "warned" },
                late: Duration::from_millis(told.late_ms),
            });
        }
    }

    /// Does what time alone brings about. Gives when to look again; `None` = that was all. Safe to repeat: a lead
    /// names the one job that may do it.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn look_again(
        &self,
        workspace: &Workspace,
        job: DeliveryId,
        lead: LeadId,
    ) -> Result<Option<Timestamp>, Unavailable> {
        let actor = Name::fixed(CLOCK);
        let action = Action::LookAgain { job };
        match self.act(workspace, lead, action, &actor, None).await {
            Err(ActionError::Refused(Refusal::NotDue(at))) => Ok(at),
            Err(ActionError::Refused(Refusal::ToBeErased)) => {
                self.forget_unconfirmed(workspace, lead, &actor).await
            }
            Err(ActionError::Unavailable(unavailable)) => Err(unavailable),
            // Whatever else it is, the lead is not there any more or went up in another, whose own job looks at it.
            Ok(_) | Err(_) => Ok(None),
        }
    }
}
