//! Every metric there is, by name, and the registry that holds them.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{PoisonError, RwLock};

use ahash::{AHashMap, RandomState};
use prometheus_client::encoding::EncodeMetric;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
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
    SignedFormsHeld = "signed_forms_held", Counter, "Signatures that held where the vendor's text leaves open what it signs, by workspace, source and form.";
    RetrievalsTried = "retrievals_tried", Counter, "Requests for what stands behind a reference, by workspace, source and what the answer meant.";
    TokensAsked = "tokens_asked", Counter, "Requests for access tokens of destinations, by workspace, destination and outcome (given, refused, limited, odd, unanswered).";
    DeliveriesEnded = "deliveries_ended", Counter, "Deliveries that ended, by workspace, destination and how.";
    DeliverySeconds = "delivery_seconds", Seconds, "Time from the commit to the delivery.";
    DestinationsPaused = "destinations_paused", Counter, "Times a destination was paused, by reason.";
    LeasesLost = "leases_lost", Counter, "Settles that came after the lease had gone to another.";
    StoreTroubles = "store_troubles", Counter, "Store calls that failed, by kind.";
    QueueJobs = "queue_jobs", Gauge, "Jobs of a destination, by state (ready, delayed, leased).";
    QueueOldestSeconds = "queue_oldest_seconds", Gauge, "Age of the oldest job not yet delivered, in seconds.";
    Worklist = "worklist_items", Gauge, "Things waiting for a person, by worklist.";
    DeadLetters = "dead_letters", Gauge, "Deliveries that were given up, by workspace, destination and kind (fault, refusal).";
    DeadOldestSeconds = "dead_letters_oldest_seconds", Gauge, "How long ago the oldest of them was given up, in seconds.";
    AlertsRaised = "alerts_raised", Counter, "Operators' alerts, by kind.";
    OperatorActions = "operator_actions", Counter, "What people did through the API, by action.";
    EngagementsTold = "engagements_told", Counter, "What tools said people did, by workspace and status.";
    ClocksTold = "clocks_told", Counter, "What clocks of leads said, by workspace, clock, what is awaited and how (warned, breached).";
    ClockLateSeconds = "clock_late_seconds", Seconds, "How long after it was due a clock said it.";
    ConsoleVisits = "console_visits", Counter, "Times people came to the console: in, out, refused, limited.";
    ConfigurationReloads = "configuration_reloads", Counter, "Configuration reloads, by result.";
    StoreDegraded = "store_degraded", Gauge, "1 while the store cannot be reached.";
    ReportLagSeconds = "report_lag_seconds", Gauge, "How long ago the oldest journal row was written that reports do not count yet.";
    ClockSkewMillis = "clock_skew_milliseconds", Gauge, "Store time minus system time.";
}

type Labels = Vec<(&'static str, String)>;

/// 1 ms to 60 s.
const BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The series of one metric by their labels. Finding one that moved before allocates nothing.
#[derive(Debug)]
struct Series<M, C = fn() -> M> {
    family: Family<Labels, M, C>,
    known: RwLock<AHashMap<u64, Vec<(Labels, M)>>>,
    hashing: RandomState,
}

impl<M: Clone, C: MetricConstructor<M>> Series<M, C> {
    fn new(family: Family<Labels, M, C>) -> Self {
        Self { family, known: RwLock::default(), hashing: RandomState::new() }
    }

    fn find(&self, labels: &[(&'static str, &str)]) -> M {
        let hash = self.hashing.hash_one(labels);
        let same = |(held, _): &&(Labels, M)| {
            held.len() == labels.len()
                && held
                    .iter()
                    .zip(labels)
                    .all(|(held, asked)| held.0 == asked.0 && held.1 == asked.1)
        };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, metric)) = known.get(&hash).and_then(|held| held.iter().find(same)) {
            return metric.clone();
        }
        drop(known);
        let labels: Labels =
            labels.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        let metric = self.family.get_or_create(&labels).clone();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(hash).or_default().push((labels, metric.clone()));
        metric
    }
}

#[derive(Debug)]
enum Held {
    Counter(Series<Counter<u64, AtomicU64>>),
    Gauge(Series<Gauge<i64, AtomicI64>>),
    Seconds(Series<Histogram>),
}

/// All metrics of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// In the order of [`Metric::ALL`].
    held: Vec<Held>,
}

impl Default for Metrics {
    fn default() -> Self {
        fn series<M>(registry: &mut Registry, metric: Metric, make: fn() -> M) -> Series<M>
        where
            M: Clone + EncodeMetric + TypedMetric + std::fmt::Debug + Send + Sync + 'static,
        {
            let family = Family::new_with_constructor(make);
            registry.register(metric.name(), metric.help().trim_end_matches('.'), family.clone());
            Series::new(family)
        }
        let mut registry = Registry::with_prefix("leadrouter");
        let registered = &mut registry;
        let held = Metric::ALL.iter().map(|&metric| match metric.kind() {
            MetricKind::Counter => Held::Counter(series(registered, metric, Counter::default)),
            MetricKind::Gauge => Held::Gauge(series(registered, metric, Gauge::default)),
            MetricKind::Seconds => {
                Held::Seconds(series(registered, metric, || Histogram::new(BUCKETS)))
            }
        });
        let held = held.collect();
        Self { registry, held }
    }
}

impl Metrics {
    fn held(&self, metric: Metric) -> Option<&Held> {
        self.held.get(metric as usize)
    }

    /// Adds to a counter, or to a gauge (also a negative number).
    pub fn add(&self, metric: Metric, labels: &[(&'static str, &str)], by: i64) {
        match self.held(metric) {
            Some(Held::Counter(series)) => {
                series.find(labels).inc_by(u64::try_from(by).unwrap_or(0));
            }
            Some(Held::Gauge(series)) => {
                series.find(labels).inc_by(by);
            }
            Some(Held::Seconds(_)) | None => {}
        }
    }

    /// Sets a gauge.
    pub fn set(&self, metric: Metric, labels: &[(&'static str, &str)], value: i64) {
        if let Some(Held::Gauge(series)) = self.held(metric) {
            series.find(labels).set(value);
        }
    }

    /// Notes a duration.
    pub fn observe(&self, metric: Metric, labels: &[(&'static str, &str)], seconds: f64) {
        if let Some(Held::Seconds(series)) = self.held(metric) {
            series.find(labels).observe(seconds);
        }
    }

    /// A counter's or gauge's value; 0 if it never moved.
    pub fn value(&self, metric: Metric, labels: &[(&'static str, &str)]) -> i64 {
        match self.held(metric) {
            Some(Held::Counter(series)) => {
                i64::try_from(series.find(labels).get()).unwrap_or(i64::MAX)
            }
            Some(Held::Gauge(series)) => series.find(labels).get(),
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
