//! Whoever had a lead that was none gets the turn in the pool back for it, where sales says of it what the workspace
//! credits; if that is taken back, so is the turn.

use super::operate::Work;
use crate::domain::{Lead, Write};
use crate::follow_up::dispositions::left_by;

impl Work<'_> {
    /// The turn that goes back, or is taken back, as the lead stands by what was said now.
    pub(super) fn credit(&self, lead: &mut Lead) -> Option<Write> {
        let stored = &self.order.lead.value;
        let said = lead.said.as_deref_mut()?;
        let words = &self.configuration.follow_up.dispositions;
        let owed = left_by(said).is_some_and(|word| words.credits(word));
        if owed == said.credited {
            return None;
        }
        // Gone from what was said if the lead is back where it was.
        let before = || stored.said.as_ref()?.handed_back.as_ref();
        let had = said.handed_back.as_ref().or_else(before)?;
        let (pool, member) = (had.outcome()?.pool.clone()?, had.owner()?.clone());
        if !self.configuration.router.goes_by_turns(&pool) {
            return None;
        }
        said.credited = owed;
        Some(Write::Credit { pool, member, by: if owed { 1 } else { -1 } })
    }
}
