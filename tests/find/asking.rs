//! One question, one answer: by whatever is known of somebody, within what was kept aside, and when there
//! is nothing.

use std::time::Duration;

use lead_router::app::StoreUrl;
use serde_json::{Value, json};

use super::World;
use super::sources::{good, stranger};
use crate::harness::app::{Answer, Files, Running, eventually};
use crate::harness::receiver::Receiver;

async fn ask(app: &Running, what: &str) -> Answer {
    let answer = app.post("/v1/acme/find", json!({"q": what})).await;
    assert_eq!(answer.status, 200, "{what}: {answer:?}");
    answer
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn said(answer: &Answer) -> String {
    list(&answer.body["in_words"]).iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

async fn by_whatever_is_known(world: World) {
    let app = &world.app;
    let mut inquiry = good("anna");
    inquiry["phone"] = "030 23125 111".into();
    inquiry["customer_id"] = "K-4711".into();
    let answer = app.inquire("form", inquiry).await;
    let request = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    let (id, lead) = (answer.at("/inquiry_id").to_owned(), answer.at("/lead_id").to_owned());
    let found = eventually("the delivery", || async {
        let found = ask(app, &lead).await;
        said(&found).contains("delivered to crm").then_some(found)
    })
    .await;
    let words = said(&found);
    assert!(
        words.starts_with(&format!("{lead}: routed, stage lead, queue sales, with ada; 1 inquiry")),
        "{words}"
    );
    assert!(words.contains(&format!("{id} from form at ")), "{words}");
    assert!(words.contains(" after receipt"), "{words}");
    assert!(!words.contains("anzotter"), "the answer in words is about nobody: {words}");
    assert_eq!((found.at("/found/0/name"), found.at("/understood_as")), ("anna Zanzotter", "lead"));
    let delivery = found.at("/found/0/deliveries/0/id");
    let event = found.at("/found/0/deliveries/0/event");
    let attempt = found.at("/found/0/deliveries/0/attempts/0/id");
    assert_eq!(event, world.receiver.came("crm")[0].header("webhook-id"));

    let bare = lead.trim_start_matches("lead_").to_owned();
    for (what, kind, at) in [
        ("Anna@Zanzotter.example", "lead", &*lead),
        ("+49 (30) 23125-111", "lead", &*lead),
        ("0049 30 23125111", "lead", &*lead),
        ("030/23125.111", "lead", &*lead),
        ("K-4711", "lead", &*lead),
        (&bare, "lead", &*lead),
        (&id, "inquiry", &*id),
        (delivery, "delivery", delivery),
        (event, "delivery", delivery),
        (attempt, "delivery", delivery),
    ] {
        let found = ask(app, what).await;
        assert_eq!(
            (found.at("/found/0/kind"), found.at("/found/0/id")),
            (kind, at),
            "{what}: {found:?}"
        );
        assert_eq!(found.body["try_next"], json!([]), "{what}");
    }
    // The event goes to the inquiry too; a request's id says when it came.
    assert_eq!(ask(app, event).await.at("/found/1/id"), id);
    let around = ask(app, &request).await;
    assert_eq!(around.at("/happened/0/inquiry"), id, "{around:?}");

    // The sender's own id of the event, and the original of a duplicate.
    let sent = json!({"lead_id": "g-77", "google_key": "google-secret",
        "user_column_data": [{"column_id": "EMAIL", "string_value": "bert@zanzotter.example"}]});
    stranger(app, "google", sent.clone()).await;
    stranger(app, "google", sent).await;
    let found = ask(app, "g-77").await;
    assert_eq!(
        (found.at("/found/0/kind"), found.at("/found/0/source")),
        ("inquiry", "google"),
        "{found:?}"
    );
    world.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_found_by_whatever_is_known_on_the_embedded_store() {
    by_whatever_is_known(World::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_found_by_whatever_is_known_on_redis() {
    by_whatever_is_known(World::redis().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_aside_is_looked_through() {
    let world = World::embedded().await;
    let app = &world.app;
    // Nobody to reach by what the preset knows; an address in a field it does not.
    let unread =
        json!({"kontaktadresse": "Rosa@Fjordlund.example", "rufen_sie": "(030) 23125-222"});
    assert_eq!(app.inquire("form", unread).await.status, 422);
    app.post_form(&[("email", "eve@fjordlund.example"), ("budget", "1"), ("_gotcha", "x")]).await;
    let test = json!({"lead_id": "t", "is_test": true, "google_key": "google-secret",
        "user_column_data": [{"column_id": "EMAIL", "string_value": "tim@fjordlund.example"}]});
    stranger(app, "google", test).await;
    for (what, kind, status) in [
        ("rosa@fjordlund.example", "body", ""),
        ("+49 30 23125222", "body", ""),
        ("eve@fjordlund.example", "inquiry", "filtered"),
        ("tim@fjordlund.example", "inquiry", "test"),
    ] {
        let found = ask(app, what).await;
        assert_eq!(
            (found.at("/found/0/kind"), found.at("/found/0/status")),
            (kind, status),
            "{what}: {found:?}"
        );
        assert_eq!(list(&found.body["found"]).len(), 1, "{what}: {found:?}");
        let looked = list(&found.body["looked_in"]);
        let places: Vec<&str> = looked.iter().filter_map(|place| place["place"].as_str()).collect();
        assert_eq!(places, ["index", "filtered", "tests", "unreadable", "retrieving", "returned"]);
    }
    let rosa = ask(app, "rosa@fjordlund.example").await;
    assert!(
        said(&rosa).contains("returned to its sender, who can correct it: `no_contact`"),
        "{rosa:?}"
    );
    // Of another source, or before it came: nothing.
    for more in [json!({"source": "google"}), json!({"from": "2020-01-01", "to": "2020-01-02"})] {
        let mut asking = json!({"q": "eve@fjordlund.example"});
        asking.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let found = app.post("/v1/acme/find", asking).await;
        assert_eq!(found.body["found"], json!([]), "{more}");
    }
    world.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_there_is_nothing_it_says_where_it_looked_and_what_was_refused() {
    let world = World::redis().await;
    let app = &world.app;
    let wrong = json!({"lead_id": "w", "google_key": "wrong", "user_column_data": []});
    for _ in 0..3 {
        stranger(app, "google", wrong.clone()).await;
    }
    stranger(app, "gogle", wrong).await;
    let nobody = ask(app, "nobody@fjordlund.example").await;
    let words = said(&nobody);
    assert!(words.starts_with("nothing is known under that e-mail address\nlooked in the index of all leads, the newest 0 of 0 on the worklist `filtered`"), "{words}");
    assert!(
        words.contains("google refused 3 in that time: key or signature missing or wrong, last "),
        "{words}"
    );
    assert!(
        words.contains("(unknown) refused 1 in that time: it names no configured source"),
        "{words}"
    );
    let google = list(&nobody.body["refused"]).into_iter().find(|one| one["source"] == "google");
    let google = google.unwrap();
    assert_eq!((&google["count"], &google["reason"]), (&json!(3), &json!("unauthenticated")));
    let next = nobody.body["try_next"].to_string();
    assert!(
        next.contains("compare the key or signing secret at the vendor")
            && next.contains("find 14:30"),
        "{next}"
    );
    assert!(
        !nobody.text.contains("jordlund"),
        "the answer repeats what was asked: {}",
        nobody.text
    );

    // By time: what happened then, and what was refused then.
    app.inquire("form", good("anna")).await;
    for what in ["today", "2h", "form"] {
        let found = ask(app, what).await;
        assert_eq!(
            (found.at("/happened/0/status"), found.at("/happened/0/source")),
            ("routed", "form"),
            "{what}: {found:?}"
        );
    }
    let form = said(&ask(app, "form").await);
    assert!(
        form.starts_with("form: last inquiry ")
            && form.contains("form is posted to at /v1/acme/inquiries/form"),
        "{form}"
    );
    assert!(said(&ask(app, "1h").await).contains("google refused 3 in that time"));
    let before = ask(app, "2020-01-01").await;
    assert_eq!((&before.body["happened"], &before.body["refused"]), (&json!([]), &json!([])));
    let by_get = app.get("/v1/acme/find?from=yesterday&source=form").await;
    assert_eq!(by_get.at("/happened/0/source"), "form", "{by_get:?}");
    world.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_say_how_they_stand() {
    let world = World::embedded().await;
    let app = &world.app;
    let count = |answer: &Answer| list(&answer.body["items"]).len();
    let standing = |state: &str| format!("/v1/acme/deliveries?state={state}");
    app.inquire("form", good("anna")).await;
    eventually("a delivery", || async {
        (count(&app.get(&standing("delivered")).await) == 1).then_some(())
    })
    .await;

    // A destination that answers 503, and a schedule that waits.
    world.receiver.always("crm", crate::harness::receiver::Reply::status(503));
    let path = "workspaces/acme/destinations/crm.yaml";
    let crm = std::fs::read_to_string(world.files.0.path().join(path)).unwrap();
    let before = app.get("/v1/configuration").await.at("/hash").to_owned();
    world.files.write(path, &crm.replace("retry: [0s, 100ms]", "retry: [0s, 1h]"));
    eventually("the new schedule", || async {
        (app.get("/v1/configuration").await.at("/hash") != before).then_some(())
    })
    .await;
    let bert = app.inquire("form", good("bert")).await;
    let lead = bert.at("/lead_id").to_owned();
    let waits = eventually("the first attempt", || async {
        let found = ask(app, &lead).await;
        said(&found).contains("waits: answered 503 at attempt 1, next at ").then_some(found)
    })
    .await;
    let delivery = waits.at("/found/0/deliveries/0/id").to_owned();
    let waiting = app.get(&standing("waiting")).await;
    assert_eq!(
        (waiting.at("/items/0/id"), &waiting.body["of"]),
        (&*delivery, &json!(1)),
        "{waiting:?}"
    );
    assert!(!waiting.at("/items/0/due").is_empty());
    for (query, expected) in [
        ("waiting&destination=mailer", 0),
        ("waiting&since=2100-01-01T00:00:00Z", 0),
        ("leased", 0),
        ("paused", 0),
        ("dead", 0),
        ("delivered&destination=crm", 1),
        ("delivered&since=2100-01-01T00:00:00Z", 0),
    ] {
        let answer = app.get(&standing(query)).await;
        assert_eq!((answer.status, count(&answer)), (200, expected), "{query}: {answer:?}");
    }
    for bad in ["other", "waiting&before=2026-01-01T00:00:00Z", "waiting&since=soon"] {
        assert_eq!(app.get(&standing(bad)).await.status, 400, "{bad}");
    }

    app.post("/v1/acme/destinations/crm/pause", json!({})).await;
    assert_eq!(app.get(&standing("paused")).await.at("/items/0/id"), delivery);
    assert!(said(&ask(app, &delivery).await).contains("waits: crm is paused (operator)"));
    app.post("/v1/acme/destinations/crm/resume", json!({})).await;

    app.clock.pass(Duration::from_hours(2));
    let dead = eventually("the end of the schedule", || async {
        let found = ask(app, &delivery).await;
        said(&found).contains(" is dead since ").then_some(found)
    })
    .await;
    let words = said(&dead);
    assert!(words.contains("after 2 attempts; the last attempt: answered 503; replay it with `lead-router deliveries replay dlv_"), "{words}");
    assert_eq!(app.get(&standing("dead")).await.at("/items/0/id"), delivery);
    world.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_answers_in_sentences() {
    let (receiver, folder) = (Receiver::start(), tempfile::tempdir().unwrap());
    let (files, runtime) = (Files::new(&receiver), folder.path().join("runtime.json"));
    let store = StoreUrl::Embedded(folder.path().join("store"));
    let app = Running::start(&files, store, Some(&runtime)).await;
    let answer = app.inquire("form", good("anna")).await;
    let lead = answer.at("/lead_id").to_owned();
    let run = |line: &'static str| {
        let runtime = runtime.clone();
        tokio::task::spawn_blocking(move || {
            let done = std::process::Command::new(env!("CARGO_BIN_EXE_lead-router"))
                .args(line.split_whitespace())
                .env_clear()
                .env("LEAD_ROUTER_RUNTIME_FILE", runtime)
                .output()
                .unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (done.status.success(), text(&done.stdout), text(&done.stderr))
        })
    };
    let found = eventually("the delivery", || async {
        let (well, out, complained) = run("find anna@zanzotter.example").await.unwrap();
        assert!(well, "{complained}");
        out.contains("delivered to crm").then_some(out)
    })
    .await;
    let mut lines = found.lines();
    assert_eq!(lines.next(), Some("lead anna Zanzotter"), "{found}");
    assert!(lines.next().unwrap().starts_with(&format!("  {lead}: routed")), "{found}");
    let (_, json, _) = run("find anna@zanzotter.example --format json").await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["understood_as"], &json["found"][0]["id"]), (&json!("email"), &json!(lead)));
    let (_, nobody, _) = run("find nobody@zanzotter.example").await.unwrap();
    assert!(nobody.starts_with("nothing is known under that e-mail address\n"), "{nobody}");
    assert!(nobody.contains("\ntry: ") && !nobody.contains('@'), "{nobody}");
    let (_, today, _) = run("find --from today --source form").await.unwrap();
    assert!(today.contains("inquiry_decided") && today.contains("routed"), "{today}");
    let (well, _, complained) = run("find --from soon").await.unwrap();
    assert!(!well && complained.contains("no time as it is read here"), "{complained}");
    let (_, waiting, _) = run("deliveries list --state delivered").await.unwrap();
    assert!(waiting.contains("delivered  crm"), "{waiting}");
    app.stop().await;
}
