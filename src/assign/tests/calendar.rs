//! Windows begin and end when the zone's clocks say so.

use crate::assign::calendar::{Window, span, zone, zone_names};
use crate::domain::Timestamp;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[track_caller]
fn check(window: Window, zone_name: &str, now: &str, label: &str, end: &str) {
    let span = span(window, &zone(zone_name).unwrap(), at(now));
    let told = format!("{}:{}", window.as_str(), span.start);
    assert_eq!((told.as_str(), span.end), (label, at(end)), "{zone_name} {now}");
}

#[test]
fn windows_of_an_ordinary_day() {
    let now = "2026-03-04T15:20:30+01:00";
    let zone = "Europe/Berlin";
    check(Window::Hour, zone, now, "hour:20260304T1400Z", "2026-03-04T16:00:00+01:00");
    check(Window::Day, zone, now, "day:20260303T2300Z", "2026-03-05T00:00:00+01:00");
    check(Window::Week, zone, now, "week:20260301T2300Z", "2026-03-09T00:00:00+01:00");
    check(Window::Month, zone, now, "month:20260228T2300Z", "2026-04-01T00:00:00+02:00");
}

#[test]
fn the_first_moment_belongs_to_the_new_window() {
    let zone = "America/New_York";
    check(
        Window::Day,
        zone,
        "2026-06-01T00:00:00-04:00",
        "day:20260601T0400Z",
        "2026-06-02T00:00:00-04:00",
    );
    check(
        Window::Week,
        zone,
        "2026-06-01T00:00:00-04:00",
        "week:20260601T0400Z",
        "2026-06-08T00:00:00-04:00",
    );
    check(
        Window::Week,
        zone,
        "2026-05-31T23:59:59.999-04:00",
        "week:20260525T0400Z",
        "2026-06-01T00:00:00-04:00",
    );
    check(
        Window::Month,
        "UTC",
        "2026-12-31T23:59:59.999Z",
        "month:20261201T0000Z",
        "2027-01-01T00:00:00Z",
    );
}

#[test]
fn days_when_clocks_change_are_whole_days() {
    let zone = "Europe/Berlin";
    check(
        Window::Day,
        zone,
        "2026-03-29T12:00:00+02:00",
        "day:20260328T2300Z",
        "2026-03-30T00:00:00+02:00",
    );
    check(
        Window::Day,
        zone,
        "2026-10-25T12:00:00+01:00",
        "day:20261024T2200Z",
        "2026-10-26T00:00:00+01:00",
    );
    // The hour from two to three comes twice, as two windows.
    check(
        Window::Hour,
        zone,
        "2026-10-25T02:30:00+02:00",
        "hour:20261025T0000Z",
        "2026-10-25T02:00:00+01:00",
    );
    check(
        Window::Hour,
        zone,
        "2026-10-25T02:30:00+01:00",
        "hour:20261025T0100Z",
        "2026-10-25T03:00:00+01:00",
    );
}

#[test]
fn zones_with_half_hours_and_without_midnight() {
    check(
        Window::Hour,
        "Asia/Kolkata",
        "2026-03-04T10:20:00+05:30",
        "hour:20260304T0430Z",
        "2026-03-04T11:00:00+05:30",
    );
    // In Beirut the clocks jump from midnight to one.
    check(
        Window::Day,
        "Asia/Beirut",
        "2026-03-29T10:00:00+03:00",
        "day:20260328T2200Z",
        "2026-03-30T00:00:00+03:00",
    );
}

#[test]
fn times_no_calendar_knows_still_have_windows() {
    for window in Window::ALL {
        let now = Timestamp::from_millis(i64::MAX / 2);
        let span = span(window, &zone("UTC").unwrap(), now);
        assert!(span.end > now);
    }
}

#[test]
fn zones_go_by_iana_names() {
    assert!(zone("Europe/Berlin").is_some());
    assert!(zone("Berlin").is_none());
    assert!(zone_names().iter().any(|name| name == "Pacific/Auckland"));
}
