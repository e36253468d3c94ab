//! What waits for a person: it is listed with its reason, and can be moved.

use reqwest::Method;
use serde_json::{Value, json};

use super::{World, good};
use crate::harness::app::{KEY, eventually};

fn enterprise(name: &str) -> Value {
    let mut inquiry = good(name);
    inquiry["employees"] = "5000".into();
    inquiry["company"] = "Brummelkamp Works".into();
    inquiry
}

async fn list(world: &World, name: &str) -> Vec<Value> {
    let page = world.app.get(&format!("/v1/acme/worklists/{name}")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body["items"].as_array().unwrap().clone()
}

async fn counts(world: &World) -> Value {
    let body = world.app.get("/v1/acme/worklists").await.body;
    let counts = body["worklists"].as_array().unwrap().iter();
    counts
        .map(|list| (list["name"].as_str().unwrap().to_owned(), list["count"].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_waits_on_its_list_with_a_reason_and_ways_on() {
    let world = World::start().await;
    assert_eq!(world.inquire(enterprise("anna")).await["owner"], "dora");
    let held = world.inquire(enterprise("bert")).await;
    assert_eq!(held["status"], "held");
    let triage = world
        .inquire(json!({"email": "carl@zanzotter.example", "country": "FR", "budget": "20000"}))
        .await;
    assert_eq!(triage["queue"], "triage", "{triage}");
    let qualify = world.inquire(json!({"email": "dirk@zanzotter.example"})).await;
    assert_eq!(qualify["queue"], "qualify", "{qualify}");
    let spam = world.app.post_form(&[("email", "eve@zanzotter.example"), ("_gotcha", "x")]).await;
    assert!(spam.status < 300);
    let unread = world.app.post_form(&[("colour", "green")]).await;
    assert_eq!(unread.status, 422, "{unread:?}");

    let counts = counts(&world).await;
    for name in ["held", "triage", "qualify", "returned", "filtered"] {
        assert_eq!(counts[name], 1, "{counts}");
        let items = list(&world, name).await;
        assert_eq!(items.len(), 1);
        let item = &items[0];
        assert!(item["age_seconds"].is_u64() && item["source"] == "form", "{item}");
        assert!(!item["actions"].as_array().unwrap().is_empty(), "{item}");
    }
    let held_item = &list(&world, "held").await[0];
    assert_eq!(
        (held_item["id"].clone(), held_item["reason"].as_str()),
        (held["lead_id"].clone(), Some("nobody_free_in:capped"))
    );
    assert_eq!(held_item["company"], "Brummelkamp Works");
    assert_eq!(list(&world, "triage").await[0]["reason"], "no_rule");
    assert_eq!(list(&world, "qualify").await[0]["open"], json!(["budget-fits"]));
    assert_eq!(list(&world, "returned").await[0]["reason"], "no_contact");
    assert_eq!(list(&world, "filtered").await[0]["reason"], "trap");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_that_is_offered_exists() {
    let world = World::start().await;
    world.inquire(enterprise("anna")).await;
    world.inquire(enterprise("bert")).await;
    world.inquire(json!({"email": "dirk@zanzotter.example"})).await;
    world.app.post_form(&[("email", "eve@zanzotter.example"), ("_gotcha", "x")]).await;
    world.app.post_form(&[("colour", "green")]).await;
    let mut tried = 0;
    for name in ["held", "qualify", "filtered", "returned"] {
        for item in list(&world, name).await {
            for action in item["actions"].as_array().unwrap() {
                let method =
                    Method::from_bytes(action["method"].as_str().unwrap().as_bytes()).unwrap();
                let path = action["path"].as_str().unwrap();
                // Without a key nothing is done, and an operation that is not there says so.
                let answer = world.app.as_key("", method, path, Some(json!({}))).await;
                assert_eq!(answer.status, 401, "{action}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 14, "{tried}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_the_last_one_ended() {
    let world = World::start().await;
    for number in 0..7 {
        world.inquire(json!({"email": format!("p{number}@zanzotter.example")})).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/acme/worklists/qualify?limit=3".to_owned();
    loop {
        let page = world.app.get(&path).await;
        for item in page.body["items"].as_array().unwrap() {
            seen.push(item["id"].as_str().unwrap().to_owned());
        }
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/acme/worklists/qualify?limit=3&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    let mut unique = seen.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 7);
    for bad in ["limit=0", "limit=201", "before=x", "other=1"] {
        let answer = world.app.get(&format!("/v1/acme/worklists/qualify?{bad}")).await;
        assert_eq!((answer.status, answer.at("/code")), (400, "bad_request"), "{bad}");
    }
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_not_understood_is_read_again_after_the_source_was_mended() {
    let world = World::start().await;
    let body =
        r#"{"Nachricht_an": "fjordlund@zanzotter.example", "budget": "20000", "country": "DE"}"#;
    let url = format!("{}/v1/acme/inquiries/form", world.app.public);
    let headers = [("content-type", "application/json")];
    let answer = world.app.ask(Method::POST, &url, &headers, body.to_owned()).await;
    assert_eq!((answer.status, answer.at("/code")), (422, "no_contact"), "{answer:?}");
    let id = answer.at("/inquiry_id").to_owned();
    let again = world.app.ask(Method::POST, &url, &headers, body.to_owned()).await;
    assert_eq!(again.at("/inquiry_id"), id, "the very same body is counted, not kept twice");
    let item = &list(&world, "returned").await[0];
    assert_eq!((item["id"].as_str(), item["count"].as_u64()), (Some(id.as_str()), Some(2)));

    let kept = world.app.get(&format!("/v1/acme/unreadable/{id}")).await;
    assert_eq!((kept.at("/body"), kept.at("/encoding")), (body, "text"));
    let still = world.app.post(&format!("/v1/acme/unreadable/{id}/reprocess"), json!({})).await;
    assert_eq!((still.status, still.at("/reason")), (422, "no_contact"));

    world.files.write(
        "workspaces/acme/sources/form.yaml",
        "preset: html-form\ncountry: DE\nfields: { contact.email: [nachricht_an] }\n",
    );
    let read = eventually("the mended source", || async {
        let read = world.app.post(&format!("/v1/acme/unreadable/{id}/reprocess"), json!({})).await;
        (read.status == 200).then_some(read)
    })
    .await;
    assert_eq!((read.at("/status"), read.at("/inquiry_id")), ("routed", id.as_str()), "{read:?}");
    assert!(list(&world, "returned").await.is_empty());
    assert_eq!(world.app.get(&format!("/v1/acme/inquiries/{id}")).await.at("/status"), "routed");
    assert_eq!(world.app.get(&format!("/v1/acme/unreadable/{id}")).await.status, 404);
    eventually("the event", || async { (!world.receiver.came("crm").is_empty()).then_some(()) })
        .await;
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_given_up_once() {
    let world = World::start().await;
    let answer = world.app.post_form(&[("colour", "green")]).await;
    let path = format!("/v1/acme/unreadable/{}", answer.at("/inquiry_id"));
    assert_eq!(world.app.delete(&path).await.status, 204);
    assert_eq!(world.app.delete(&path).await.status, 404);
    assert_eq!(counts(&world).await["returned"], 0);
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_filter_caught_is_released_or_removed() {
    let world = World::start().await;
    for name in ["quillfeather", "fjordlund"] {
        let email = format!("{name}@zanzotter.example");
        let pairs =
            [("email", email.as_str()), ("country", "DE"), ("budget", "20000"), ("_gotcha", "x")];
        let answer = world.app.post_form(&pairs).await;
        assert_eq!(answer.at("/status"), "received", "a robot learns nothing");
    }
    let items = list(&world, "filtered").await;
    assert_eq!(items.len(), 2);
    let (first, second) = (items[0]["id"].as_str().unwrap(), items[1]["id"].as_str().unwrap());
    let released = world.app.post(&format!("/v1/acme/filtered/{first}/release"), json!({})).await;
    assert_eq!((released.status, released.at("/status")), (200, "routed"), "{released:?}");
    assert_eq!(released.at("/inquiry_id"), first);
    let again = world.app.post(&format!("/v1/acme/filtered/{first}/release"), json!({})).await;
    assert_eq!((again.status, again.at("/code")), (422, "impossible"));
    let inquiry = world.app.get(&format!("/v1/acme/inquiries/{first}")).await;
    assert_eq!((inquiry.at("/status"), inquiry.at("/lead")), ("routed", released.at("/lead_id")));
    eventually("the event", || async { (!world.receiver.came("crm").is_empty()).then_some(()) })
        .await;

    assert_eq!(world.app.delete(&format!("/v1/acme/filtered/{second}")).await.status, 204);
    assert_eq!(world.app.get(&format!("/v1/acme/inquiries/{second}")).await.status, 404);
    assert_eq!(world.app.delete(&format!("/v1/acme/filtered/{second}")).await.status, 404);
    assert!(list(&world, "filtered").await.is_empty());
    let rows = world.app.get("/v1/acme/find?from=2020-01-01T00:00:00Z").await;
    let facts: Vec<&str> = rows.body["happened"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["fact"].as_str().unwrap())
        .collect();
    assert_eq!(
        facts,
        ["inquiry_decided", "inquiry_decided", "filtered_released", "filtered_discarded"]
    );
    assert_eq!(rows.at("/happened/2/actor"), "harness");
    let released_as_stranger =
        world.app.as_key(KEY, Method::POST, "/v1/acme/filtered/inq_x/release", None).await;
    assert_eq!(released_as_stranger.status, 404);
    world.ends_well().await;
}
