//! The part of a decision that the store completes: whom to pick, and what it picked.

use serde::{Deserialize, Serialize};

use super::status::closed_list;
use super::{Name, Timestamp};

closed_list! {
    /// How a pool shares out. All methods run through one comparator in `assign::pick`:
    /// the smallest key wins, ties go to the smaller name (by bytes).
    Method {
        /// Whoever's last turn is longest ago.
        RoundRobin = "round_robin",
        /// Smooth weighted round robin (as nginx does it): 5:1:1 gives a a b a c a a.
        Weighted = "weighted",
    }
}

/// A cap on what a member may be given: the counter's name and how high it may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// Names member, window and window start in UTC (`anna:day:20260228T2300Z`), so a counter never needs
    /// resetting; it is stored under [`super::Key::Counter`].
    pub counter: String,
    /// The member may be picked while the counter is below this.
    pub limit: u32,
    /// When nobody will ask for the counter any more.
    pub until: Timestamp,
}

/// A member that every pure condition lets through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub member: Name,
    /// 1 to 1000.
    pub weight: u32,
    pub caps: Vec<Cap>,
}

/// What the store is asked to pick from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolPick {
    pub pool: Name,
    pub method: Method,
    /// Sorted by name, at most 200.
    pub candidates: Vec<Candidate>,
}

/// A member's place in a pool's state. Integers stay below 2^53 (the scripts count in doubles).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub member: Name,
    /// Smooth weighted round robin's running weight.
    pub current: i64,
    /// The pool's turn number when the member was last picked; 0 = never.
    pub turn: u64,
    /// How many were assigned in all.
    pub assigned: u64,
}

/// What the store remembers of a pool, sorted by member. Members no longer configured stay.
/// Packed by `assign::pack_state`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolState {
    /// How many picks the pool has made.
    pub turn: u64,
    pub seats: Vec<Seat>,
}

/// What the store picked, and why not the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which branch of the plan was taken, from 0.
    pub branch: u8,
    /// The owner, if the branch picks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Name>,
    /// The pool's turn number of this pick; 0 without a pick.
    #[serde(default)]
    pub turn: u64,
    /// Members passed over because a cap was reached, over all branches tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capped: Vec<Name>,
    /// How many members tied with the winner before the name decided; 1 = no tie.
    #[serde(default)]
    pub tied: u32,
}

impl Receipt {
    /// The receipt of a plan that picks nobody.
    #[must_use]
    pub fn of_branch(branch: u8) -> Self {
        Self { branch, member: None, turn: 0, capped: Vec::new(), tied: 0 }
    }

    /// Packed as the scripts pack it: `branch|member|turn|tied|capped,capped`.
    #[must_use]
    pub fn pack(&self) -> String {
        let member = self.member.as_ref().map_or("", Name::as_str);
        let capped = self.capped.iter().map(Name::as_str).collect::<Vec<_>>().join(",");
        format!("{}|{member}|{}|{}|{capped}", self.branch, self.turn, self.tied)
    }

    /// Reads what [`Receipt::pack`] wrote.
    #[must_use]
    pub fn unpack(text: &str) -> Option<Self> {
        let mut parts = text.split('|');
        let branch = parts.next()?.parse().ok()?;
        let member = match parts.next()? {
            "" => None,
            name => Some(Name::parse(name).ok()?),
        };
        let turn = parts.next()?.parse().ok()?;
        let tied = parts.next()?.parse().ok()?;
        let capped = match parts.next()? {
            "" => Vec::new(),
            names => names.split(',').map(|n| Name::parse(n).ok()).collect::<Option<_>>()?,
        };
        parts.next().is_none().then_some(Self { branch, member, turn, capped, tied })
    }
}
