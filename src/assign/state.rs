//! How the store keeps a pool's state.

use crate::domain::{Method, Name, PoolState, Seat, Skip};

/// Added to the number of seats where each has five numbers instead of three.
const WIDE: u16 = 0x8000;
/// Added to it where turns were given back, or somebody has picks to its credit.
const CREDITED: u16 = 0x4000;

/// A method as one number, in states and in what the script is told.
#[must_use]
pub fn code(method: Method) -> u8 {
    match method {
        Method::RoundRobin => 0,
        Method::Weighted => 1,
        Method::LeastAssigned => 2,
        Method::LongestIdle => 3,
        Method::LeastBusy => 4,
    }
}

/// What becomes of turns, as one number for the script.
#[must_use]
pub fn skip_code(skip: Skip) -> u8 {
    match skip {
        Skip::KeepTurn => 0,
        Skip::LoseTurn => 1,
        Skip::Accrue => 2,
    }
}

fn of_code(number: u8) -> Option<Method> {
    Method::ALL.iter().copied().find(|method| code(*method) == number)
}

/// The bytes the store keeps under a pool's key, all numbers big-endian: turn (8), number of seats (2), weights in the
/// last draw (4); of each seat its running weight (8, signed); of each its last turn (8); of each how many it was
/// assigned (8); then the members, each after a `|`. Seats are sorted by member (by bytes).
///
/// A wide state has 0x8000 added to the number of seats, and before the members: of each seat the turn at which it was
/// last in a draw (8); of each its level (8, signed); the method's code (1). One with credit has 0x4000 added, and after
/// the columns so far: of each seat its credit (8, signed); how many picks were given back (8).
///
/// Numbers of one kind stand together so that the script reads them in one go.
#[must_use]
pub fn pack_state(state: &PoolState) -> Vec<u8> {
    // A pool's candidates are at most two hundred; seats of former members add to that, slowly.
    let seats = &state.seats[..state.seats.len().min(usize::from(CREDITED - 1))];
    let credited = state.returned > 0 || seats.iter().any(|seat| seat.credit != 0);
    let mut bytes = Vec::with_capacity(14 + 40 * seats.len());
    bytes.extend_from_slice(&state.turn.to_be_bytes());
    let mut count = u16::try_from(seats.len()).unwrap_or(CREDITED - 1);
    count += if state.levels_of.is_some() { WIDE } else { 0 };
    count += if credited { CREDITED } else { 0 };
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend_from_slice(&state.drawn.to_be_bytes());
    bytes.extend(seats.iter().flat_map(|seat| seat.current.to_be_bytes()));
    bytes.extend(seats.iter().flat_map(|seat| seat.turn.to_be_bytes()));
    bytes.extend(seats.iter().flat_map(|seat| seat.assigned.to_be_bytes()));
    if state.levels_of.is_some() {
        bytes.extend(seats.iter().flat_map(|seat| seat.seen.to_be_bytes()));
        bytes.extend(seats.iter().flat_map(|seat| seat.level.to_be_bytes()));
    }
    if credited {
        bytes.extend(seats.iter().flat_map(|seat| seat.credit.to_be_bytes()));
        bytes.extend_from_slice(&state.returned.to_be_bytes());
    }
    bytes.extend(state.levels_of.map(code));
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
    let (drawn, rest) = rest.split_first_chunk()?;
    let count = u16::from_be_bytes(*count);
    let (wide, credited) = (count & WIDE != 0, count & CREDITED != 0);
    let count = usize::from(count % CREDITED);
    let credits = if wide { 5 } else { 3 };
    let columns = credits + usize::from(credited);
    let (numbers, mut rest) = rest.split_at_checked(8 * columns * count)?;
    let mut returned = 0;
    if credited {
        let (number, after) = rest.split_first_chunk()?;
        (returned, rest) = (u64::from_be_bytes(*number), after);
    }
    let (levels_of, names) = if wide {
        let (method, names) = rest.split_first()?;
        (Some(of_code(*method)?), names)
    } else {
        (None, rest)
    };
    let number = |column: usize, at: usize| -> Option<[u8; 8]> {
        let from = 8 * (column * count + at);
        numbers.get(from..from + 8)?.try_into().ok()
    };
    let names = std::str::from_utf8(names).ok()?;
    let mut names = if names.is_empty() { None } else { Some(names.strip_prefix('|')?.split('|')) };
    let seats = names
        .iter_mut()
        .flatten()
        .enumerate()
        .map(|(at, member)| {
            Some(Seat {
                member: Name::parse(member).ok()?,
                current: i64::from_be_bytes(number(0, at)?),
                turn: u64::from_be_bytes(number(1, at)?),
                assigned: u64::from_be_bytes(number(2, at)?),
                seen: if wide { u64::from_be_bytes(number(3, at)?) } else { 0 },
                level: if wide { i64::from_be_bytes(number(4, at)?) } else { 0 },
                credit: if credited { i64::from_be_bytes(number(credits, at)?) } else { 0 },
            })
        })
        .collect::<Option<Vec<_>>>()?;
    let holds = seats.len() == count && seats.is_sorted_by(|a, b| a.member < b.member);
    let (turn, drawn) = (u64::from_be_bytes(*turn), u32::from_be_bytes(*drawn));
    holds.then_some(PoolState { turn, returned, drawn, seats, levels_of })
}
