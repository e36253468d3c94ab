//! Deliveries that were given up, and destinations that are paused: seen, replayed, dropped, resumed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, good};
use crate::harness::app::eventually;
use crate::harness::receiver::Reply;

async fn dead(world: &World, query: &str) -> Vec<Value> {
    let page = world.app.get(&format!("/v1/acme/deliveries?state=dead{query}")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body["items"].as_array().unwrap().clone()
}

/// So many leads whose event the CRM refuses until it is given up.
async fn given_up(world: &World, names: &[&str]) -> Vec<Value> {
    world.receiver.always("crm", Reply::status(500));
    for name in names {
        world.inquire(good(name)).await;
    }
    eventually("the last attempt", || async {
        // Retries wait by the clock, and a little longer: jitter.
        world.app.clock.pass(Duration::from_millis(50));
        let found = dead(world, "").await;
        (found.len() == names.len()).then_some(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_delivery_is_replayed_under_its_id() {
    let world = World::start().await;
    let items = given_up(&world, &["anna"]).await;
    let (id, event) = (items[0]["id"].as_str().unwrap(), items[0]["event"].as_str().unwrap());
    assert_eq!(
        (items[0]["state"].as_str(), items[0]["tried"].as_u64()),
        (Some("dead"), Some(2)),
        "{items:?}"
    );
    assert_eq!(items[0]["attempts"][1]["http_status"], 500);
    let on_list = world.app.get("/v1/acme/worklists/dead").await;
    assert_eq!((on_list.at("/items/0/id"), on_list.at("/items/0/reason")), (id, "http_500"));
    world.receiver.always("crm", Reply::status(200));
    let replayed = world.app.post(&format!("/v1/acme/deliveries/{id}/replay"), json!({})).await;
    assert_eq!((replayed.status, replayed.at("/state")), (200, "waiting"), "{replayed:?}");
    let path = format!("/v1/acme/deliveries/{id}");
    let done = eventually("the replay", || async {
        let view = world.app.get(&path).await;
        (view.at("/state") == "delivered").then_some(view)
    })
    .await;
    assert_eq!(done.body["tried"], 3);
    let came = world.receiver.came("crm");
    assert!(came.iter().all(|came| came.header("webhook-id") == event));
    assert!(dead(&world, "").await.is_empty());
    let again = world.app.post(&format!("{path}/replay"), json!({})).await;
    assert_eq!((again.status, again.at("/code")), (422, "impossible"));
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_delivery_is_dropped_with_a_reason() {
    let world = World::start().await;
    let items = given_up(&world, &["anna"]).await;
    let path = format!("/v1/acme/deliveries/{}", items[0]["id"].as_str().unwrap());
    let dropped = world.app.post(&format!("{path}/drop"), json!({"reason": "by-phone"})).await;
    assert_eq!((dropped.status, dropped.at("/state")), (200, "dropped"), "{dropped:?}");
    assert!(dead(&world, "").await.is_empty());
    let again = json!({"reason": "by-phone"});
    assert_eq!(world.app.post(&format!("{path}/drop"), again).await.status, 422);
    let rows = world.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z").await;
    let last = rows.body["happened"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (last["fact"].as_str(), last["reason"].as_str()),
        (Some("delivery_dropped"), Some("by-phone"))
    );
    assert_eq!(last["lead"], items[0]["lead"]);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_replayed_by_destination_a_bounded_number_at_a_time() {
    let world = World::start().await;
    given_up(&world, &["anna", "bert", "carl"]).await;
    assert_eq!(dead(&world, "&destination=crm").await.len(), 3);
    assert!(dead(&world, "&destination=mailer").await.is_empty());
    let page = world.app.get("/v1/acme/deliveries?destination=crm&limit=2").await;
    assert_eq!(page.body["items"].as_array().unwrap().len(), 2);
    let rest = dead(&world, &format!("&destination=crm&limit=2&before={}", page.at("/next"))).await;
    assert_eq!(rest.len(), 1);
    world.receiver.always("crm", Reply::status(200));
    let none = world.app.post("/v1/acme/deliveries/replay", json!({"destination": "mailer"})).await;
    assert_eq!(none.body, json!({"replayed": [], "more": false}));
    let two = world
        .app
        .post("/v1/acme/deliveries/replay", json!({"destination": "crm", "limit": 2}))
        .await;
    assert_eq!(
        (two.body["replayed"].as_array().unwrap().len(), two.body["more"].as_bool()),
        (2, Some(true))
    );
    let one = world.app.post("/v1/acme/deliveries/replay", json!({})).await;
    assert_eq!(
        (one.body["replayed"].as_array().unwrap().len(), one.body["more"].as_bool()),
        (1, Some(false))
    );
    eventually("all three", || async {
        let done = world.app.get("/v1/acme/destinations").await;
        let crm = done.body["destinations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|of| of["name"] == "crm")
            .unwrap()
            .clone();
        (crm["ready"] == 0 && crm["delayed"] == 0 && crm["leased"] == 0).then_some(())
    })
    .await;
    assert!(dead(&world, "").await.is_empty());
    assert_eq!(world.app.get("/v1/acme/deliveries?state=alive").await.status, 400);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_destination_waits_until_it_is_resumed() {
    let world = World::start().await;
    let state = |body: &Value, name: &str| {
        body["destinations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|of| of["name"] == name)
            .unwrap()
            .clone()
    };
    let paused = world.app.post("/v1/acme/destinations/crm/pause", json!({})).await;
    assert_eq!(state(&paused.body, "crm")["state"], "paused", "{paused:?}");
    assert_eq!(state(&paused.body, "crm")["paused_reason"], "operator");
    assert_eq!(state(&paused.body, "mailer")["state"], "open");
    world.inquire(good("anna")).await;
    let waiting = world.app.get("/v1/acme/destinations").await;
    assert_eq!(state(&waiting.body, "crm")["ready"], 1, "{waiting:?}");
    assert!(world.receiver.came("crm").is_empty());
    let resumed = world.app.post("/v1/acme/destinations/crm/resume", json!({})).await;
    assert_eq!(state(&resumed.body, "crm")["state"], "open");
    eventually("the event", || async { (world.receiver.came("crm").len() == 1).then_some(()) })
        .await;
    assert_eq!(world.app.post("/v1/acme/destinations/nowhere/pause", json!({})).await.status, 404);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_that_is_gone_pauses_until_a_person_resumes_it() {
    let world = World::start().await;
    world.receiver.then("crm", [Reply::status(410)]);
    world.inquire(good("anna")).await;
    let crm = eventually("the pause", || async {
        let body = world.app.get("/v1/acme/destinations").await.body;
        let crm = body["destinations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|of| of["name"] == "crm")
            .unwrap()
            .clone();
        (crm["state"] == "paused").then_some(crm)
    })
    .await;
    assert_eq!(crm["paused_reason"], "gone");
    assert!(crm.get("paused_until").is_none());
    world.app.clock.pass(Duration::from_hours(24));
    world.app.post("/v1/acme/destinations/crm/resume", json!({})).await;
    eventually("the event", || async { (world.receiver.came("crm").len() == 2).then_some(()) })
        .await;
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_copied_while_it_is_in_use() {
    let world = World::start().await;
    let answer = world.inquire(good("anna")).await;
    let lead = answer["lead_id"].as_str().unwrap();
    let to = tempfile::tempdir().unwrap();
    let copied = world.app.post("/v1/backup", json!({"to": to.path()})).await;
    assert_eq!(copied.status, 204, "{copied:?}");
    let again = world.app.post("/v1/backup", json!({"to": to.path()})).await;
    assert_eq!((again.status, again.at("/code")), (422, "impossible"));
    assert_eq!(world.app.post("/v1/backup", json!({"to": "here"})).await.status, 400);
    let restored = crate::harness::app::Running::embedded(&world.files, to.path()).await;
    assert_eq!(restored.get(&format!("/v1/acme/leads/{lead}")).await.at("/owner"), "ada");
    restored.stop().await;
    world.ends_well().await;
}
