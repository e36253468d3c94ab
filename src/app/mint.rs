//! Fresh ids.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::domain::ports::Mint;

/// UUIDv7 (RFC 9562): milliseconds of the system clock, a counter of 42 bits that begins at random in
/// each millisecond and keeps the ids of this process apart, 32 random bits.
///
/// The randomness is the thread's generator (ChaCha, seeded and reseeded by the operating system):
/// several ids an inquiry would be as many system calls.
#[derive(Debug, Default)]
pub struct RandomMint {
    last: Mutex<Last>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Last {
    millis: u64,
    counter: u64,
}

const COUNTER_BITS: u32 = 42;

impl Mint for RandomMint {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ids are minted")]
    fn mint(&self) -> [u8; 16] {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let last = self.after(millis, rand::random());
        let random: u32 = rand::random();
        let mut bytes = [0; 10];
        // The version takes the place of four bits of the first two bytes, the variant of two of the third.
        let (high, low) = (last.counter >> 30, last.counter & ((1 << 30) - 1));
        bytes[..2].copy_from_slice(&high.to_be_bytes()[6..]);
        let rest = (low << 32) | u64::from(random);
        bytes[2..].copy_from_slice(&rest.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(last.millis, &bytes).into_uuid().into_bytes()
    }
}

impl RandomMint {
    /// The next place: never one that was given before, even if the clock went backwards.
    fn after(&self, millis: u64, random: u64) -> Last {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if millis > last.millis {
            // Half of the counter is left to count on.
            *last = Last { millis, counter: random >> (64 - COUNTER_BITS + 1) };
        } else {
            last.counter += 1;
            if last.counter >> COUNTER_BITS != 0 {
                *last = Last { millis: last.millis + 1, counter: 0 };
            }
        }
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_of_now_and_none_comes_twice_in_its_counted_bits() {
        let mint = RandomMint::default();
        let ids: Vec<[u8; 16]> = (0..10_000).map(|_| mint.mint()).collect();
        assert!(ids.is_sorted(), "they count up");
        let without_low: std::collections::BTreeSet<&[u8]> =
            ids.iter().map(|id| &id[..12]).collect();
        assert_eq!(without_low.len(), ids.len());
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        for id in ids {
            let id = uuid::Uuid::from_bytes(id);
            assert_eq!(id.get_version(), Some(uuid::Version::SortRand));
            let (seconds, _) = id.get_timestamp().unwrap().to_unix();
            assert!(now.abs_diff(seconds) <= 60);
        }
    }

    #[test]
    fn a_clock_that_goes_backwards_or_stands_still_brings_no_id_again() {
        let mint = RandomMint::default();
        let places: Vec<(u64, u64)> = [1000, 1000, 999, 1001, 1001]
            .into_iter()
            .map(|millis| mint.after(millis, u64::MAX))
            .map(|last| (last.millis, last.counter))
            .collect();
        assert!(places.is_sorted());
        assert!(places.windows(2).all(|pair| pair[0] != pair[1]), "{places:?}");
        mint.last.lock().unwrap().counter = (1 << COUNTER_BITS) - 1;
        assert_eq!(mint.after(1001, 0).millis, 1002);
    }
}
