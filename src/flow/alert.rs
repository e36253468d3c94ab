//! Operators' alerts: a destination that gives up, a delivery that is too old, a source that fell
//! silent. They go out like any event, to the workspace's alert destination, once per kind, subject
//! and hour over all replicas.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::dead::DeadCount;
use super::tally::Latest;
use super::unreadable::json;
use super::workspace::Workspace;
use crate::domain::{
    Branch, Claim, Commit, CommitOutcome, DeadKind, Delivery, DeliveryId, EventRow, EventType,
    Index, Job, Name, NewJob, Timestamp,
};
use crate::telemetry::{Fact, Metric};

/// What to alert about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSettings {
    /// Where alerts go; without one they are only logged and counted.
    pub destination: Option<Name>,
    /// A job older than this is worth an alert (default 15 minutes).
    pub oldest_undelivered: Duration,
    /// A dead letter older than this is worth an alert, once a day for each destination (default a day).
    pub oldest_dead: Duration,
    /// Sources that should never be silent for longer than this.
    pub silent: BTreeMap<Name, Duration>,
}

/// An alert is said again when it still holds after this long.
const AGAIN_AFTER: Duration = Duration::from_hours(1);
/// And what only grows older, after this.
const A_DAY: Duration = Duration::from_hours(24);

/// What one destination gave up.
#[derive(Debug, Clone, Copy, Default)]
struct Dead {
    faults: u64,
    refusals: u64,
    newest: Option<Timestamp>,
    /// Of the oldest one.
    age: Duration,
}

impl Dead {
    fn add(&mut self, count: &DeadCount, age: Duration) {
        match count.kind {
            DeadKind::Fault => self.faults = count.count,
            DeadKind::Refusal => self.refusals = count.count,
        }
        self.newest = self.newest.max(count.newest);
        self.age = self.age.max(age);
    }

    fn count(&self) -> u64 {
        self.faults + self.refusals
    }

    fn detail(&self, destination: &Name) -> serde_json::Value {
        serde_json::json!({
            "destination": destination,
            "dead": self.count(),
            "faults": self.faults,
            "refusals": self.refusals,
            "oldest_seconds": self.age.as_secs(),
        })
    }
}

/// What an alert is about, and when it is said again.
struct About<'a> {
    name: &'a Name,
    /// Tells alerts of one kind about one thing apart.
    more: &'static str,
    again_after: Duration,
}

/// What the watcher remembers between looks. When a source was last heard of is in the tallies that all
/// replicas share, so none mistakes another's traffic for silence.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Mutex<BTreeMap<Name, Noted>>,
}

#[derive(Debug, Clone, Default)]
struct Noted {
    since: Option<Timestamp>,
    /// When each destination gave its newest one up.
    dead: BTreeMap<Name, Timestamp>,
}

