//! One thing that people or tools say back about a lead.

use super::answering::Answers;
use crate::domain::{Disposition, LeadId, Money, Name, Timestamp};

/// One thing said back about a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    pub disposition: Disposition,
    /// When it happened; now, if nothing is said or it is still to come.
    pub at: Option<Timestamp>,
    /// What they bought for.
    pub deal: Option<Money>,
    pub reason: Option<Name>,
    /// When the lead is worth another try.
    pub revisit_at: Option<Timestamp>,
    /// With `duplicate`: of which lead. People look at the two.
    pub of: Option<LeadId>,
    /// What was found out with it.
    pub answers: Answers,
}

impl Saying {
    /// Nothing but the disposition itself.
    #[must_use]
    pub fn bare(disposition: Disposition, at: Option<Timestamp>) -> Self {
        let answers = Answers::default();
        Self { disposition, at, deal: None, reason: None, revisit_at: None, of: None, answers }
    }
}
