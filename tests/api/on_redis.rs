//! What people do, on Redis: the actions that are more than reading, once each.

use std::time::Duration;

use lead_router::app::StoreUrl;
use serde_json::json;

use super::good;
use crate::harness::app::{Files, Running, eventually};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::redis::Server;

#[tokio::test(flavor = "multi_thread")]
async fn the_actions_of_people_work_on_redis() {
    let (server, receiver) = (Server::start(), Receiver::start());
    let files = Files::new(&receiver);
    let app = Running::start(&files, StoreUrl::Redis(server.url()), None).await;

    let spam = [
        ("email", "eve@zanzotter.example"),
        ("country", "DE"),
        ("budget", "20000"),
        ("_gotcha", "x"),
    ];
    app.post_form(&spam).await;
    let filtered = app.get("/v1/acme/worklists/filtered").await;
    let id = filtered.at("/items/0/id");
    let released = app.post(&format!("/v1/acme/filtered/{id}/release"), json!({})).await;
    assert_eq!((released.at("/status"), released.at("/owner")), ("routed", "ada"), "{released:?}");
    assert_eq!(app.get("/v1/acme/worklists/filtered").await.body["items"], json!([]));

    for name in ["anna", "bert"] {
        let mut inquiry = good(name);
        inquiry["employees"] = "5000".into();
        app.inquire("form", inquiry).await;
    }
    let held = app.get("/v1/acme/worklists/held").await;
    let lead = held.at("/items/0/id");
    let assigned =
        app.post(&format!("/v1/acme/leads/{lead}/assign"), json!({"member": "ben"})).await;
    assert_eq!(assigned.at("/owner"), "ben", "{assigned:?}");
    let pools = app.get("/v1/acme/pools").await;
    assert_eq!(pools.body["pools"][1]["name"], "team");
    assert_eq!(pools.body["pools"][1]["turns"], 2, "{pools:?}");

    for number in 0..5 {
        app.inquire("form", json!({"email": format!("p{number}@zanzotter.example")})).await;
    }
    let first = app.get("/v1/acme/worklists/qualify?limit=3").await;
    let next = format!("/v1/acme/worklists/qualify?limit=3&before={}", first.at("/next"));
    let second = app.get(&next).await;
    let ids = |page: &crate::harness::app::Answer| -> Vec<String> {
        let items = page.body["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let all: std::collections::BTreeSet<String> =
        ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!((ids(&first).len(), all.len()), (3, 5));

    receiver.always("crm", Reply::status(500));
    app.inquire("form", good("carl")).await;
    let dead = eventually("the last attempt", || async {
        app.clock.pass(Duration::from_millis(50));
        let page = app.get("/v1/acme/deliveries?state=dead&destination=crm").await;
        page.body["items"].get(0).cloned()
    })
    .await;
    receiver.always("crm", Reply::status(200));
    let id = dead["id"].as_str().unwrap();
    app.post(&format!("/v1/acme/deliveries/{id}/replay"), json!({})).await;
    eventually("the replay", || async {
        let view = app.get(&format!("/v1/acme/deliveries/{id}")).await;
        (view.at("/state") == "delivered").then_some(())
    })
    .await;
    let copied = app.post("/v1/backup", json!({"to": "/tmp/nowhere"})).await;
    assert_eq!((copied.status, copied.at("/code")), (422, "impossible"));
    app.stop().await;
}
