//! `retention:` of `workspace.yaml`: how long things are kept.

use std::time::Duration;

use serde::Deserialize;

use super::Period;
use crate::decide::{Keeping, Retention};
use crate::domain::{Category, SettingProblem, Stage};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Of what has served.
const SERVED_DAYS_MAX: u32 = 3660;
/// Of leads: a century.
const LEADS_DAYS_MAX: u32 = 36_600;

/// How long things are kept that have served, and leads with which nothing happens any more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// Bodies that could not be read and that nobody could correct.
    pub unreadable: Period,
    /// Bodies returned to callers who can correct them (422).
    pub returned: Period,
    /// What the honeypot caught.
    pub filtered: Period,
    /// Test inquiries.
    pub tests: Period,
    /// How long the same event is known as a duplicate.
    pub claims: Period,
    /// Deliveries that ended, with their attempts. What was given up stays until a person acts: a dropped one ends then.
    pub deliveries: Period,
    /// Leads with which nothing happens any more, from narrow to broad: the first that is for a lead holds. It is
    /// forgotten then, as if the person had asked for it. A lead that none is for is kept for good.
    #[cfg_attr(test, schemars(extend("examples" = [[{"stages": ["won"], "keep": "3650d"}, {"categories": ["discard"], "keep": "180d"}, {"keep": "1095d"}]])))]
    pub leads: Vec<LeadRetentionSettings>,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        let days = |n: u32| Period(DAY * n);
        Self {
            unreadable: days(30),
            returned: days(7),
            filtered: days(7),
            tests: days(7),
            claims: days(30),
            deliveries: days(7),
            leads: Vec::new(),
        }
    }
}

/// How long some leads are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeadRetentionSettings {
    /// Only of these categories.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// Only at these stages.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// So long after the last thing that happened with the lead; between `1d` and `36600d`.
    pub keep: Period,
}

impl RetentionSettings {
    /// What is wrong with it, with paths below it.
    pub(super) fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        let kept = [
            ("unreadable", self.unreadable),
            ("returned", self.returned),
            ("filtered", self.filtered),
            ("tests", self.tests),
            ("claims", self.claims),
            ("deliveries", self.deliveries),
        ];
        for (name, period) in kept {
            if period.0 < HOUR || period.0 > DAY * SERVED_DAYS_MAX {
                let message = format!("expected between 1h and {SERVED_DAYS_MAX}d");
                problems.push(SettingProblem::new(name, message));
            }
        }
        for (at, keep) in self.leads.iter().map(|leads| leads.keep.0).enumerate() {
            if keep < DAY || keep > DAY * LEADS_DAYS_MAX {
                let message = format!("expected between 1d and {LEADS_DAYS_MAX}d");
                problems.push(SettingProblem::new(format!("leads[{at}].keep"), message));
            }
        }
        let last = self.leads.len().saturating_sub(1);
        let for_all = self.compile().0.iter().position(Keeping::is_for_all);
        if let Some(at) = for_all.filter(|at| *at < last) {
            let message = "the one above it is for every lead: this one is for none";
            problems.push(SettingProblem::new(format!("leads[{}]", at + 1), message));
        }
        problems
    }

    /// How long leads are kept.
    #[must_use]
    pub fn compile(&self) -> Retention {
        let keeping = |leads: &LeadRetentionSettings| Keeping {
            categories: leads.categories.clone(),
            stages: leads.stages.clone(),
            length: leads.keep.0,
        };
        Retention(self.leads.iter().map(keeping).collect())
    }
}
