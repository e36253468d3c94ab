//! Picks a member of a pool: the one algorithm, run inside the store's step and mirrored by its script.
//!
//! Every method is one line in [`key`]: the member with the smallest key wins, ties go to the smaller name by
//! bytes. Nothing here is random, and every number stays below 2^53, because the scripts count in doubles: turns
//! and counts grow by one per pick, and one pick moves a running weight by at most 200 members * weight 1000.
//!
//! How the methods behave when members come and go: everybody in a draw that is made gets a seat; a newcomer starts at `{current: 0, turn: 0, assigned: 0}`;
//! a member that is capped or paused keeps its place and gathers no credit while it is out of the draw; nobody's
//! numbers are reset because the list of members changed.

use std::convert::Infallible;

use crate::domain::{Candidate, Cap, Method, Name, PoolPick, PoolState, Receipt, Seat};

/// What [`pick`] concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Whom.
    pub member: Name,
    /// The pool's turn number of this pick, from 1.
    pub turn: u64,
    /// How many shared the smallest key before the name decided; 1 = no tie.
    pub tied: u32,
    /// Members passed over because a cap was reached, by name.
    pub capped: Vec<Name>,
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

/// Picks a member of a pool, given the pool's state and the counters of the caps.
///
/// `count` gives a counter's current value, 0 if it does not exist. `None` = no member is below all of its caps.
/// The caller keeps [`Picked::state`] and raises the counters of the member's caps by one.
#[must_use]
pub fn pick(pool: &PoolPick, state: &PoolState, count: &dyn Fn(&str) -> u32) -> Option<Picked> {
    let Ok((free, capped)) = below_caps(pool, &mut |counter| Ok::<_, Infallible>(count(counter)));
    let (winner, tied, state) = choose(pool, &free, state)?;
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
    mut state: impl FnMut(&Name) -> Result<PoolState, E>,
    mut count: impl FnMut(&str) -> Result<u32, E>,
) -> Result<Chosen<'a>, E> {
    let mut receipt = Receipt::of_branch(0);
    for (number, branch) in branches.into_iter().enumerate() {
        receipt.branch = u8::try_from(number).unwrap_or(u8::MAX);
        let Some(pool) = branch else { break };
        let (free, capped) = below_caps(pool, &mut count)?;
        for member in capped {
            if !receipt.capped.contains(&member) {
                receipt.capped.push(member);
            }
        }
        if free.is_empty() {
            continue;
        }
        if let Some((winner, tied, after)) = choose(pool, &free, &state(&pool.pool)?) {
            receipt.member = Some(winner.member.clone());
            receipt.turn = after.turn;
            receipt.tied = tied;
            let pool = Some((pool.pool.clone(), after));
            return Ok(Chosen { receipt, pool, bump: &winner.caps });
        }
    }
    Ok(Chosen { receipt, pool: None, bump: &[] })
}

/// The candidates below all of their caps, and the names of the others.
fn below_caps<'a, E>(
    pool: &'a PoolPick,
    count: &mut impl FnMut(&str) -> Result<u32, E>,
) -> Result<(Vec<&'a Candidate>, Vec<Name>), E> {
    let mut free = Vec::with_capacity(pool.candidates.len());
    let mut capped = Vec::new();
    for candidate in &pool.candidates {
        let mut full = false;
        for cap in &candidate.caps {
            full = count(&cap.counter)? >= cap.limit;
            if full {
                break;
            }
        }
        if full { capped.push(candidate.member.clone()) } else { free.push(candidate) }
    }
    Ok((free, capped))
}

/// What a candidate is compared by: the smallest wins.
fn key(method: Method, seat: &Seat, weight: i64) -> i128 {
    match method {
        Method::RoundRobin => i128::from(seat.turn),
        Method::Weighted => -(i128::from(seat.current) + i128::from(weight)),
    }
}

