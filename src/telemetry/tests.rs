//! Facts move the counters they should.

use super::*;
use crate::domain::Status;
use std::time::Duration;

fn answered(status: Status) -> Fact<'static> {
    Fact::RequestAnswered {
        request: "req_1",
        workspace: "demo",
        source: "web",
        status,
        inquiry: None,
        took: Duration::from_millis(3),
    }
}

#[test]
fn received_is_answered_plus_in_flight() {
    let telemetry = Telemetry::new();
    for _ in 0..3 {
        telemetry.record(&Fact::RequestReceived);
    }
    telemetry.record(&answered(Status::Routed));
    telemetry.record(&answered(Status::Unreadable));
    let labels = |status| vec![("workspace", "demo"), ("source", "web"), ("status", status)];
    let answers = telemetry.value(Metric::RequestsAnswered, &labels("routed"))
        + telemetry.value(Metric::RequestsAnswered, &labels("unreadable"));
    assert_eq!(answers + telemetry.value(Metric::RequestsInFlight, &[]), 3);
}

#[test]
fn every_metric_has_a_name_of_its_own_and_is_rendered_once_moved() {
    let metrics = metric::Metrics::default();
    for &metric in Metric::ALL {
        match metric.kind() {
            MetricKind::Seconds => metrics.observe(metric, &[], 0.1),
            MetricKind::Counter | MetricKind::Gauge => metrics.add(metric, &[], 1),
        }
    }
    let text = metrics.render();
    for metric in Metric::ALL {
        let help = format!("# HELP leadrouter_{} {}", metric.name(), metric.help());
        assert_eq!(text.matches(&help).count(), 1, "{help}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}
