//! Changing the configuration while running: never a good one for a bad one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};

use super::load::load_snapshot;
use super::{ConfigError, Loaded, Snapshot};
use crate::decide::Configuration;
use crate::domain::Name;

/// Environment variables (and the demo's values) by name.
pub type Env = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder, looked at again and again.
    Dir(PathBuf),
    /// The demo's own, in the binary.
    Demo,
}

impl Place {
    fn read(&self) -> Snapshot {
        match self {
            Self::Dir(dir) => Snapshot::read(dir),
            Self::Demo => Snapshot::demo(),
        }
    }

    /// Where relative paths of `${file:…}` start.
    fn dir(&self) -> &Path {
        match self {
            Self::Dir(dir) => dir,
            Self::Demo => Path::new("."),
        }
    }
}

/// What one look at the files came to.
#[derive(Debug, Clone)]
pub enum Reload {
    /// The files and secrets are as at the last look.
    Unchanged,
    /// The new configuration is in force.
    Swapped(Arc<Loaded>),
    /// It is bad; the running one stays.
    Refused(Arc<Vec<ConfigError>>),
}

/// Holds the configuration in force and looks for a new one.
///
/// Looks at the content, not at file times or events: Kubernetes swaps a link above the files, which
/// watchers miss. A secret's file counts too; environment variables cannot change in a running process.
pub struct Reloader {
    place: Place,
    env: Box<Env>,
    current: Arc<ArcSwap<Loaded>>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    /// Of files and secrets; in memory only.
    seen: [u8; 32],
    /// The files that `${file:…}` named.
    secrets: BTreeSet<PathBuf>,
    errors: Option<Arc<Vec<ConfigError>>>,
}

impl std::fmt::Debug for Reloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reloader").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Reloader {
    /// How often to look.
    pub const EVERY: Duration = Duration::from_secs(2);

    /// Loads for the first time.
    ///
    /// # Errors
    /// As [`super::load()`]: there is nothing to keep running yet.
    pub fn start(place: Place, env: Box<Env>) -> Result<Self, Vec<ConfigError>> {
        let snapshot = place.read();
        let (loaded, secrets) = load_snapshot(&snapshot, place.dir(), &*env);
        let current = Arc::new(ArcSwap::from_pointee(loaded?));
        let seen = fingerprint(&snapshot, &secrets);
        let last = Mutex::new(Last { seen, secrets, errors: None });
        Ok(Self { place, env, current, last })
    }

    /// The configuration in force, to be asked anew for each piece of work.
    #[must_use]
    pub fn current(&self) -> Arc<ArcSwap<Loaded>> {
        Arc::clone(&self.current)
    }

    /// What was wrong at the last look, if the files are bad now: `readyz` and the console show it.
    #[must_use]
    pub fn last_error(&self) -> Option<Arc<Vec<ConfigError>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).errors.clone()
    }

    /// A workspace's configuration of the past, from the bundle that was kept of it.
    pub fn recompile(&self, workspace: &Name, hash: &str, bundle: &[u8]) -> Option<Configuration> {
        super::recompile(workspace, hash, bundle, self.place.dir(), &*self.env)
    }

    /// Looks once. Reads files: call it where blocking is allowed. A bad configuration is reported
    /// once for each state of the files, not at each look.
    pub fn poll(&self) -> Reload {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.place.read();
        if fingerprint(&snapshot, &last.secrets) == last.seen {
            return Reload::Unchanged;
        }
        let (loaded, secrets) = load_snapshot(&snapshot, self.place.dir(), &*self.env);
        last.seen = fingerprint(&snapshot, &secrets);
        last.secrets = secrets;
        match loaded {
            Ok(loaded) => {
                let loaded = Arc::new(loaded);
                last.errors = None;
                self.current.store(Arc::clone(&loaded));
                Reload::Swapped(loaded)
            }
            Err(errors) => {
                let errors = Arc::new(errors);
                last.errors = Some(Arc::clone(&errors));
                Reload::Refused(errors)
            }
        }
    }
}

/// Of the files' bytes and of the secrets' files.
fn fingerprint(snapshot: &Snapshot, secrets: &BTreeSet<PathBuf>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(snapshot.hash());
    snapshot.errors.iter().for_each(|error| hasher.update(error.to_string()));
    for path in secrets {
        hasher.update(path.as_os_str().as_encoded_bytes());
        match std::fs::read(path) {
            Ok(bytes) => hasher.update(Sha256::digest(bytes)),
            Err(_) => hasher.update([0]),
        }
    }
    hasher.finalize().into()
}
