//! Signing secrets that were made by the running service: kept sealed in the store, seen by all replicas within
//! seconds, beside the files.
//!
//! The files are the truth: what was made counts as long as the secrets of the file are those that it took over from.
//! Whoever changes the file's afterwards has ended that; where the file lets those retire, what was made retires with
//! them, so that a receiver that had changed over has its time too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::destination::Destination;
use super::directory::Directory;
use super::sign::{Secret, key_pair};
use super::ways::Ways;
use crate::domain::ports::{
    Clock, NotRotated, RotateSecret, Rotated, Rotation, Store, StoreError, Vault,
};
use crate::domain::{Commit, CommitOutcome, Key, Name, Read, Timestamp, Write};

/// How old what a process knows may be; the old secrets sign for longer than that.
const KNOWN_FOR: Duration = Duration::from_secs(3);
/// Secrets that sign at once, with those of the file.
const MADE_MAX: usize = 5;
const ROUNDS: u32 = 5;

/// What is kept, sealed.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Made {
    /// The file's secrets that were taken over from.
    of: String,
    /// Until when those sign.
    file_until: Timestamp,
    /// Newest first.
    secrets: Vec<MadeSecret>,
}

#[derive(Clone, Serialize, Deserialize)]
struct MadeSecret {
    secret: String,
    /// `None` = the one that is not on its way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

#[derive(Clone)]
struct Known {
    at: Instant,
    version: u64,
    made: Option<Arc<Made>>,
}

/// The secrets that were made, as this process knows them.
pub(super) struct Rotations {
    store: Arc<dyn Store>,
    vault: Arc<dyn Vault>,
    known: Mutex<HashMap<(Name, Name), Known>>,
}

impl Rotations {
    pub(super) fn new(store: Arc<dyn Store>, vault: Arc<dyn Vault>) -> Self {
        Self { store, vault, known: Mutex::default() }
    }

    /// The destination as it signs now. A store that does not answer leaves it as it was known.
    pub(super) async fn applied(
        &self,
        workspace: &Name,
        destination: Arc<Destination>,
    ) -> Arc<Destination> {
        if destination.secrets.is_empty() {
            return destination;
        }
        let known = self.known(workspace, &destination.name).await.ok();
        let made = known.and_then(|known| known.made);
        let Some(made) = made else { return destination };
        if made.of == fingerprint(&destination.secrets) {
            Arc::new(with(&destination, &made))
        } else if made.of == fingerprint(destination.retiring.iter().map(|(old, _)| old)) {
            Arc::new(beside(&destination, &made))
        } else {
            destination
        }
    }

    async fn known(&self, workspace: &Name, destination: &Name) -> Result<Known, StoreError> {
        let key = (workspace.clone(), destination.clone());
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known.as_ref().filter(|known| known.at.elapsed() < KNOWN_FOR) {
            return Ok(known.clone());
        }
        match self.read(workspace, destination).await {
            Ok(read) => {
                self.keep(key, read.clone());
                Ok(read)
            }
            Err(error) => known.ok_or(error),
        }
    }

    fn keep(&self, key: (Name, Name), known: Known) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, known);
    }

    async fn read(&self, workspace: &Name, destination: &Name) -> Result<Known, StoreError> {
        let values = self.store.read(workspace, &[key_of(destination)]).await?;
        let stored = values.into_iter().next().flatten();
        let open = |body: &[u8]| self.vault.open(&about(workspace, destination), body);
        let made = stored.as_ref().and_then(|stored| {
            serde_json::from_slice::<Made>(&open(&stored.body)?).ok().map(Arc::new)
        });
        let version = stored.map_or(0, |stored| stored.version);
        Ok(Known { at: Instant::now(), version, made })
    }

    /// Adds a new secret; the others sign until then.
    async fn add(
        &self,
        workspace: &Name,
        destination: &Destination,
        secret: &str,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), NotRotated> {
        let of = fingerprint(&destination.secrets);
        for _ in 0..ROUNDS {
            let known = self.read(workspace, &destination.name).await?;
            let before = known.made.filter(|made| made.of == of);
            let mut made = before.map_or_else(
                || Made { of: of.clone(), file_until: until, secrets: Vec::new() },
                |made| Made::clone(&made),
            );
            made.secrets.retain(|old| old.until.is_none_or(|ends| ends > now));
            for old in &mut made.secrets {
                old.until = Some(old.until.map_or(until, |ends| ends.min(until)));
            }
            if made.secrets.len() >= MADE_MAX {
                return Err(NotRotated::TooMany);
            }
            made.secrets.insert(0, MadeSecret { secret: secret.to_owned(), until: None });
            let version = known.version + 1;
            if self.write(workspace, &destination.name, version, &made, now).await? {
                let key = (workspace.clone(), destination.name.clone());
                let made = Some(Arc::new(made));
                self.keep(key, Known { at: Instant::now(), version, made });
                return Ok(());
            }
        }
        Err(NotRotated::Store(StoreError::Refused("others rotate it at the same time".to_owned())))
    }

    /// `false` = somebody else was faster.
    async fn write(
        &self,
        workspace: &Name,
        destination: &Name,
        version: u64,
        made: &Made,
        now: Timestamp,
    ) -> Result<bool, NotRotated> {
        let key = key_of(destination);
        // Plain data: writing it cannot fail.
        let bytes = serde_json::to_vec(made).unwrap_or_default();
        let body = self.vault.seal(&about(workspace, destination), &bytes);
        let body = body.ok_or_else(|| StoreError::Refused("it cannot be sealed".to_owned()))?;
        let commit = Commit {
            workspace: workspace.clone(),
            now,
            claim: None,
            reads: vec![Read { key: key.clone(), version: version - 1 }],
            writes: vec![Write::Put { key, version, with_receipt: false, body, until: None }],
            indexes: Vec::new(),
            branches: Vec::new(),
            journal: Vec::new(),
            lease: None,
        };
        let outcome = self.store.commit(&commit).await?;
        Ok(matches!(outcome, CommitOutcome::Committed(_)))
    }
}

