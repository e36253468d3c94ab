//! Away, at a cap, all out: who gets it, why the others do not, and what becomes of it when nobody does.

use serde_json::json;

use super::processes::{On, SOON, Stage};
use crate::harness::wait::eventually;

/// Working hours in Madrid. Ana is off until Friday, Bo takes twenty a day.
const POOLS: &str = r#"
zone: Europe/Madrid
hours:
  office: { week: { mon-fri: "09:00-17:00" } }
pools:
  emea:
    method: least_assigned
    hours: office
    members:
      - { name: ana, time_off: [ { from: 2026-03-02, to: 2026-03-05 } ] }
      - { name: bo, caps: { day: 20 } }
      - cy
"#;

fn routing(hold: &str) -> String {
    format!(
        r"
queues:
  sales: {{ destinations: [crm] }}
  triage: {{ destinations: [crm] }}
rules:
  - name: emea
    when: {{ field: category, is: sell }}
    assign: {{ queue: sales, pool: emea, else: {{ hold: {hold}, queue: triage }} }}
fallback: {{ queue: triage }}
"
    )
}

/// A Wednesday, 16:00 in Madrid: Bo has his twenty, Ana is off, Cy has twenty-one.
async fn full_house(on: On, hold: &str) -> Stage {
    let files = [("pools.yaml", POOLS), ("routing.yaml", &routing(hold))];
    let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
    for _ in 0..40 {
        let answer = stage.somebody(&[]).await;
        assert_eq!(answer.text("status"), "routed", "{answer:?}");
    }
    let last = stage.somebody(&[]).await;
    assert_eq!(last.text("owner"), "cy");
    let words = stage.words(last.text("inquiry_id")).await;
    assert!(words.contains("`ana` was not considered: time_off until 2026-03-05T23:00"), "{words}");
    assert!(words.contains("At a cap: bo (day 20/20)."), "{words}");
    let off = json!({"from": "2026-03-04", "to": "2026-03-04"});
    let answer = stage.act("/members/cy/time-off", &off).await;
    assert_eq!((answer.status, answer.body["revision"].as_u64()), (200, Some(1)));
    stage.all_look().await;
    stage
}

/// Held until the office opens; given then to the first who is there, once, though all processes were killed
/// in between. Who comes back is not flooded.
async fn held_until_somebody_begins(on: On) {
    let mut stage = full_house(on, "18h").await;
    let mut held = Vec::new();
    for number in 0..3 {
        let answer = stage.somebody(&[]).await;
        assert_eq!(answer.text("status"), "held", "{number}: {answer:?}");
        held.push(answer);
    }
    let words = stage.words(held[0].text("inquiry_id")).await;
    assert!(words.contains("members_unavailable: 2, members_at_capacity: 1."), "{words}");
    assert!(words.contains("`cy` was not considered: time_off until 2026-03-04T23:00"), "{words}");
    stage.told("lead.held", 3).await;
    stage.told("lead.routed", 41).await;
    stage.restart().await;
    // At midnight Bo's cap and Cy's day off are over, but nobody works: tried, and held on.
    stage.at("2026-03-04T23:00:01Z");
    for answer in &held {
        eventually("the next try", SOON, async || {
            let words = stage.words(answer.text("inquiry_id")).await;
            words.contains("is tried again at 2026-03-05T08:00:00.000Z").then_some(())
        })
        .await;
    }
    stage.at("2026-03-05T08:00:00Z");
    let mut owners = Vec::new();
    for answer in &held {
        owners.push(stage.owner(answer.text("lead_id")).await);
    }
    assert!(owners.iter().all(|owner| owner == "bo" || owner == "cy"), "{owners:?}");
    stage.told("lead.routed", 44).await;
    // Ana is back on Friday, forty turns behind: she gets her third, not the forty.
    stage.at("2026-03-06T09:00:00Z");
    let mut got = Vec::new();
    for _ in 0..9 {
        got.push(stage.somebody(&[]).await.text("owner").to_owned());
    }
    got.sort();
    assert_eq!(got.join(" "), "ana ana ana bo bo bo cy cy cy");
    stage.told("lead.routed", 53).await;
    stage.ends_clean().await;
}

/// Nobody opens in time: when the wait is over it goes on to the fallback queue, with the reasons.
async fn waited_long_enough(on: On) {
    let mut stage = full_house(on, "16h").await;
    let answer = stage.somebody(&[]).await;
    assert_eq!(answer.text("status"), "held");
    let lead = answer.text("lead_id").to_owned();
    let before = stage.ask("/worklists").await;
    assert_eq!(count(&before, "held"), 1, "{before}");
    stage.at("2026-03-05T07:00:00Z");
    eventually("triage", SOON, async || {
        let lists = stage.ask("/worklists").await;
        (count(&lists, "held") == 0 && count(&lists, "triage") == 1).then_some(())
    })
    .await;
    let words = stage.words(answer.text("inquiry_id")).await;
    assert!(words.contains("out_of_hours until 2026-03-05T08:00"), "{words}");
    assert!(words.contains("members_unavailable: 3, members_at_capacity: 0."), "{words}");
    // It stays there when the office opens: a person has it now.
    stage.at("2026-03-05T09:00:00Z");
    let next = stage.somebody(&[]).await;
    assert_eq!(next.text("status"), "routed");
    assert_eq!(stage.lead(&lead).await["queue"], "triage");
    stage.ends_clean().await;
}

