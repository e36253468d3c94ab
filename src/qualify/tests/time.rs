//! Engagement goes with time; everything stays exact.

use std::time::Duration;

use proptest::prelude::*;

use super::settings;
use crate::domain::{
    Assignment, BranchOutcome, Category, Channel, Criterion, Name, Qualification, Stage, Status,
    Timestamp, Touch,
};
use crate::qualify::{Qualifier, qualify};
use crate::rules::Lists;
use crate::rules::example::Example;

const DAY: Duration = Duration::from_hours(24);

/// Fit 35 by the title, engagement by channel.
const FADING: &str = r"
contact:
  - {name: decides, when: {field: contact.title, exists: true}, points: 35}
engagement:
  - name: shows
    half_life: 14d
    lines:
      - {name: talked, text: talked to us at a show, when: {field: channel, is: trade_show}, points: 40}
thresholds: {sell: 70, demote: 60, nurture: 40}
";

fn compile(yaml: &str) -> Qualifier {
    Qualifier::compile(&settings(yaml), &Lists::default()).unwrap()
}

/// Met at shows, so many days ago each.
fn met(ages: &[u32]) -> (Example, Timestamp) {
    let mut example = Example::rich();
    let now = example.inquiry.received_at;
    let touch = example.lead.touches[0].clone();
    example.lead.touches = ages
        .iter()
        .map(|days| Touch {
            at: now.before(DAY * *days),
            channel: Channel::TradeShow,
            ..touch.clone()
        })
        .collect();
    (example, now)
}

fn sold(example: &mut Example) {
    example.lead.assignment = Assignment::Settled {
        outcome: BranchOutcome {
            status: Status::Routed,
            stage: Stage::Lead,
            category: Category::Sell,
            queue: Name::fixed("sales"),
            pool: None,
            wait: None,
            opens_at: None,
            clock: None,
            counted: false,
        },
        owner: None,
    };
}

fn at(qualifier: &Qualifier, example: &Example, now: Timestamp) -> Qualification {
    qualify(qualifier, &crate::rules::Subject { now, ..example.subject() })
}

/// Scenario 13 of the reference, by its numbers.
#[test]
fn fit_35_and_engagement_40_halve_to_45_and_cross_60_at_day_nine_and_a_half() {
    let qualifier = compile(FADING);
    let (mut example, now) = met(&[0]);
    let first = at(&qualifier, &example, now);
    assert_eq!((first.score, first.category), (75_000, Category::Sell));
    let engaged = first.lines.last().unwrap();
    assert_eq!((engaged.group, engaged.points), (Criterion::Engagement, 40_000));
    assert_eq!(engaged.until, Some(now.after(DAY * 14)));
    sold(&mut example);
    let later = qualifier.read_at(&first, &example.lead, now.after(DAY * 28));
    assert_eq!((later.score, later.lines.last().unwrap().points), (45_000, 10_000));
    assert_eq!(later.category, Category::Sell, "reading changes nothing");
    let falls = qualifier.falls_out(&first, &example.lead, now).unwrap();
    // 14 days times log2(1.6) are 13,669.93 minutes: nine days and a half.
    assert_eq!(falls.since(now).as_millis(), 13_670 * 60_000);
    let before = Timestamp::from_millis(falls.as_millis() - 1);
    assert_eq!(at(&qualifier, &example, before).category, Category::Sell);
    assert_eq!(at(&qualifier, &example, falls).category, Category::Nurture);
    let gone = at(&qualifier, &example, now.after(DAY * 10_000));
    assert_eq!((gone.score, gone.lines.len()), (35_000, 1), "never below zero by itself");
}

#[test]
fn who_is_sold_stays_so_down_to_the_lower_line_and_comes_back_at_the_upper_one() {
    let qualifier = compile(FADING);
    let (mut example, now) = met(&[7]);
    let score = at(&qualifier, &example, now).score;
    assert!((60_000..70_000).contains(&score));
    assert_eq!(at(&qualifier, &example, now).category, Category::Nurture);
    sold(&mut example);
    assert_eq!(at(&qualifier, &example, now).category, Category::Sell);
}

#[test]
fn what_can_never_fall_out_is_never_looked_at() {
    let qualifier = compile(&FADING.replace("points: 35", "points: 60"));
    let (mut example, now) = met(&[0]);
    sold(&mut example);
    let judged = at(&qualifier, &example, now);
    assert_eq!(qualifier.falls_out(&judged, &example.lead, now), None);
    let nurtured = Qualification { category: Category::Nurture, ..judged };
    assert_eq!(qualifier.falls_out(&nurtured, &example.lead, now), None);
}

#[test]
fn a_window_ends_at_once_and_minuses_hold_nobody_down() {
    let yaml = FADING.replace("half_life: 14d", "window: 30d").replace(
        "points: 40}",
        "points: 40}\n      - {name: list, when: {field: channel, is: list}, points: -100}",
    );
    let qualifier = compile(&yaml);
    let (mut example, now) = met(&[0]);
    sold(&mut example);
    let judged = at(&qualifier, &example, now);
    assert_eq!(qualifier.falls_out(&judged, &example.lead, now), Some(now.after(DAY * 30)));
    assert_eq!(judged.lines.last().unwrap().until, Some(now.after(DAY * 30)));
    let touch = Touch { channel: Channel::List, ..example.lead.touches[0].clone() };
    example.lead.touches.push(touch);
    let judged = at(&qualifier, &example, now);
    assert_eq!(judged.score, 35_000);
    assert_eq!(judged.lines.iter().map(|line| line.points).sum::<i64>(), 35_000);
}