fn key_of(destination: &Name) -> Key {
    Key::Sealed(format!("signing/{destination}"))
}

fn about(workspace: &Name, destination: &Name) -> Vec<u8> {
    format!("{workspace}/signing/{destination}").into_bytes()
}

/// Names secrets of the file without telling them.
fn fingerprint<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut digest = Sha256::new();
    digest.update("lead-router signing secrets");
    for secret in secrets {
        digest.update(secret.written());
    }
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// The destination with what was made in the place of the file's secrets.
fn with(destination: &Destination, made: &Made) -> Destination {
    let mut with = destination.clone();
    let (mut secrets, mut retiring) = (Vec::new(), destination.retiring.clone());
    for one in &made.secrets {
        match (Secret::parse(&one.secret), one.until) {
            (Ok(secret), None) => secrets.push(secret),
            (Ok(secret), Some(until)) => retiring.push((secret, until)),
            (Err(_), _) => {}
        }
    }
    retiring.extend(destination.secrets.iter().map(|old| (old.clone(), made.file_until)));
    with.secrets = secrets;
    with.retiring = retiring;
    with
}

/// The destination whose file has new secrets and lets those retire that others were made in the place of: these
/// retire with them.
fn beside(destination: &Destination, made: &Made) -> Destination {
    let mut beside = destination.clone();
    let Some(until) = destination.retiring.iter().map(|(_, until)| *until).max() else {
        return beside;
    };
    let made = made.secrets.iter().filter_map(|one| {
        let ends = one.until.map_or(until, |ends| ends.min(until));
        Some((Secret::parse(&one.secret).ok()?, ends))
    });
    beside.retiring.extend(made);
    beside
}

/// Makes new secrets for a running service.
pub struct Rotator {
    ways: Ways,
    clock: Arc<dyn Clock>,
    directory: Arc<dyn Directory>,
}

impl std::fmt::Debug for Rotator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rotator").finish_non_exhaustive()
    }
}

impl Rotator {
    /// For the destinations of that configuration.
    pub fn new(ways: Ways, clock: Arc<dyn Clock>, directory: Arc<dyn Directory>) -> Self {
        Self { ways, clock, directory }
    }
}

#[async_trait]
impl Rotation for Rotator {
    async fn rotate(
        &self,
        workspace: &Name,
        destination: &Name,
        wanted: RotateSecret,
    ) -> Result<Rotated, NotRotated> {
        let found = self.directory.destination(workspace, destination);
        let destination = found.ok_or(NotRotated::Missing)?;
        let rotations = self.ways.rotations().ok_or(NotRotated::Unsigned)?;
        if destination.secrets.is_empty() {
            return Err(NotRotated::Unsigned);
        }
        let made = if wanted.key_pair {
            key_pair(wanted.random).ok_or(NotRotated::Unsigned)?
        } else {
            format!("whsec_{}", STANDARD.encode(wanted.random))
        };
        let secret = Secret::parse(&made).map_err(|_| NotRotated::Unsigned)?;
        let now = self.clock.now();
        let until = now.after(wanted.keep);
        rotations.add(workspace, &destination, &made, (now, until)).await?;
        Ok(Rotated { secret: secret.written(), old_until: until })
    }
}
