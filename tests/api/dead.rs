//! Deliveries that were given up: told apart, counted, looked through, run again in bounded numbers, dropped with a
//! reason, on both engines.

use std::time::Duration;

use lead_router::app::StoreUrl;
use serde_json::{Value, json};

use super::good;
use crate::harness::app::{Files, Running, eventually};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::redis::Server;

/// What ended is shown for two days.
const WORKSPACE: &str = "zone: Europe/Berlin\ncoalesce: 1s\nretention: { deliveries: 2d }\n";

/// Two leads that the CRM could not be told of, one that it refuses, each given up after its second attempt.
struct Scene {
    app: Running,
    receiver: Receiver,
}

impl Scene {
    async fn on(files: &Files, receiver: Receiver, store: StoreUrl) -> Self {
        let app = Running::start(files, store, None).await;
        let scene = Self { app, receiver };
        scene.receiver.always("crm", Reply::status(503));
        for name in ["anna", "bert"] {
            scene.app.inquire("form", good(name)).await;
        }
        scene.until_dead(2).await;
        scene.receiver.always("crm", Reply::status(422));
        scene.app.inquire("form", good("carl")).await;
        scene.until_dead(3).await;
        scene
    }

    async fn until_dead(&self, count: u64) {
        eventually("the last attempt", || async {
            // Retries wait by the clock, and a little longer: jitter.
            self.app.clock.pass(Duration::from_millis(50));
            (self.counts().await["total"] == count).then_some(())
        })
        .await;
    }