impl Flow {
    /// Looks once: sets the gauges, raises what is to be raised.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn watch(&self, workspace: &Workspace, watch: &Watch) -> Result<(), Unavailable> {
        let now = self.now();
        self.count_journal(&workspace.name).await?;
        for list in Index::WORKLISTS {
            let count = self.store.count(&workspace.name, list).await;
            let count = count.map_err(|error| self.troubled("watch", error))?;
            let labels = [("workspace", workspace.name.as_str()), ("worklist", word(list))];
            self.telemetry.gauge(Metric::Worklist, &labels, signed(count));
        }
        for destination in workspace.decide.destinations.keys() {
            self.watch_destination(workspace, destination, now).await?;
        }
        for (rule, inquiries) in self.failed(&workspace.name) {
            let detail = serde_json::json!({ "rule": rule, "inquiries": inquiries });
            self.raise(workspace, EventType::AlertRuleFailed, &rule, detail, now).await?;
        }
        self.watch_dead(workspace, watch, now).await?;
        self.watch_sources(workspace, watch, now).await
    }

    async fn watch_destination(
        &self,
        workspace: &Workspace,
        destination: &Name,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let depth = self.store.depth(&workspace.name, destination, now).await;
        let depth = depth.map_err(|error| self.troubled("watch", error))?;
        let states = [("ready", depth.ready), ("delayed", depth.delayed), ("leased", depth.leased)];
        let of = [("workspace", workspace.name.as_str()), ("destination", destination.as_str())];
        for (state, jobs) in states {
            let labels = [of[0], of[1], ("state", state)];
            self.telemetry.gauge(Metric::QueueJobs, &labels, signed(jobs));
        }
        let age = depth.oldest.map_or(Duration::ZERO, |oldest| now.since(oldest));
        self.telemetry.gauge(Metric::QueueOldestSeconds, &of, signed(age.as_secs()));
        let is_alerts = workspace.alerts.destination.as_ref() == Some(destination);
        if age >= workspace.alerts.oldest_undelivered && !is_alerts {
            let detail = serde_json::json!({
                "destination": destination,
                "oldest_seconds": age.as_secs(),
                "waiting": depth.ready + depth.delayed + depth.leased,
                "paused": depth.paused.as_ref().map(|(reason, _)| reason),
            });
            self.raise(workspace, EventType::AlertOldestUndelivered, destination, detail, now)
                .await?;
        }
        Ok(())
    }

    /// Destinations that gave deliveries up since the last look, and those whose dead letters lie for too long. Told
    /// of each destination, not of each letter.
    async fn watch_dead(
        &self,
        workspace: &Workspace,
        watch: &Watch,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let counts = self.dead_counts(workspace).await?;
        let mut dead: BTreeMap<&Name, Dead> = BTreeMap::new();
        for count in &counts.counts {
            let age = count.oldest.map_or(Duration::ZERO, |oldest| now.since(oldest));
            let labels = [
                ("workspace", workspace.name.as_str()),
                ("destination", count.destination.as_str()),
                ("kind", count.kind.as_str()),
            ];
            self.telemetry.gauge(Metric::DeadLetters, &labels, signed(count.count));
            self.telemetry.gauge(Metric::DeadOldestSeconds, &labels, signed(age.as_secs()));
            dead.entry(&count.destination).or_default().add(count, age);
        }
        dead.retain(|name, _| workspace.alerts.destination.as_ref() != Some(name));
        let newest = dead.iter().filter_map(|(name, dead)| Some(((*name).clone(), dead.newest?)));
        let newest: BTreeMap<Name, Timestamp> = newest.collect();
        let before = watch.with(&workspace.name, |seen| std::mem::replace(&mut seen.dead, newest));
        for (destination, dead) in dead {
            let seen = before.get(destination).copied().unwrap_or(now.before(AGAIN_AFTER));
            let (kind, detail) = (EventType::AlertDestinationDead, dead.detail(destination));
            if dead.newest.is_some_and(|newest| newest > seen) {
                self.raise(workspace, kind, destination, detail, now).await?;
            } else if dead.count() > 0 && dead.age >= workspace.alerts.oldest_dead {
                let about = About { name: destination, more: "oldest", again_after: A_DAY };
                self.raise_about(workspace, kind, &about, detail, now).await?;
            }
        }
        Ok(())
    }

    async fn watch_sources(
        &self,
        workspace: &Workspace,
        watch: &Watch,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        if workspace.alerts.silent.is_empty() {
            return Ok(());
        }
        let tallies = self.read_tallies(&workspace.name, std::iter::empty()).await?;
        let since = watch.with(&workspace.name, |seen| *seen.since.get_or_insert(now));
        for (source, silent_for) in &workspace.alerts.silent {
            let heard = tallies.latest.sources.get(source.as_str()).and_then(Latest::heard);
            let heard = heard.unwrap_or(since);
            if now.since(heard) >= *silent_for {
                let detail = serde_json::json!({
                    "source": source,
                    "silent_seconds": now.since(heard).as_secs(),
                });
                self.raise(workspace, EventType::AlertSourceSilent, source, detail, now).await?;
            }
        }
        Ok(())
    }

    /// Raises one alert, unless it was raised within the hour (by any replica).
    pub(super) async fn raise(
        &self,
        workspace: &Workspace,
        kind: EventType,
        about: &Name,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let about = About { name: about, more: "", again_after: AGAIN_AFTER };
        self.raise_about(workspace, kind, &about, detail, now).await
    }

    async fn raise_about(
        &self,
        workspace: &Workspace,
        kind: EventType,
        about: &About<'_>,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let mut ids = self.ids();
        let (event, delivery) = (ids.event(), ids.delivery());
        let mut parts = vec![kind.as_str().as_bytes(), about.name.as_str().as_bytes()];
        parts.extend(Some(about.more.as_bytes()).filter(|more| !more.is_empty()));
        let hash = self.pepper.hash("alert", &parts);
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        let row = EventRow {
            id: event,
            kind,
            at: now,
            lead: None,
            inquiry: None,
            merged: None,
            outcome: None,
            score: 0,
            cycle: 0,
            is_test: false,
            detail: Some(detail),
        };
        let jobs = alert_job(workspace, row, delivery)?.into_iter().collect();
        let commit = Commit {
            workspace: workspace.name.clone(),
            now,
            claim: Some(Claim {
                key,
                fingerprint: [0; 8],
                inquiry: Claim::NO_INQUIRY,
                until: now.after(about.again_after),
            }),
            reads: Vec::new(),
            writes: Vec::new(),
            indexes: Vec::new(),
            branches: vec![Branch { pick: None, jobs, indexes: Vec::new() }],
            journal: Vec::new(),
            lease: Some(self.lease.clone()),
        };
        let outcome = self.store.commit(&commit).await;
        if let CommitOutcome::Committed(committed) =
            outcome.map_err(|error| self.troubled("alert", error))?
        {
            self.hand_out(&commit, committed.leased);
            self.telemetry.record(&Fact::AlertRaised {
                workspace: &workspace.name,
                kind: kind.as_str(),
                about: about.name.as_str(),
            });
        }
        Ok(())
    }
}

