//! Picks a member of a pool: the one algorithm, run inside the store's step and mirrored by its script.
//!
//! Every method is one line in [`rank`]: the member with the smallest rank wins, ties go to the smaller name by
//! bytes. Nothing here is random, and every number stays below 2^53, because the scripts count in doubles: turns
//! and counts grow by one per pick, levels by a thousand, and one pick moves a running weight by at most 200
//! members * weight 1000 * 100.
//!
//! Running weights are parts of a lead, and how many parts a lead has depends on the weights in the draw. When those
//! change, all are converted ([`convert`]): who was a fifth of a lead behind is that, and no more, however
//! many went home meanwhile.
//!
//! Everybody in a draw that is made gets a seat. Nobody's numbers are reset because the list of members changed.
//! Who comes or comes back is treated as [`super::welcome`] says. Whoever has picks to its credit ([`give_back`]) comes
//! before everybody else, of several the one whose turn is longest ago; such a pick leaves the order as it was.

use std::cmp::Ordering;
use std::convert::Infallible;

use super::welcome::welcome;
use crate::domain::{
    Candidate, Cap, Capped, Method, Name, PoolPick, PoolState, Receipt, Seat, Timestamp,
};

/// What counts as one lead in the levels of `least_assigned`.
pub(super) const LEAD: i64 = 1000;
/// Parts of a point of weight in running weights: what rounding takes when they are converted stays below a hundredth of a lead.
pub(super) const PARTS: i64 = 100;
/// Products stay below it: the scripts count in doubles.
const EXACT: i64 = 1 << 53;

/// What [`pick`] concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Whom.
    pub member: Name,
    /// The pool's turn number of this pick, from 1.
    pub turn: u64,
    /// How many shared the smallest key before the name decided; 1 = no tie, 0 = it was a pick on credit.
    pub tied: u32,
    /// Members passed over because a cap was reached, by name.
    pub capped: Vec<Capped>,
    /// The pool's state after the pick.
    pub state: PoolState,
}

/// What [`pick_branch`] concluded: everything the step has to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// Which branch, whom, and who was passed over.
    pub receipt: Receipt,
    /// The pool picked from, with its new state. None if the branch needs nobody.
    pub pool: Option<(Name, PoolState)>,
    /// The caps of the picked member: each of their counters goes up by one.
    pub bump: &'a [Cap],
}

/// Picks a member of a pool at `now`, given the pool's state and the counters of the caps.
///
/// `count` gives a counter's current value, 0 if it does not exist. `None` = no member is below all of its caps.
/// The caller keeps [`Picked::state`] and raises the counters of the member's caps by one.
#[must_use]
pub fn pick(
    pool: &PoolPick,
    state: &PoolState,
    now: Timestamp,
    count: &dyn Fn(&str) -> u32,
) -> Option<Picked> {
    let Ok((draw, capped)) = below_caps(pool, &mut |counter| Ok::<_, Infallible>(count(counter)));
    let (winner, tied, state) = choose(pool, &draw, state, now)?;
    Some(Picked { member: winner.member.clone(), turn: state.turn, tied, capped, state })
}

/// Takes the first branch that can be filled: one without a pool always can, one with a pool if some candidate is
/// below all of its caps.
///
/// Total by construction: no branches at all give branch 0 without an owner, and if every branch needs a pick and
/// none can be filled (a commit never says that; its last branch needs nobody), the last one is taken without an
/// owner. The receipt's `capped` lists each member once, in the order found, over all branches tried.
///
/// # Errors
/// Whatever `state` or `count` fail with.
pub fn pick_branch<'a, E>(
    branches: impl IntoIterator<Item = Option<&'a PoolPick>>,
    now: Timestamp,
    mut state: impl FnMut(&Name) -> Result<PoolState, E>,
    mut count: impl FnMut(&str) -> Result<u32, E>,
) -> Result<Chosen<'a>, E> {
    let mut receipt = Receipt::of_branch(0);
    for (number, branch) in branches.into_iter().enumerate() {
        receipt.branch = u8::try_from(number).unwrap_or(u8::MAX);
        let Some(pool) = branch else { break };
        let (draw, capped) = below_caps(pool, &mut count)?;
        for one in capped {
            if !receipt.capped.iter().any(|known| known.member == one.member) {
                receipt.capped.push(one);
            }
        }
        if draw.is_empty() {
            continue;
        }
        if let Some((winner, tied, after)) = choose(pool, &draw, &state(&pool.pool)?, now) {
            receipt.member = Some(winner.member.clone());
            receipt.turn = after.turn;
            receipt.tied = tied;
            let pool = Some((pool.pool.clone(), after));
            return Ok(Chosen { receipt, pool, bump: &winner.caps });
        }
    }
    Ok(Chosen { receipt, pool: None, bump: &[] })
}

