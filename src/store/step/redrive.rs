//! A person acting on a dead job.

use crate::domain::ports::{Redrive, StoreError};
use crate::domain::{DeadKind, DeliveryId, DeliveryState, Index, LeadId, Name, Timestamp};
use crate::store::space::Space;

use super::work::Work;
use super::{JobValue, Tx};

/// A dead job's state after the action: alive again with its schedule begun anew, or ended as `dropped`. A state that is not
/// ours to read stays as it is.
#[must_use]
pub fn state_after(state: &[u8], how: Redrive, now: Timestamp) -> Vec<u8> {
    let Ok(mut parsed) = serde_json::from_slice::<DeliveryState>(state) else {
        return state.to_vec();
    };
    match how {
        Redrive::Replay => {
            parsed.ended = None;
            parsed.ended_at = None;
            parsed.before_replay = parsed.count;
            parsed.replayed_at = Some(now);
        }
        Redrive::Drop { until } => {
            parsed.ended = Some("dropped".to_owned());
            parsed.ended_at = Some(now);
            parsed.kept_until = Some(until);
        }
    }
    serde_json::to_vec(&parsed).unwrap_or_else(|_| state.to_vec())
}

/// The step `redrive` (see the top of [`super`]).
pub fn redrive(
    tx: &mut dyn Tx,
    workspace: &Name,
    id: DeliveryId,
    now: Timestamp,
    how: Redrive,
) -> Result<bool, StoreError> {
    let mut work = Work { tx, space: Space::new(workspace), now };
    if work.tx.score(&work.space.index(&Index::Dead), id.as_bytes())?.is_none() {
        return Ok(false);
    }
    let Some(mut job) = work.job(id)? else { return Ok(false) };
    work.remove(&Index::Dead, id.as_bytes())?;
    for kind in DeadKind::ALL {
        work.remove(&Index::DeadOf(*kind, job.queue.clone()), id.as_bytes())?;
    }
    job.state = state_after(&job.state, how, now);
    job.dead = false;
    match how {
        Redrive::Drop { until } => {
            job.ended = true;
            job.body.clear();
            work.put_job(id, &job, Some(until))?;
        }
        Redrive::Replay => {
            job.due = now.max(Timestamp::EPOCH);
            job.priority = JobValue::PRIORITY_MAX;
            work.put_job(id, &job, None)?;
            match job.lead {
                Some(lead) => work.rejoin(lead, id, &job)?,
                None => work.make_ready(id, &job)?,
            }
        }
    }
    work.watch(&job.queue, None)?;
    Ok(true)
}

impl Work<'_> {
    /// Back into the chain: as its head, or among those waiting in the order of sequences.
    fn rejoin(&mut self, lead: LeadId, id: DeliveryId, job: &JobValue) -> Result<(), StoreError> {
        let mut chain = self.chain(lead)?;
        let at = chain.find_or_add(&job.queue)?;
        if chain.links[at].head.is_none() {
            chain.links[at].head = Some(id);
            self.make_ready(id, job)?;
        } else {
            let mut before = chain.links[at].successors.len();
            for (place, other) in chain.links[at].successors.iter().enumerate() {
                if self.job(*other)?.is_some_and(|other| other.sequence > job.sequence) {
                    before = place;
                    break;
                }
            }
            chain.links[at].successors.insert(before, id);
        }
        self.put_chain(lead, &chain)
    }
}
