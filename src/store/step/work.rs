//! One step at work: a transaction, a workspace and a time, with the moves all steps share.

use crate::domain::ports::StoreError;
use crate::domain::{DeliveryId, Index, Key, LeadId, Timestamp};
use crate::store::space::Space;

use super::{Chain, JobValue, Tx};

/// What the steps share.
pub(super) struct Work<'a> {
    pub tx: &'a mut dyn Tx,
    pub space: Space,
    pub now: Timestamp,
}

impl Work<'_> {
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.tx.get(&self.space.key(key))
    }

    pub fn put(
        &mut self,
        key: &Key,
        value: &[u8],
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.tx.put(&self.space.key(key), value, until)
    }

    pub fn delete(&mut self, key: &Key) -> Result<(), StoreError> {
        self.tx.delete(&self.space.key(key))
    }

    pub fn add(&mut self, index: &Index, member: &[u8], score: i64) -> Result<(), StoreError> {
        self.tx.add(&self.space.index(index), member, score)
    }

    pub fn remove(&mut self, index: &Index, member: &[u8]) -> Result<bool, StoreError> {
        self.tx.remove(&self.space.index(index), member)
    }

    pub fn card(&self, index: &Index) -> Result<u64, StoreError> {
        self.tx.card(&self.space.index(index))
    }

    pub fn job(&self, id: DeliveryId) -> Result<Option<JobValue>, StoreError> {
        self.get(&Key::Job(id))?.map(|bytes| JobValue::read(&bytes)).transpose()
    }

    pub fn put_job(
        &mut self,
        id: DeliveryId,
        job: &JobValue,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.put(&Key::Job(id), &job.encode(), until)
    }

    pub fn chain(&self, lead: LeadId) -> Result<Chain, StoreError> {
        Chain::read(self.get(&Key::Chain(lead))?.as_deref())
    }

    pub fn put_chain(&mut self, lead: LeadId, chain: &Chain) -> Result<(), StoreError> {
        self.put(&Key::Chain(lead), &chain.encode(), None)
    }

    /// Into the ready index.
    pub fn make_ready(&mut self, id: DeliveryId, job: &JobValue) -> Result<(), StoreError> {
        self.add(&Index::Ready(job.queue.clone()), id.as_bytes(), job.ready_score())
    }

    /// Into ready if due, else into delayed.
    pub fn place(&mut self, id: DeliveryId, job: &JobValue) -> Result<(), StoreError> {
        if job.due <= self.now {
            self.make_ready(id, job)
        } else {
            self.add(&Index::Delayed(job.queue.clone()), id.as_bytes(), job.due.as_millis())
        }
    }
}

/// The id a member of a job index begins with.
pub(super) fn job_of(member: &[u8]) -> Option<DeliveryId> {
    member.get(..16)?.try_into().ok().map(DeliveryId::from_bytes)
}
