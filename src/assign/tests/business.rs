//! Business time is what counting minute by minute gives, whatever the hours, days off and clocks.

use std::time::Duration;

use proptest::prelude::*;

use super::{compiled, name};
use crate::assign::{Calendar, Router};
use crate::domain::{Absence, BusinessTime, Roster, TimeOff, Timestamp};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

const POOLS: &str = r#"
zone: Europe/Madrid
hours:
  office: { week: { mon-fri: "09:00-17:00" }, holidays: [2026-04-03, 2026-04-06] }
  split: { zone: America/New_York, week: { mon-thu: "08:30-12:00, 13:00-17:30", fri: "08:30-12:00", sat: "00:00-24:00" } }
  night: { zone: Europe/Berlin, week: { sat-sun: "00:00-24:00", mon: "01:30-02:45, 02:15-04:00" } }
  half: { zone: Australia/Lord_Howe, week: { sun: "00:00-03:00", mon-fri: "22:00-24:00" } }
pools:
  emea:
    hours: office
    members:
      - { name: ana, time_off: [ { from: 2026-03-04, to: 2026-03-05 }, { from: 2026-03-31 } ] }
      - bo
      - { name: cy, hours: split }
      - { name: dee, hours: night }
      - { name: eli, hours: half }
      - { name: fay, zone: Asia/Tokyo }
  always: { members: [gus] }
"#;

fn router() -> Router {
    compiled("fallback: { queue: triage }", POOLS).unwrap()
}

#[track_caller]
fn due(member: &str, start: &str, length: &str, expected: &str) {
    let router = router();
    let calendar = router.calendar(Some(&name("emea")), Some(&name(member)), &Roster::default());
    let length = calendar.length(BusinessTime::parse(length).unwrap());
    assert_eq!(calendar.add(at(start), length), Some(at(expected)), "{member} {start}");
}

#[test]
fn it_goes_on_where_work_does() {
    // Friday, ten minutes before the end.
    due("bo", "2026-02-27T16:50:00+01:00", "30m", "2026-03-02T09:20:00+01:00");
    // The same when clocks are set forward, and back, in that weekend.
    due("bo", "2026-03-27T16:50:00+01:00", "30m", "2026-03-30T09:20:00+02:00");
    due("bo", "2026-10-23T16:50:00+02:00", "30m", "2026-10-26T09:20:00+01:00");
    // Up to the last minute of the day, not to the first of the next one.
    due("bo", "2026-03-02T09:00:00+01:00", "8h", "2026-03-02T17:00:00+01:00");
    // Assigned at night.
    due("bo", "2026-03-02T23:00:00+01:00", "1h", "2026-03-03T10:00:00+01:00");
    // Over Good Friday and Easter Monday.
    due("bo", "2026-04-02T16:30:00+02:00", "1h", "2026-04-07T09:30:00+02:00");
    // While ana is off.
    due("ana", "2026-03-03T16:45:00+01:00", "30m", "2026-03-06T09:15:00+01:00");
}

#[test]
fn a_day_is_a_working_day() {
    due("bo", "2026-03-05T11:00:00+01:00", "2d", "2026-03-09T11:00:00+01:00");
    // (4 × 8 h + 3.5 h + 24 h) ∕ 6 = 9 h 55 min
    due("cy", "2026-03-02T08:30:00-05:00", "1d", "2026-03-03T10:25:00-05:00");
    let always = Calendar::default();
    assert_eq!(always.length(BusinessTime::Days(2)), Duration::from_hours(48));
    let (start, day) = (at("2026-03-05T11:00:00Z"), Duration::from_hours(24));
    assert_eq!(always.add(start, day), Some(start.after(day)));
}

#[test]
fn days_off_that_people_say_count_too_and_a_pause_does_not() {
    let router = router();
    let (from, until) = (at("2026-03-02T00:00:00+01:00"), at("2026-03-03T00:00:00+01:00"));
    let absence = Absence {
        time_off: vec![TimeOff { from, until, by: name("desk"), at: from }],
        ..Absence::default()
    };
    let away = Roster { members: [(name("bo"), absence)].into() };
    let (pool, half) = (name("emea"), Duration::from_mins(30));
    let start = at("2026-02-27T16:50:00+01:00");
    let of = |member: Option<&str>| {
        let member = member.map(name);
        router.calendar(Some(&pool), member.as_ref(), &away).add(start, half)
    };
    assert_eq!(of(Some("bo")), Some(at("2026-03-03T09:20:00+01:00")));
    // The pool's hours know nobody's days off; who is in no pool any more is measured by the pool's.
    assert_eq!(of(None), Some(at("2026-03-02T09:20:00+01:00")));
    assert_eq!(of(Some("zoe")), of(None));
    // No pool at all: always.
    assert_eq!(router.calendar(None, None, &away).add(start, half), Some(start.after(half)));
    // Whoever gets it, it is not due before.
    let least = router.calendars(Some(&pool)).iter().filter_map(|it| it.add(start, half)).min();
    assert_eq!(least, Some(start.after(half)), "cy works then");
}

#[test]
fn who_is_off_for_years_is_late_after_that() {
    let pools = POOLS.replace("to: 2026-03-05", "to: 2040-03-05");
    let router = compiled("fallback: { queue: triage }", &pools).unwrap();
    let calendar = router.calendar(Some(&name("emea")), Some(&name("ana")), &Roster::default());
    let (start, later) = (at("2026-03-04T09:00:00Z"), at("2039-03-04T09:00:00Z"));
    assert_eq!(calendar.add(start, MINUTE), Some(at("2040-03-06T09:01:00+01:00")));
    assert_eq!(calendar.between(start, later), Duration::ZERO);
}

const MINUTE: Duration = Duration::from_mins(1);

/// Around the days on which clocks are set, in minutes of UTC.
fn start() -> impl Strategy<Value = Timestamp> {
    let days = [
        "2026-03-27T00:00:00Z",
        "2026-10-23T00:00:00Z",
        "2026-03-06T00:00:00Z",
        "2026-10-30T00:00:00Z",
        "2026-04-03T00:00:00Z",
        "2026-10-02T00:00:00Z",
        "2026-06-01T00:00:00Z",
    ];
    (prop::sample::select(days.to_vec()), 0..5 * 1440_u64)
        .prop_map(|(day, minutes)| at(day).after(MINUTE * u32::try_from(minutes).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn it_is_what_counting_minutes_gives(
        start in start(),
        length in 1..900_u32,
        member in prop::sample::select(vec!["ana", "bo", "cy", "dee", "eli", "fay", "gus"]),
    ) {
        let router = router();
        let pool = name(if member == "gus" { "always" } else { "emea" });
        let calendar = router.calendar(Some(&pool), Some(&name(member)), &Roster::default());
        let (mut now, mut worked) = (start, 0);
        while worked < length {
            worked += u32::from(calendar.is_open(now));
            now = now.after(MINUTE);
        }
        prop_assert_eq!(calendar.add(start, MINUTE * length), Some(now));
        prop_assert_eq!(calendar.between(start, now), MINUTE * length);
        // A minute later it is one more, if anybody works then.
        let more = MINUTE * (length + u32::from(calendar.is_open(now)));
        prop_assert_eq!(calendar.between(start, now.after(MINUTE)), more);
    }
}
