//! The one writer: a thread that runs steps, many to one durable commit, and answers when it is on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use redb::{Database, Durability};
use tokio::sync::{mpsc, oneshot};

use crate::domain::Timestamp;
use crate::domain::ports::StoreError;
use crate::store::step::Tx;

use super::file::{Current, write_anew, write_latest};
use super::tables::{Written, failed};

/// So many steps share one commit at most.
const BATCH_MAX: usize = 256;
/// So many steps wait for the writer at most; further callers wait to be let in.
const WAITING_MAX: usize = 1024;
/// Values reclaimed in passing with each commit, at most.
const SWEEP_MAX: usize = 64;

/// A step and where its answer goes.
trait Request: Send {
    /// Runs the step; run again if another step of the batch failed.
    fn run(&mut self, tx: &mut dyn Tx) -> Result<(), StoreError>;
    /// The step's `now`, if it has one.
    fn now(&self) -> Timestamp;
    /// Gives the step's result, or the error, to whoever waits.
    fn answer(self: Box<Self>, error: Option<StoreError>);
}

/// What the thread is asked for.
enum Ask {
    Step(Box<dyn Request>),
    /// The file written anew.
    Anew(oneshot::Sender<Result<(), StoreError>>),
}

struct Pending<T, F> {
    now: Timestamp,
    step: F,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Pending<T, F>
where
    T: Send,
    F: FnMut(&mut dyn Tx) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Result<(), StoreError> {
        self.result = Some((self.step)(tx)?);
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn answer(self: Box<Self>, error: Option<StoreError>) {
        let result = match (error, self.result) {
            (None, Some(result)) => Ok(result),
            (Some(error), _) => Err(error),
            (None, None) => Err(stopped()),
        };
        // Nobody may be waiting any more; the step stands all the same.
        let _ = self.reply.send(result);
    }
}

fn stopped() -> StoreError {
    StoreError::Unreachable("the embedded store has stopped".into())
}

/// The handle; dropping it lets the thread finish what waits and end.
#[derive(Debug)]
pub(super) struct Writer {
    requests: Option<mpsc::Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `latest` is the highest time the file knows.
    pub fn start(
        database: Arc<Current>,
        directory: PathBuf,
        latest: Timestamp,
    ) -> Result<Self, StoreError> {
        let (requests, waiting) = mpsc::channel(WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_all(&database, &directory, latest, waiting))
            .map_err(|error| StoreError::Refused(format!("no thread for the store: {error}")))?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Runs a step and waits until it is on disk. The step may run more than once.
    pub async fn run<T: Send + 'static>(
        &self,
        now: Timestamp,
        step: impl FnMut(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Pending { now, step, result: None, reply });
        let requests = self.requests.as_ref().ok_or_else(stopped)?;
        requests.send(Ask::Step(request)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Has the file written anew from what is in it; steps wait meanwhile.
    pub async fn write_anew(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or_else(stopped)?;
        requests.send(Ask::Anew(reply)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was answered with errors already.
            let _ = thread.join();
        }
    }
}

fn write_all(
    database: &Current,
    directory: &Path,
    mut latest: Timestamp,
    mut waiting: mpsc::Receiver<Ask>,
) {
    let mut batch: Vec<Box<dyn Request>> = Vec::with_capacity(BATCH_MAX);
    while let Some(first) = waiting.blocking_recv() {
        let mut next = Some(first);
        let mut anew = None;
        while let Some(ask) = next.take() {
            match ask {
                Ask::Step(request) => batch.push(request),
                Ask::Anew(reply) => {
                    anew = Some(reply);
                    break;
                }
            }
            next = if batch.len() < BATCH_MAX { waiting.try_recv().ok() } else { None };
        }
        latest = batch.iter().map(|request| request.now()).fold(latest, Timestamp::max);
        while !batch.is_empty() {
            match write(&database.load(), latest, &mut batch) {
                Ok(()) => batch.drain(..).for_each(|request| request.answer(None)),
                // One step failed: it is answered, the others run again without it.
                Err(Failure::Step(at, error)) => batch.remove(at).answer(Some(error)),
                Err(Failure::Commit(error)) => {
                    batch.drain(..).for_each(|request| request.answer(Some(error.clone())));
                }
            }
        }
        if let Some(reply) = anew {
            // Nobody may be waiting any more; it is done all the same.
            let _ = reply.send(write_anew(database, directory));
        }
    }
}

enum Failure {
    Step(usize, StoreError),
    Commit(StoreError),
}

/// Runs all steps in one transaction and makes it durable; nothing of it stays if anything fails.
fn write(
    database: &Database,
    latest: Timestamp,
    batch: &mut [Box<dyn Request>],
) -> Result<(), Failure> {
    let whole = |error: StoreError| Failure::Commit(error);
    let mut transaction = database.begin_write().map_err(|e| whole(failed(e)))?;
    transaction.set_durability(Durability::Immediate).map_err(|e| whole(failed(e)))?;
    {
        let mut tables = Written::of(&transaction).map_err(whole)?;
        for (at, request) in batch.iter_mut().enumerate() {
            request.run(&mut tables).map_err(|error| Failure::Step(at, error))?;
        }
        tables.sweep(latest, SWEEP_MAX).map_err(whole)?;
        write_latest(&mut tables, latest).map_err(whole)?;
    }
    transaction.commit().map_err(|e| whole(failed(e)))
}
