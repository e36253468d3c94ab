//! Who got how much: the pools' shares as the store counts them.

use std::collections::BTreeMap;

use super::context::{Flow, Unavailable};
use super::workspace::Workspace;
use crate::assign::unpack_state;
use crate::domain::{Cap, Key, Method, Name, PoolPick, PoolState, Stored};

/// A pool as people see it.
#[derive(Debug, Clone)]
pub struct PoolView {
    pub name: Name,
    /// How it shares out.
    pub method: Method,
    /// How many picks it has made.
    pub turn: u64,
    /// Those configured now and those that were, by name.
    pub members: Vec<MemberView>,
}

/// One member's part in it.
#[derive(Debug, Clone)]
pub struct MemberView {
    pub name: Name,
    /// In the configuration of now; others keep their count.
    pub configured: bool,
    /// Configured, but not to be picked for now.
    pub paused: bool,
    /// `None` for those paused or not configured any more.
    pub weight: Option<u32>,
    pub assigned: u64,
    /// The pool's turn when the member was last picked; 0 = never.
    pub last_turn: u64,
    pub caps: Vec<CapView>,
}

/// How much of a cap is used in the window of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapView {
    /// `day`, `week` …
    pub window: String,
    pub used: u64,
    pub limit: u32,
}

impl Flow {
    /// Every configured pool.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn pools(&self, workspace: &Workspace) -> Result<Vec<PoolView>, Unavailable> {
        let offers: Vec<(PoolPick, Vec<Name>)> =
            workspace.decide.router.offers(self.now()).collect();
        let caps = offers.iter().flat_map(|(pick, _)| &pick.candidates).flat_map(|c| &c.caps);
        let counters: Vec<&str> = caps.map(|cap| cap.counter.as_str()).collect();
        let pools = offers.iter().map(|(pick, _)| Key::Pool(pick.pool.clone()));
        let keys: Vec<Key> =
            pools.chain(counters.iter().map(|name| Key::Counter((*name).to_owned()))).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, &keys).await;
        let mut stored = stored.map_err(|error| self.troubled("read", error))?;
        let counts = stored.split_off(offers.len());
        let used: BTreeMap<&str, u64> =
            counters.into_iter().zip(counts.iter().map(|count| number(count.as_ref()))).collect();
        offers
            .iter()
            .zip(stored)
            .map(|((pick, paused), stored)| {
                let state = match stored {
                    None => PoolState::default(),
                    Some(stored) => unpack_state(&stored.body).ok_or(Unavailable::Corrupt)?,
                };
                Ok(view(pick, paused, &state, &used))
            })
            .collect()
    }
}

/// A counter's decimal text.
fn number(stored: Option<&Stored>) -> u64 {
    let text = stored.and_then(|stored| std::str::from_utf8(&stored.body).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn view(
    pick: &PoolPick,
    paused: &[Name],
    state: &PoolState,
    used: &BTreeMap<&str, u64>,
) -> PoolView {
    let member = |name: &Name| {
        let seat = state.seats.iter().find(|seat| seat.member == *name);
        MemberView {
            name: name.clone(),
            configured: false,
            paused: false,
            weight: None,
            assigned: seat.map_or(0, |seat| seat.assigned),
            last_turn: seat.map_or(0, |seat| seat.turn),
            caps: Vec::new(),
        }
    };
    let mut members: Vec<MemberView> = pick
        .candidates
        .iter()
        .map(|candidate| MemberView {
            configured: true,
            weight: Some(candidate.weight),
            caps: candidate.caps.iter().map(|cap| cap_view(cap, used)).collect(),
            ..member(&candidate.member)
        })
        .collect();
    members.extend(paused.iter().map(|name| MemberView {
        configured: true,
        paused: true,
        ..member(name)
    }));
    let before: Vec<MemberView> = state
        .seats
        .iter()
        .filter(|seat| !members.iter().any(|member| member.name == seat.member))
        .map(|seat| member(&seat.member))
        .collect();
    members.extend(before);
    members.sort_by(|a, b| a.name.cmp(&b.name));
    PoolView { name: pick.pool.clone(), method: pick.method, turn: state.turn, members }
}

fn cap_view(cap: &Cap, used: &BTreeMap<&str, u64>) -> CapView {
    CapView {
        window: cap.counter.split(':').nth(1).unwrap_or_default().to_owned(),
        used: used.get(cap.counter.as_str()).copied().unwrap_or(0),
        limit: cap.limit,
    }
}
