//! Whoever was tried in vain is to be tried again: if nobody does, that is said, once for each time.

use super::run::millis;
use crate::domain::{Awaited, ClockTold, Lead, Timestamp, Tries};

/// When the next attempt is due, if that was not said yet.
#[must_use]
pub fn attempt_due(lead: &Lead) -> Option<Timestamp> {
    let tries = lead.tries.filter(|tries| !tries.told && !lead.stage().is_closed())?;
    tries.next
}

/// What is said when it is, and notes that it was.
pub fn attempt_says(lead: &mut Lead, now: Timestamp) -> Option<ClockTold> {
    let due_at = attempt_due(lead).filter(|due| *due <= now)?;
    let tries = lead.tries?;
    lead.tries = Some(Tries { told: true, ..tries });
    Some(ClockTold {
        clock: None,
        awaited: Awaited::NextAttempt,
        owner: lead.assignment.owner().cloned(),
        assigned_at: tries.last,
        due_at,
        part: None,
        late_ms: millis(now.since(due_at)),
        reassignments: lead.clocks.as_ref().map_or(0, |clocks| clocks.reassigned),
    })
}
