//! How a lead leaves sales, and how it comes back there.

use super::configuration::Configuration;
use crate::assign::PlannedBranch;
use crate::domain::{BranchOutcome, Category, Lead, LeftSales, Name, OwnerStep, Stage, Timestamp};

/// The reason where nobody gives one: an operator moved it.
const BY_HAND: &str = "by_hand";

/// Whether a lead that had left sales goes back there by these ways.
pub(super) fn comes_back(lead: &Lead, ways: &[PlannedBranch]) -> bool {
    lead.left_sales().is_some() && ways.iter().all(|way| sells(&way.outcome))
}

/// Who had a lead before it left sales: asked before the rules when it comes back.
pub(super) fn had_before(lead: &Lead) -> Vec<(OwnerStep, Name)> {
    let owner = lead.left_sales().and_then(|left| left.owner.as_ref());
    owner.map(|owner| (OwnerStep::Existing, owner.clone())).into_iter().collect()
}

/// Notes in a lead that it leaves sales by these ways, or is back there. Its assignment is still the one before.
pub(super) fn note(
    configuration: &Configuration,
    lead: &mut Lead,
    before: Option<&BranchOutcome>,
    ways: &[PlannedBranch],
    reason: Option<&Name>,
    now: Timestamp,
) {
    let nurtured = |way: &PlannedBranch| way.outcome.category == Category::Nurture;
    let recycled = ways.iter().all(|way| way.outcome.stage == Stage::Recycled);
    let leaves = before.is_some_and(sells) && ways.iter().all(nurtured);
    let passed_back = recycled && before.is_some_and(|before| before.stage != Stage::Recycled);
    if passed_back || (leaves && lead.left_sales().is_none()) {
        let left = LeftSales {
            at: now,
            reason: reason.cloned().unwrap_or_else(|| Name::fixed(BY_HAND)),
            owner: lead.assignment.owner().cloned(),
            cool_until: configuration.follow_up.nurture.cools_until(now).filter(|_| passed_back),
        };
        lead.nurture.get_or_insert_default().left = Some(left);
    }
    if comes_back(lead, ways)
        && let Some(nurture) = &mut lead.nurture
    {
        nurture.left = None;
    }
    lead.nurture.take_if(|nurture| nurture.is_empty());
}

/// Whether it is worked on to be sold.
fn sells(outcome: &BranchOutcome) -> bool {
    outcome.category == Category::Sell && !outcome.stage.is_closed()
}
