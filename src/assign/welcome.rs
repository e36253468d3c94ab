//! Who comes, and who comes back: where they stand among those who stayed.
//!
//! Newcomers start at the pool's average, so nobody is flooded, and nobody's numbers change because somebody
//! came. Whoever was away, at a cap or out of the pool keeps the place ([`Skip::KeepTurn`], the usual), stands behind
//! the others ([`Skip::LoseTurn`]) or is given what was missed ([`Skip::Accrue`]):
//!
//! | method | keep | lose | accrue |
//! |---|---|---|---|
//! | `round_robin` | the last turn stays: next, once | the last turn is now | one pick on credit per round missed |
//! | `weighted` | the running weight stays | it is 0 at most | the weight per turn missed |
//! | `least_assigned` | the average of those who stayed | one lead above it | the count stays as it was |
//! | `longest_idle` | idle since the last lead | idle since now | as keep |
//! | `least_busy` | | | |
//!
//! Who was away is known by the last turn at which a seat was in the draw; states keep that only where it matters
//! (wide states), so that the usual pools stay small.

use super::pick::{Drawn, LEAD, seat};
use crate::domain::{Method, PoolPick, PoolState, Skip, Timestamp};

/// Whether a pool keeps levels and attendance.
#[must_use]
pub fn keeps_levels(method: Method, skip: Skip) -> bool {
    matches!(method, Method::LeastAssigned | Method::LongestIdle) || !skip.is_usual()
}

/// Makes the state one of the pool's method, and seats who was not in the draw before. Everybody in the draw has
/// a seat already.
pub(super) fn welcome(pool: &PoolPick, draw: &[Drawn<'_>], state: &mut PoolState, now: Timestamp) {
    let keeps = keeps_levels(pool.method, pool.skip);
    if state.levels_of != Some(pool.method) && (keeps || state.levels_of.is_some()) {
        // Levels of another method say nothing here: everybody begins level. So do running weights that were changed
        // for whoever was away, and cancel out no more.
        let drifted = state.levels_of == Some(Method::Weighted);
        for seat in &mut state.seats {
            (seat.seen, seat.level) = (if keeps { state.turn } else { 0 }, 0);
            seat.current = if drifted { 0 } else { seat.current };
        }
        state.levels_of = keeps.then_some(pool.method);
    }
    if state.levels_of.is_none() {
        return;
    }
    let average = if pool.method == Method::LeastAssigned { average(draw, state) } else { None };
    let turn = state.turn;
    let everybody = i64::try_from(draw.len()).unwrap_or(i64::MAX);
    for drawn in draw {
        let (weight, share) = (drawn.weight(), drawn.share());
        let seat = seat(state, &drawn.candidate.member);
        if seat.seen == turn {
            continue;
        }
        let is_new = seat.seen == 0;
        let missed = i64::try_from(turn - seat.seen).unwrap_or(0);
        let skip = if is_new { Skip::KeepTurn } else { pool.skip };
        match (pool.method, skip) {
            (Method::LeastAssigned, Skip::KeepTurn | Skip::LoseTurn) => {
                if let Some((levels, weights)) = average {
                    let behind = if skip == Skip::LoseTurn { LEAD } else { 0 };
                    seat.level = levels.saturating_mul(weight).div_euclid(weights) + behind;
                }
            }
            (Method::RoundRobin, Skip::LoseTurn) => seat.turn = turn,
            (Method::RoundRobin, Skip::Accrue) => seat.credit += missed / everybody,
            (Method::Weighted, Skip::LoseTurn) => seat.current = seat.current.min(0),
            (Method::Weighted, Skip::Accrue) => seat.current += missed.saturating_mul(share),
            (Method::LongestIdle, Skip::LoseTurn) => seat.level = now.as_millis(),
            _ => {}
        }
    }
}

/// Levels and weights, summed over those who stayed; if nobody did, over those who come back.
fn average(draw: &[Drawn<'_>], state: &PoolState) -> Option<(i64, i64)> {
    let sum = |counts: &dyn Fn(u64) -> bool| {
        let mut sums = (0, 0);
        for drawn in draw {
            let member = &drawn.candidate.member;
            let at = state.seats.partition_point(|seat| seat.member < *member);
            if let Some(seat) = state.seats.get(at).filter(|seat| counts(seat.seen)) {
                sums = (sums.0 + seat.level, sums.1 + drawn.weight());
            }
        }
        Some(sums).filter(|(_, weights)| *weights > 0)
    };
    sum(&|seen| seen == state.turn).or_else(|| sum(&|seen| seen > 0))
}
