//! What vendors do: ask whether the address is right, send several inquiries at once, send again.

use std::time::{Duration, Instant};

use lead_router::app::StoreUrl;
use reqwest::Method;
use serde_json::{Value, json};

use super::World;
use crate::harness::app::{Files, Running};
use crate::harness::receiver::Receiver;
use crate::harness::redis::Server;

const LINKEDIN: &str =
    "preset: linkedin-lead-gen\nsecrets: [a-client-secret]\nrates: { address_per_minute: 1 }\n";
/// The HMAC-SHA-256 of `abc-123` under `a-client-secret`, as Python's `hmac` says it.
const ANSWERED: &str = "87cd58d7922f3765208defaa7f03b3f8b3dfb566008fb1620722faf0e64ea85d";

/// LinkedIn waits three seconds and asks again every two hours: no outage of ours may fail it.
#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_is_answered_while_the_store_is_away() {
    let (mut server, receiver) = (Server::start(), Receiver::start());
    let files = Files::new(&receiver);
    files.write("workspaces/acme/sources/linkedin.yaml", LINKEDIN);
    let app = Running::start(&files, StoreUrl::Redis(server.url()), None).await;
    server.kill();
    let url = format!("{}/v1/acme/inquiries/linkedin?challengeCode=abc-123", app.public);
    let began = Instant::now();
    assert_eq!(app.ask(Method::GET, &url, &[], String::new()).await.status, 200);
    let answer = app.ask(Method::GET, &url, &[], String::new()).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!((answer.status, answer.at("/challengeResponse")), (200, ANSWERED), "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/json");
    let none = format!("{}/v1/acme/inquiries/linkedin", app.public);
    assert_eq!(app.ask(Method::GET, &none, &[], String::new()).await.status, 401);
    let form = format!("{}/v1/acme/inquiries/form", app.public);
    assert_eq!(app.ask(Method::GET, &form, &[], String::new()).await.status, 400);
    server.spawn_again();
    app.stop().await;
}

/// One delivery, three inquiries: two leads, and one that nobody can be reached by, kept for itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_of_several_inquiries_is_taken_one_by_one_and_once() {
    let receiver = Receiver::start();
    let files = Files::new(&receiver);
    let hook = "preset: catch-hook\nsecrets: [a-hook-secret]\n";
    files.write("workspaces/acme/sources/hook.yaml", hook);
    let store = tempfile::tempdir().unwrap();
    let app = Running::embedded(&files, store.path()).await;
    let world = World { receiver, files, store, app };
    let body = json!([
        {"email": "ann@zanzotter.example", "name": "Ann Zanzotter"},
        {"email": "bo@brummelkamp.example", "name": "Bo Brummelkamp"},
        {"colour": "green"},
    ]);
    let url = format!("{}/v1/acme/inquiries/hook/a-hook-secret", world.app.public);
    let headers = [("content-type", "application/json")];
    let send = || world.app.ask(Method::POST, &url, &headers, body.to_string());
    let first = send().await;
    assert_eq!((first.status, first.at("/status")), (202, "received"), "{first:?}");
    let again = send().await;
    assert_eq!(again.body["inquiry_id"], first.body["inquiry_id"]);
    let kept = world.app.get("/v1/acme/worklists/unreadable").await;
    let kept = kept.body["items"].as_array().map_or(0, Vec::len);
    assert_eq!(kept, 1, "the same body again is counted, not kept again");
    let seen = world.app.get("/v1/acme/sources").await;
    let sources = seen.body["sources"].as_array().unwrap().iter();
    let hook: Vec<&Value> = sources.filter(|source| source["name"] == "hook").collect();
    assert_eq!(hook[0]["verification"], "key", "{:?}", hook[0]);
    world.ends_well().await;
}
