//! How often something may be done: a bucket is one number, the microsecond until which it is in use.

use std::collections::HashMap;

use crate::domain::{Name, Quota, Timestamp};

/// More than these are not remembered; while all of them are in use, others are let in.
const BUCKETS_MAX: usize = 100_000;

/// The buckets of an engine that one process has to itself; they are lost with it.
#[derive(Debug, Default)]
pub struct Buckets(HashMap<(Name, [u8; 16]), i64>);

impl Buckets {
    /// The step `admit` (see the top of [`super`]).
    pub fn admit(
        &mut self,
        workspace: &Name,
        bucket: [u8; 16],
        quota: Quota,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let micros = now.as_millis() * 1000;
        let key = (workspace.clone(), bucket);
        if self.0.len() >= BUCKETS_MAX && !self.0.contains_key(&key) {
            self.0.retain(|_, in_use| *in_use > micros);
            if self.0.len() >= BUCKETS_MAX {
                return None;
            }
        }
        let each = quota.each_us();
        let kept = self.0.entry(key).or_insert(micros);
        let in_use = (*kept).max(micros);
        let free = in_use + each - each * i64::from(quota.count.max(1));
        if free > micros {
            return Some(at(free));
        }
        *kept = in_use + each;
        None
    }
}

/// A microsecond as a time, no earlier.
pub fn at(micros: i64) -> Timestamp {
    Timestamp::from_millis(micros.div_euclid(1000) + i64::from(micros.rem_euclid(1000) > 0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_out_of_use_makes_room() {
        let mut buckets = Buckets::default();
        let quota = Quota { count: 1, within: Duration::from_mins(1) };
        let workspace = Name::fixed("acme");
        let mut admit = |number: u32, ms| {
            let mut bucket = [0; 16];
            bucket[..4].copy_from_slice(&number.to_be_bytes());
            let admitted = buckets.admit(&workspace, bucket, quota, Timestamp::from_millis(ms));
            (admitted, buckets.0.len())
        };
        let most = u32::try_from(BUCKETS_MAX).unwrap();
        for number in 0..most {
            assert_eq!(admit(number, 0).0, None);
        }
        assert_eq!(admit(0, 0), (Some(Timestamp::from_millis(60_000)), BUCKETS_MAX));
        assert_eq!(admit(most, 1), (None, BUCKETS_MAX), "let in, and not remembered");
        assert_eq!(admit(most, 60_000), (None, 1));
    }
}
