//! What this process refused, by source: counted in memory, kept in the store every few seconds.
//!
//! A refused request costs a lock and an addition, never a call. A process that is killed loses the
//! counts since it last kept them (ten seconds), and nothing else: what was accepted is counted from the
//! journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::context::{Flow, Unavailable};
use super::tally::{Hours, LastTime, Tallies};
use super::unreadable::json;
use crate::domain::{Claim, CommitOutcome, Name, Status, Timestamp};

/// Where requests are counted that name no configured source.
pub const UNKNOWN: &str = "(unknown)";
/// Rounds against other replicas that keep theirs.
const ROUNDS_MAX: u32 = 8;

/// What was refused and is not kept yet.
#[derive(Debug, Default)]
pub struct Refusals {
    pockets: Mutex<BTreeMap<Name, Pocket>>,
}

#[derive(Debug, Default)]
struct Pocket {
    counted: Counted,
    /// On its way to the store: kept under its number until the store said yes, so that none is added twice.
    sent: Option<(u64, Counted)>,
    number: u64,
}

/// By hour, source and word; and the last of each source.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counted {
    pub hours: Hours,
    pub last: BTreeMap<String, LastTime>,
}

impl Refusals {
    /// Counts a request that was refused, or one that came again. `source`: a configured one, else
    /// [`UNKNOWN`]. `reason`: a fixed word.
    pub fn note(
        &self,
        workspace: &Name,
        source: &str,
        status: Status,
        reason: &str,
        at: Timestamp,
    ) {
        let mut pockets = self.pockets();
        let counted = &mut pockets.entry(workspace.clone()).or_default().counted;
        if status == Status::Duplicate {
            counted.hours.add(at, source, Status::Duplicate.as_str(), 1);
            return;
        }
        counted.hours.add(at, source, &format!("{REFUSED}{reason}"), 1);
        let seen = LastTime { at, id: None, word: reason.to_owned() };
        counted.last.insert(source.to_owned(), seen);
    }

    fn pockets(&self) -> MutexGuard<'_, BTreeMap<Name, Pocket>> {
        self.pockets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be kept now, with its number; what was sent before and not answered comes first.
    fn take(&self, workspace: &Name) -> Option<(u64, Counted)> {
        let mut pockets = self.pockets();
        let pocket = pockets.get_mut(workspace)?;
        if pocket.sent.is_none() && pocket.counted != Counted::default() {
            pocket.number += 1;
            pocket.sent = Some((pocket.number, std::mem::take(&mut pocket.counted)));
        }
        pocket.sent.clone()
    }

    fn kept(&self, workspace: &Name) {
        if let Some(pocket) = self.pockets().get_mut(workspace) {
            pocket.sent = None;
        }
    }
}

/// Before the reason in a tally's words.
pub(super) const REFUSED: &str = "refused:";

impl Flow {
    /// Adds what this process refused since the last time to the tallies that all replicas share.
    ///
    /// # Errors
    /// If the store does not answer; the counts wait for the next time.
    pub async fn keep_refusals(&self, workspace: &Name) -> Result<(), Unavailable> {
        let _turn = self.tally_turn.lock().await;
        while let Some((number, counted)) = self.refusals.take(workspace) {
            self.add(workspace, number, &counted).await?;
            self.refusals.kept(workspace);
        }
        Ok(())
    }

    async fn add(
        &self,
        workspace: &Name,
        number: u64,
        counted: &Counted,
    ) -> Result<(), Unavailable> {
        let incarnation = self.lease.incarnation.as_str().as_bytes();
        let hash = self.pepper.hash("tally", &[incarnation, &number.to_be_bytes()]);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        for _ in 0..ROUNDS_MAX {
            let mut tallies = self.read_tallies(workspace, counted.hours.numbers()).await?;
            tallies.hours.merge(&counted.hours);
            for (source, seen) in &counted.last {
                tallies.latest.sources.entry(source.clone()).or_default().refuse(seen);
            }
            let now = self.now();
            let claim = Claim {
                key,
                fingerprint: [0; 8],
                inquiry: Claim::NO_INQUIRY,
                until: now.after(Tallies::CLAIMED_FOR),
            };
            let commit = tallies.commit(workspace, now, Some(claim))?;
            let outcome = self.store.commit(&commit).await;
            match outcome.map_err(|error| self.troubled("tally", error))? {
                CommitOutcome::Stale(_) => {}
                // Added now, or by a commit whose answer was lost.
                _ => return Ok(()),
            }
        }
        Err(Unavailable::Contention)
    }
}

impl Tallies {
    /// How long it is remembered that counts were added.
    const CLAIMED_FOR: std::time::Duration = std::time::Duration::from_hours(1);
}

/// What the store keeps.
pub(super) fn written<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Unavailable> {
    json(value)
}
