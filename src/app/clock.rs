//! The clocks. Everything is judged by one of these, passed in as a port.

#[cfg(feature = "test-clock")]
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime};

use crate::domain::Timestamp;
use crate::domain::ports::Clock;

/// The system's time, never backwards.
#[derive(Debug, Default)]
pub struct SystemClock {
    last: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        forwards(&self.last, system_millis())
    }
}

/// The store's time as last sampled, plus local monotonic time: replicas whose system clocks differ
/// still agree. Never backwards within the process.
#[derive(Debug)]
pub struct StoreClock {
    began: Instant,
    /// Store time minus monotonic time since `began`.
    offset: AtomicI64,
    last: AtomicI64,
}

impl StoreClock {
    /// Starts at a time just read from the store.
    pub fn starting_at(store: Timestamp) -> Self {
        Self {
            began: Instant::now(),
            offset: AtomicI64::new(store.as_millis()),
            last: AtomicI64::new(0),
        }
    }

    /// Takes a new sample; gives how far the system's clock is off (store − system, milliseconds).
    pub fn sample(&self, store: Timestamp) -> i64 {
        self.offset.store(store.as_millis() - self.elapsed(), Ordering::Release);
        store.as_millis() - system_millis()
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

impl Clock for StoreClock {
    fn now(&self) -> Timestamp {
        forwards(&self.last, self.offset.load(Ordering::Acquire) + self.elapsed())
    }
}

/// The system's time plus milliseconds read from a file, or the time in the file itself if it begins
/// with `=`: lets tests move several processes at once.
#[cfg(feature = "test-clock")]
#[derive(Debug)]
pub struct MovableClock {
    file: PathBuf,
    last: AtomicI64,
}

#[cfg(feature = "test-clock")]
impl MovableClock {
    /// Reads the file at each look; a missing one moves nothing.
    pub fn reading(file: PathBuf) -> Self {
        Self { file, last: AtomicI64::new(0) }
    }
}

#[cfg(feature = "test-clock")]
impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let text = text.trim();
        let millis = match text.strip_prefix('=') {
            Some(fixed) => fixed.parse().unwrap_or(0),
            None => system_millis() + text.parse::<i64>().unwrap_or(0),
        };
        forwards(&self.last, millis)
    }
}

fn forwards(last: &AtomicI64, millis: i64) -> Timestamp {
    let before = last.fetch_max(millis, Ordering::AcqRel);
    Timestamp::from_millis(before.max(millis))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system_millis() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_runs_backwards() {
        let clock = StoreClock::starting_at(Timestamp::from_millis(1_000_000));
        let first = clock.now();
        clock.sample(Timestamp::from_millis(5));
        assert!(clock.now() >= first);
        clock.sample(Timestamp::from_millis(9_000_000));
        assert!(clock.now() >= Timestamp::from_millis(9_000_000));
    }

    #[cfg(feature = "test-clock")]
    #[test]
    fn the_movable_clock_reads_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clock");
        let clock = MovableClock::reading(file.clone());
        std::fs::write(&file, "=5000").unwrap();
        assert_eq!(clock.now(), Timestamp::from_millis(5000));
        std::fs::write(&file, "=4000").unwrap();
        assert_eq!(clock.now(), Timestamp::from_millis(5000));
        std::fs::write(&file, "3600000").unwrap();
        assert!(clock.now() > Timestamp::from_millis(system_millis() + 3_000_000));
    }
}