/// Somebody who can be picked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub(super) candidate: &'a Candidate,
    /// Open leads; only looked up where the method goes by them.
    open: u32,
}

impl Drawn<'_> {
    pub(super) fn weight(&self) -> i64 {
        i64::from(self.candidate.weight)
    }

    /// In parts of a lead.
    pub(super) fn share(&self) -> i64 {
        self.weight() * PARTS
    }
}

/// The candidates below all of their caps, and the others with the cap that was reached.
fn below_caps<'a, E>(
    pool: &'a PoolPick,
    count: &mut impl FnMut(&str) -> Result<u32, E>,
) -> Result<(Vec<Drawn<'a>>, Vec<Capped>), E> {
    let mut draw = Vec::with_capacity(pool.candidates.len());
    let mut capped = Vec::new();
    for candidate in &pool.candidates {
        let mut full = None;
        let mut open = 0;
        for (number, cap) in candidate.caps.iter().enumerate() {
            let used = used(cap, count)?;
            if number == 0 && pool.method == Method::LeastBusy {
                open = used;
            }
            if used >= cap.limit {
                full = Some(cap);
                break;
            }
        }
        match full {
            Some(cap) => capped.push(Capped::by(&candidate.member, cap)),
            None => draw.push(Drawn { candidate, open }),
        }
    }
    Ok((draw, capped))
}

/// How much of a cap is used.
fn used<E>(cap: &Cap, count: &mut impl FnMut(&str) -> Result<u32, E>) -> Result<u32, E> {
    let mut used = count(&cap.counter)?;
    for earlier in cap.earlier_counters() {
        used = used.saturating_add(count(&earlier)?);
    }
    Ok(used)
}

/// What a candidate is compared by: `number / weight`, then the turn; the smallest wins.
#[derive(Debug, Clone, Copy)]
struct Rank {
    number: i64,
    weight: i64,
    turn: u64,
}

impl Rank {
    fn compare(&self, other: &Self) -> Ordering {
        let (own, others) = (i128::from(self.number), i128::from(other.number));
        (own * i128::from(other.weight))
            .cmp(&(others * i128::from(self.weight)))
            .then(self.turn.cmp(&other.turn))
    }
}

/// The methods. A running weight has the own weight in it already.
fn rank(method: Method, seat: &Seat, weight: i64, open: u32) -> Rank {
    let (number, weight, turn) = match method {
        Method::RoundRobin => (0, 1, seat.turn),
        Method::Weighted => (-seat.current, 1, 0),
        Method::LeastAssigned => (seat.level, weight, seat.turn),
        Method::LongestIdle => (seat.level, 1, seat.turn),
        Method::LeastBusy => (i64::from(open), weight, seat.turn),
    };
    Rank { number, weight, turn }
}

/// Of a pick on credit.
fn rank_on_credit(seat: &Seat) -> Rank {
    Rank { number: i64::from(seat.credit <= 0), weight: 1, turn: seat.turn }
}

/// Gives a member so many turns back, or takes them (`by` below 0): see [`crate::domain::Write::Credit`]. Whether
/// there is anything to write.
pub fn give_back(state: &mut PoolState, member: &Name, by: i32) -> bool {
    let Ok(at) = state.seats.binary_search_by(|seat| seat.member.cmp(member)) else { return false };
    let seat = &mut state.seats[at];
    let most = if by < 0 { state.returned } else { seat.assigned };
    let turns = u64::from(by.unsigned_abs()).min(most);
    let Ok(credit) = i64::try_from(turns) else { return false };
    if by < 0 {
        (seat.credit, seat.assigned) = (seat.credit - credit, seat.assigned + turns);
        state.returned -= turns;
    } else {
        (seat.credit, seat.assigned) = (seat.credit + credit, seat.assigned - turns);
        state.returned += turns;
    }
    turns > 0
}

