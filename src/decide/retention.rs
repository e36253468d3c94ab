//! How long leads are kept after the last thing that happened with them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::{Category, Lead, Stage, Timestamp};

/// How long some leads are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// Only of these categories; of all if empty.
    pub categories: Vec<Category>,
    /// Only at these stages; at all if empty.
    pub stages: Vec<Stage>,
    pub length: Duration,
}

impl Keeping {
    fn is_for(&self, category: Category, stage: Stage) -> bool {
        (self.categories.is_empty() || self.categories.contains(&category))
            && (self.stages.is_empty() || self.stages.contains(&stage))
    }

    /// Whether it is for every lead.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        self.categories.is_empty() && self.stages.is_empty()
    }
}

/// How long which leads are kept, from narrow to broad: the first that is for a lead holds. A lead that none is for is kept
/// for good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention(pub Vec<Keeping>);

impl Retention {
    /// The different lengths.
    #[must_use]
    pub fn lengths(&self) -> BTreeSet<Duration> {
        self.0.iter().map(|keeping| keeping.length).collect()
    }

    /// Until when a lead is kept, if nothing more happens with it; `None` = for good.
    #[must_use]
    pub fn until(&self, lead: &Lead) -> Option<Timestamp> {
        let (category, stage) = (lead.category()?, lead.stage());
        let keeping = self.0.iter().find(|keeping| keeping.is_for(category, stage))?;
        let engaged = lead.nurture.as_ref().and_then(|it| it.engagements.latest());
        Some(lead.updated_at.max(engaged.unwrap_or(Timestamp::EPOCH)).after(keeping.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::consequence::given_up;
    use crate::domain::{Assignment, BranchOutcome, Engagement, EngagementKind};
    use crate::rules::example::Example;

    const DAY: Duration = Duration::from_hours(24);

    fn keeping(categories: &[Category], stages: &[Stage], days: u32) -> Keeping {
        Keeping { categories: categories.to_vec(), stages: stages.to_vec(), length: DAY * days }
    }

    #[test]
    fn the_first_that_is_for_a_lead_holds_from_the_last_thing_that_happened() {
        let mut lead = Example::rich().lead;
        lead.assignment = Assignment::Settled {
            outcome: BranchOutcome { stage: Stage::Recycled, ..given_up() },
            owner: None,
        };
        let (category, stage) = (lead.category().unwrap(), lead.stage());
        let last = lead.updated_at;
        let until = |retention: &[Keeping], lead: &Lead| Retention(retention.to_vec()).until(lead);
        let by_both = keeping(&[category], &[stage], 10);
        let other = keeping(&[category], &[Stage::Lost], 5);
        let all = keeping(&[], &[], 30);
        assert!(all.is_for_all() && !other.is_for_all());
        let narrow = [other.clone(), by_both, all.clone()];
        assert_eq!(until(&narrow, &lead), Some(last.after(DAY * 10)));
        assert_eq!(until(&[other.clone(), all.clone()], &lead), Some(last.after(DAY * 30)));
        assert_eq!(until(&[other], &lead), None, "for good");
        let kind = EngagementKind::PageViewed;
        let at = last.after(DAY);
        let seen = Engagement { kind, at, page: None, campaign: None, mark: 1, count: 1 };
        lead.nurture.get_or_insert_default().engagements.note(&[seen]);
        assert_eq!(until(std::slice::from_ref(&all), &lead), Some(at.after(DAY * 30)));
        assert_eq!(Retention(vec![all.clone(), all]).lengths().len(), 1);
    }
}
