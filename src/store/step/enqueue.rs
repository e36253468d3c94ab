//! A new job: absorbed, chained, leased, ready or delayed.

use crate::domain::ports::StoreError;
use crate::domain::{DeliveryId, Index, LeadId, Lease, LeasedJob, Name, NewJob, Route};

use super::work::Work;
use super::{Chain, JobValue};

impl Work<'_> {
    /// The step `enqueue` (see the top of [`super`]); gives the job if it was leased at once.
    pub fn enqueue(
        &mut self,
        new: &NewJob,
        receipt: &str,
        lease: Option<&Lease>,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let Some(lead) = new.lead else {
            let job = JobValue::of(new, &new.route.queue, 0, receipt);
            let leased = self.start(new.id, &job, &new.route, lease)?;
            self.put_job(new.id, &job, None)?;
            return Ok(leased);
        };
        let mut chain = self.chain(lead)?;
        let route = route(&mut chain, new);
        let at = chain.find_or_add(&route.queue)?;
        if new.coalesces && self.absorb(&mut chain, at, new)? {
            self.put_chain(lead, &chain)?;
            return Ok(None);
        }
        self.hurry(&mut chain, at)?;
        chain.links[at].sequence += 1;
        let job = JobValue::of(new, &route.queue, chain.links[at].sequence, receipt);
        chain.remember(at, new.id);
        let link = &mut chain.links[at];
        let mut leased = None;
        if link.head.is_some() {
            link.successors.push(new.id);
        } else {
            link.head = Some(new.id);
            leased = self.start(new.id, &job, route, lease)?;
        }
        if job.coalesces && leased.is_none() {
            chain.links[at].open = Some(new.id);
        }
        self.put_job(new.id, &job, None)?;
        self.put_chain(lead, &chain)?;
        Ok(leased)
    }

    /// Counts a new job in the open one, if there is one.
    fn absorb(&mut self, chain: &mut Chain, at: usize, new: &NewJob) -> Result<bool, StoreError> {
        let Some(open) = chain.links[at].open else { return Ok(false) };
        let Some(mut job) = self.job(open)? else { return Ok(false) };
        job.absorbed += 1;
        if let Some(inquiry) = new.inquiry
            && job.absorbed_ids.len() < JobValue::ABSORBED_IDS_MAX
        {
            job.absorbed_ids.push(inquiry);
        }
        self.put_job(open, &job, None)?;
        Ok(true)
    }

    /// Something else comes behind the open job: it absorbs no more and is due at once.
    pub fn hurry(&mut self, chain: &mut Chain, at: usize) -> Result<(), StoreError> {
        let link = &mut chain.links[at];
        let Some(open) = link.open.take() else { return Ok(()) };
        let queue = link.queue.clone();
        let Some(mut job) = self.job(open)? else { return Ok(()) };
        job.due = job.due.min(self.now);
        self.put_job(open, &job, None)?;
        if self.remove(&Index::Delayed(queue.clone()), open.as_bytes())? {
            self.make_ready(open, &job)?;
            self.lower(&queue, self.now)?;
        }
        Ok(())
    }

    /// A head begins: leased at once if it may be, else placed.
    pub fn start(
        &mut self,
        id: DeliveryId,
        job: &JobValue,
        route: &Route,
        lease: Option<&Lease>,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let leased = self.card(&Index::Leased(job.queue.clone()))?;
        let due = job.due <= self.now;
        if let Some(lease) = lease
            && due
            && route.pace.is_none()
            && leased < u64::from(route.permits)
            && self.card(&Index::Ready(job.queue.clone()))? == 0
            && self.paused(&job.queue)?.is_none()
        {
            let until = self.lease(&job.queue, &lease.incarnation, route.lease_ms, id)?;
            self.lower(&job.queue, until)?;
            return Ok(Some(job.leased(id, until)));
        }
        self.place(id, job)?;
        if !due {
            self.lower(&job.queue, job.due)?;
        } else if leased < u64::from(route.permits.max(1)) {
            self.lower(&job.queue, self.now)?;
        }
        Ok(None)
    }

    /// Moves a waiting job behind those of another queue of the same lead.
    pub fn append(
        &mut self,
        chain: &mut Chain,
        id: DeliveryId,
        route: &Route,
    ) -> Result<(), StoreError> {
        let at = chain.find_or_add(&route.queue)?;
        self.hurry(chain, at)?;
        let Some(mut job) = self.job(id)? else { return Ok(()) };
        chain.links[at].sequence += 1;
        job.sequence = chain.links[at].sequence;
        job.queue = route.queue.clone();
        for (link, remembered) in &mut chain.jobs {
            if *remembered == id {
                *link = u8::try_from(at).unwrap_or(u8::MAX);
            }
        }
        self.put_job(id, &job, None)?;
        if chain.links[at].head.is_some() {
            chain.links[at].successors.push(id);
        } else {
            chain.links[at].head = Some(id);
            self.start(id, &job, route, None)?;
        }
        Ok(())
    }

    /// The head of a lead's queue is done: the next of the chain takes its place.
    pub fn advance(&mut self, lead: LeadId, queue: &Name) -> Result<(), StoreError> {
        let mut chain = self.chain(lead)?;
        let Some(at) = chain.find(queue) else { return Ok(()) };
        chain.links[at].head = None;
        while !chain.links[at].successors.is_empty() {
            let next = chain.links[at].successors.remove(0);
            if let Some(job) = self.job(next)? {
                chain.links[at].head = Some(next);
                self.place(next, &job)?;
                break;
            }
        }
        self.put_chain(lead, &chain)
    }
}

/// Where a new job goes: to the fallback, if the lead was handed over in this cycle.
fn route<'n>(chain: &mut Chain, new: &'n NewJob) -> &'n Route {
    let Some(at) = chain.find(&new.route.queue) else { return &new.route };
    let link = &mut chain.links[at];
    if new.resets_handover {
        link.handed_over = false;
    }
    match &new.fallback {
        Some(fallback) if link.handed_over => fallback,
        _ => &new.route,
    }
}
