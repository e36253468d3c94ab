//! Claiming jobs of one queue.

use crate::domain::ports::{ClaimJobs, Claimed, StoreError};
use crate::domain::{Index, Name};
use crate::store::space::Space;

use super::Tx;
use super::queue::Terms;
use super::work::{Work, job_of};

/// So many delayed jobs become ready in one step at most; the rest are due at once again.
pub const MOVES_MAX: usize = 256;

/// The step `claim` (see the top of [`super`]).
pub fn claim(tx: &mut dyn Tx, claim: &ClaimJobs) -> Result<Claimed, StoreError> {
    let mut work = Work { tx, space: Space::new(&claim.workspace), now: claim.now };
    work.free(&claim.queue, &claim.lapsed)?;
    work.ripen(&claim.queue)?;
    let terms = Terms {
        queue: &claim.queue,
        incarnation: &claim.incarnation,
        permits: claim.permits,
        lease_ms: claim.lease_ms,
        pace: claim.pace,
    };
    let jobs = work.take(&terms, claim.take)?;
    let next_due = work.watch(&claim.queue, Some(&terms))?;
    Ok(Claimed { jobs, next_due })
}

impl Work<'_> {
    /// Leases that ended, or whose holder is gone: their jobs are ready again.
    fn free(&mut self, queue: &Name, lapsed: &[Name]) -> Result<(), StoreError> {
        let leased = Index::Leased(queue.clone());
        let to = if lapsed.is_empty() { self.now.as_millis() } else { i64::MAX };
        let held = self.tx.range(&self.space.index(&leased), i64::MIN, to, false, usize::MAX)?;
        for (member, end) in held {
            let holder = member.get(16..).unwrap_or_default();
            let gone = lapsed.iter().any(|name| name.as_str().as_bytes() == holder);
            if end > self.now.as_millis() && !gone {
                continue;
            }
            self.remove(&leased, &member)?;
            let Some(id) = job_of(&member) else { continue };
            if let Some(job) = self.job(id)? {
                self.make_ready(id, &job)?;
            }
        }
        Ok(())
    }

    /// Delayed jobs that are due become ready.
    fn ripen(&mut self, queue: &Name) -> Result<(), StoreError> {
        let delayed = Index::Delayed(queue.clone());
        let due = self.tx.range(
            &self.space.index(&delayed),
            i64::MIN,
            self.now.as_millis(),
            false,
            MOVES_MAX,
        )?;
        for (member, _) in due {
            self.remove(&delayed, &member)?;
            let Some(id) = job_of(&member) else { continue };
            if let Some(job) = self.job(id)? {
                self.make_ready(id, &job)?;
            }
        }
        Ok(())
    }
}