    async fn counts(&self) -> Value {
        let counts = self.app.get("/v1/acme/deliveries/dead").await;
        assert_eq!(counts.status, 200, "{counts:?}");
        counts.body
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        let page = self.app.get(&format!("/v1/acme/deliveries?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {page:?}");
        let items = page.body["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn replay(&self, wanted: Value) -> Value {
        let answer = self.app.post("/v1/acme/deliveries/replay", wanted).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }
}

async fn on_each_engine() -> Vec<(Scene, Box<dyn std::any::Any>)> {
    let mut scenes: Vec<(Scene, Box<dyn std::any::Any>)> = Vec::new();
    let (receiver, store) = (Receiver::start(), tempfile::tempdir().unwrap());
    let files = Files::new(&receiver);
    files.write("workspaces/acme/workspace.yaml", WORKSPACE);
    let at = StoreUrl::Embedded(store.path().to_path_buf());
    scenes.push((Scene::on(&files, receiver, at).await, Box::new((files, store))));
    let (receiver, server) = (Receiver::start(), Server::start());
    let files = Files::new(&receiver);
    files.write("workspaces/acme/workspace.yaml", WORKSPACE);
    let at = StoreUrl::Redis(server.url());
    scenes.push((Scene::on(&files, receiver, at).await, Box::new((files, server))));
    scenes
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_told_apart_and_found_by_what_they_have_in_common() {
    for (scene, _keep) in on_each_engine().await {
        let counts = scene.counts().await;
        let of = |at: usize| &counts["destinations"][at];
        assert_eq!(
            (&of(0)["destination"], &of(0)["kind"], &of(0)["count"]),
            (&json!("crm"), &json!("fault"), &json!(2)),
            "{counts}"
        );
        assert_eq!((&of(1)["kind"], &of(1)["count"]), (&json!("refusal"), &json!(1)));
        assert!(of(0)["oldest"].as_str() <= of(0)["newest"].as_str());
        assert_eq!((&counts["total"], &counts["elsewhere"]), (&json!(3), &json!(0)));

        let refused = scene.ids("kind=refusal").await;
        assert_eq!(refused.len(), 1);
        let view = scene.app.get(&format!("/v1/acme/deliveries/{}", refused[0])).await;
        assert_eq!((view.at("/kind"), view.at("/problem")), ("refusal", "http_422"), "{view:?}");
        let planned = view.body["attempts"][0]["next"].as_str();
        assert!(planned > view.body["attempts"][0]["at"].as_str(), "{view:?}");
        assert_eq!(view.body["attempts"][1].get("next"), None, "nothing came after the last");
        let lead = view.at("/lead").to_owned();

        for (query, count) in [
            ("", 3),
            ("destination=crm", 3),
            ("destination=mailer", 0),
            ("destination=crm&kind=fault", 2),
            ("kind=fault", 2),
            ("verdict=retriable", 2),
            ("verdict=refused", 1),
            ("problem=http_503", 2),
            ("problem=timeout", 0),
            ("event_type=lead.routed", 3),
            ("event_type=lead.held", 0),
            ("since=1h", 3),
            ("until=1h", 0),
            ("since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z", 0),
        ] {
            assert_eq!(scene.ids(query).await.len(), count, "{query}");
        }
        assert_eq!(scene.ids(&format!("lead={lead}")).await, refused);
        assert!(scene.ids(&format!("lead={lead}&kind=fault")).await.is_empty());

        // Page by page they are all of them, each once, newest first.
        let whole = scene.ids("").await;
        let (mut paged, mut path) = (Vec::new(), "/v1/acme/deliveries?limit=1".to_owned());
        loop {
            let page = scene.app.get(&path).await;
            paged.push(page.at("/items/0/id").to_owned());
            let Some(next) = page.body["next"].as_str() else { break };
            path = format!("/v1/acme/deliveries?limit=1&before={next}");
        }
        assert_eq!(paged, whole);
        for wrong in
            ["kind=both", "verdict=bad", "since=soon", "lead=1", "state=waiting&kind=fault"]
        {
            let answer = scene.app.get(&format!("/v1/acme/deliveries?{wrong}")).await;
            assert_eq!((answer.status, answer.at("/code")), (400, "bad_request"), "{wrong}");
        }
        let line =
            "leadrouter_dead_letters{workspace=\"acme\",destination=\"crm\",kind=\"fault\"} 2";
        eventually("the gauges", || async {
            let metrics = scene.app.get("/metrics").await.text;
            let both = metrics.contains(line)
                && metrics.contains("leadrouter_dead_letters_oldest_seconds{");
            both.then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_be_sent_and_sends_nothing() {
    for (scene, _keep) in on_each_engine().await {
        let came = scene.receiver.came("crm").len();
        let run = scene.replay(json!({"kind": "fault", "dry_run": true})).await;
        assert_eq!((&run["replayed"], &run["more"]), (&json!([]), &json!(false)), "{run}");
        let said = &run["dry_run"];
        let to = json!([{"destination": "crm", "kind": "fault", "count": 2}]);
        assert_eq!((&said["count"], &said["destinations"]), (&json!(2), &to), "{run}");
        let request = &said["request"];
        assert_eq!(request["method"], "POST");
        assert!(scene.receiver.url("crm").starts_with(request["to"].as_str().unwrap()), "{run}");
        let signature = request["headers"]["webhook-signature"].as_str().unwrap();
        assert!(signature.len() < 20 && signature.ends_with('…'), "{signature}");
        assert_eq!(request["body"]["type"], "lead.routed");
        assert_eq!(request["body"]["data"]["lead"]["contact"]["email"], "•••");
        let text = run.to_string().to_lowercase();
        assert!(!text.contains("zanzotter") && !text.contains("anna"), "{text}");

        let first = said["first"].as_str().unwrap();
        let shown = scene.app.get(&format!("/v1/acme/deliveries/{first}/request")).await;
        assert_eq!(shown.body["request"]["body"], request["body"], "{shown:?}");
        let none = scene.replay(json!({"destination": "mailer", "dry_run": true})).await;
        assert_eq!(none["dry_run"], json!({"count": 0, "destinations": []}));
        assert_eq!(scene.counts().await["total"], 3);
        assert_eq!(scene.receiver.came("crm").len(), came, "nothing was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_replayed_in_bounded_numbers_each_once_however_often_it_is_asked() {
    for (scene, _keep) in on_each_engine().await {
        let events = |came: Vec<crate::harness::receiver::Came>| {
            let ids = came.iter().map(|came| came.header("webhook-id").to_owned());
            ids.collect::<std::collections::BTreeSet<String>>()
        };
        let told = events(scene.receiver.came("crm"));
        scene.app.post("/v1/acme/destinations/crm/pause", json!({})).await;
        let faults = json!({"kind": "fault", "destination": "crm", "limit": 1});
        let first = scene.replay(faults.clone()).await;
        assert_eq!(
            (first["replayed"].as_array().unwrap().len(), &first["more"]),
            (1, &json!(true))
        );
        let mut rest = faults;
        rest["before"] = first["next"].clone();
        let second = scene.replay(rest.clone()).await;
        assert_eq!(second["replayed"].as_array().unwrap().len(), 1, "{second}");
        assert_ne!(first["replayed"], second["replayed"]);
        // The same again, by several at once: there is nothing left to do.
        let again = ["refusal"; 4].map(|kind| scene.replay(json!({"kind": kind})));
        let again = futures_util::future::join_all(again).await;
        let done: Vec<&Value> =
            again.iter().flat_map(|one| one["replayed"].as_array().unwrap()).collect();
        assert_eq!(done.len(), 1, "queued once: {again:?}");
        assert_eq!(scene.replay(rest).await["replayed"], json!([]));
        let crm = scene.app.get("/v1/acme/destinations").await.body["destinations"][0].clone();
        assert_eq!((&crm["name"], &crm["ready"]), (&json!("crm"), &json!(3)), "{crm}");

        scene.receiver.take();
        scene.receiver.always("crm", Reply::status(204));
        scene.app.post("/v1/acme/destinations/crm/resume", json!({})).await;
        eventually("all three", || async { (scene.receiver.came("crm").len() >= 3).then_some(()) })
            .await;
        let came = scene.receiver.came("crm");
        assert_eq!((came.len(), events(came)), (3, told), "once each, under the ids they had");
        assert_eq!(scene.counts().await["total"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_exported_a_line_each_without_anybody_in_them() {
    for (scene, _keep) in on_each_engine().await {
        let export = "/v1/acme/deliveries/export";
        let answer = scene.app.get(export).await;
        assert_eq!(answer.headers["content-type"], "application/x-ndjson");
        let lines: Vec<Value> =
            answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
        assert_eq!(ids, scene.ids("").await);
        assert_eq!(
            (&lines[0]["kind"], &lines[0]["problem"]),
            (&json!("refusal"), &json!("http_422"))
        );
        assert_eq!(lines[1]["attempts"].as_array().unwrap().len(), 2);
        let said = answer.text.to_lowercase();
        assert!(!said.contains("zanzotter") && !said.contains("anna"), "{said}");
        // Gone on with behind any line; narrowed down as a list is.
        let behind = lines[0]["position"].as_str().unwrap();
        let rest = scene.app.get(&format!("{export}?before={behind}&limit=1")).await.text;
        let rest: Vec<&str> = rest.lines().collect();
        assert!(rest.len() == 1 && rest[0].contains(ids[1]), "{rest:?}");
        assert_eq!(scene.app.get(&format!("{export}?kind=fault")).await.text.lines().count(), 2);
        assert_eq!(scene.app.get(&format!("{export}?kind=fault&until=2d")).await.text, "");
        assert_eq!(scene.app.get(&format!("{export}?limit=0")).await.status, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_dropped_without_a_reason_which_stays() {
    for (scene, _keep) in on_each_engine().await {
        let id = scene.ids("kind=refusal").await.remove(0);
        let path = format!("/v1/acme/deliveries/{id}");
        let mute = scene.app.post(&format!("{path}/drop"), json!({})).await;
        assert_eq!((mute.status, mute.at("/code")), (400, "bad_request"), "{mute:?}");
        assert_eq!(scene.ids("kind=refusal").await, std::slice::from_ref(&id));
        let lead = scene.app.get(&path).await.at("/lead").to_owned();
        let reason = json!({"reason": "told-by-phone"});
        let dropped = scene.app.post(&format!("{path}/drop"), reason).await;
        assert_eq!((dropped.status, dropped.at("/state")), (200, "dropped"), "{dropped:?}");
        let lines = scene.app.get("/v1/acme/export").await.text;
        let row = lines.lines().find(|line| line.contains("delivery_dropped")).unwrap();
        let row: Value = serde_json::from_str(row).unwrap();
        assert_eq!(row["data"]["reason"], "told-by-phone");
        assert_eq!(
            (row["data"]["lead"].as_str(), row["data"]["delivery"].as_str()),
            (Some(lead.as_str()), Some(id.as_str()))
        );
        assert_eq!(row["data"]["actor"], "harness");
        assert_eq!(scene.counts().await["total"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_what_ended_is_shown_for_as_long_as_configured() {
    for (scene, _keep) in on_each_engine().await {
        scene.receiver.always("crm", Reply::status(204));
        let lead = scene.app.inquire("form", good("dora")).await.at("/lead_id").to_owned();
        let path = format!("/v1/acme/leads/{lead}");
        let log =
            async || scene.app.get(&path).await.body["deliveries"].as_array().unwrap().clone();
        let sent = eventually("the delivery", || async {
            let sent = log().await;
            (sent[0]["state"] == "delivered").then(|| sent[0].clone())
        })
        .await;
        let attempt = &sent["attempts"][0];
        assert_eq!(
            (&attempt["verdict"], &attempt["http_status"]),
            (&json!("delivered"), &json!(204))
        );
        assert!(attempt["at"].is_string() && attempt["took_ms"].is_u64(), "{sent}");
        let delivery = format!("/v1/acme/deliveries/{}", sent["id"].as_str().unwrap());
        scene.app.clock.pass(Duration::from_hours(47));
        assert_eq!((scene.app.get(&delivery).await.status, log().await.len()), (200, 1));
        scene.app.clock.pass(Duration::from_hours(2));
        assert_eq!((scene.app.get(&delivery).await.status, log().await.len()), (404, 0));
        assert_eq!(scene.counts().await["total"], 3, "what was given up stays");

        let id = scene.ids("kind=refusal").await.remove(0);
        let dropped = format!("/v1/acme/deliveries/{id}");
        scene.app.post(&format!("{dropped}/drop"), json!({"reason": "told-by-phone"})).await;
        scene.app.clock.pass(Duration::from_hours(47));
        assert_eq!(scene.app.get(&dropped).await.at("/state"), "dropped");
        scene.app.clock.pass(Duration::from_hours(2));
        assert_eq!(scene.app.get(&dropped).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_leaves_no_dead_letter_and_no_log() {
    for (scene, _keep) in on_each_engine().await {
        let id = scene.ids("kind=refusal").await.remove(0);
        let path = format!("/v1/acme/deliveries/{id}");
        let lead = scene.app.get(&path).await.at("/lead").to_owned();
        scene.receiver.always("crm", Reply::status(204));
        let asked = json!({"q": lead, "reason": "request"});
        let gone = scene.app.post("/v1/acme/erasures", asked).await;
        assert_eq!(gone.status, 200, "{gone:?}");
        assert_eq!(scene.app.get(&path).await.status, 404);
        assert_eq!(scene.app.post(&format!("{path}/replay"), json!({})).await.status, 404);
        let counts = scene.counts().await;
        assert_eq!(
            (&counts["total"], counts["destinations"].as_array().unwrap().len()),
            (&json!(2), 1)
        );
        assert!(!scene.app.get("/v1/acme/deliveries/export").await.text.contains(&lead));
        let others = scene.replay(json!({})).await;
        assert_eq!(others["replayed"].as_array().unwrap().len(), 2, "{others}");
    }
}
