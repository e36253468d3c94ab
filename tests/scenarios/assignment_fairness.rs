//! Shares, exact through several processes; what is read in others' source as a defect is not here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use futures_util::future::join_all;
use serde_json::json;

use super::assignment_away::count;
use super::processes::{On, SOON, Stage, post};
use crate::harness::wait::eventually;

/// Owners of so many people who inquire one after another.
async fn owners(stage: &mut Stage, count: usize) -> Vec<String> {
    let mut owners = Vec::new();
    for _ in 0..count {
        owners.push(stage.somebody(&[]).await.text("owner").to_owned());
    }
    owners
}

/// Owners of so many people who inquire at once, through all processes.
async fn owners_at_once(stage: &Stage, wave: usize, count: usize) -> BTreeMap<String, usize> {
    let answers = join_all((0..count).map(|number| async move {
        let email = format!("wave{wave}.{number}@fjordlund.example");
        let service = &stage.services[number % stage.services.len()];
        post(service.public, &[("email", &email)]).await
    }))
    .await;
    let mut counts = BTreeMap::new();
    for answer in answers {
        assert_eq!(answer.status, 202, "{answer:?}");
        *counts.entry(answer.text("owner").to_owned()).or_default() += 1;
    }
    counts
}

fn pool(method: &str, members: &str) -> String {
    format!("pools: {{ reps: {{ method: {method}, members: {members} }} }}")
}

fn counted(of: &[(&str, usize)]) -> BTreeMap<String, usize> {
    of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// 5 to 1 to 1: a a b a c a a, twice, also from two processes and after a kill; somebody who joins resets nothing.
async fn weighted_and_reproducible(on: On) {
    let weights = "[ { name: a, weight: 5 }, { name: b, weight: 1 }, { name: c, weight: 1 } ]";
    let files = [("pools.yaml", &*pool("weighted", weights))];
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
        let mut said = Vec::new();
        for _ in 0..2 {
            let mut owners = Vec::new();
            for _ in 0..7 {
                let answer = stage.somebody(&[]).await;
                owners.push(answer.text("owner").to_owned());
                said.push(stage.sentences(answer.text("inquiry_id")).await);
            }
            assert_eq!(owners.join(" "), "a a b a c a a");
            stage.restart().await;
        }
        runs.push(said);
        stage.ends_clean().await;
    }
    assert_eq!(runs[0], runs[1], "the same decisions for the same reasons, word for word");
    let joined = weights.replace(" ]", ", { name: d, weight: 1 } ]");
    let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
    owners(&mut stage, 7).await;
    stage.rewrite("pools.yaml", &pool("weighted", &joined)).await;
    let before = stage.ask("/pools").await;
    let assigned = |pools: &serde_json::Value| -> Vec<u64> {
        let members = pools["pools"][0]["members"].as_array().unwrap();
        members.iter().map(|member| member["assigned"].as_u64().unwrap()).collect()
    };
    assert_eq!(assigned(&before), [5, 1, 1, 0], "nothing is reset");
    owners(&mut stage, 8).await;
    assert_eq!(assigned(&stage.ask("/pools").await), [10, 2, 2, 1], "a full cycle of eight");
    stage.ends_clean().await;
}

#[tokio::test]
async fn scenario_9_weighted_and_reproducible_embedded() {
    weighted_and_reproducible(On::Embedded).await;
}

#[tokio::test]
async fn scenario_9_weighted_and_reproducible_redis() {
    weighted_and_reproducible(On::Redis).await;
}

/// After each full cycle exactly in proportion, whoever's turn it was in which process.
async fn exact_after_each_cycle(on: On) {
    let weights = "[ { name: a, weight: 3 }, { name: b, weight: 2 }, { name: c, weight: 1 } ]";
    for method in ["weighted", "least_assigned"] {
        let files = [("pools.yaml", &*pool(method, weights))];
        let stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
        for wave in 0..3 {
            let counts = owners_at_once(&stage, wave, 60).await;
            assert_eq!(counts, counted(&[("a", 30), ("b", 20), ("c", 10)]), "{method} {wave}");
        }
    }
    for method in ["round_robin", "longest_idle", "least_busy"] {
        let files = [("pools.yaml", &*pool(method, "[a, b, c]"))];
        let stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
        // Not a multiple of three: at most one turn off.
        let counts = owners_at_once(&stage, 0, 64).await;
        let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
        assert!(most - least <= 1, "{method}: {counts:?}");
        let counts = owners_at_once(&stage, 1, 2).await;
        assert_eq!(counts.len(), 2, "{method}: the two who had one less: {counts:?}");
    }
}

#[tokio::test]
async fn shares_are_exact_after_each_cycle_embedded() {
    exact_after_each_cycle(On::Embedded).await;
}

