//! Queues: pauses, leases, and when one next needs looking at.

use crate::domain::ports::{Pause, StoreError};
use crate::domain::{DeliveryId, Index, Key, LeasedJob, Name, Pace, Timestamp};
use crate::store::space::{Space, due_member};

use super::View;
use super::work::{Work, job_of};

/// A queue as a step's caller knows it.
#[derive(Clone)]
pub(super) struct Terms<'a> {
    pub queue: &'a Name,
    pub incarnation: &'a Name,
    pub permits: u32,
    pub lease_ms: u32,
    pub pace: Option<Pace>,
}

/// A destination's state as kept: `reason|until` or `reason|-`.
pub(super) fn encode_pause(pause: &Pause) -> String {
    match pause.until {
        Some(until) => format!("{}|{}", pause.reason, until.as_millis()),
        None => format!("{}|-", pause.reason),
    }
}

/// The pause written down for a queue, served or not.
fn written_pause(
    view: &dyn View,
    space: &Space,
    queue: &Name,
) -> Result<Option<Pause>, StoreError> {
    let Some(bytes) = view.get(&space.key(&Key::Destination(queue.clone())))? else {
        return Ok(None);
    };
    let parsed = std::str::from_utf8(&bytes).ok().and_then(|text| {
        let (reason, until) = text.split_once('|')?;
        let until = match until {
            "-" => None,
            ms => Some(Timestamp::from_millis(ms.parse().ok()?)),
        };
        Some(Pause { reason: Name::parse(reason).ok()?, until })
    });
    parsed
        .map(Some)
        .ok_or_else(|| StoreError::Corrupt("a destination's state that cannot be read".into()))
}

/// The pause that holds at `now`.
pub(super) fn paused(
    view: &dyn View,
    space: &Space,
    queue: &Name,
    now: Timestamp,
) -> Result<Option<Pause>, StoreError> {
    Ok(written_pause(view, space, queue)?
        .filter(|pause| pause.until.is_none_or(|until| until > now)))
}

