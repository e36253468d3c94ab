//! Who is away, as people say while the service runs: an overlay over the configured pools, with a revision.
//!
//! Each process keeps the overlay it last saw and looks for a newer one every second. A decision that picks
//! somebody depends on the revision it was made on, so a change is heeded everywhere from its commit on; only
//! the very first one of a workspace takes other replicas up to a second to see.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::context::{Flow, Unavailable};
use super::workspace::Workspace;
use crate::domain::{
    Absence, Commit, CommitOutcome, JournalRow, Key, Known, Name, Paused, Read, Roster, Stored,
    TimeOff, Timestamp, Write,
};
use crate::telemetry::Fact;

/// A change that meets somebody else's is tried again so often.
const ROUNDS_MAX: u32 = 8;

/// The overlays of all workspaces as this process last saw them.
#[derive(Debug, Default)]
pub(super) struct Rosters(Mutex<BTreeMap<Name, Arc<Known<Roster>>>>);

impl Rosters {
    fn seen(&self, workspace: &Name) -> Option<Arc<Known<Roster>>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(workspace).map(Arc::clone)
    }
}

/// What somebody says about a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterChange {
    /// Not to be given anything until resumed.
    Pause,
    /// To be given leads again, whatever the configuration says.
    Resume,
    /// Away from a day to a day, both included, by the member's time zone: `2026-08-01`.
    TimeOff { from: String, to: String },
    /// No time off but what is configured.
    ClearTimeOff,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    #[error("no pool has such a member")]
    NoMember,
    #[error("expected two days such as 2026-08-01 and 2026-08-14, the first not after the second")]
    NoDays,
    #[error("there is too much time off already: clear it first")]
    TooMany,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl RosterChange {
    fn fact(&self) -> &'static str {
        match self {
            Self::Pause => "member_paused",
            Self::Resume => "member_resumed",
            Self::TimeOff { .. } => "time_off_set",
            Self::ClearTimeOff => "time_off_cleared",
        }
    }
}

impl Flow {
    /// The overlay as last seen; asked for where it was never seen.
    ///
    /// # Errors
    /// If the store does not answer.
    pub(super) async fn roster(&self, workspace: &Name) -> Result<Arc<Known<Roster>>, Unavailable> {
        match self.rosters.seen(workspace) {
            Some(known) => Ok(known),
            None => self.refresh_roster(workspace).await,
        }
    }

    /// Looks for a newer overlay.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn refresh_roster(
        &self,
        workspace: &Name,
    ) -> Result<Arc<Known<Roster>>, Unavailable> {
        let stored = self.read_one(workspace, Key::Overlay).await?;
        self.saw_roster(workspace, stored.as_ref())
    }

    /// Keeps an overlay that was read.
    pub(super) fn saw_roster(
        &self,
        workspace: &Name,
        stored: Option<&Stored>,
    ) -> Result<Arc<Known<Roster>>, Unavailable> {
        let (version, value) = match stored {
            None => (0, Roster::default()),
            Some(stored) => {
                let value =
                    serde_json::from_slice(&stored.body).map_err(|_| Unavailable::Corrupt)?;
                (stored.version, value)
            }
        };
        let mut seen = self.rosters.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get(workspace) {
            Some(known) if known.version >= version => Ok(Arc::clone(known)),
            _ => {
                let known = Arc::new(Known { version, value });
                seen.insert(workspace.clone(), Arc::clone(&known));
                Ok(known)
            }
        }
    }

    /// Changes what is said about a member, and tries again for those who wait. Gives the overlay's revision.
    ///
    /// # Errors
    /// If no pool has the member, the days make no sense, or the store does not answer.
    pub async fn change_roster(
        &self,
        workspace: &Workspace,
        member: &Name,
        change: &RosterChange,
        actor: &Name,
    ) -> Result<u64, RosterError> {
        let days = match change {
            RosterChange::TimeOff { from, to } => {
                let router = &workspace.decide.router;
                Some(router.days_off(member, from, to).ok_or(RosterError::NoDays)?)
            }
            _ => None,
        };
        for _ in 0..ROUNDS_MAX {
            let known = self.refresh_roster(&workspace.name).await?;
            let said = known.value.members.contains_key(member);
            if !said && !workspace.decide.router.has_member(member) {
                return Err(RosterError::NoMember);
            }
            let now = self.now();
            let roster = changed(&known.value, member, change, days, (actor, now))?;
            let row = JournalRow {
                actor: Some(actor.clone()),
                member: Some(member.clone()),
                ..JournalRow::new(now, Name::fixed(change.fact()))
            };
            let journal = serde_json::to_vec(&row).map_err(|_| Unavailable::Corrupt)?;
            let commit = Commit {
                workspace: workspace.name.clone(),
                now,
                claim: None,
                reads: vec![Read { key: Key::Overlay, version: known.version }],
                writes: vec![Write::Put {
                    key: Key::Overlay,
                    version: known.version + 1,
                    with_receipt: false,
                    body: serde_json::to_vec(&roster).map_err(|_| Unavailable::Corrupt)?,
                    until: None,
                }],
                indexes: row.listed(&journal),
                branches: Vec::new(),
                journal,
                lease: None,
            };
            let outcome = self.store.commit(&commit).await;
            let outcome = outcome.map_err(|error| self.troubled("roster", error))?;
            if let CommitOutcome::Committed(_) = outcome {
                self.refresh_roster(&workspace.name).await?;
                let (actor, on) = (actor.as_str(), member.as_str());
                let action = change.fact();
                self.telemetry.record(&Fact::OperatorActed {
                    workspace: &workspace.name,
                    actor,
                    action,
                    on,
                });
                // The change is made; whoever waits is tried again when their time comes anyway.
                drop(self.retry_held(workspace).await);
                return Ok(known.version + 1);
            }
        }
        Err(Unavailable::Contention.into())
    }
}

fn changed(
    before: &Roster,
    member: &Name,
    change: &RosterChange,
    days: Option<(Timestamp, Timestamp)>,
    (by, at): (&Name, Timestamp),
) -> Result<Roster, RosterError> {
    let mut roster = before.clone();
    let absence = roster.members.entry(member.clone()).or_default();
    let pause = |paused| Some(Paused { paused, by: by.clone(), at });
    match change {
        RosterChange::Pause => absence.pause = pause(true),
        RosterChange::Resume => absence.pause = pause(false),
        RosterChange::ClearTimeOff => absence.time_off.clear(),
        RosterChange::TimeOff { .. } => {
            let (from, until) = days.ok_or(RosterError::NoDays)?;
            // What is over needs no place.
            absence.time_off.retain(|off| off.until > at);
            if absence.time_off.len() >= Absence::MAX {
                return Err(RosterError::TooMany);
            }
            absence.time_off.push(TimeOff { from, until, by: by.clone(), at });
            absence.time_off.sort();
        }
    }
    if absence.is_empty() {
        roster.members.remove(member);
    }
    Ok(roster)
}
