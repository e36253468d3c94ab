//! How often somebody may post: buckets of this process, by a keyed hash of who it is, so that no address and no person
//! stands here. Several replicas let through as many times as much.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::{Name, Timestamp};

/// More than these are not remembered; while all of them are in use, others are let through.
const BUCKETS_MAX: usize = 100_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted<'a> {
    /// Posts of one network address.
    Address(std::net::IpAddr),
    /// Posts to a source.
    Source,
    /// Inquiries with one e-mail address.
    Person(&'a str),
}

/// So many within that time, evenly; all of them at once if nothing came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub count: u32,
    pub within: Duration,
}

/// By hash, when its bucket is empty again (in milliseconds).
#[derive(Debug, Default)]
pub struct Rates {
    hasher: RandomState,
    buckets: Mutex<HashMap<u64, i64>>,
}

impl Rates {
    /// Counts one; gives after how many seconds it may come again, if it is one too many.
    pub fn check(
        &self,
        (workspace, source): (&Name, &Name),
        counted: Counted<'_>,
        quota: Quota,
        now: Timestamp,
    ) -> Option<u32> {
        let key = self.hasher.hash_one((workspace.as_str(), source.as_str(), counted));
        let (now, count) = (now.as_millis(), i64::from(quota.count.max(1)));
        let window = i64::try_from(quota.within.as_millis()).unwrap_or(i64::MAX);
        let each = (window / count).max(1);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, empty| *empty > now);
            if buckets.len() >= BUCKETS_MAX {
                return None;
            }
        }
        let empty = buckets.entry(key).or_insert(now);
        let from = (*empty).max(now);
        let over = from + each - now - each * count;
        if over > 0 {
            return Some(u32::try_from(over / 1000 + 1).unwrap_or(u32::MAX));
        }
        *empty = from + each;
        None
    }

    /// Forgets what is empty; to be called now and then.
    pub fn forget(&self, now: Timestamp) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.retain(|_, empty| *empty > now.as_millis());
        buckets.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_pass_and_more_as_time_goes_on() {
        let rates = Rates::default();
        let (workspace, source) = (Name::fixed("acme"), Name::fixed("form"));
        let quota = Quota { count: 3, within: Duration::from_mins(1) };
        let at = |seconds: i64| Timestamp::from_millis(1_700_000_000_000 + seconds * 1000);
        let check = |who, seconds| {
            rates.check((&workspace, &source), Counted::Person(who), quota, at(seconds))
        };
        assert_eq!([check("a", 0), check("a", 0), check("a", 0)], [None; 3]);
        assert_eq!(check("a", 0), Some(21));
        assert_eq!(check("b", 0), None, "somebody else");
        assert_eq!(check("a", 19), Some(2));
        assert_eq!(check("a", 21), None);
        assert!(check("a", 21).is_some());
        rates.forget(at(200));
        assert_eq!(rates.buckets.lock().unwrap().len(), 0);
    }
}
