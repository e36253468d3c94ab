//! How a job is kept.

use crate::domain::ports::StoreError;
use crate::domain::{
    DeliveryId, InquiryId, LeadId, LeasedJob, Name, NewJob, Receipt, Timestamp, packing,
};

use super::bytes::{Bytes, none_if_zero};

/// A job's value; the bytes are described at the top of [`super`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobValue {
    /// 0 for a job without a lead.
    pub sequence: u64,
    /// How many later jobs it absorbed.
    pub absorbed: u32,
    /// The inquiries of the first hundred of them.
    pub absorbed_ids: Vec<InquiryId>,
    pub coalesces: bool,
    /// The body is gone: delivered, handed over or dropped.
    pub ended: bool,
    /// Gave up; on the dead list.
    pub dead: bool,
    pub priority: u8,
    pub due: Timestamp,
    pub lead: Option<LeadId>,
    pub queue: Name,
    /// Packed; empty = none.
    pub receipt: String,
    pub state: Vec<u8>,
    pub body: Vec<u8>,
}

impl JobValue {
    /// Ids of absorbed inquiries kept.
    pub const ABSORBED_IDS_MAX: usize = 100;
    /// The lowest priority.
    pub const PRIORITY_MAX: u8 = 9;
    const COALESCES: u8 = 1;
    const ENDED: u8 = 2;
    const DEAD: u8 = 4;
    /// 2⁴² ms reach into the year 2109.
    const BAND: i64 = 1 << 42;

    /// What a new job is kept as, in this queue under this sequence.
    #[must_use]
    pub fn of(job: &NewJob, queue: &Name, sequence: u64, receipt: &str) -> Self {
        Self {
            receipt: receipt.to_owned(),
            body: job.body.clone(),
            ..Self::without_body(job, queue, sequence)
        }
    }

    /// The same, without receipt and body.
    #[must_use]
    pub fn without_body(job: &NewJob, queue: &Name, sequence: u64) -> Self {
        Self {
            sequence,
            absorbed: 0,
            absorbed_ids: Vec::new(),
            coalesces: job.coalesces,
            ended: false,
            dead: false,
            priority: job.priority.min(Self::PRIORITY_MAX),
            due: job.due.max(Timestamp::EPOCH),
            lead: job.lead,
            queue: queue.clone(),
            receipt: String::new(),
            state: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The score in the ready index.
    #[must_use]
    pub fn ready_score(&self) -> i64 {
        i64::from(self.priority) * Self::BAND + self.due.as_millis().min(Self::BAND - 1)
    }

    /// The scores that jobs of a priority have in the ready index.
    #[must_use]
    pub fn ready_band(priority: u8) -> (i64, i64) {
        let start = i64::from(priority) * Self::BAND;
        (start, start + Self::BAND - 1)
    }

    /// The bytes kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let flags = u8::from(self.coalesces) * Self::COALESCES
            + u8::from(self.ended) * Self::ENDED
            + u8::from(self.dead) * Self::DEAD;
        let ids = self.absorbed_ids.get(..Self::ABSORBED_IDS_MAX).unwrap_or(&self.absorbed_ids);
        let mut bytes = Vec::with_capacity(
            64 + ids.len() * 16 + self.receipt.len() + self.state.len() + self.body.len(),
        );
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.absorbed.to_be_bytes());
        bytes.extend_from_slice(&[flags, self.priority]);
        bytes.extend_from_slice(&self.due.as_millis().to_be_bytes());
        bytes.extend_from_slice(&self.lead.map_or([0; 16], |lead| *lead.as_bytes()));
        bytes.push(u8::try_from(self.queue.as_str().len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(self.queue.as_str().as_bytes());
        bytes.push(u8::try_from(ids.len()).unwrap_or(u8::MAX));
        for id in ids {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes.extend_from_slice(
            &u16::try_from(self.receipt.len()).unwrap_or(u16::MAX).to_be_bytes(),
        );
        bytes.extend_from_slice(self.receipt.as_bytes());
        bytes.extend_from_slice(&u32::try_from(self.state.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(&self.state);
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Reads the bytes kept.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let sequence = bytes.u64()?;
        let absorbed = bytes.u32()?;
        let flags = bytes.u8()?;
        let priority = bytes.u8()?;
        let due = Timestamp::from_millis(i64::try_from(bytes.u64()?).ok()?);
        let lead = none_if_zero(bytes.id()?).map(LeadId::from_bytes);
        let queue = bytes.name()?;
        let ids = usize::from(bytes.u8()?);
        let absorbed_ids =
            (0..ids).map(|_| bytes.id().map(InquiryId::from_bytes)).collect::<Option<_>>()?;
        let receipt = usize::from(bytes.u16()?);
        let receipt = std::str::from_utf8(bytes.take(receipt)?).ok()?.to_owned();
        let state = usize::try_from(bytes.u32()?).ok()?;
        let state = bytes.take(state)?.to_vec();
        Some(Self {
            sequence,
            absorbed,
            absorbed_ids,
            coalesces: flags & Self::COALESCES != 0,
            ended: flags & Self::ENDED != 0,
            dead: flags & Self::DEAD != 0,
            priority,
            due,
            lead,
            queue,
            receipt,
            state,
            body: bytes.0.to_vec(),
        })
    }

    /// Reads the bytes kept, state and body unpacked, or says that they are not a job.
    pub fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("a job that cannot be read".into());
        let mut job = Self::decode(bytes).ok_or_else(corrupt)?;
        job.state = packing::unpack(job.state).ok_or_else(corrupt)?;
        job.body = packing::unpack(job.body).ok_or_else(corrupt)?;
        Ok(job)
    }

    /// As it is handed to who holds the lease.
    #[must_use]
    pub fn leased(&self, id: DeliveryId, lease_until: Timestamp) -> LeasedJob {
        LeasedJob {
            id,
            queue: self.queue.clone(),
            sequence: self.sequence,
            lease_until,
            receipt: Receipt::unpack(&self.receipt),
            absorbed: self.absorbed,
            absorbed_ids: self.absorbed_ids.clone(),
            state: self.state.clone(),
            // What was just handed over can be read.
            body: packing::unpack(self.body.clone()).unwrap_or_default(),
        }
    }
}