/// Picks among those in the draw; gives the winner, how many tied, and the state afterwards.
fn choose<'a>(
    pool: &PoolPick,
    free: &[&'a Candidate],
    before: &PoolState,
) -> Option<(&'a Candidate, u32, PoolState)> {
    let mut state = before.clone();
    let mut best: Option<(i128, &Candidate)> = None;
    let mut tied = 0;
    for candidate in free {
        let weight = i64::from(candidate.weight);
        let seat = seat(&mut state, &candidate.member);
        let key = key(pool.method, seat, weight);
        if pool.method == Method::Weighted {
            seat.current += weight;
        }
        match best {
            Some((smallest, _)) if key > smallest => {}
            Some((smallest, winner)) if key == smallest => {
                tied += 1;
                if candidate.member.as_str().as_bytes() < winner.member.as_str().as_bytes() {
                    best = Some((key, candidate));
                }
            }
            _ => {
                best = Some((key, candidate));
                tied = 1;
            }
        }
    }
    let (_, winner) = best?;
    state.turn += 1;
    let turn = state.turn;
    let total: i64 = free.iter().map(|candidate| i64::from(candidate.weight)).sum();
    let seat = seat(&mut state, &winner.member);
    if pool.method == Method::Weighted {
        seat.current -= total;
    }
    seat.turn = turn;
    seat.assigned += 1;
    Some((winner, tied, state))
}

/// The member's seat; a new one if it never sat here.
fn seat<'a>(state: &'a mut PoolState, member: &Name) -> &'a mut Seat {
    let index = state.seats.partition_point(|seat| seat.member < *member);
    if state.seats.get(index).is_none_or(|seat| seat.member != *member) {
        let fresh = Seat { member: member.clone(), current: 0, turn: 0, assigned: 0 };
        state.seats.insert(index, fresh);
    }
    &mut state.seats[index]
}

/// The bytes the store keeps under a pool's key, all numbers big-endian: turn (8), number of seats (2); of
/// each seat its running weight (8, signed); of each its last turn (8); of each how many it was assigned (8);
/// then the members, each after a `|`. Seats are sorted by member (by bytes).
///
/// Numbers of one kind stand together so that the script reads them in one go.
#[must_use]
pub fn pack_state(state: &PoolState) -> Vec<u8> {
    // A pool's candidates are at most two hundred; seats of former members add to that, slowly.
    let seats = &state.seats[..state.seats.len().min(usize::from(u16::MAX))];
    let mut bytes = Vec::with_capacity(10 + 40 * seats.len());
    bytes.extend_from_slice(&state.turn.to_be_bytes());
    bytes.extend_from_slice(&u16::try_from(seats.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(seats.iter().flat_map(|seat| seat.current.to_be_bytes()));
    bytes.extend(seats.iter().flat_map(|seat| seat.turn.to_be_bytes()));
    bytes.extend(seats.iter().flat_map(|seat| seat.assigned.to_be_bytes()));
    for seat in seats {
        bytes.push(b'|');
        bytes.extend_from_slice(seat.member.as_str().as_bytes());
    }
    bytes
}

/// Reads what [`pack_state`] wrote; `None` if the bytes are not of that form or not sorted.
#[must_use]
pub fn unpack_state(bytes: &[u8]) -> Option<PoolState> {
    let (turn, rest) = bytes.split_first_chunk()?;
    let (count, rest) = rest.split_first_chunk()?;
    let count = usize::from(u16::from_be_bytes(*count));
    let (numbers, names) = rest.split_at_checked(24 * count)?;
    let number = |at: usize| numbers.get(8 * at..8 * at + 8)?.try_into().ok();
    let names = std::str::from_utf8(names).ok()?;
    let mut names = if names.is_empty() { None } else { Some(names.strip_prefix('|')?.split('|')) };
    let seats = names
        .iter_mut()
        .flatten()
        .enumerate()
        .map(|(at, member)| {
            Some(Seat {
                member: Name::parse(member).ok()?,
                current: i64::from_be_bytes(number(at)?),
                turn: u64::from_be_bytes(number(count + at)?),
                assigned: u64::from_be_bytes(number(2 * count + at)?),
            })
        })
        .collect::<Option<Vec<_>>>()?;
    let holds = seats.len() == count && seats.is_sorted_by(|a, b| a.member < b.member);
    holds.then_some(PoolState { turn: u64::from_be_bytes(*turn), seats })
}
