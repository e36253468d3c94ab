//! Who got how much: the pools' shares as the store counts them.

use std::collections::BTreeMap;

use super::context::{Flow, Unavailable};
use super::workspace::Workspace;
use crate::assign::unpack_state;
use crate::domain::{Cap, Key, Method, Name, PoolPick, PoolState, Stored};

/// Counters by name.
type Used = BTreeMap<String, u64>;

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
    /// Configured, but not to be picked now: `paused`, `time_off until …`, `out_of_hours until …`.
    pub away: Option<String>,
    /// `None` for those paused or not configured any more.
    pub weight: Option<u32>,
    /// Less those given back.
    pub assigned: u64,
    /// How many of the next leads are the member's, for leads given back and turns missed.
    pub credit: u64,
    /// The pool's turn when the member was last picked; 0 = never.
    pub last_turn: u64,
    pub caps: Vec<CapView>,
    /// How many open leads the member has, where a pool goes by that.
    pub open: Option<u64>,
    /// How many turns the member is behind (or, below 0, ahead of) an equal share by weight of all that was
    /// assigned to those in the pool now, in thousandths.
    pub deficit: Option<i64>,
}

/// How much of a cap is used in the window of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapView {
    /// `day`, `rolling-week`, `day/source=fair` …
    pub window: String,
    pub used: u64,
    pub limit: u32,
}

impl CapView {
    /// Nothing more fits in, whatever comes: the cap is of all leads, and full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.used >= u64::from(self.limit) && !self.window.contains('/')
    }
}

impl Flow {
    /// Every configured pool.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn pools(&self, workspace: &Workspace) -> Result<Vec<PoolView>, Unavailable> {
        let roster = self.refresh_roster(&workspace.name).await?;
        let offers: Vec<(PoolPick, Vec<(Name, String)>)> =
            workspace.decide.router.offers(self.now(), &roster.value).collect();
        let caps = offers.iter().flat_map(|(pick, _)| &pick.candidates).flat_map(|c| &c.caps);
        let counters: Vec<String> = caps
            .flat_map(|cap| std::iter::once(cap.counter.clone()).chain(cap.earlier_counters()))
            .collect();
        let pools = offers.iter().map(|(pick, _)| Key::Pool(pick.pool.clone()));
        let keys: Vec<Key> = pools.chain(counters.iter().cloned().map(Key::Counter)).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.store.read(&workspace.name, &keys).await;
        let mut stored = stored.map_err(|error| self.troubled("read", error))?;
        let counts = stored.split_off(offers.len());
        let used: BTreeMap<String, u64> =
            counters.into_iter().zip(counts.iter().map(|count| number(count.as_ref()))).collect();
        offers
            .iter()
            .zip(stored)
            .map(|((pick, away), stored)| {
                let state = match stored {
                    None => PoolState::default(),
                    Some(stored) => unpack_state(&stored.body).ok_or(Unavailable::Corrupt)?,
                };
                Ok(view(pick, away, &state, &used))
            })
            .collect()
    }
}

/// A counter's decimal text.
fn number(stored: Option<&Stored>) -> u64 {
    let text = stored.and_then(|stored| std::str::from_utf8(&stored.body).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn view(pick: &PoolPick, away: &[(Name, String)], state: &PoolState, used: &Used) -> PoolView {
    let member = |name: &Name| {
        let seat = state.seats.iter().find(|seat| seat.member == *name);
        MemberView {
            name: name.clone(),
            configured: false,
            away: None,
            weight: None,
            assigned: seat.map_or(0, |seat| seat.assigned),
            credit: seat.map_or(0, |seat| u64::try_from(seat.credit).unwrap_or(0)),
            last_turn: seat.map_or(0, |seat| seat.turn),
            caps: Vec::new(),
            open: None,
            deficit: None,
        }
    };
    let mut members: Vec<MemberView> = pick
        .candidates
        .iter()
        .map(|candidate| MemberView {
            configured: true,
            weight: Some(candidate.weight),
            caps: candidate
                .caps
                .iter()
                .filter(|cap| cap.limit < u32::MAX)
                .map(|cap| cap_view(cap, used))
                .collect(),
            open: candidate.caps.first().and_then(|cap| open(cap, used)),
            ..member(&candidate.member)
        })
        .collect();
    members.extend(away.iter().map(|(name, why)| MemberView {
        configured: true,
        away: Some(why.clone()),
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
    owe(&mut members);
    PoolView { name: pick.pool.clone(), method: pick.method, turn: state.turn, members }
}

/// Who is behind whom: what each should have by weight, less what each has.
fn owe(members: &mut [MemberView]) {
    let sum = |of: &dyn Fn(&MemberView) -> u64| -> u64 {
        members.iter().filter(|member| member.weight.is_some()).map(of).sum()
    };
    let all = sum(&|member| member.assigned);
    let weights = sum(&|member| u64::from(member.weight.unwrap_or(0)));
    for member in members {
        let Some(weight) = member.weight else { continue };
        let due = (all * u64::from(weight) * 1000).checked_div(weights).unwrap_or(0);
        let (due, has) = (i64::try_from(due), i64::try_from(member.assigned * 1000));
        member.deficit = due.ok().zip(has.ok()).map(|(due, has)| due - has);
    }
}

fn open(cap: &Cap, used: &Used) -> Option<u64> {
    (cap.label() == "open").then(|| sum(cap, used))
}

fn cap_view(cap: &Cap, used: &Used) -> CapView {
    CapView { window: cap.label().to_owned(), used: sum(cap, used), limit: cap.limit }
}

/// How much of a cap is used.
fn sum(cap: &Cap, used: &Used) -> u64 {
    let of = |counter: &str| used.get(counter).copied().unwrap_or(0);
    of(&cap.counter) + cap.earlier_counters().map(|counter| of(&counter)).sum::<u64>()
}
