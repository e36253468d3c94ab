//! Log lines gathered for a moment and written together: a system call for each line is a good part of
//! what answering a request costs.
//!
//! A line waits at most [`WAIT`]; warnings and errors, and whatever exceeds [`BYTES_MAX`], are written at
//! once, with all that was said before. Dropping the [`LogGuard`] writes what is left, so nothing is
//! lost when the process ends by itself; a process that is killed loses the last moment.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Longest time a line waits.
const WAIT: Duration = Duration::from_millis(50);
/// More than this is written at once.
const BYTES_MAX: usize = 32 * 1024;

/// Lines on their way to `W`.
pub struct Gathered<W>(Arc<Shared<W>>);

impl<W> std::fmt::Debug for Gathered<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gathered")
    }
}

#[derive(Debug)]
struct Shared<W> {
    held: Mutex<Held<W>>,
    /// There is something to write, or the end has come.
    woken: Condvar,
}

#[derive(Debug)]
struct Held<W> {
    lines: Vec<u8>,
    out: W,
    ended: bool,
}

/// Writes what was gathered when it is dropped; from then on every line is written at once.
#[must_use = "dropping it ends the gathering"]
pub struct LogGuard(Box<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogGuard")
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<W: Write + Send + 'static> Gathered<W> {
    /// Begins to gather. If no thread is to be had, every line is written at once.
    pub fn new(out: W) -> (Self, LogGuard) {
        let held = Held { lines: Vec::with_capacity(BYTES_MAX + 1024), out, ended: false };
        let shared = Arc::new(Shared { held: Mutex::new(held), woken: Condvar::new() });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("log".to_owned());
        if thread.spawn(move || theirs.write_now_and_then()).is_err() {
            shared.lock().ended = true;
        }
        let ours = Arc::clone(&shared);
        let end = move || {
            let mut held = ours.lock();
            held.ended = true;
            held.write();
            ours.woken.notify_all();
        };
        (Self(shared), LogGuard(Box::new(end)))
    }
}

impl<W: Write> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, Held<W>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until the end: waits for a line, gives others the time to join it, writes them all.
    fn write_now_and_then(&self) {
        let mut held = self.lock();
        while !held.ended {
            if held.lines.is_empty() {
                held = self.woken.wait(held).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(held);
            std::thread::sleep(WAIT);
            held = self.lock();
            held.write();
        }
    }
}

impl<W: Write> Held<W> {
    /// A log that cannot be written has nowhere to say so.
    fn write(&mut self) {
        drop(self.out.write_all(&self.lines));
        drop(self.out.flush());
        self.lines.clear();
    }
}

impl<'a, W: Write + Send + 'static> MakeWriter<'a> for Gathered<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { shared: &self.0, at_once: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Self::Writer {
        Line { shared: &self.0, at_once: *about.level() <= Level::WARN }
    }
}

/// Takes one line.
#[derive(Debug)]
pub struct Line<'a, W> {
    shared: &'a Shared<W>,
    at_once: bool,
}

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut held = self.shared.lock();
        let is_first = held.lines.is_empty();
        held.lines.extend_from_slice(line);
        if self.at_once || held.ended || held.lines.len() > BYTES_MAX {
            held.write();
        } else if is_first {
            self.shared.woken.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Out(Arc<Mutex<Vec<u8>>>);

    impl Out {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn subscriber(out: &Out) -> (impl tracing::Subscriber + Send + Sync, LogGuard) {
        let (lines, guard) = Gathered::new(out.clone());
        let subscriber =
            tracing_subscriber::fmt().with_writer(lines).with_ansi(false).without_time().finish();
        (subscriber, guard)
    }

    #[test]
    fn nothing_is_lost_at_the_end() {
        let out = Out::default();
        let (subscriber, guard) = subscriber(&out);
        tracing::subscriber::with_default(subscriber, || {
            for number in 0..1000 {
                tracing::info!(number, "said");
            }
            drop(guard);
            assert_eq!(out.text().lines().count(), 1000);
            tracing::info!("said afterwards");
            assert_eq!(out.text().lines().count(), 1001);
        });
        assert!(out.text().lines().zip(0..1000).all(|(line, n)| line.ends_with(&n.to_string())));
    }

    #[test]
    fn a_warning_is_written_at_once_behind_what_came_before() {
        let out = Out::default();
        let (subscriber, _guard) = subscriber(&out);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("first");
            tracing::warn!("second");
            let text = out.text();
            let (first, second) = (text.find("first").unwrap(), text.find("second").unwrap());
            assert!(first < second, "{text}");
        });
    }

    #[test]
    fn lines_are_written_after_a_moment_by_themselves() {
        let out = Out::default();
        let (subscriber, _guard) = subscriber(&out);
        tracing::subscriber::with_default(subscriber, || tracing::info!("said"));
        let began = std::time::Instant::now();
        while out.text().is_empty() {
            assert!(began.elapsed() < Duration::from_secs(10), "the line was never written");
            std::thread::yield_now();
        }
    }
}
