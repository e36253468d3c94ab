//! The file: opening it (one process at a time), its format's version, its clock mark, its backup.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _};

use crate::domain::Timestamp;
use crate::domain::ports::StoreError;
use crate::store::step::{Buckets, Tx, View, keep};

use super::tables::{ALL, Seen, Written, failed};
use super::writer::Writer;

/// The file's name in its directory.
const FILE: &str = "store.redb";
/// Where it is written anew, before it takes the file's place.
const ANEW: &str = "store.redb.new";
/// Pages kept in memory at most.
const CACHE_BYTES: usize = 16 << 20;
/// The highest time any step was told, in ms, as decimal text.
const LATEST: &[u8] = b"{s000}:latest";
/// The mark is written when it is behind by this much, so that few commits write it.
const LATEST_BEHIND_MS: i64 = 1000;

/// The embedded store: one file in one directory, one process.
#[derive(Debug)]
pub struct Embedded {
    // The writer ends before the database is closed.
    writer: Writer,
    database: Arc<Current>,
    directory: PathBuf,
    /// How often something was done: not in the file.
    buckets: Mutex<Buckets>,
}

/// The database in use: another one once the file was written anew.
pub(super) type Current = ArcSwap<Database>;

impl Embedded {
    /// Opens the store in a directory, or begins a new one there (readable by its owner only).
    ///
    /// # Errors
    /// [`StoreError::Refused`] if another process has it open or the directory cannot be used;
    /// [`StoreError::Corrupt`] if it was written by a newer version or is damaged.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let database = open_file(directory, FILE)?;
        let latest = prepare(&database)?;
        let database = Arc::new(Current::from_pointee(database));
        let writer = Writer::start(Arc::clone(&database), directory.to_path_buf(), latest)?;
        let (directory, buckets) = (directory.to_path_buf(), Mutex::default());
        Ok(Self { writer, database, directory, buckets })
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Copies the store as it is now into another directory, while it is in use. What is there then
    /// is a store of its own: restoring means opening it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if there is a store in that directory already, or it cannot be written.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        copy_to(&self.database.load(), to)
    }

    /// The same on a thread where blocking is allowed.
    pub(super) async fn backup_apart(&self, to: &Path) -> Result<(), StoreError> {
        let (database, to) = (self.database.load_full(), to.to_path_buf());
        tokio::task::spawn_blocking(move || copy_to(&database, &to))
            .await
            .map_err(|_| StoreError::Unreachable("the runtime is stopping".into()))?
    }

    pub(super) fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Looks at one consistent state. Keep it short: pages in use by it cannot be reused.
    pub(super) fn look<T>(
        &self,
        look: impl FnOnce(&dyn View) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        look_at(&self.database.load_full(), look)
    }

    /// As [`Embedded::look`], for what may take long.
    pub(super) async fn look_long<T: Send + 'static>(
        &self,
        look: impl FnOnce(&dyn View) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = self.database.load_full();
        tokio::task::spawn_blocking(move || look_at(&database, look))
            .await
            .map_err(|_| StoreError::Unreachable("the runtime is stopping".into()))?
    }
}

fn copy_to(database: &Database, to: &Path) -> Result<(), StoreError> {
    if to.join(FILE).exists() {
        return Err(StoreError::Refused(format!(
            "there is a store in {} already; back up into another directory",
            to.display()
        )));
    }
    copy_tables(database, &open_file(to, FILE)?)
}

/// Writes the file anew from what is in it and puts that in its place, so that nothing of what was deleted is in
/// it any more. Nobody may write meanwhile; whoever still looks at the old one keeps it until then.
pub(super) fn write_anew(current: &Current, directory: &Path) -> Result<(), StoreError> {
    let refused = |error: std::io::Error| {
        StoreError::Refused(format!("cannot write {} anew: {error}", directory.display()))
    };
    let (file, anew) = (directory.join(FILE), directory.join(ANEW));
    // Left by a process that ended in the middle of this.
    if anew.exists() {
        fs::remove_file(&anew).map_err(refused)?;
    }
    let copy = open_file(directory, ANEW)?;
    copy_tables(&current.load_full(), &copy)?;
    // The lock is on the file, not on its name.
    fs::rename(&anew, &file).map_err(refused)?;
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(refused)?;
    current.store(Arc::new(copy));
    Ok(())
}

fn copy_tables(database: &Database, copy: &Database) -> Result<(), StoreError> {
    let from = database.begin_read().map_err(failed)?;
    let into = copy.begin_write().map_err(failed)?;
    for definition in ALL {
        let source = from.open_table(definition).map_err(failed)?;
        let mut target = into.open_table(definition).map_err(failed)?;
        for entry in source.iter().map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            target.insert(key.value(), value.value()).map_err(failed)?;
        }
    }
    into.commit().map_err(failed)
}

fn look_at<T>(
    database: &Database,
    look: impl FnOnce(&dyn View) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = database.begin_read().map_err(failed)?;
    look(&Seen::of(&transaction)?)
}

fn open_file(directory: &Path, name: &str) -> Result<Database, StoreError> {
    let refused = |error: std::io::Error| {
        StoreError::Refused(format!("cannot use {}: {error}", directory.display()))
    };
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(refused)?;
    let path = directory.join(name);
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(refused)?;
    Database::builder().set_cache_size(CACHE_BYTES).create(&path).map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Refused(format!(
            "the store in {} is in use by another process: talk to that one (`--url`, with `--key`), \
             or stop it and open the store with `--offline`",
            directory.display()
        )),
        other => failed(other),
    })
}

/// Makes the tables, checks the format's version, reads the clock mark.
fn prepare(database: &Database) -> Result<Timestamp, StoreError> {
    let transaction = database.begin_write().map_err(failed)?;
    let latest = {
        let mut tables = Written::of(&transaction)?;
        keep::check_format(&mut tables)?;
        read_latest(&tables)?
    };
    transaction.commit().map_err(failed)?;
    Ok(latest)
}

/// The highest time any step was told.
pub(super) fn read_latest(view: &dyn View) -> Result<Timestamp, StoreError> {
    let Some(bytes) = view.get(LATEST)? else { return Ok(Timestamp::EPOCH) };
    let ms = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
    ms.map(Timestamp::from_millis)
        .ok_or_else(|| StoreError::Corrupt("a clock mark that cannot be read".into()))
}

pub(super) fn write_latest(tx: &mut dyn Tx, latest: Timestamp) -> Result<(), StoreError> {
    if latest.as_millis() - read_latest(tx)?.as_millis() < LATEST_BEHIND_MS {
        return Ok(());
    }
    tx.put(LATEST, latest.as_millis().to_string().as_bytes(), None)
}