/// Nobody knows when somebody comes; a configuration that has somebody is tried at once, each lead once, and the better
/// ones first. One that changes nothing for them leaves them where they are.
async fn a_new_configuration_has_somebody(on: On) {
    let pools = |members: &str| format!("pools: {{ emea: {{ members: {members} }} }}");
    let paused = "[ { name: ana, paused: true } ]";
    let files = [("pools.yaml", &*pools(paused)), ("routing.yaml", &routing("20d"))];
    let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
    let mut records = Vec::new();
    for _ in 0..5 {
        let answer = stage.somebody(&[]).await;
        assert_eq!(answer.text("status"), "held", "{answer:?}");
        let path = format!("/inquiries/{}/record", answer.text("inquiry_id"));
        let by = stage.ask(&path).await["configuration"].clone();
        records.push((path, by));
    }
    stage.rewrite("pools.yaml", &pools("[ { name: ana, paused: true, caps: { day: 9 } } ]")).await;
    for (path, before) in &records {
        eventually("decided by the new one", SOON, async || {
            (stage.ask(path).await["configuration"] != *before).then_some(())
        })
        .await;
    }
    assert_eq!(count(&stage.ask("/worklists").await, "held"), 5);
    // Another second of theirs: who went through them has done so for three.
    stage.at("2026-03-04T15:00:05Z");
    stage
        .rewrite(
            "pools.yaml",
            &pools("[ { name: ana, paused: true }, { name: bo, caps: { day: 4 } } ]"),
        )
        .await;
    eventually("all that fit", SOON, async || {
        (count(&stage.ask("/worklists").await, "held") == 1).then_some(())
    })
    .await;
    stage.told("lead.routed", 4).await;
    stage.ends_clean().await;
}

#[tokio::test]
async fn a_new_configuration_is_tried_at_once_embedded() {
    a_new_configuration_has_somebody(On::Embedded).await;
}

#[tokio::test]
async fn a_new_configuration_is_tried_at_once_redis() {
    a_new_configuration_has_somebody(On::Redis).await;
}

pub fn count(lists: &serde_json::Value, list: &str) -> u64 {
    let rows = lists["worklists"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == list);
    row.and_then(|row| row["count"].as_u64()).unwrap_or(0)
}

/// Whoever begins first within the time gets it at once, and is told when they begin.
async fn given_ahead(on: On) {
    let routing = r"
queues: { sales: { destinations: [crm] } }
rules:
  - name: emea
    when: { field: category, is: sell }
    assign: { queue: sales, pool: emea, assign_within: 16h }
fallback: { queue: triage }
";
    let pools = r#"
zone: Europe/Madrid
hours:
  office: { week: { mon-fri: "09:00-17:00" } }
  early: { zone: Europe/Lisbon, week: { mon-fri: "07:00-15:00" } }
pools:
  emea: { hours: office, members: [ ana, { name: bo, hours: early, caps: { day: 1 } } ] }
"#;
    let files = [("pools.yaml", pools), ("routing.yaml", routing)];
    // 20:00 in Madrid; Bo begins at 7:00 in Lisbon, Ana at 8:00 by the same clock.
    let mut stage = Stage::begin(on, "2026-03-04T19:00:00Z", &files).await;
    let first = stage.somebody(&[]).await;
    let second = stage.somebody(&[]).await;
    assert_eq!((first.text("owner"), second.text("owner")), ("bo", "ana"));
    let words = stage.words(first.text("inquiry_id")).await;
    assert!(
        words.contains("whoever begins first gets it and is told at 2026-03-05T07:00"),
        "{words}"
    );
    stage.at("2026-03-05T07:00:00Z");
    stage.told("lead.routed", 1).await;
    stage.at("2026-03-05T08:00:00Z");
    stage.told("lead.routed", 2).await;
    stage.ends_clean().await;
}

#[tokio::test]
async fn scenario_10_away_capped_all_out_embedded() {
    held_until_somebody_begins(On::Embedded).await;
    waited_long_enough(On::Embedded).await;
    given_ahead(On::Embedded).await;
}

#[tokio::test]
async fn scenario_10_away_capped_all_out_redis() {
    held_until_somebody_begins(On::Redis).await;
    waited_long_enough(On::Redis).await;
    given_ahead(On::Redis).await;
}

/// Pausing and resuming by API: heeded by every process, by whom is known, and who waits gets somebody at once.
#[tokio::test]
async fn a_roster_change_is_heeded_everywhere_and_frees_who_waits() {
    let pools = "pools: { reps: { members: [ada, ben] } }";
    let mut stage = Stage::begin(On::Redis, "2026-03-04T15:00:00Z", &[("pools.yaml", pools)]).await;
    let nothing = json!({});
    assert_eq!(stage.act("/members/ada/pause", &nothing).await.body["revision"], 1);
    assert_eq!(stage.act("/members/nobody/pause", &nothing).await.status, 404);
    stage.all_look().await;
    let pools = stage.ask("/pools").await;
    assert_eq!(pools["pools"][0]["members"][0]["away"], "paused", "{pools}");
    for _ in 0..4 {
        assert_eq!(stage.somebody(&[]).await.text("owner"), "ben");
    }
    assert_eq!(stage.act("/members/ben/pause", &nothing).await.body["revision"], 2);
    let held = stage.somebody(&[]).await;
    let also = stage.somebody(&[]).await;
    assert_eq!((held.text("status"), also.text("status")), ("held", "held"));
    assert_eq!(stage.act("/members/ada/resume", &nothing).await.body["revision"], 3);
    assert_eq!(stage.owner(held.text("lead_id")).await, "ada");
    assert_eq!(stage.owner(also.text("lead_id")).await, "ada");
    let bad = json!({"from": "2026-03-09", "to": "2026-03-01"});
    assert_eq!(stage.act("/members/ada/time-off", &bad).await.status, 422);
    stage.ends_clean().await;
}
