//! Where facts are recorded: one line in the log, one step of the counters.

use std::sync::Arc;

use super::metric::Metrics;
use super::{Fact, Metric};

/// Where facts go. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Telemetry {
    metrics: Arc<Metrics>,
}

impl Telemetry {
    /// A fresh set of counters, all at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Logs the fact and counts it.
    pub fn record(&self, fact: &Fact<'_>) {
        fact.log();
        fact.count(&self.metrics);
    }

    /// The metrics in the Prometheus text format (OpenMetrics).
    #[must_use]
    pub fn render(&self) -> String {
        self.metrics.render()
    }

    /// Sets a gauge. For what is measured by looking, not by something happening.
    pub fn gauge(&self, metric: Metric, labels: &[(&'static str, &str)], value: i64) {
        self.metrics.set(metric, labels, value);
    }

    /// A counter's or gauge's present value: for tests and the self-check `received = answered + in flight`.
    #[must_use]
    pub fn value(&self, metric: Metric, labels: &[(&'static str, &str)]) -> i64 {
        self.metrics.value(metric, labels)
    }
}
