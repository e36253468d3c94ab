//! How often something may be done.

use std::time::Duration;

/// So many within that time, evenly; all of them at once if nothing came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub count: u32,
    pub within: Duration,
}

impl Quota {
    /// The part of its time that each takes, in microseconds; at least 1.
    #[must_use]
    pub fn each_us(&self) -> i64 {
        let each = self.within.as_micros() / u128::from(self.count.max(1));
        i64::try_from(each).unwrap_or(i64::MAX).max(1)
    }
}
