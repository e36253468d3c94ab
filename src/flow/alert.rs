//! Operators' alerts: a destination that gives up, a delivery that is too old, a source that fell
//! silent. They go out like any event, to the workspace's alert destination, once per kind, subject
//! and hour over all replicas.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::context::{Flow, Unavailable};
use super::tally::Latest;
use super::unreadable::json;
use super::workspace::Workspace;
use crate::domain::{
    Branch, Claim, Commit, CommitOutcome, Delivery, DeliveryId, EventRow, EventType, Index, Job,
    Name, NewJob, Timestamp,
};
use crate::telemetry::{Fact, Metric};

/// What to alert about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertSettings {
    /// Where alerts go; without one they are only logged and counted.
    pub destination: Option<Name>,
    /// A job older than this is worth an alert (default 15 minutes).
    pub oldest_undelivered: Duration,
    /// Sources that should never be silent for longer than this.
    pub silent: BTreeMap<Name, Duration>,
}

/// An alert is said again when it still holds after this long.
const AGAIN_AFTER: Duration = Duration::from_hours(1);
/// What the watcher remembers between looks. When a source was last heard of is in the tallies that all
/// replicas share, so none mistakes another's traffic for silence.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Mutex<BTreeMap<Name, Noted>>,
}

#[derive(Debug, Clone, Default)]
struct Noted {
    since: Option<Timestamp>,
    dead: BTreeMap<Name, u64>,
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

    /// A delivery on the dead list that was not there at the last look.
    async fn watch_dead(
        &self,
        workspace: &Workspace,
        watch: &Watch,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let recent = now.before(AGAIN_AFTER).as_millis();
        let dead =
            self.store.list(&workspace.name, &Index::Dead, recent, i64::MAX >> 11, true, 100).await;
        let dead = dead.map_err(|error| self.troubled("watch", error))?;
        let mut by_destination: BTreeMap<Name, u64> = BTreeMap::new();
        for (member, _) in dead {
            let Ok(id) = <[u8; 16]>::try_from(member) else { continue };
            let job =
                self.store.job(&workspace.name, crate::domain::DeliveryId::from_bytes(id)).await;
            let job = job.map_err(|error| self.troubled("watch", error))?;
            if let Some(Job::Deliver(delivery)) = job.and_then(|job| job.body) {
                *by_destination.entry(delivery.destination).or_default() += 1;
            }
        }
        let before = watch.with(&workspace.name, |seen| {
            std::mem::replace(&mut seen.dead, by_destination.clone())
        });
        for (destination, count) in by_destination {
            let is_alerts = workspace.alerts.destination.as_ref() == Some(&destination);
            if count > before.get(&destination).copied().unwrap_or(0) && !is_alerts {
                let detail = serde_json::json!({
                    "destination": destination,
                    "dead_in_the_last_hour": count,
                });
                self.raise(workspace, EventType::AlertDestinationDead, &destination, detail, now)
                    .await?;
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
        let mut ids = self.ids();
        let (event, delivery) = (ids.event(), ids.delivery());
        let hash =
            self.pepper.hash("alert", &[kind.as_str().as_bytes(), about.as_str().as_bytes()]);
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
                until: now.after(AGAIN_AFTER),
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
                about: about.as_str(),
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
        Index::Unreadable => "unreadable",
        Index::Retrieving => "retrieving",
        Index::Returned => "returned",
        Index::Filtered => "filtered",
        Index::Tests => "tests",
        Index::Dead => "dead",
        Index::Expiry => "expiry",
        Index::Review => "review",
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
