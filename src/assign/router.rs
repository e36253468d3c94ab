//! Compiled routing: what [`super::plan()`] walks through.

use std::collections::BTreeMap;

use std::time::Duration;

use super::caps::Lot;
use super::pools::{Pool, Wanted};
use super::settings::ServedFirst;
use super::tables::RuleTable;
use crate::domain::{
    Lead, Method, Millipoints, Name, OwnerStep, PoolPick, Roster, SettingProblem, Timestamp,
};
use crate::rules::{Condition, ConditionSource, Index, Named};

/// The queue of leads handed to sales.
pub const SALES: &str = "sales";
/// The queue of leads to be kept warm.
pub const NURTURE: &str = "nurture";
/// The queue of leads about whom people ask the open questions.
pub const QUALIFY: &str = "qualify";
/// The queue where leads wait for a person's decision, and those that nobody could be assigned.
pub const TRIAGE: &str = "triage";
/// Stands in records instead of a rule where a lead is not to be routed. No rule may have this name.
pub const DO_NOT_ROUTE: &str = "do_not_route";
/// Stands where a lead is in no queue: it is discarded. Nobody can declare a queue of this name.
pub const NONE: &str = "none";

/// `routing.yaml` and `pools.yaml`, checked and compiled. Cheap to share, never changed.
#[derive(Debug, Clone)]
pub struct Router {
    pub(super) queues: BTreeMap<Name, Queue>,
    /// Who waits for a person whatever the rules say.
    pub(super) kept_back: Option<Condition>,
    pub(super) owners: Vec<OwnerStep>,
    pub(super) served_first: ServedFirst,
    pub(super) rules: Vec<Rule>,
    /// Over their conditions.
    pub(super) index: Index,
    /// What is said of each rule that is known not to match: of a lead to be discarded, and of any other.
    pub(super) passed: [String; 2],
    pub(super) fallback: Vec<Stop>,
    pub(super) pools: BTreeMap<Name, Pool>,
    pub(super) warnings: Vec<SettingProblem>,
}

#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) destinations: Vec<Name>,
    pub(super) priority: u8,
    /// Rising: from each expected value on a lead goes out one priority sooner.
    pub(super) sooner_from: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) name: Name,
    /// `None` = always.
    pub(super) when: Option<Condition>,
    /// The condition in words.
    pub(super) words: Option<String>,
    /// The condition as written.
    pub(super) source: Option<ConditionSource>,
    /// Whether the condition asks for `category`: only then the rule may take what is to be discarded.
    pub(super) asks_category: bool,
    /// Of whom one of its rows must be true as well.
    pub(super) table: Option<RuleTable>,
    /// Its way; with a table every row has its own.
    pub(super) stops: Vec<Stop>,
}

impl Rule {
    /// All stations of all its ways.
    pub(super) fn stops(&self) -> impl Iterator<Item = &Stop> {
        let rows = self.table.iter().flat_map(|table| table.ways.iter().flatten());
        self.stops.iter().chain(rows)
    }
}

/// One station of a rule's way: a queue, and somebody of a pool if one is named. If nobody there can
/// be picked, the next station follows; after the last one the lead is held.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop {
    /// `None` = as the category says.
    pub(super) queue: Option<Name>,
    pub(super) pool: Option<Name>,
    pub(super) only: Option<Name>,
    /// Skills, each with the field that says which.
    pub(super) skills: Vec<(String, Named)>,
    /// Whoever comes within this time will do.
    pub(super) within: Option<Duration>,
    /// Before coming here the lead waits so long for somebody of the stations before.
    pub(super) hold: Option<Duration>,
}

impl Router {
    /// The destinations of a queue, in the order of the settings; none if there is no such queue.
    #[must_use]
    pub fn destinations(&self, queue: &Name) -> &[Name] {
        self.queues.get(queue).map_or(&[], |queue| &queue.destinations)
    }

    /// The priority of a queue's deliveries about a lead of this expected value, 0 (first) to 9.
    #[must_use]
    pub fn priority(&self, queue: &Name, worth: u32) -> u8 {
        let Some(queue) = self.queues.get(queue) else { return usual_priority(queue.as_str()) };
        let reached = queue.sooner_from.iter().take_while(|from| **from <= worth).count();
        queue.priority.saturating_sub(u8::try_from(reached).unwrap_or(u8::MAX))
    }

    /// How leads that wait stand among each other when members are scarce: the greater one is served first.
    #[must_use]
    pub fn rank(&self, lead: &Lead) -> (u32, Millipoints) {
        match self.served_first {
            ServedFirst::Score => (0, lead.score),
            ServedFirst::ExpectedValue => (lead.worth, lead.score),
        }
    }

