//! Every source says how it is: what came, what could not be read, what was refused and why.

use std::time::Duration;

use lead_router::app::Stopped;
use reqwest::Method;
use serde_json::{Value, json};

use super::World;
use crate::harness::app::{Answer, KEY, Running, eventually};

pub fn good(name: &str) -> Value {
    json!({
        "email": format!("{name}@zanzotter.example"),
        "name": format!("{name} Zanzotter"),
        "country": "DE",
        "budget": "20000",
    })
}

/// Posts JSON to a source as a stranger.
pub async fn stranger(app: &Running, source: &str, body: Value) -> Answer {
    let url = format!("{}/v1/acme/inquiries/{source}", app.public);
    let headers = [("content-type", "application/json")];
    app.ask(Method::POST, &url, &headers, body.to_string()).await
}

async fn source(app: &Running, name: &str) -> Answer {
    app.get(&format!("/v1/acme/sources/{name}")).await
}

async fn some_of_everything(app: &Running) {
    for name in ["anna", "bert"] {
        assert_eq!(app.inquire("form", good(name)).await.status, 202);
    }
    assert!(app.inquire("form", good("anna")).await.body["duplicate"].as_bool().unwrap());
    assert_eq!(app.inquire("form", json!({"budget": "20000"})).await.status, 422);
    for _ in 0..2 {
        let wrong = json!({"lead_id": "w", "google_key": "wrong", "user_column_data": []});
        assert_eq!(stranger(app, "google", wrong).await.status, 401);
    }
    assert_eq!(stranger(app, "googel", json!({})).await.status, 404);
}

async fn tells(world: World) {
    let app = &world.app;
    let new = source(app, "form").await;
    assert_eq!((new.at("/health"), new.at("/in_words")), ("new", "no inquiry yet"), "{new:?}");
    assert_eq!((new.at("/preset"), new.at("/verification")), ("html-form", "none"));
    assert_eq!(new.at("/url"), format!("{}/v1/acme/inquiries/form", app.public));
    assert_eq!(new.body["url_is_public"], false);
    some_of_everything(app).await;

    let form = source(app, "form").await;
    assert_eq!(
        form.body["counts"]["hour"],
        json!({"duplicate": 1, "routed": 2, "unreadable:no_contact": 1}),
        "{form:?}"
    );
    assert_eq!(form.body["counts"]["week"], form.body["counts"]["hour"]);
    assert_eq!((form.at("/latest/inquiry/word"), form.at("/health")), ("routed", "troubled"));
    assert_eq!(form.at("/latest/unreadable/word"), "no_contact");
    assert!(
        form.at("/in_words").contains("33 % unreadable in the last day: `no_contact`"),
        "{form:?}"
    );

    let google = source(app, "google").await;
    assert_eq!(google.body["counts"]["day"], json!({"refused:unauthenticated": 2}));
    let said = google.at("/in_words");
    assert!(
        said.starts_with(
            "no inquiry yet; 2 refused in the last day: key or signature missing or wrong, last "
        ),
        "{said}"
    );
    assert_eq!(google.at("/verification"), "key_in_body");

    let all = app.get("/v1/acme/sources").await;
    let said = health(app);
    for source in all.body["sources"].as_array().unwrap() {
        let (name, state) = (source["name"].as_str().unwrap(), source["health"].as_str().unwrap());
        let line = said.lines().find(|line| line.starts_with(name));
        assert!(line.is_some_and(|line| line.contains(state)), "{name} {state}: {said}");
    }
    assert!(said.contains("2 refused in the last day: key or signature missing"), "{said}");
    assert!(said.contains("1 requests of the last seven days named no source"), "{said}");
    assert_eq!(all.body["sources"].as_array().map(Vec::len), Some(3), "{all:?}");
    assert_eq!(all.body["unknown"]["counts"]["day"], json!({"refused:unknown": 1}));
    assert!(!all.text.contains("anzotter"), "tallies are about nobody");
    assert_eq!(source(app, "nobody").await.status, 404);

    // Asking again counts nothing again; what is old goes out of the counts.
    assert_eq!(source(app, "form").await.body["counts"], form.body["counts"]);
    world.app.clock.pass(Duration::from_hours(3));
    let later = source(app, "form").await;
    assert_eq!(later.body["counts"]["hour"], json!({}), "{later:?}");
    assert_eq!(later.body["counts"]["day"], form.body["counts"]["hour"]);
    assert!(later.at("/in_words").starts_with("last inquiry 3 hours ago"), "{later:?}");
    world.ends().await;
}

/// What `lead-router sources health` prints.
fn health(app: &Running) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lead-router"));
    command
        .args(["sources", "health", "--workspace", "acme", "--url", &app.private, "--key", KEY])
        .env_clear();
    let done = tokio::task::block_in_place(|| command.output().unwrap());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_say_how_they_are_on_the_embedded_store() {
    tells(World::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_say_how_they_are_on_redis() {
    tells(World::redis().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_replica_sees_what_the_others_refused() {
    let world = World::redis().await;
    let other = Running::start(&world.files, world.store.clone(), None).await;
    some_of_everything(&other).await;
    some_of_everything(&world.app).await;
    // Each asks while the other counts: nothing is lost or doubled.
    for _ in 0..3 {
        let (_, _) =
            futures_util::future::join(source(&other, "google"), source(&world.app, "google"))
                .await;
    }
    // A process that stops keeps what it counted.
    let wrong = json!({"lead_id": "w", "google_key": "wrong", "user_column_data": []});
    stranger(&other, "google", wrong).await;
    assert_eq!(other.stop().await, Stopped::Cleanly);
    let google = eventually("all refusals", || async {
        let google = source(&world.app, "google").await;
        (google.body["counts"]["day"]["refused:unauthenticated"] == 5).then_some(google)
    })
    .await;
    assert_eq!(google.body["counts"]["day"], json!({"refused:unauthenticated": 5}));
    let form = source(&world.app, "form").await;
    let counts = &form.body["counts"]["day"];
    // The second replica was sent the same people again: duplicates, each counted where it came.
    assert_eq!((&counts["routed"], &counts["duplicate"]), (&json!(2), &json!(4)), "{form:?}");
    world.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_and_a_disabled_source_say_so() {
    let world = World::embedded().await;
    world.files.write(
        "workspaces/acme/workspace.yaml",
        "zone: Europe/Berlin\nalerts: { destination: inbox, source_silent: { form: 1h } }\n",
    );
    world.files.write(
        "workspaces/acme/sources/google.yaml",
        "preset: google-ads-lead-form\nenabled: false\nsecrets: [google-secret]\n",
    );
    assert_eq!(world.app.inquire("form", good("anna")).await.status, 202);
    let google = eventually("the new configuration", || async {
        let google = source(&world.app, "google").await;
        (google.at("/health") == "disabled").then_some(google)
    })
    .await;
    assert!(google.at("/in_words").starts_with("disabled: "), "{google:?}");
    assert_eq!(stranger(&world.app, "google", json!({})).await.status, 404);
    let google = source(&world.app, "google").await;
    assert_eq!(google.body["counts"]["hour"], json!({"refused:disabled": 1}));
    let form = source(&world.app, "form").await;
    assert_eq!((form.at("/health"), &form.body["may_be_silent_seconds"]), ("well", &json!(3600)));
    world.app.clock.pass(Duration::from_hours(2));
    let form = source(&world.app, "form").await;
    assert_eq!(form.at("/health"), "silent", "{form:?}");
    assert!(
        form.at("/in_words").contains("silent for 2 hours, of which 60 minutes are usual"),
        "{form:?}"
    );
    world.ends().await;
}
