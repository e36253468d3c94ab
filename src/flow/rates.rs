//! How often somebody may post, over all replicas: counted in the store under a keyed hash of who it is, so that no address
//! and no person stands there.

use std::net::IpAddr;
use std::time::Duration;

use super::context::Flow;
use crate::domain::ports::StoreError;
use crate::domain::{Name, Quota};

/// The store has so long to count.
const WITHIN: Duration = Duration::from_millis(500);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted<'a> {
    /// Posts of one network address; of IPv6 a network of 64 bits, as one subscriber has it.
    Address(IpAddr),
    /// Posts to a source.
    Source,
    /// Inquiries with one e-mail address.
    Person(&'a str),
}

impl Flow {
    /// Counts one; gives after how many seconds it may come again, if it is one too many. What cannot be counted is let
    /// in: without the store nothing is taken anyway.
    pub async fn too_often(
        &self,
        (workspace, source): (&Name, &Name),
        counted: Counted<'_>,
        quota: Quota,
    ) -> Option<u32> {
        let (bucket, now) = (self.bucket(source, counted), self.now());
        let counting = self.store.admit(workspace, bucket, quota, now);
        let admitted = tokio::time::timeout(WITHIN, counting).await.unwrap_or_else(|_| {
            Err(StoreError::Unreachable("it took too long to count".to_owned()))
        });
        let free = admitted.map_err(|error| self.troubled("rate", error)).ok()??;
        let seconds = u32::try_from(free.since(now).as_secs()).unwrap_or(u32::MAX);
        Some(seconds.saturating_add(1))
    }

    fn bucket(&self, source: &Name, counted: Counted<'_>) -> [u8; 16] {
        let (kind, what) = match counted {
            Counted::Address(address) => match address.to_canonical() {
                IpAddr::V4(it) => ("address", it.octets().to_vec()),
                IpAddr::V6(it) => ("address", it.octets()[..8].to_vec()),
            },
            Counted::Source => ("source", Vec::new()),
            Counted::Person(email) => ("person", email.as_bytes().to_vec()),
        };
        let parts = [kind.as_bytes(), source.as_str().as_bytes(), &what];
        let hash = self.pepper.hash("rate", &parts);
        let mut bucket = [0; 16];
        bucket.copy_from_slice(&hash[..16]);
        bucket
    }
}