#[tokio::test]
async fn shares_are_exact_after_each_cycle_redis() {
    exact_after_each_cycle(On::Redis).await;
}

/// Sixty-four at once and again: no cap is exceeded by one, of a member or of all together; the rest is held.
async fn caps_hold(on: On) {
    let mut pools = "pools:\n  reps:\n    caps: { hour: 40 }\n    members:\n".to_owned();
    for member in ["a", "b", "c", "d"] {
        let _ = writeln!(pools, "      - {{ name: {member}, caps: {{ day: 15, open: 13 }} }}");
    }
    let stage = Stage::begin(on, "2026-03-04T15:00:00Z", &[("pools.yaml", &pools)]).await;
    let counts = owners_at_once(&stage, 0, 64).await;
    assert_eq!(counts.get(""), Some(&24), "forty an hour for all of them: {counts:?}");
    assert!(counts.iter().all(|(name, count)| name.is_empty() || *count <= 13), "{counts:?}");
    let counts = owners_at_once(&stage, 1, 64).await;
    assert_eq!(counts, counted(&[("", 64)]));
    stage.ends_clean().await;
}

#[tokio::test]
async fn caps_are_never_exceeded_by_one_embedded() {
    caps_hold(On::Embedded).await;
}

#[tokio::test]
async fn caps_are_never_exceeded_by_one_redis() {
    caps_hold(On::Redis).await;
}

/// The same of rolling caps and of one source's: the lower one wins, and room comes back as the window goes on.
async fn rolling_caps_hold(on: On) {
    let caps = "{ day: 50, rolling: { hour: 11 }, of: [ { source: form, rolling: { day: 20 } } ] }";
    let pools = format!(
        "pools: {{ reps: {{ members: [ {{ name: a, caps: {caps} }}, b ], caps: {{ of: [ {{ category: sell, rolling: {{ hour: 30 }} }} ] }} }} }}"
    );
    let mut stage = Stage::begin(on, "2026-03-04T15:02:00Z", &[("pools.yaml", &pools)]).await;
    let counts = owners_at_once(&stage, 0, 64).await;
    assert_eq!(counts, counted(&[("a", 11), ("b", 19), ("", 34)]));
    // Within the hour there is no room; the part of 15:02 falls out with 16:05. (Who goes through those that wait does
    // so for three seconds, by the clock that stands still.)
    stage.at("2026-03-04T16:04:55Z");
    assert_eq!(owners_at_once(&stage, 1, 8).await, counted(&[("", 8)]));
    let held = stage.somebody(&[]).await;
    let words = stage.words(held.text("inquiry_id")).await;
    assert!(
        words.contains("a (rolling-hour 11/11), b (rolling-hour/category=sell 30/30)"),
        "{words}"
    );
    stage.at("2026-03-04T16:05:00Z");
    // Those who wait go first: thirty of the forty-three, and none of the newcomers.
    eventually("all that fit", SOON, async || {
        let lists = stage.ask("/worklists").await;
        (count(&lists, "held") == 13).then_some(())
    })
    .await;
    assert_eq!(owners_at_once(&stage, 2, 8).await, counted(&[("", 8)]));
    let pools = stage.ask("/pools").await;
    let members = pools["pools"][0]["members"].as_array().unwrap();
    let assigned = |at: usize| members[at]["assigned"].as_u64().unwrap();
    assert_eq!((assigned(0), assigned(1)), (20, 40), "a: 20 a day of this source, not 22");
    stage.ends_clean().await;
}

#[tokio::test]
async fn rolling_caps_are_never_exceeded_by_one_embedded() {
    rolling_caps_hold(On::Embedded).await;
}

#[tokio::test]
async fn rolling_caps_are_never_exceeded_by_one_redis() {
    rolling_caps_hold(On::Redis).await;
}

/// Ten a month are ten in the first days and none afterwards, not "0 a day for ever"; the next month begins anew.
#[tokio::test]
async fn defect_s1_a_monthly_cap_is_not_divided_by_days() {
    let pools = "pools: { reps: { members: [ { name: ada, caps: { month: 10 } } ] } }";
    let files = [("pools.yaml", pools)];
    let mut stage = Stage::begin(On::Embedded, "2026-03-04T15:00:00Z", &files).await;
    let got = owners(&mut stage, 12).await;
    assert_eq!(got.iter().filter(|owner| *owner == "ada").count(), 10, "{got:?}");
    stage.at("2026-04-01T00:00:00Z");
    assert_eq!(owners(&mut stage, 1).await, ["ada"]);
}

