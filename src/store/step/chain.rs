//! How the deliveries of one lead hang together.

use crate::domain::ports::StoreError;
use crate::domain::{DeliveryId, Name};

use super::bytes::{Bytes, none_if_zero};

/// One queue of one lead: who runs, who waits behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub queue: Name,
    /// In this cycle the lead's deliveries go to the fallback.
    pub handed_over: bool,
    /// The last sequence given out.
    pub sequence: u64,
    /// In exactly one of ready, delayed, leased.
    pub head: Option<DeliveryId>,
    /// The last job, if it coalesces and was never leased.
    pub open: Option<DeliveryId>,
    /// Behind the head, in order; in no index.
    pub successors: Vec<DeliveryId>,
}

/// A lead's chains; the bytes are described at the top of [`super`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    pub links: Vec<Link>,
    /// The newest jobs, oldest first: number of the link, job.
    pub jobs: Vec<(u8, DeliveryId)>,
}

impl Chain {
    /// Jobs remembered per lead.
    pub const JOBS_MAX: usize = 50;
    /// Queues per lead; enough for any workspace.
    pub const LINKS_MAX: usize = 255;
    const HANDED_OVER: u8 = 1;

    /// The number of a queue's link.
    #[must_use]
    pub fn find(&self, queue: &Name) -> Option<usize> {
        self.links.iter().position(|link| link.queue == *queue)
    }

    /// The number of a queue's link, new if need be.
    pub fn find_or_add(&mut self, queue: &Name) -> Result<usize, StoreError> {
        if let Some(found) = self.find(queue) {
            return Ok(found);
        }
        if self.links.len() >= Self::LINKS_MAX {
            return Err(StoreError::Refused("one lead has jobs in more than 255 queues".into()));
        }
        self.links.push(Link {
            queue: queue.clone(),
            handed_over: false,
            sequence: 0,
            head: None,
            open: None,
            successors: Vec::new(),
        });
        Ok(self.links.len() - 1)
    }

    /// Remembers a job as the newest.
    pub fn remember(&mut self, link: usize, job: DeliveryId) {
        self.jobs.push((u8::try_from(link).unwrap_or(u8::MAX), job));
        if self.jobs.len() > Self::JOBS_MAX {
            self.jobs.remove(0);
        }
    }

    /// The newest jobs with their queues, oldest first.
    #[must_use]
    pub fn remembered(&self) -> Vec<(Name, DeliveryId)> {
        self.jobs
            .iter()
            .filter_map(|(link, job)| {
                Some((self.links.get(usize::from(*link))?.queue.clone(), *job))
            })
            .collect()
    }

    /// The bytes kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let id = |id: &Option<DeliveryId>| id.map_or([0; 16], |id| *id.as_bytes());
        let mut bytes = vec![u8::try_from(self.links.len()).unwrap_or(u8::MAX)];
        for link in &self.links {
            bytes.push(u8::try_from(link.queue.as_str().len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(link.queue.as_str().as_bytes());
            bytes.push(u8::from(link.handed_over) * Self::HANDED_OVER);
            bytes.extend_from_slice(&link.sequence.to_be_bytes());
            bytes.extend_from_slice(&id(&link.head));
            bytes.extend_from_slice(&id(&link.open));
            let waiting = u16::try_from(link.successors.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&waiting.to_be_bytes());
            link.successors.iter().for_each(|job| bytes.extend_from_slice(job.as_bytes()));
        }
        bytes.push(u8::try_from(self.jobs.len()).unwrap_or(u8::MAX));
        for (link, job) in &self.jobs {
            bytes.push(*link);
            bytes.extend_from_slice(job.as_bytes());
        }
        bytes
    }

    /// Reads the bytes kept.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let mut chain = Self::default();
        for _ in 0..bytes.u8()? {
            let queue = bytes.name()?;
            let flags = bytes.u8()?;
            let sequence = bytes.u64()?;
            let head = none_if_zero(bytes.id()?).map(DeliveryId::from_bytes);
            let open = none_if_zero(bytes.id()?).map(DeliveryId::from_bytes);
            let successors = (0..bytes.u16()?)
                .map(|_| bytes.id().map(DeliveryId::from_bytes))
                .collect::<Option<_>>()?;
            let handed_over = flags & Self::HANDED_OVER != 0;
            chain.links.push(Link { queue, handed_over, sequence, head, open, successors });
        }
        for _ in 0..bytes.u8()? {
            let link = bytes.u8()?;
            chain.jobs.push((link, DeliveryId::from_bytes(bytes.id()?)));
        }
        bytes.0.is_empty().then_some(chain)
    }

    /// Reads the bytes kept; absent = empty.
    pub fn read(bytes: Option<&[u8]>) -> Result<Self, StoreError> {
        bytes.map_or_else(
            || Ok(Self::default()),
            |bytes| {
                Self::decode(bytes)
                    .ok_or_else(|| StoreError::Corrupt("a chain that cannot be read".into()))
            },
        )
    }
}
