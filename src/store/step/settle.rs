//! Ending or postponing a leased job.

use crate::domain::ports::{Claimed, Settle, Settled, StoreError};
use crate::domain::{DeadKind, DeliveryId, Index, JobOutcome, NewJob, Timestamp};
use crate::store::space::Space;

use super::queue::{Terms, lease_member};
use super::work::Work;
use super::{JobValue, Tx};

/// What no engine takes: both ask this before they run the step.
///
/// # Errors
/// A hand-over to the job's own queue, or to another lead.
pub fn check(settle: &Settle) -> Result<(), StoreError> {
    match &settle.outcome {
        JobOutcome::HandedOver { job, .. } if job.route.queue == settle.queue => {
            Err(StoreError::Refused("a job cannot be handed over to its own queue".into()))
        }
        JobOutcome::HandedOver { job, .. } if job.lead != settle.lead => {
            Err(StoreError::Refused("a job cannot be handed over to another lead".into()))
        }
        _ => Ok(()),
    }
}

/// The step `settle` (see the top of [`super`]).
pub fn settle(tx: &mut dyn Tx, settle: &Settle) -> Result<Settled, StoreError> {
    check(settle)?;
    let mut work = Work { tx, space: Space::new(&settle.workspace), now: settle.now };
    let leased = Index::Leased(settle.queue.clone());
    let member = lease_member(settle.job, &settle.incarnation);
    if work.tx.score(&work.space.index(&leased), &member)?.is_none() {
        return Ok(Settled::LeaseLost);
    }
    let Some(job) = work.job(settle.job)? else { return Ok(Settled::LeaseLost) };
    work.remove(&leased, &member)?;
    work.finish(settle, job)?;
    if let Some(pause) = &settle.pause {
        work.pause_longer(&settle.queue, pause)?;
    }
    let terms = Terms {
        queue: &settle.queue,
        incarnation: &settle.incarnation,
        permits: settle.permits,
        lease_ms: settle.lease_ms,
        pace: settle.pace,
    };
    let jobs = work.take(&terms, settle.take)?;
    let next_due = work.watch(&settle.queue, Some(&terms))?;
    Ok(Settled::Done(Claimed { jobs, next_due }))
}

impl Work<'_> {
    fn finish(&mut self, settle: &Settle, mut job: JobValue) -> Result<(), StoreError> {
        let id = settle.job;
        if let JobOutcome::Released = settle.outcome {
            return self.make_ready(id, &job);
        }
        job.state.clone_from(&settle.state);
        match &settle.outcome {
            JobOutcome::Again { due } => {
                job.due = (*due).max(Timestamp::EPOCH);
                job.priority = JobValue::PRIORITY_MAX;
                self.put_job(id, &job, None)?;
                self.place(id, &job)?;
            }
            JobOutcome::Done { until } => {
                self.end(id, &mut job, *until)?;
                self.leave(settle, &job)?;
            }
            JobOutcome::Dead => {
                job.dead = true;
                self.put_job(id, &job, None)?;
                let of = Index::DeadOf(DeadKind::of_state(&settle.state), job.queue.clone());
                for index in [Index::Dead, of] {
                    self.add(&index, id.as_bytes(), self.now.as_millis())?;
                }
                self.leave(settle, &job)?;
            }
            JobOutcome::HandedOver { until, job: next } => {
                self.end(id, &mut job, *until)?;
                self.hand_over(settle, &job, next)?;
            }
            JobOutcome::Released => {}
        }
        Ok(())
    }

    fn end(
        &mut self,
        id: DeliveryId,
        job: &mut JobValue,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        job.ended = true;
        job.body.clear();
        self.put_job(id, job, Some(until))
    }

    fn leave(&mut self, settle: &Settle, job: &JobValue) -> Result<(), StoreError> {
        job.lead.map_or(Ok(()), |lead| self.advance(lead, &settle.queue))
    }

    fn hand_over(
        &mut self,
        settle: &Settle,
        old: &JobValue,
        next: &NewJob,
    ) -> Result<(), StoreError> {
        let next = NewJob { fallback: None, ..next.clone() };
        let mut waiting = Vec::new();
        if let Some(lead) = old.lead {
            let mut chain = self.chain(lead)?;
            let at = chain.find_or_add(&settle.queue)?;
            let link = &mut chain.links[at];
            link.head = None;
            link.open = None;
            link.handed_over = true;
            waiting = std::mem::take(&mut link.successors);
            self.put_chain(lead, &chain)?;
        }
        self.enqueue(&next, &old.receipt, None)?;
        if let Some(lead) = old.lead
            && !waiting.is_empty()
        {
            let mut chain = self.chain(lead)?;
            for id in waiting {
                self.append(&mut chain, id, &next.route)?;
            }
            self.put_chain(lead, &chain)?;
        }
        Ok(())
    }
}
