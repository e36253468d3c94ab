//! Rules and criteria that could not be evaluated: noted where a decision was committed, told to operators at the
//! next look. An error is never a match, so a lead goes on to the next rule; that somebody mends the rule is what the
//! alert is for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::context::Flow;
use super::workspace::Workspace;
use crate::domain::{Name, Record};

/// More rules of one workspace than this are not told of between two looks.
const RULES_MAX: usize = 100;

/// By workspace and rule or criterion, how many inquiries it failed for since the last look.
#[derive(Debug, Default)]
pub(super) struct Failing(Mutex<BTreeMap<(Name, Name), u64>>);

impl Flow {
    /// Notes what a record says could not be evaluated; gives how many that were.
    pub(super) fn note_failed(&self, workspace: &Workspace, record: &Record) -> u32 {
        let router = &workspace.decide.router;
        let rules = router.rules().zip(record.rules.bytes());
        let rules = rules.filter(|(_, says)| *says == b'e').map(|(name, _)| name);
        let failed: Vec<&Name> = if record.rules.contains('e') {
            rules.chain(&record.qualification.errors).collect()
        } else {
            record.qualification.errors.iter().collect()
        };
        if failed.is_empty() {
            return 0;
        }
        let mut noted = self.failing.0.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &failed {
            if noted.len() < RULES_MAX {
                *noted.entry((workspace.name.clone(), (*name).clone())).or_default() += 1;
            }
        }
        u32::try_from(failed.len()).unwrap_or(u32::MAX)
    }

    /// What failed since the last look; it is forgotten here.
    pub(super) fn failed(&self, workspace: &Name) -> Vec<(Name, u64)> {
        let mut noted = self.failing.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut *noted);
        let (ours, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.into_iter().partition(|((of, _), _)| of == workspace);
        *noted = others;
        ours.into_iter().map(|((_, rule), count)| (rule, count)).collect()
    }
}
