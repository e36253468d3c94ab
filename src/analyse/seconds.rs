//! Lengths of time as sums keep them: how often each occurred, rounded down to steps that people think in.

use std::collections::BTreeMap;

/// Up to the first number, lengths are kept in steps of the second; all in seconds. Behind the last one every
/// length counts as that. So 30 s, 5 min, 1 h, 24 h and 7 d are kept exactly.
const STEPS: [(u32, u32); 6] = [
    (60, 1),
    (600, 5),
    (4 * 3600, 60),
    (3 * 86_400, 600),
    (30 * 86_400, 3600),
    (400 * 86_400, 86_400),
];

/// A length rounded down to the step it is kept in.
#[must_use]
pub fn rounded(seconds: u32) -> u32 {
    let step = STEPS.iter().find(|(up_to, _)| seconds < *up_to);
    step.map_or(STEPS[STEPS.len() - 1].0, |(_, step)| seconds / step * step)
}

/// The smallest length that at least `per_mille` thousandths of all are not longer than (nearest rank);
/// `None` of none.
#[must_use]
pub fn quantile(lengths: &BTreeMap<u32, i64>, per_mille: i64) -> Option<u32> {
    let all: i64 = lengths.values().sum();
    if all <= 0 {
        return None;
    }
    let rank = (all * per_mille + 999) / 1000;
    let mut seen = 0;
    lengths.iter().find_map(|(length, count)| {
        seen += count;
        (seen >= rank.max(1)).then_some(*length)
    })
}

/// How many were shorter than `limit`: exact where that is a multiple of the step it is kept in.
#[must_use]
pub fn within(lengths: &BTreeMap<u32, i64>, limit: u32) -> i64 {
    lengths.range(..rounded(limit)).map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_agree_on_is_kept_exactly() {
        for exact in [0, 1, 30, 59, 60, 300, 600, 3600, 14_400, 86_400, 259_200, 604_800, 2_592_000]
        {
            assert_eq!(rounded(exact), exact);
        }
        assert_eq!((rounded(64), rounded(659), rounded(15_001)), (60, 600, 15_000));
        assert_eq!(rounded(u32::MAX), 400 * 86_400);
        let all: Vec<u32> = (0..40_000_000).step_by(7919).map(rounded).collect();
        assert!(all.is_sorted());
    }

    #[test]
    fn quantiles_are_nearest_ranks() {
        let lengths: BTreeMap<u32, i64> = [(10, 1), (20, 1), (30, 1), (40, 1)].into();
        assert_eq!(quantile(&lengths, 500), Some(20));
        assert_eq!(quantile(&lengths, 900), Some(40));
        assert_eq!(quantile(&[(7, 1)].into(), 500), Some(7));
        assert_eq!(quantile(&BTreeMap::new(), 500), None);
        assert_eq!((within(&lengths, 30), within(&lengths, 31)), (2, 3));
    }
}