/// Picks among those in the draw; gives the winner, how many tied, and the state afterwards.
fn choose<'a>(
    pool: &PoolPick,
    draw: &[Drawn<'a>],
    before: &PoolState,
    now: Timestamp,
) -> Option<(&'a Candidate, u32, PoolState)> {
    let mut state = before.clone();
    for drawn in draw {
        seat(&mut state, &drawn.candidate.member);
    }
    convert(pool, draw, &mut state);
    welcome(pool, draw, &mut state, now);
    let on_credit = draw.iter().any(|drawn| seat(&mut state, &drawn.candidate.member).credit > 0);
    let mut best: Option<(Rank, &Candidate)> = None;
    let mut tied = 0;
    for drawn in draw {
        let (candidate, weight) = (drawn.candidate, drawn.weight());
        let seat = seat(&mut state, &candidate.member);
        let rank = if on_credit {
            rank_on_credit(seat)
        } else {
            if pool.method == Method::Weighted {
                seat.current += drawn.share();
            }
            rank(pool.method, seat, weight, drawn.open)
        };
        match best.map(|(smallest, winner)| (rank.compare(&smallest), winner)) {
            Some((Ordering::Greater, _)) => {}
            Some((Ordering::Equal, winner)) => {
                tied += 1;
                if candidate.member.as_str().as_bytes() < winner.member.as_str().as_bytes() {
                    best = Some((rank, candidate));
                }
            }
            Some((Ordering::Less, _)) | None => {
                best = Some((rank, candidate));
                tied = 1;
            }
        }
    }
    let (_, winner) = best?;
    let before = state.turn;
    state.turn += 1;
    let won = seat(&mut state, &winner.member);
    won.assigned += 1;
    if on_credit {
        won.credit -= 1;
        tied = 0;
    } else {
        won.turn = before + 1;
        take(pool.method, draw, won, now);
    }
    attend(pool, draw, &mut state, before);
    Some((winner, tied, state))
}

/// Makes running weights parts of a lead of this draw. What rounding leaves over goes to the first in the draw, so that they
/// still cancel out.
fn convert(pool: &PoolPick, draw: &[Drawn<'_>], state: &mut PoolState) {
    let Some(first) = draw.first().filter(|_| pool.method == Method::Weighted) else { return };
    let now: u32 = draw.iter().map(|drawn| drawn.candidate.weight).sum();
    let before = std::mem::replace(&mut state.drawn, now);
    if before == 0 || before == now {
        return;
    }
    let (before, now) = (i64::from(before), i64::from(now));
    let most = EXACT / now;
    let converted = |current: i64| (current.clamp(-most, most) * now).div_euclid(before);
    let mut over = converted(state.seats.iter().map(|seat| seat.current).sum());
    for seat in &mut state.seats {
        seat.current = converted(seat.current);
        over -= seat.current;
    }
    seat(state, &first.candidate.member).current += over;
}

/// Writes down that the winner has it.
fn take(method: Method, draw: &[Drawn<'_>], won: &mut Seat, now: Timestamp) {
    match method {
        Method::Weighted => won.current -= draw.iter().map(Drawn::share).sum::<i64>(),
        Method::LeastAssigned => won.level += LEAD,
        Method::LongestIdle => won.level = now.as_millis(),
        Method::RoundRobin | Method::LeastBusy => {}
    }
}

/// Writes down who was in the draw, or would have been, where that matters.
fn attend(pool: &PoolPick, draw: &[Drawn<'_>], state: &mut PoolState, before: u64) {
    if state.levels_of.is_none() {
        return;
    }
    let turn = state.turn;
    for drawn in draw {
        seat(state, &drawn.candidate.member).seen = turn;
    }
    for other in &pool.beside {
        if let Some(seat) = state.seats.iter_mut().find(|seat| seat.member == *other)
            && seat.seen == before
        {
            seat.seen = turn;
        }
    }
}

/// The member's seat; a new one if it never sat here.
pub(super) fn seat<'a>(state: &'a mut PoolState, member: &Name) -> &'a mut Seat {
    let index = state.seats.partition_point(|seat| seat.member < *member);
    if state.seats.get(index).is_none_or(|seat| seat.member != *member) {
        state.seats.insert(index, Seat::new(member.clone()));
    }
    &mut state.seats[index]
}
