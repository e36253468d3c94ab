//! What is in hand and not begun: gathered where a queue wants that, one line per workspace, each in its turn.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use crate::domain::ports::Gather;
use crate::domain::{LeasedJob, Name};

/// Counts a job of its workspace as long as it is in hand.
pub(super) struct Held(Arc<AtomicUsize>);

impl Held {
    pub(super) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(count))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Room for jobs that are about to be claimed: counted as if they were in hand.
pub(super) struct Room {
    pub(super) count: Arc<AtomicUsize>,
    pub(super) jobs: usize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.count.fetch_sub(self.jobs, Ordering::AcqRel);
    }
}

/// A job in hand, and whose it is.
pub(super) struct Handed {
    pub(super) workspace: Name,
    pub(super) job: LeasedJob,
    pub(super) held: Held,
}

/// Jobs that run as one: of one queue, seldom more than one.
pub(super) type Bundle = Vec<Handed>;

/// Jobs of a queue that wait for others.
struct Gathering {
    jobs: Bundle,
    max: usize,
    until: Instant,
}

/// The lines.
#[derive(Default)]
pub(super) struct Lines {
    by_workspace: BTreeMap<Name, VecDeque<Bundle>>,
    gathering: BTreeMap<(Name, Name), Gathering>,
    /// Whose turn it was last.
    last: Option<Name>,
}

impl Lines {
    /// Takes a job in hand.
    pub(super) fn add(&mut self, handed: Handed, gather: Option<Gather>) {
        let Some(gather) = gather else { return self.stand(vec![handed]) };
        let key = (handed.workspace.clone(), handed.job.queue.clone());
        let gathering = self.gathering.entry(key.clone()).or_insert_with(|| Gathering {
            jobs: Vec::new(),
            max: gather.max.max(1),
            until: Instant::now() + gather.wait,
        });
        gathering.jobs.push(handed);
        if gathering.jobs.len() >= gathering.max {
            self.end(&key);
        }
    }

    /// When the next gathering ends by itself.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.gathering.values().map(|gathering| gathering.until).min()
    }

    /// Ends the gatherings whose time is over.
    pub(super) fn end_due(&mut self, now: Instant) {
        let over = self.gathering.iter().filter(|(_, gathering)| gathering.until <= now);
        let over: Vec<_> = over.map(|(key, _)| key.clone()).collect();
        for key in &over {
            self.end(key);
        }
    }

    fn end(&mut self, key: &(Name, Name)) {
        if let Some(gathering) = self.gathering.remove(key) {
            self.stand(gathering.jobs);
        }
    }

    fn stand(&mut self, bundle: Bundle) {
        if let Some(first) = bundle.first() {
            self.by_workspace.entry(first.workspace.clone()).or_default().push_back(bundle);
        }
    }

    /// Whether something may begin.
    pub(super) fn is_empty(&self) -> bool {
        self.by_workspace.is_empty()
    }

    /// The next in line, of the workspace whose turn it is.
    pub(super) fn next(&mut self) -> Option<Bundle> {
        let after = self.last.as_ref().and_then(|last| {
            let later = (std::ops::Bound::Excluded(last), std::ops::Bound::Unbounded);
            self.by_workspace.range::<Name, _>(later).next()
        });
        let (workspace, _) = after.or_else(|| self.by_workspace.iter().next())?;
        let workspace = workspace.clone();
        let line = self.by_workspace.get_mut(&workspace)?;
        let bundle = line.pop_front();
        if line.is_empty() {
            self.by_workspace.remove(&workspace);
        }
        self.last = Some(workspace);
        bundle
    }

    /// Everything, begun or not: for giving back.
    pub(super) fn take_all(&mut self) -> Vec<Handed> {
        let gathered = std::mem::take(&mut self.gathering).into_values().flat_map(|g| g.jobs);
        let waiting = std::mem::take(&mut self.by_workspace).into_values().flatten().flatten();
        gathered.chain(waiting).collect()
    }
}
