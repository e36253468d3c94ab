//! How fast a queue's jobs may begin: a bucket kept as one number, the microsecond until which it is in use.

use crate::domain::ports::StoreError;
use crate::domain::{Key, Name, Pace, Timestamp};

use super::work::Work;

impl Work<'_> {
    /// Until when the bucket is in use: never before now.
    fn in_use(&self, queue: &Name) -> Result<i64, StoreError> {
        let kept = match self.get(&Key::Pace(queue.clone()))? {
            None => 0,
            Some(bytes) => std::str::from_utf8(&bytes)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| StoreError::Corrupt("a pace that cannot be read".into()))?,
        };
        Ok(self.micros().max(kept))
    }

    fn micros(&self) -> i64 {
        self.now.as_millis() * 1000
    }

    /// How many jobs may begin now.
    pub fn may_begin(&self, queue: &Name, pace: Pace) -> Result<u64, StoreError> {
        let room = self.micros() + every(pace) * i64::from(pace.burst) - self.in_use(queue)?;
        Ok(u64::try_from(room / every(pace)).unwrap_or(0) * u64::from(pace.jobs))
    }

    /// So many jobs begin.
    pub fn begin(&mut self, queue: &Name, pace: Pace, jobs: u64) -> Result<(), StoreError> {
        let taken = i64::try_from(jobs.div_ceil(u64::from(pace.jobs))).unwrap_or(i64::MAX);
        let until = self.in_use(queue)? + taken * every(pace);
        let served = Timestamp::from_millis(until.div_euclid(1000) + 1);
        self.put(&Key::Pace(queue.clone()), until.to_string().as_bytes(), Some(served))
    }

    /// When the next one may begin: now, or later.
    pub fn next_at(&self, queue: &Name, pace: Pace) -> Result<Timestamp, StoreError> {
        let at = self.in_use(queue)? - every(pace) * (i64::from(pace.burst) - 1);
        let at = at.div_euclid(1000) + i64::from(at.rem_euclid(1000) > 0);
        Ok(self.now.max(Timestamp::from_millis(at)))
    }
}

fn every(pace: Pace) -> i64 {
    i64::try_from(pace.every_us).unwrap_or(i64::MAX).max(1)
}
