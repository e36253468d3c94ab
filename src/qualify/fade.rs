//! How points go with time, in whole numbers: the same on every machine and engine.
//!
//! Half-life: `points · 2^(-age ∕ half-life)`. The whole half-lives are a shift; the rest is a product of the
//! constants `2^(-1/2)`, `2^(-1/4)` … for the bits of its fraction, each kept with 62 bits behind the point and made
//! by integer square roots. Rounded towards zero, to thousandths of a point. Window: all of the points while
//! the event is younger than the window, nothing afterwards.

use crate::domain::{Millipoints, Timestamp};

/// Bits behind the point.
const BITS: u32 = 62;
const ONE: u128 = 1 << BITS;
/// In milliseconds.
const MINUTE: u64 = 60_000;
/// Bits of the fraction of a half-life that are looked at: less than a millisecond of 49 days.
const FRACTION: usize = 32;
/// `2^(-1/2)`, `2^(-1/4)` …
const ROOTS: [u128; FRACTION] = roots();

const fn roots() -> [u128; FRACTION] {
    let mut roots = [0; FRACTION];
    let mut square = ONE / 2;
    let mut at = 0;
    while at < FRACTION {
        square = (square << BITS).isqrt();
        roots[at] = square;
        at += 1;
    }
    roots
}

/// How the points of a group's events go. Lengths in milliseconds, above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fade {
    HalfLife(u64),
    Window(u64),
}

impl Fade {
    /// What points of an event of that time are worth at `now`; an event that is yet to come counts in full.
    /// Half-lives count in whole minutes, so that what has just happened is worth what it says.
    pub(super) fn worth(
        self,
        points: Millipoints,
        event: Timestamp,
        now: Timestamp,
    ) -> Millipoints {
        let age = u64::try_from(now.since(event).as_millis()).unwrap_or(u64::MAX);
        match self {
            Self::Window(length) if age < length => points,
            Self::Window(_) => 0,
            Self::HalfLife(length) => halved(points, age - age % MINUTE, length),
        }
    }

    /// From when on an event is worth nothing: the end of its window, or when no half-life leaves a thousandth.
    pub(super) fn end(self, event: Timestamp) -> Timestamp {
        let length = match self {
            Self::Window(length) => length,
            Self::HalfLife(length) => length.saturating_mul(u64::from(BITS)),
        };
        event.after(std::time::Duration::from_millis(length))
    }
}

fn halved(points: Millipoints, age: u64, length: u64) -> Millipoints {
    let (whole, rest) = (age / length, age % length);
    if whole >= u64::from(BITS) {
        return 0;
    }
    let fraction = (u128::from(rest) << FRACTION) / u128::from(length);
    let mut factor = ONE;
    for (at, root) in ROOTS.iter().enumerate() {
        if fraction >> (FRACTION - 1 - at) & 1 == 1 {
            factor = (factor * root) >> BITS;
        }
    }
    let size = (u128::from(points.unsigned_abs()) * factor) >> BITS >> whole;
    let size = Millipoints::try_from(size).unwrap_or(Millipoints::MAX);
    if points < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    #[test]
    fn whole_half_lives_halve_exactly() {
        for (days, left) in [(0, 40_000), (14, 20_000), (28, 10_000), (42, 5_000), (14 * 70, 0)] {
            assert_eq!(halved(40_000, days * DAY, 14 * DAY), left, "{days}");
            assert_eq!(halved(-40_000, days * DAY, 14 * DAY), -left, "{days}");
        }
    }

    /// Floats are good enough to check by; nothing decides by them.
    #[test]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "small numbers, compared within a thousandth of a point"
    )]
    fn between_them_it_is_the_power() {
        let mut before = 100_000;
        for step in 0..2_000_u64 {
            let age = step * 3_600_001;
            let exact = 100_000.0 * 0.5_f64.powf(age as f64 / (14.0 * DAY as f64));
            let worth = halved(100_000, age, 14 * DAY);
            assert!((worth - exact as i64).abs() <= 1, "{step}: {worth} {exact}");
            assert!(worth <= before, "it only falls");
            before = worth;
        }
    }

    #[test]
    fn a_window_ends_at_once() {
        let (event, length) = (Timestamp::from_millis(1_000), 500);
        let at = |millis| Fade::Window(length).worth(7, event, Timestamp::from_millis(millis));
        assert_eq!((at(0), at(1_499), at(1_500)), (7, 7, 0));
        assert_eq!(Fade::Window(length).end(event), Timestamp::from_millis(1_500));
    }
}
