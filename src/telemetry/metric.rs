//! Every metric there is, by name, and the registry that holds them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows; `_total` is appended to its name.
    Counter,
    Gauge,
    /// Seconds, with fixed buckets.
    Seconds,
}

macro_rules! metrics {
    ($($variant:ident = $name:literal, $kind:ident, $help:literal;)*) => {
        /// Every metric. Names are `leadrouter_<noun>_<unit>`; counters end in `_total`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric { $(#[doc = $help] $variant,)* }

        impl Metric {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name without the `leadrouter_` prefix and without `_total`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it counts.
            #[must_use]
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }

            /// How it behaves.
            #[must_use]
            pub fn kind(self) -> MetricKind {
                match self { $(Self::$variant => MetricKind::$kind,)* }
            }
        }
    };
}

metrics! {
    RequestsReceived = "requests_received", Counter, "Capture requests received.";
    RequestsAnswered = "requests_answered", Counter, "Capture requests answered, by workspace, source and status.";
    RequestsInFlight = "requests_in_flight", Gauge, "Capture requests being worked on.";
    AnswerSeconds = "answer_seconds", Seconds, "Time from the request to its answer.";
    InquiriesFlagged = "inquiries_flagged", Counter, "Inquiries with something people should see, by flag.";
    CommitRounds = "commit_rounds", Counter, "Commits by number of rounds they took.";
    RuleErrors = "rule_errors", Counter, "Clauses that could not be evaluated, by workspace.";
    AttemptsMade = "attempts_made", Counter, "Outbound attempts, by workspace, destination and verdict.";
    AttemptSeconds = "attempt_seconds", Seconds, "Time an outbound attempt took.";
    DeliveriesEnded = "deliveries_ended", Counter, "Deliveries that ended, by workspace, destination and how.";
    DeliverySeconds = "delivery_seconds", Seconds, "Time from the commit to the delivery.";
    DestinationsPaused = "destinations_paused", Counter, "Times a destination was paused, by reason.";
    LeasesLost = "leases_lost", Counter, "Settles that came after the lease had gone to another.";
    StoreTroubles = "store_troubles", Counter, "Store calls that failed, by kind.";
    QueueJobs = "queue_jobs", Gauge, "Jobs of a destination, by state (ready, delayed, leased).";
    QueueOldestSeconds = "queue_oldest_seconds", Gauge, "Age of the oldest job not yet delivered, in seconds.";
    Worklist = "worklist_items", Gauge, "Things waiting for a person, by worklist.";
    AlertsRaised = "alerts_raised", Counter, "Operators' alerts, by kind.";
    OperatorActions = "operator_actions", Counter, "What people did through the API, by action.";
    ConfigurationReloads = "configuration_reloads", Counter, "Configuration reloads, by result.";
    StoreDegraded = "store_degraded", Gauge, "1 while the store cannot be reached.";
    ClockSkewMillis = "clock_skew_milliseconds", Gauge, "Store time minus system time.";
}

type Labels = Vec<(&'static str, String)>;

/// 1 ms to 60 s.
const BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

#[derive(Debug)]
enum Held {
    Counter(Family<Labels, Counter<u64, AtomicU64>>),
    Gauge(Family<Labels, Gauge<i64, AtomicI64>>),
    Seconds(Family<Labels, Histogram, fn() -> Histogram>),
}

/// All metrics of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    held: BTreeMap<Metric, Held>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("leadrouter");
        let mut held = BTreeMap::new();
        for &metric in Metric::ALL {
            let (name, about) = (metric.name(), metric.help().trim_end_matches('.'));
            let family = match metric.kind() {
                MetricKind::Counter => {
                    let family = Family::default();
                    registry.register(name, about, family.clone());
                    Held::Counter(family)
                }
                MetricKind::Gauge => {
                    let family = Family::default();
                    registry.register(name, about, family.clone());
                    Held::Gauge(family)
                }
                MetricKind::Seconds => {
                    let make: fn() -> Histogram = || Histogram::new(BUCKETS);
                    let family = Family::new_with_constructor(make);
                    registry.register(name, about, family.clone());
                    Held::Seconds(family)
                }
            };
            held.insert(metric, family);
        }
        Self { registry, held }
    }
}

fn owned(labels: &[(&'static str, &str)]) -> Labels {
    labels.iter().map(|(key, value)| (*key, (*value).to_owned())).collect()
}

impl Metrics {
    /// Adds to a counter, or to a gauge (also a negative number).
    pub fn add(&self, metric: Metric, labels: &[(&'static str, &str)], by: i64) {
        match self.held.get(&metric) {
            Some(Held::Counter(family)) => {
                family.get_or_create(&owned(labels)).inc_by(u64::try_from(by).unwrap_or(0));
            }
            Some(Held::Gauge(family)) => {
                family.get_or_create(&owned(labels)).inc_by(by);
            }
            Some(Held::Seconds(_)) | None => {}
        }
    }

    /// Sets a gauge.
    pub fn set(&self, metric: Metric, labels: &[(&'static str, &str)], value: i64) {
        if let Some(Held::Gauge(family)) = self.held.get(&metric) {
            family.get_or_create(&owned(labels)).set(value);
        }
    }

    /// Notes a duration.
    pub fn observe(&self, metric: Metric, labels: &[(&'static str, &str)], seconds: f64) {
        if let Some(Held::Seconds(family)) = self.held.get(&metric) {
            family.get_or_create(&owned(labels)).observe(seconds);
        }
    }

    /// A counter's or gauge's value; 0 if it never moved.
    pub fn value(&self, metric: Metric, labels: &[(&'static str, &str)]) -> i64 {
        match self.held.get(&metric) {
            Some(Held::Counter(family)) => {
                i64::try_from(family.get_or_create(&owned(labels)).get()).unwrap_or(i64::MAX)
            }
            Some(Held::Gauge(family)) => family.get_or_create(&owned(labels)).get(),
            Some(Held::Seconds(_)) | None => 0,
        }
    }

    /// The text that Prometheus scrapes.
    pub fn render(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}
