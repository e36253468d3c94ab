//! Compiled routing: what [`super::plan()`] walks through.

use std::collections::BTreeMap;

use super::pools::Pool;
use crate::domain::{Name, PoolPick, SettingProblem, Timestamp};
use crate::rules::Condition;

/// The queue of leads handed to sales.
pub const SALES: &str = "sales";
/// The queue of leads to be kept warm.
pub const NURTURE: &str = "nurture";
/// The queue of leads about whom people ask the open questions.
pub const QUALIFY: &str = "qualify";
/// The queue where leads wait for a person's decision, and those that nobody could be assigned.
pub const TRIAGE: &str = "triage";
/// Stands where a lead is in no queue: it is discarded. Nobody can declare a queue of this name.
pub const NONE: &str = "none";

/// `routing.yaml` and `pools.yaml`, checked and compiled. Cheap to share, never changed.
#[derive(Debug, Clone)]
pub struct Router {
    pub(super) queues: BTreeMap<Name, Queue>,
    pub(super) rules: Vec<Rule>,
    pub(super) fallback: Vec<Stop>,
    pub(super) pools: BTreeMap<Name, Pool>,
    pub(super) warnings: Vec<SettingProblem>,
}

#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) destinations: Vec<Name>,
    pub(super) priority: u8,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) name: Name,
    /// `None` = always.
    pub(super) when: Option<Condition>,
    /// Whether the condition asks for `category`: only then the rule may take what is to be discarded.
    pub(super) asks_category: bool,
    pub(super) stops: Vec<Stop>,
}

/// One station of a rule's way: a queue, and somebody of a pool if one is named. If nobody there can
/// be picked, the next station follows; after the last one the lead is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    /// `None` = as the category says.
    pub(super) queue: Option<Name>,
    pub(super) pool: Option<Name>,
    pub(super) only: Option<Name>,
}

impl Router {
    /// The destinations of a queue, in the order of the settings; none if there is no such queue.
    #[must_use]
    pub fn destinations(&self, queue: &Name) -> &[Name] {
        self.queues.get(queue).map_or(&[], |queue| &queue.destinations)
    }

    /// The priority of a queue's deliveries, 0 (first) to 9.
    #[must_use]
    pub fn priority(&self, queue: &Name) -> u8 {
        self.queues
            .get(queue)
            .map_or_else(|| usual_priority(queue.as_str()), |queue| queue.priority)
    }

    /// Whether a lead may be put into a queue of this name.
    #[must_use]
    pub fn has_queue(&self, queue: &str) -> bool {
        self.queues.contains_key(queue)
    }

    /// The queues, by name: those declared, `triage` and `qualify`.
    pub fn queues(&self) -> impl Iterator<Item = &Name> {
        self.queues.keys()
    }

    /// The pools with their members, by name.
    pub fn pools(&self) -> impl Iterator<Item = (&Name, Vec<&Name>)> {
        self.pools.iter().map(|(name, pool)| (name, pool.members().collect()))
    }

    /// The names of the rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Name> {
        self.rules.iter().map(|rule| &rule.name)
    }

    /// What is not wrong but most likely not meant: rules that can never win, pools nobody uses,
    /// queues that tell nobody. Paths as in [`Router::compile`].
    #[must_use]
    pub fn warnings(&self) -> &[SettingProblem] {
        &self.warnings
    }

    /// A pick that can only come to this member, for a person who assigns by hand: caps and pauses do
    /// not stand in the way, but the lead counts against the caps. From the pool `prefer` if the
    /// member is in it, else from the first by name. `None` = no pool has such a member.
    #[must_use]
    pub fn chosen(&self, member: &Name, prefer: Option<&Name>, now: Timestamp) -> Option<PoolPick> {
        prefer
            .and_then(|pool| self.pools.get(pool))
            .into_iter()
            .chain(self.pools.values())
            .find_map(|pool| pool.offer_chosen(member, now))
    }
}

/// The priority of a queue that says none.
pub(super) fn usual_priority(queue: &str) -> u8 {
    match queue {
        SALES => 1,
        QUALIFY | TRIAGE => 3,
        NURTURE => 7,
        _ => 5,
    }
}