impl Work<'_> {
    pub fn paused(&self, queue: &Name) -> Result<Option<Pause>, StoreError> {
        paused(&*self.tx, &self.space, queue, self.now)
    }

    /// Writes a pause down, unless one holds that lasts at least as long.
    pub fn pause_longer(&mut self, queue: &Name, pause: &Pause) -> Result<(), StoreError> {
        let shorter = match (self.paused(queue)?, pause.until) {
            (Some(Pause { until: None, .. }), _) => false,
            (None, _) | (Some(_), None) => true,
            (Some(Pause { until: Some(held), .. }), Some(until)) => held < until,
        };
        if shorter {
            self.put(&Key::Destination(queue.clone()), encode_pause(pause).as_bytes(), None)?;
        }
        Ok(())
    }

    /// The queue needs looking at `at`, or earlier if that was known before.
    pub fn lower(&mut self, queue: &Name, at: Timestamp) -> Result<(), StoreError> {
        let at = match self.paused(queue)? {
            None => at,
            Some(Pause { until: Some(until), .. }) => at.max(until),
            Some(Pause { until: None, .. }) => return Ok(()),
        };
        let due = self.space.due();
        let member = due_member(self.space.workspace(), queue);
        match self.tx.score(&due, &member)? {
            Some(known) if known <= at.as_millis() => Ok(()),
            _ => self.tx.add(&due, &member, at.as_millis()),
        }
    }

    /// Sets exactly when the queue needs looking at. `terms` = unknown to a caller that only moves jobs.
    pub fn watch(
        &mut self,
        queue: &Name,
        terms: Option<&Terms<'_>>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let at = self.next_look(queue, terms)?;
        let due = self.space.due();
        let member = due_member(self.space.workspace(), queue);
        match at {
            Some(at) => self.tx.add(&due, &member, at.as_millis())?,
            None => {
                self.tx.remove(&due, &member)?;
            }
        }
        Ok(at)
    }

    fn next_look(
        &self,
        queue: &Name,
        terms: Option<&Terms<'_>>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let first = |index: &Index| -> Result<Option<Timestamp>, StoreError> {
            let first = self.tx.first(&self.space.index(index))?;
            Ok(first.map(|(_, score)| Timestamp::from_millis(score)))
        };
        let pause = self.paused(queue)?;
        if matches!(pause, Some(Pause { until: None, .. })) {
            return Ok(None);
        }
        let ready = self.card(&Index::Ready(queue.clone()))? > 0;
        let delayed = first(&Index::Delayed(queue.clone()))?;
        let leased = Index::Leased(queue.clone());
        let ends = first(&leased)?;
        if !ready && delayed.is_none() && ends.is_none() {
            return Ok(None);
        }
        if let Some(Pause { until: Some(until), .. }) = pause {
            return Ok(Some(until));
        }
        let free = match terms {
            None => true,
            Some(terms) => self.card(&leased)? < u64::from(terms.permits),
        };
        let now = match terms.and_then(|terms| terms.pace) {
            Some(pace) if ready && free => Some(self.next_at(queue, pace)?),
            _ => (ready && free).then_some(self.now),
        };
        Ok([now, delayed, ends].into_iter().flatten().min())
    }

    /// Gives leases on ready jobs, as long as permits last and the queue is not paused.
    pub fn take(&mut self, terms: &Terms<'_>, count: u32) -> Result<Vec<LeasedJob>, StoreError> {
        let mut taken = Vec::new();
        if count == 0 || self.paused(terms.queue)?.is_some() {
            return Ok(taken);
        }
        let ready = Index::Ready(terms.queue.clone());
        let leased = self.card(&Index::Leased(terms.queue.clone()))?;
        let mut free = u64::from(terms.permits).saturating_sub(leased).min(u64::from(count));
        if let Some(pace) = terms.pace {
            free = free.min(self.may_begin(terms.queue, pace)?);
        }
        let free = usize::try_from(free).unwrap_or(usize::MAX);
        let first = self.tx.range(&self.space.index(&ready), i64::MIN, i64::MAX, false, free)?;
        for (member, _) in first {
            self.remove(&ready, &member)?;
            let Some(id) = job_of(&member) else { continue };
            let Some(job) = self.job(id)? else { continue };
            if job.coalesces
                && let Some(lead) = job.lead
            {
                self.close(lead, terms.queue, id)?;
            }
            let until = self.lease(terms.queue, terms.incarnation, terms.lease_ms, id)?;
            taken.push(job.leased(id, until));
        }
        if let Some(pace) = terms.pace
            && !taken.is_empty()
        {
            self.begin(terms.queue, pace, taken.len() as u64)?;
        }
        Ok(taken)
    }

    /// Writes a lease down; gives its end.
    pub fn lease(
        &mut self,
        queue: &Name,
        incarnation: &Name,
        lease_ms: u32,
        id: DeliveryId,
    ) -> Result<Timestamp, StoreError> {
        let until = Timestamp::from_millis(self.now.as_millis() + i64::from(lease_ms));
        let member = lease_member(id, incarnation);
        self.add(&Index::Leased(queue.clone()), &member, until.as_millis())?;
        Ok(until)
    }

    /// A leased job absorbs no more.
    fn close(
        &mut self,
        lead: crate::domain::LeadId,
        queue: &Name,
        id: DeliveryId,
    ) -> Result<(), StoreError> {
        let mut chain = self.chain(lead)?;
        if let Some(link) = chain.find(queue).map(|at| &mut chain.links[at])
            && link.open == Some(id)
        {
            link.open = None;
            self.put_chain(lead, &chain)?;
        }
        Ok(())
    }
}

/// The member of the leased index: the job, then whose lease it is.
pub(super) fn lease_member(id: DeliveryId, incarnation: &Name) -> Vec<u8> {
    [id.as_bytes().as_slice(), incarnation.as_str().as_bytes()].concat()
}
