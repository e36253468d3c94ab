//! Caps: rolling windows, one source's or category's leads, and what is wrong with them.

use std::collections::BTreeMap;
use std::convert::Infallible;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{compiled, name};
use crate::assign::calendar::{Spans, Window};
use crate::assign::caps::{Caps, Lot};
use crate::assign::pick_branch;
use crate::assign::pools::Findings;
use crate::domain::{Candidate, Cap, Category, Method, PoolPick, PoolState, Skip, Timestamp};

fn caps(yaml: &str) -> Caps {
    let settings = serde_saphyr::from_str(yaml).unwrap();
    let mut findings = Findings::default();
    let caps = Caps::compile(&settings, "caps", &mut findings);
    assert!(findings.problems.is_empty(), "{:?}", findings.problems);
    caps
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn counters(caps: &Caps, lot: Option<Lot<'_>>, now: Timestamp) -> Vec<Cap> {
    let counted = caps.counters("ana", &TimeZone::UTC, lot, &mut Spans::at(now));
    counted.into_iter().map(|counted| counted.cap).collect()
}

#[test]
fn a_rolling_window_counts_the_parts_that_reach_back_as_far() {
    let caps = caps("{ rolling: { minute: 2, hour: 3, day: 4, week: 5, month: 6 } }");
    let now = at("2026-03-04T15:20:33Z");
    let counted = caps.counters("ana", &TimeZone::UTC, None, &mut Spans::at(now));
    let told: Vec<String> = counted
        .iter()
        .map(|it| {
            let cap = &it.cap;
            let room = it.room_at.unwrap();
            format!("{} {}+{} room {room} until {}", cap.label(), cap.limit, cap.earlier, cap.until)
        })
        .collect();
    assert_eq!(
        told,
        [
            "rolling-minute 2+12 room 2026-03-04T15:20:35.000Z until 2026-03-04T15:21:35.000Z",
            "rolling-hour 3+12 room 2026-03-04T15:25:00.000Z until 2026-03-04T16:25:00.000Z",
            "rolling-day 4+24 room 2026-03-04T16:00:00.000Z until 2026-03-05T16:00:00.000Z",
            "rolling-week 5+28 room 2026-03-04T18:00:00.000Z until 2026-03-11T18:00:00.000Z",
            "rolling-month 6+30 room 2026-03-05T00:00:00.000Z until 2026-04-04T00:00:00.000Z",
        ]
    );
    let day = &counted[2].cap;
    let number = now.as_millis() / 3_600_000;
    assert_eq!(day.counter, format!("ana:rolling-day:{number}"));
    let earlier: Vec<String> = day.earlier_counters().collect();
    assert_eq!(earlier.len(), 24);
    assert_eq!(earlier[23], format!("ana:rolling-day:{}", number - 24));
    // The clock of 1970 has nothing before it.
    let first = counters(&caps, None, Timestamp::EPOCH);
    assert!(first.iter().all(|cap| cap.earlier_counters().count() == 0));
}

#[test]
fn only_leads_of_that_source_or_category_count() {
    let caps = caps(
        "{ day: 20, of: [ { source: fair, day: 5 }, { category: sell, rolling: { week: 9 } }, \
         { source: fair, category: nurture, month: 3 } ] }",
    );
    let now = at("2026-03-04T15:20:30Z");
    let (fair, web) = (name("fair"), name("web"));
    let labels = |source, category| -> String {
        let caps = counters(&caps, Some(Lot { source, category }), now);
        let told: Vec<String> =
            caps.iter().map(|cap| format!("{}:{}", cap.label(), cap.limit)).collect();
        told.join(" ")
    };
    assert_eq!(
        labels(&fair, Category::Sell),
        "day:20 day/source=fair:5 rolling-week/category=sell:9"
    );
    assert_eq!(
        labels(&fair, Category::Nurture),
        "day:20 day/source=fair:5 month/source=fair/category=nurture:3"
    );
    assert_eq!(labels(&web, Category::Nurture), "day:20");
    assert_eq!(counters(&caps, None, now).len(), 4, "pages show all of them");
}

#[test]
fn a_cap_that_caps_nothing_is_refused() {
    let pools = "
pools:
  a:
    caps: { of: [ { day: 5 }, { source: fair }, { source: Fair, day: 2 } ], rolling: { hour: 0 } }
    members: [ana]
";
    let problems = compiled("{ fallback: { queue: triage, pool: a } }", pools).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    for path in [
        "pools.a.caps.of[0]",
        "pools.a.caps.of[1]",
        "pools.a.caps.of[2].source",
        "pools.a.caps.rolling.hour",
    ] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
}

/// Ana alone, asked at these times: when she was picked.
fn picked(caps: &Caps, times: &[i64]) -> Vec<i64> {
    let mut counters: BTreeMap<String, u32> = BTreeMap::new();
    let mut picked = Vec::new();
    for millis in times {
        let now = Timestamp::from_millis(*millis);
        let counted = caps.counters("ana", &TimeZone::UTC, None, &mut Spans::at(now));
        let pick = PoolPick {
            pool: name("p"),
            method: Method::RoundRobin,
            skip: Skip::KeepTurn,
            candidates: vec![Candidate {
                member: name("ana"),
                weight: 1,
                caps: counted.into_iter().map(|counted| counted.cap).collect(),
            }],
            beside: Vec::new(),
        };
        let Ok(chosen) = pick_branch(
            [Some(&pick), None],
            now,
            |_| Ok::<_, Infallible>(PoolState::default()),
            |counter| Ok(counters.get(counter).copied().unwrap_or(0)),
        );
        for cap in chosen.bump {
            *counters.entry(cap.counter.clone()).or_default() += 1;
            picked.push(*millis);
        }
    }
    picked
}

proptest! {
    /// Whatever stretch of time is looked at, it holds no more than the cap; and nobody is refused who has had
    /// fewer within the window and one part more.
    #[test]
    fn no_stretch_of_time_holds_more_than_a_rolling_cap(
        gaps in prop::collection::vec(0i64..40_000, 1..120), limit in 1usize..6, hour: bool,
    ) {
        let (window, word) = if hour { (Window::Hour, "hour") } else { (Window::Minute, "minute") };
        let (parts, part) = window.parts();
        let length = i64::from(parts) * part;
        let scale = if hour { 20 } else { 1 };
        let begin = at("2026-03-04T15:20:33Z").as_millis();
        let times: Vec<i64> = gaps
            .iter()
            .scan(begin, |now, gap| { *now += gap * scale; Some(*now) })
            .collect();
        let picked = picked(&caps(&format!("{{ rolling: {{ {word}: {limit} }} }}")), &times);
        for (index, last) in picked.iter().enumerate() {
            let within = picked[..=index].iter().filter(|one| *one > &(last - length)).count();
            prop_assert!(within <= limit, "{within} within one {word}");
        }
        for time in &times {
            let asked = times.iter().filter(|one| *one == time).count();
            let got = picked.iter().filter(|one| *one == time).count();
            let before = picked.iter().filter(|one| *one < time && *one > &(time - length - part));
            prop_assert!(got == asked || got + before.count() >= limit, "refused with room");
        }
    }
}