/// A fortnight away leaves no echo: after it shares are equal, and a month later as well.
#[tokio::test]
async fn defect_s3_a_holiday_is_not_repeated_every_month() {
    let pools = r"
pools:
  reps:
    method: least_assigned
    members: [ { name: ada, time_off: [ { from: 2026-03-10, to: 2026-03-24 } ] }, ben, cleo ]
";
    let mut stage =
        Stage::begin(On::Embedded, "2026-03-09T15:00:00Z", &[("pools.yaml", pools)]).await;
    let share = |owners: &[String]| owners.iter().filter(|owner| *owner == "ada").count();
    assert_eq!(share(&owners(&mut stage, 9).await), 3);
    stage.at("2026-03-12T15:00:00Z");
    assert_eq!(share(&owners(&mut stage, 20).await), 0);
    for day in ["2026-03-25T15:00:00Z", "2026-04-09T15:00:00Z", "2026-05-12T15:00:00Z"] {
        stage.at(day);
        assert_eq!(share(&owners(&mut stage, 9).await), 3, "{day}");
    }
}

/// Closed leads do not make anybody busy, and those who tie share: nobody starves.
#[tokio::test]
async fn defect_s4_least_busy_counts_open_leads_and_ties_share() {
    let files = [("pools.yaml", &*pool("least_busy", "[ada, ben]"))];
    let mut stage = Stage::begin(On::Redis, "2026-03-04T15:00:00Z", &files).await;
    let first = stage.somebody(&[]).await;
    assert_eq!(first.text("owner"), "ada");
    assert_eq!(owners(&mut stage, 3).await.join(" "), "ben ada ben");
    let discard = format!("/leads/{}/discard", first.text("lead_id"));
    assert_eq!(stage.act(&discard, &json!({})).await.status, 200);
    let open = |pools: serde_json::Value| -> Vec<u64> {
        let members = pools["pools"][0]["members"].as_array().unwrap();
        members.iter().map(|member| member["open"].as_u64().unwrap()).collect()
    };
    assert_eq!(open(stage.ask("/pools").await), [1, 2]);
    assert_eq!(owners(&mut stage, 1).await, ["ada"], "one of hers is closed");
    // By hand to the other: both counts follow.
    let last = stage.somebody(&[]).await;
    let assign = format!("/leads/{}/assign", last.text("lead_id"));
    assert_eq!(stage.act(&assign, &json!({"member": "ben"})).await.status, 200);
    assert_eq!(open(stage.ask("/pools").await), [2, 3]);
    stage.ends_clean().await;
}

/// Whose turn it is stands in the store: not in a process, and not with somebody who left.
#[tokio::test]
async fn defect_s5_the_turn_survives_processes_and_members_who_leave() {
    let files = [("pools.yaml", &*pool("round_robin", "[ada, ben, cleo]"))];
    let mut stage = Stage::begin(On::Redis, "2026-03-04T15:00:00Z", &files).await;
    assert_eq!(owners(&mut stage, 4).await.join(" "), "ada ben cleo ada");
    stage.restart().await;
    assert_eq!(owners(&mut stage, 1).await, ["ben"]);
    // Cleo, whose turn is next, leaves; nobody gets hers, nobody is asked twice.
    stage.rewrite("pools.yaml", &pool("round_robin", "[ada, ben]")).await;
    assert_eq!(owners(&mut stage, 3).await.join(" "), "ada ben ada");
}

/// Whoever posts a form cannot say who gets it.
#[tokio::test]
async fn defect_s6_a_payload_does_not_route_itself() {
    let files = [("pools.yaml", &*pool("round_robin", "[ada, ben, cleo]"))];
    let mut stage = Stage::begin(On::Embedded, "2026-03-04T15:00:00Z", &files).await;
    let wish = [("owner", "cleo"), ("assigned_user_id", "cleo"), ("pool", "x"), ("queue", "x")];
    assert_eq!(stage.somebody(&wish).await.text("owner"), "ada");
}

/// Assigning by hand and reassigning move the turn as a pick does; two at once never get the same member.
#[tokio::test]
async fn defect_s7_the_turn_follows_what_was_assigned() {
    let files = [("pools.yaml", &*pool("round_robin", "[ada, ben, cleo]"))];
    let mut stage = Stage::begin(On::Redis, "2026-03-04T15:00:00Z", &files).await;
    let first = stage.somebody(&[]).await;
    assert_eq!(first.text("owner"), "ada");
    let assign = format!("/leads/{}/assign", first.text("lead_id"));
    assert_eq!(stage.act(&assign, &json!({"member": "ben"})).await.status, 200);
    assert_eq!(owners(&mut stage, 2).await.join(" "), "cleo ada");
    for wave in 0..10 {
        let counts = owners_at_once(&stage, wave, 3).await;
        assert_eq!(counts, counted(&[("ada", 1), ("ben", 1), ("cleo", 1)]));
    }
}
