//! Credit on pass-back: what was no lead counts against nobody.

use serde_json::{Value, json};

use super::processes::{On, Stage};

const POOLS: &str = "pools: { reps: { method: weighted, members: [ { name: ana, weight: 2 }, { name: bo, weight: 1 } ] } }";

/// Ana's and Bo's counts, and what is owed to them.
async fn counts(stage: &Stage) -> Vec<(u64, u64)> {
    let pools = stage.ask("/pools").await;
    let members = pools["pools"][0]["members"].as_array().unwrap();
    let count = |member: &Value, what| member[what].as_u64().unwrap_or(0);
    members.iter().map(|member| (count(member, "assigned"), count(member, "credit"))).collect()
}

async fn somebody_for(stage: &mut Stage, owner: &str) -> String {
    let answer = stage.somebody(&[]).await;
    assert_eq!(answer.text("owner"), owner, "{answer:?}");
    let words = stage.words(answer.text("inquiry_id")).await;
    let owed = words.contains("by a turn that was owed");
    format!("{}{}", answer.text("lead_id"), if owed { " owed" } else { "" })
}

async fn say(stage: &mut Stage, lead: &str, disposition: &str) {
    let answer = stage.say(&json!({"lead_id": lead, "disposition": disposition})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn credit_on_pass_back(on: On) {
    let files = [("pools.yaml", POOLS)];
    let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
    let first = somebody_for(&mut stage, "ana").await;
    let second = somebody_for(&mut stage, "bo").await;
    assert_eq!(counts(&stage).await, [(1, 0), (1, 0)]);

    // No lead: the turn goes back, once, and stays owed though every process is killed.
    stage.at("2026-03-04T15:01:00Z");
    say(&mut stage, &second, "bad_data").await;
    say(&mut stage, &second, "junk").await;
    assert_eq!(counts(&stage).await, [(1, 0), (0, 1)]);
    assert_eq!(stage.lead(&second).await["said"]["credited"], true);
    stage.restart().await;
    let third = somebody_for(&mut stage, "bo").await;
    assert!(third.ends_with(" owed"), "{third}");
    // The cycle goes on where it was.
    let fourth = somebody_for(&mut stage, "ana").await;
    assert!(!fourth.ends_with(" owed"), "{fourth}");
    assert_eq!(counts(&stage).await, [(2, 0), (1, 0)], "two to one of what was a lead");

    // One that only comes too early was a lead.
    stage.at("2026-03-04T15:02:00Z");
    say(&mut stage, &first, "timeline_later").await;
    assert_eq!(counts(&stage).await, [(2, 0), (1, 0)]);
    // Taken back, it is whose it was, and nothing is owed.
    say(&mut stage, &fourth, "not_a_fit").await;
    assert_eq!(counts(&stage).await, [(1, 1), (1, 0)]);
    stage.at("2026-03-04T15:03:00Z");
    say(&mut stage, &fourth, "accepted").await;
    assert_eq!(counts(&stage).await, [(2, 0), (1, 0)]);
    assert_eq!(stage.lead(&fourth).await["owner"], "ana");

    // The workspace names the words.
    stage.rewrite("follow-up.yaml", "dispositions: { credit: [timeline_later] }\n").await;
    stage.at("2026-03-04T15:04:00Z");
    say(&mut stage, &fourth, "timeline_later").await;
    assert_eq!(counts(&stage).await, [(1, 1), (1, 0)]);
    stage.ends_clean().await;
}

#[tokio::test]
async fn who_passes_back_what_was_no_lead_gets_the_turn_back_embedded() {
    credit_on_pass_back(On::Embedded).await;
}

#[tokio::test]
async fn who_passes_back_what_was_no_lead_gets_the_turn_back_redis() {
    credit_on_pass_back(On::Redis).await;
}