/// The delivery of an alert, if the workspace says where alerts go.
fn alert_job(
    workspace: &Workspace,
    event: EventRow,
    id: DeliveryId,
) -> Result<Option<NewJob>, Unavailable> {
    let Some(to) = &workspace.alerts.destination else { return Ok(None) };
    let Some(destination) = workspace.decide.destinations.get(to) else { return Ok(None) };
    let now = event.at;
    let body = Job::Deliver(Delivery {
        id,
        destination: to.clone(),
        event,
        since: now,
        instead_of: None,
        carried: None,
    });
    Ok(Some(NewJob {
        id,
        lead: None,
        route: destination.route.clone(),
        fallback: None,
        resets_handover: false,
        due: now,
        priority: 0,
        coalesces: false,
        inquiry: None,
        body: json(&body)?,
    }))
}

impl Watch {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, workspace: &Name, work: impl FnOnce(&mut Noted) -> T) -> T {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(seen.entry(workspace.clone()).or_default())
    }
}

/// The word for a worklist in metrics and the API.
#[must_use]
pub fn word(list: &Index) -> &'static str {
    match list {
        Index::Held => "held",
        Index::Triage => "triage",
        Index::Qualify => "qualify",
        Index::Unconfirmed => "unconfirmed",
        Index::Unreadable => "unreadable",
        Index::Retrieving => "retrieving",
        Index::Returned => "returned",
        Index::Filtered => "filtered",
        Index::Tests => "tests",
        Index::Dead | Index::DeadOf(..) => "dead",
        Index::Expiry => "expiry",
        Index::Review => "review",
        Index::Refused => "refused",
        Index::PairsOf(_) => "pairs",
        Index::Account(_) => "account",
        Index::Referred(_) => "referred",
        Index::Kept(_) => "kept",
        Index::Waits => "waits",
        Index::Acts | Index::ActsOn(_) => "acts",
        Index::Erasures => "erasures",
        Index::Ready(_) => "ready",
        Index::Delayed(_) => "delayed",
        Index::Leased(_) => "leased",
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