#[test]
fn grades_say_what_is_sold() {
    let yaml = FADING.replace(
        "thresholds: {sell: 70, demote: 60, nurture: 40}",
        "grades: {fit: [60, 30], engagement: [35, 20], sell: [A1, A2, B1], nurture: [B2], keep: [B2]}",
    );
    let qualifier = compile(&yaml);
    let (mut example, now) = met(&[0]);
    let judged = at(&qualifier, &example, now);
    assert_eq!((judged.grade.as_deref(), judged.category), (Some("B1"), Category::Sell));
    assert!(qualifier.explain(&judged, None).iter().any(|said| said.contains("grade B1")));
    let later = now.after(DAY * 7);
    let judged = at(&qualifier, &example, later);
    assert_eq!((judged.grade.as_deref(), judged.category), (Some("B2"), Category::Nurture));
    sold(&mut example);
    let judged = at(&qualifier, &example, later);
    assert_eq!(judged.category, Category::Sell, "kept");
    let falls = qualifier.falls_out(&judged, &example.lead, later).unwrap();
    // Half of 40 is 20 after 14 days; one minute later it is less.
    assert!(falls.since(now) > DAY * 14 && falls.since(now) < DAY * 14 + Duration::from_mins(10));
    assert_eq!(qualifier.thresholds(), None);
}

#[test]
fn mistakes_in_engagement_and_grades_are_found_all_at_once() {
    let rows = [
        ("half_life: 14d", "", "engagement[0]"),
        ("half_life: 14d", "half_life: 14d\n    window: 3d", "engagement[0]"),
        ("half_life: 14d", "half_life: 10s", "engagement[0].half_life"),
        (
            "field: channel, is: trade_show",
            "field: contact.title, is: x",
            "engagement[0].lines[0].when",
        ),
        ("points: 40", "points: 0", "engagement[0].lines[0].points"),
        ("demote: 60", "demote: 80", "thresholds.demote"),
        ("demote: 60", "demote: 30", "thresholds.demote"),
        ("name: talked", "name: decides", "engagement[0].lines[0].name"),
        ("thresholds:", "unresponsive: {max: 0}\nthresholds:", "unresponsive.max"),
        ("thresholds:", "caps: {engagement: {min: -3}}\nthresholds:", "caps.engagement.min"),
        (
            "thresholds:",
            "grades: {fit: [9], engagement: [9], sell: [A1]}\nthresholds:",
            "thresholds",
        ),
        ("sell: 70", "sell: 7000", "thresholds.sell"),
    ];
    for (from, to, path) in rows {
        let yaml = FADING.replace(from, to);
        let problems = Qualifier::compile(&settings(&yaml), &Lists::default()).unwrap_err();
        assert!(problems.iter().any(|problem| problem.path == path), "{path}: {problems:?}");
    }
    let grades = "grades: {fit: [20, 30], engagement: [0], sell: [A1, C1, Z9], nurture: [A1]}";
    let yaml = FADING.replace("thresholds: {sell: 70, demote: 60, nurture: 40}", grades);
    let problems = Qualifier::compile(&settings(&yaml), &Lists::default()).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    for path in ["grades.fit[1]", "grades.engagement[0]", "grades.sell[2]", "grades.nurture[0]"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
}

proptest! {
    /// Whatever the events, the time and the bounds: lines add up, groups keep their bounds, and the place where it falls out
    /// is exact.
    #[test]
    fn lines_sum_at_any_time(
        ages in prop::collection::vec(0_u32..200, 1..20),
        after in 0_u64..20_000_000_000,
        full in -60_000_i32..60_000,
        max in prop::option::of(0_i32..90),
        window in any::<bool>(),
    ) {
        let max = max.map_or_else(String::new, |max| format!("\n    max: {max}"));
        let fade = if window { "window: 45d" } else { "half_life: 14d" };
        let yaml = FADING
            .replace("points: 40}", &format!("points: {}}}", f64::from(full) / 1000.0))
            .replace("half_life: 14d", &format!("{fade}{max}"));
        let Ok(qualifier) = Qualifier::compile(&settings(&yaml), &Lists::default()) else {
            return Ok(());
        };
        let (mut example, now) = met(&ages);
        sold(&mut example);
        let then = now.after(Duration::from_millis(after));
        let judged = at(&qualifier, &example, then);
        let sum: i64 = judged.lines.iter().map(|line| line.points).sum();
        prop_assert_eq!(judged.score, (sum + judged.floor).max(0));
        prop_assert!(judged.score >= 0);
        let engaged = judged.lines.iter().filter(|line| line.group == Criterion::Engagement);
        prop_assert!(engaged.map(|line| line.points).sum::<i64>() >= 0);
        prop_assert_eq!(&qualifier.read_at(&judged, &example.lead, then), &judged);
        if let Some(falls) = qualifier.falls_out(&judged, &example.lead, then) {
            prop_assert!(falls > then);
            prop_assert_ne!(at(&qualifier, &example, falls).category, Category::Sell);
            let before = Timestamp::from_millis(falls.as_millis() - 1);
            prop_assert_eq!(at(&qualifier, &example, before).category, Category::Sell);
        }
    }
}
