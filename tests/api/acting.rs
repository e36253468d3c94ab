//! A person acts on a lead: assign, release, decide again, discard.

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, good};
use crate::harness::app::eventually;

async fn held(world: &World) -> String {
    for name in ["anna", "bert"] {
        let mut inquiry = good(name);
        inquiry["employees"] = "5000".into();
        let answer = world.inquire(inquiry).await;
        if answer["status"] == "held" {
            return answer["lead_id"].as_str().unwrap().to_owned();
        }
    }
    panic!("nobody is held");
}

async fn count(world: &World, list: &str) -> Value {
    let body = world.app.get("/v1/acme/worklists").await.body;
    body["worklists"].as_array().unwrap().iter().find(|of| of["name"] == list).unwrap()["count"]
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lead_is_assigned_by_hand_and_its_new_owner_is_told() {
    let world = World::start().await;
    let lead = held(&world).await;
    eventually("lead.held", || async {
        (world.receiver.events("inbox") == ["lead.held"]).then_some(())
    })
    .await;
    let answer =
        world.app.post(&format!("/v1/acme/leads/{lead}/assign"), json!({"member": "ben"})).await;
    assert_eq!(
        (answer.status, answer.at("/owner"), answer.at("/queue")),
        (200, "ben", "sales"),
        "{answer:?}"
    );
    assert_eq!(answer.at("/status"), "routed");
    assert_eq!(count(&world, "held").await, 0);
    let told = eventually("lead.routed", || async {
        world
            .receiver
            .came("crm")
            .into_iter()
            .map(|came| came.json())
            .find(|event| event["data"]["lead"]["id"] == lead)
    })
    .await;
    assert_eq!(told["type"], "lead.routed");
    // Those who worked on it before hear that it went.
    eventually("the inbox", || async {
        (world.receiver.events("inbox") == ["lead.held", "lead.routed"]).then_some(())
    })
    .await;
    let rows = world.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z").await;
    let last = rows.body["happened"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last["fact"].as_str(), last["actor"].as_str()),
        (Some("lead_assigned"), Some("harness"))
    );
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lead_is_released_when_somebody_is_free_again() {
    let world = World::start().await;
    let lead = held(&world).await;
    let path = format!("/v1/acme/leads/{lead}/release");
    let still = world.app.post(&path, json!({})).await;
    assert_eq!((still.status, still.at("/status")), (200, "held"), "{still:?}");
    world.app.clock.pass(Duration::from_hours(24));
    let released = world.app.post(&path, json!({})).await;
    assert_eq!((released.at("/status"), released.at("/owner")), ("routed", "dora"), "{released:?}");
    assert_eq!(count(&world, "held").await, 0);
    let again = world.app.post(&path, json!({})).await;
    assert_eq!((again.status, again.at("/code")), (422, "impossible"), "it does not wait any more");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_decided_afresh_after_the_rules_changed() {
    let world = World::start().await;
    let answer = world
        .inquire(json!({"email": "carl@zanzotter.example", "country": "FR", "budget": "20000"}))
        .await;
    assert_eq!(answer["queue"], "triage");
    let lead = answer["lead_id"].as_str().unwrap();
    let path = world.files.0.path().join("workspaces/acme/routing.yaml");
    let routing = std::fs::read_to_string(path).unwrap();
    let before = world.app.get("/v1/configuration").await.at("/hash").to_owned();
    world.files.write("workspaces/acme/routing.yaml", &routing.replace("is: DE", "in: [DE, FR]"));
    eventually("the new rules", || async {
        (world.app.get("/v1/configuration").await.at("/hash") != before).then_some(())
    })
    .await;
    let after = world.app.post(&format!("/v1/acme/leads/{lead}/redecide"), json!({})).await;
    assert_eq!((after.at("/queue"), after.at("/owner")), ("sales", "ada"), "{after:?}");
    assert_eq!(count(&world, "triage").await, 0);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_discarded_with_a_reason_and_only_once() {
    let world = World::start().await;
    let lead = held(&world).await;
    let path = format!("/v1/acme/leads/{lead}/discard");
    let answer = world.app.post(&path, json!({"reason": "competitor"})).await;
    assert_eq!((answer.at("/stage"), answer.at("/queue")), ("discarded", "none"), "{answer:?}");
    assert_eq!(count(&world, "held").await, 0);
    let again = world.app.post(&path, json!({})).await;
    assert_eq!((again.status, again.at("/code")), (422, "impossible"));
    let rows = world.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z").await;
    let last = rows.body["happened"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last["fact"].as_str(), last["reason"].as_str()),
        (Some("lead_discarded"), Some("competitor"))
    );
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let lead = held(&world).await;
    let path = format!("/v1/acme/leads/{lead}/assign");
    for (body, status, hint) in [
        (json!({}), 422, "queue"),
        (json!({"queue": "salse"}), 422, "Did you mean `sales`?"),
        (json!({"member": "bem"}), 422, "Did you mean `ben`?"),
        (json!({"queue": "triage", "member": "ben"}), 422, "triage"),
        (json!({"member": "Ben Quillfeather"}), 400, "line 1"),
        (json!({"owner": "ben"}), 400, "line 1"),
        (json!([1]), 400, "line 1"),
    ] {
        let answer = world.app.post(&path, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert!(answer.at("/detail").contains(hint), "{body}: {answer:?}");
        assert!(
            !answer.text.contains("salse") && !answer.text.contains("Quillfeather"),
            "{answer:?}"
        );
    }
    let url = format!("{}{path}", world.app.private);
    let bearer = format!("Bearer {}", crate::harness::app::KEY);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let big = format!("{{\"member\": \"{}\"}}", "x".repeat(70_000));
    for (body, status) in [("{".to_owned(), 400), (big, 413)] {
        let answer = world.app.ask(reqwest::Method::POST, &url, &headers, body).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let missing = world
        .app
        .post("/v1/acme/leads/lead_0190a1b2c3d4e5f60718293a4b5c6d7e/release", json!({}))
        .await;
    assert_eq!(missing.status, 404);
    assert_eq!(count(&world, "held").await, 1);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_once_do_not_hand_a_lead_out_twice() {
    let world = World::start().await;
    let lead = held(&world).await;
    let path = format!("/v1/acme/leads/{lead}/assign");
    let all = futures_util::future::join_all(
        ["ada", "ben", "cleo", "ada", "ben", "cleo"]
            .map(|member| world.app.post(&path, json!({"member": member}))),
    )
    .await;
    let done = all.iter().filter(|answer| answer.status == 200).count();
    assert!(done >= 1 && all.iter().all(|answer| matches!(answer.status, 200 | 409)), "{all:?}");
    // The record and the journal agree on who was last.
    let owner = world.app.get(&format!("/v1/acme/leads/{lead}")).await.at("/owner").to_owned();
    let rows = world.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z").await;
    let assigned: Vec<Value> = rows.body["happened"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["fact"] == "lead_assigned")
        .cloned()
        .collect();
    assert_eq!(assigned.len(), done);
    assert_eq!(assigned.last().unwrap()["owner"], owner);
    world.ends_well().await;
}
