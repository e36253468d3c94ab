//! The live stream: what comes in, and what becomes of it.

use serde_json::json;

use super::{World, good};
use crate::harness::app::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_is_told_once_and_again_when_it_changed() {
    let world = World::start().await;
    let before = world.app.get("/v1/acme/feed").await;
    assert_eq!(before.body["items"].as_array().map(Vec::len), Some(0), "{before:?}");
    let anna = world.inquire(good("anna")).await;
    let path = format!("/v1/acme/feed?since={}", before.at("/next"));
    // It comes when it was decided, and again when it was delivered.
    let told = eventually("the delivered inquiry", || async {
        let told = world.app.get(&path).await;
        (told.at("/items/0/deliveries/0/state") == "delivered").then_some(told)
    })
    .await;
    assert_eq!(told.body["items"].as_array().map(Vec::len), Some(1), "{told:?}");
    assert_eq!(told.at("/items/0/id"), anna["inquiry_id"].as_str().unwrap());
    assert_eq!(
        (told.at("/items/0/status"), told.at("/items/0/category"), told.at("/items/0/queue")),
        ("routed", "sell", "sales")
    );
    assert_eq!((told.at("/items/0/owner"), told.at("/items/0/rule")), ("ada", "german"));
    assert_eq!((told.at("/items/0/channel"), told.at("/items/0/source")), ("website", "form"));
    assert_eq!(
        (told.at("/items/0/name"), &told.body["items"][0]["score"]),
        ("anna Zanzotter", &json!(70))
    );
    assert_eq!(told.at("/items/0/deliveries/0/destination"), "crm");
    assert_eq!(told.body["items"][0]["deliveries"][0]["http_status"], 204);

    // Nothing new: nothing is told.
    world.app.clock.pass(std::time::Duration::from_secs(1));
    let path = format!("/v1/acme/feed?since={}", told.at("/next"));
    let quiet = world.app.get(&path).await;
    assert_eq!(quiet.body["items"].as_array().map(Vec::len), Some(0), "{quiet:?}");

    // A body that cannot be read, and a person who moves the lead.
    let unreadable = world.app.inquire("form", json!({"budget": "20000"})).await;
    assert_eq!(unreadable.status, 422, "{unreadable:?}");
    let lead = anna["lead_id"].as_str().unwrap();
    let moved =
        world.app.post(&format!("/v1/acme/leads/{lead}/assign"), json!({"member": "ben"})).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    let told = eventually("both changes", || async {
        let told = world.app.get(&path).await;
        (told.body["items"].as_array()?.len() == 2).then_some(told)
    })
    .await;
    assert_eq!(
        (told.at("/items/0/status"), told.at("/items/0/reason")),
        ("unreadable", "no_contact")
    );
    assert_eq!((told.at("/items/1/lead"), told.at("/items/1/owner")), (lead, "ben"));

    // A cursor of another process gives all.
    let all = world.app.get("/v1/acme/feed?since=00000000-999&limit=1").await;
    assert_eq!(all.at("/items/0/status"), "unreadable");
    for bad in ["since=x", "limit=0", "z=1"] {
        let answer = world.app.get(&format!("/v1/acme/feed?{bad}")).await;
        assert_eq!((answer.status, answer.at("/code")), (400, "bad_request"), "{bad}");
    }
    world.ends_well().await;
}