    /// Where `routing.yaml` goes by expected values, as a path; `None` = nowhere.
    #[must_use]
    pub fn goes_by_worth(&self) -> Option<String> {
        if self.served_first == ServedFirst::ExpectedValue {
            return Some("served_first".to_owned());
        }
        let (name, _) = self.queues.iter().find(|(_, queue)| !queue.sooner_from.is_empty())?;
        Some(format!("queues.{name}.sooner_from"))
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

    /// The rules in words, in order: name, for whom (`None` = everybody), where to.
    pub fn rules_in_words(&self) -> impl Iterator<Item = (&Name, Option<&str>, String)> {
        self.rules.iter().map(|rule| {
            let way = match &rule.table {
                Some(table) => table.in_words(),
                None => way(&rule.stops),
            };
            (&rule.name, rule.words.as_deref(), way)
        })
    }

    /// What the row of a rule's table says that stands on a line: the file, and the row's conditions in words.
    #[must_use]
    pub fn row_in_words(&self, rule: &Name, line: u32) -> Option<(String, String)> {
        let table = self.rules.iter().find(|known| known.name == *rule)?.table.as_ref()?;
        let row = table.rows.row_of_line(line)?;
        Some((table.file(), table.rows.row_in_words(row)))
    }

    /// Where a lead goes that no rule takes, in words.
    #[must_use]
    pub fn fallback_in_words(&self) -> String {
        way(&self.fallback)
    }

    /// What each pool would be asked at a time, with its members who are away then, why, and when they are back.
    pub fn offers(
        &self,
        now: Timestamp,
        roster: &Roster,
    ) -> impl Iterator<Item = (PoolPick, Vec<(Name, String)>)> {
        self.pools.values().map(move |pool| {
            let wanted =
                Wanted { only: None, excluded: &[], skills: &[], roster, lot: None, at: now };
            let offer = pool.offer(wanted);
            let away = offer.away.into_iter().map(|(name, away)| (name, away.to_string()));
            (offer.pick, away.collect())
        })
    }

    /// Those of a pool who are there and not among `excluded`; `None` if nobody is.
    #[must_use]
    pub fn others(
        &self,
        pool: &Name,
        excluded: &[Name],
        lot: Lot<'_>,
        now: Timestamp,
        roster: &Roster,
    ) -> Option<PoolPick> {
        let lot = Some(lot);
        let wanted = Wanted { only: None, excluded, skills: &[], roster, lot, at: now };
        let pick = self.pools.get(pool)?.offer(wanted).pick;
        (!pick.candidates.is_empty()).then_some(pick)
    }

    /// Whether a pool has a member of this name.
    #[must_use]
    pub fn has_member(&self, member: &Name) -> bool {
        self.pools.values().any(|pool| pool.members().any(|known| known == member))
    }

    /// Days off of a member, both included, by the member's time zone; `None` if there is no such member or these
    /// are no days in order. Of a member in several pools the first pool's zone counts.
    #[must_use]
    pub fn days_off(&self, member: &Name, from: &str, to: &str) -> Option<(Timestamp, Timestamp)> {
        self.pools.values().find_map(|pool| pool.days_off(member, from, to))
    }

    /// Whether that owner is asked before the rules.
    #[must_use]
    pub fn asks(&self, step: OwnerStep) -> bool {
        self.owners.contains(&step)
    }

    /// The sources that some cap is for, with the pool that has it.
    pub fn capped_sources(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.pools
            .iter()
            .flat_map(|(name, pool)| pool.capped_sources().map(move |source| (name, source)))
    }

    /// Whether a pool gives its members turns: one that goes by their open leads does not, and there may be no such
    /// pool any more.
    #[must_use]
    pub fn goes_by_turns(&self, pool: &Name) -> bool {
        self.pools.get(pool).is_some_and(|pool| pool.method != Method::LeastBusy)
    }

    /// Whether open leads are counted: some pool goes by them.
    #[must_use]
    pub fn counts_open(&self) -> bool {
        self.pools.values().any(Pool::needs_open)
    }

    /// What is not wrong but most likely not meant: rules that can never win, pools nobody uses,
    /// queues that tell nobody. Paths as in [`Router::compile`].
    #[must_use]
    pub fn warnings(&self) -> &[SettingProblem] {
        &self.warnings
    }

    /// A pick that can only come to this member, for a person who assigns by hand: caps and pauses do
    /// not stand in the way, but the lead counts against the caps. From
    /// the pool `prefer` if the member is in it, else from the first by name. `None` = no pool has such a member.
    #[must_use]
    pub fn chosen(
        &self,
        member: &Name,
        prefer: Option<&Name>,
        lot: Lot<'_>,
        now: Timestamp,
    ) -> Option<PoolPick> {
        prefer
            .and_then(|pool| self.pools.get(pool))
            .into_iter()
            .chain(self.pools.values())
            .find_map(|pool| pool.offer_chosen(member, lot, now))
    }
}

/// A way in words: its stations in order.
fn way(stops: &[Stop]) -> String {
    let station = |stop: &Stop| {
        let queue = stop.queue.as_ref().map_or_else(
            || "the queue of its category".to_owned(),
            |queue| format!("queue {queue}"),
        );
        let pool = stop.pool.as_ref().map_or_else(String::new, |pool| format!(", pool {pool}"));
        let only = stop.only.as_ref().map_or_else(String::new, |only| format!(", {only} alone"));
        let wait = stop.hold.map_or_else(String::new, |hold| format!("after {} ", in_words(hold)));
        let skills: Vec<_> = stop.skills.iter().map(|(skill, _)| skill.as_str()).collect();
        let skills = match skills.join(", ") {
            none if none.is_empty() => none,
            some => format!(", by skill ({some})"),
        };
        let within = stop.within.map_or_else(String::new, |within| {
            format!(", whoever comes within {}", in_words(within))
        });
        format!("{wait}{queue}{pool}{only}{skills}{within}")
    };
    let stations: Vec<String> = stops.iter().map(station).collect();
    let picks = stops.last().is_some_and(|stop| stop.pool.is_some());
    let end = if picks { "; if nobody there can take it, it is held" } else { "" };
    format!("{}{end}", stations.join("; if nobody there can take it, "))
}

/// `16 h`, `2 d`, `90 min`.
fn in_words(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    match (minutes % 1440, minutes % 60) {
        (0, _) => format!("{} d", minutes / 1440),
        (_, 0) => format!("{} h", minutes / 60),
        _ => format!("{minutes} min"),
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
