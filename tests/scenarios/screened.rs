//! Spam and abuse: what conditions, widgets and rates keep out is kept where people see it, or told to come again; nobody is
//! turned away because a widget's provider is down.

use std::time::Duration;

use lead_router::capture::{Post, Presets, Source, SourceSettings};
use lead_router::domain::ports::Clock as _;
use serde_json::{Value, json};

use super::stage::{ENGINES, Stage};
use crate::harness::app::Answer;
use crate::harness::receiver::{Receiver, Reply};

const WORKSPACE: &str = r"
zone: Europe/Berlin
alerts: { destination: inbox }
filters:
  - { name: casino, when: { any: [ { field: need.message, contains: casino }, { field: need.message, contains: backlinks } ] } }
  - { name: throw_away, when: { field: contact.email_disposable, is: true }, sources: [form] }
";

/// Posts a form as a stranger's page does.
async fn posted(stage: &Stage, source: &str, pairs: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let url = format!("{}/v1/acme/inquiries/{source}", stage.app.public);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    stage.app.ask(reqwest::Method::POST, &url, &headers, body).await
}

/// Why things stand among the filtered, oldest first.
async fn filtered(stage: &Stage) -> Vec<String> {
    let waiting = stage.waiting("filtered").await;
    waiting.iter().rev().map(|it| it["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_condition_calls_spam_is_kept_counted_and_let_go() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[("workspaces/acme/workspace.yaml", WORKSPACE)]).await;
        let spam = |message: &str| {
            json!({"name": "Ina Quillfeather", "email": "ina@quillfeather.example", "country": "DE",
                   "budget": "20000", "message": message})
        };
        let caught = stage.inquire("form", spam("Best online CASINO bonus")).await;
        assert_eq!(caught["status"], "filtered", "{caught}");
        let thrown = json!({"name": "Oda Zanzotter", "email": "oda@mailinator.com"});
        assert_eq!(stage.inquire("form", thrown).await["status"], "filtered");
        let clean = stage.inquire("form", spam("We need a filling line")).await;
        assert_eq!(clean["status"], "routed", "nothing of the spam is known: {clean}");
        assert_eq!(filtered(&stage).await, ["casino", "throw_away"]);
        // It was none: it goes on, and nothing catches it again.
        let id = caught["inquiry_id"].as_str().unwrap();
        let released = stage.app.post(&format!("/v1/acme/filtered/{id}/release"), json!({})).await;
        assert_eq!((released.status, released.at("/status")), (200, "repeat"), "{released:?}");
        assert_eq!(filtered(&stage).await, ["throw_away"]);
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_too_often_is_told_to_come_again() {
    for engine in ENGINES {
        who_comes_too_often(engine).await;
    }
}

async fn who_comes_too_often(engine: &str) {
    let source = "preset: html-form\nrates: { address_per_minute: 4, person_per_hour: 2 }\n";
    let stage = Stage::set(engine, &[("workspaces/acme/sources/form.yaml", source)]).await;
    let form = |email: &'static str, n: &'static str| [("email", email), ("message", n)];
    let ina = |n| form("Ina@quillfeather.example", n);
    assert_eq!(posted(&stage, "form", &ina("one")).await.status, 202);
    assert_eq!(posted(&stage, "form", &ina("two")).await.status, 202);
    let third = posted(&stage, "form", &ina("three")).await;
    assert_eq!((third.status, third.body["code"].as_str()), (429, Some("limited")), "{third:?}");
    let wait: u64 = third.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=1801).contains(&wait), "{wait}");
    // Somebody else is not concerned, until the address as a whole is.
    assert_eq!(posted(&stage, "form", &form("oda@zanzotter.example", "x")).await.status, 202);
    assert_eq!(posted(&stage, "form", &form("ole@fjordlund.example", "x")).await.status, 429);
    stage.app.clock.pass(Duration::from_mins(31));
    assert_eq!(posted(&stage, "form", &ina("three")).await.status, 202);
    // Whoever has a key is not counted.
    for n in 0..6 {
        stage
            .inquire("form", json!({"email": "ina@quillfeather.example", "message": n.to_string()}))
            .await;
    }
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widget_tells_people_from_robots_and_its_provider_may_be_down() {
    let provider = Receiver::start();
    let source = format!(
        "preset: html-form\nchallenge: {{ provider: turnstile, secret: provider-secret, at: \"{}\" }}\n",
        provider.url("siteverify")
    );
    let stage =
        Stage::set("embedded", &[("workspaces/acme/sources/form.yaml", source.as_str())]).await;
    let said = |body: Value| Reply { body: body.to_string(), ..Reply::status(200) };
    provider.then(
        "siteverify",
        [
            said(json!({"success": true})),
            said(json!({"success": false, "error-codes": ["invalid-input-response"]})),
            Reply::status(500),
        ],
    );
    let mut ids = Vec::new();
    for (n, token) in ["good", "bad", "while-down", ""].into_iter().enumerate() {
        let message = n.to_string();
        let pairs = [
            ("email", "ina@quillfeather.example"),
            ("message", message.as_str()),
            ("cf-turnstile-response", token),
        ];
        let answer = posted(&stage, "form", &pairs).await;
        assert_eq!((answer.status, answer.at("/status")), (202, "received"), "nobody learns of it");
        ids.push(answer.at("/inquiry_id").to_owned());
    }
    assert_eq!(filtered(&stage).await, ["challenge_failed", "challenge_missing"]);
    let asked = provider.came("siteverify");
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[0].body, b"secret=provider-secret&response=good");
    let flags = |id: &String| {
        let path = format!("/v1/acme/inquiries/{id}");
        let stage = &stage;
        async move { stage.app.get(&path).await.body["flags"].clone() }
    };
    assert_eq!(flags(&ids[0]).await, json!([]));
    assert_eq!(flags(&ids[2]).await, json!(["challenge_unverified"]));
    stage.ends_well().await;
}

const SIGNED: &str = r#"
preset: signed-webhook
secrets: [portal-secret]
scheme: { kind: hmac, header: x-portal-signature, part: v1, signed: ["{timestamp}.{body}", "{timestamp}:{body}"], timestamp: { part: t }, tolerance_seconds: 600 }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_that_is_repeated_stays_one_whatever_it_calls_itself() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[("workspaces/acme/sources/portal.yaml", SIGNED)]).await;
        let settings: SourceSettings = serde_saphyr::from_str(SIGNED).unwrap();
        let name = "portal".parse().unwrap();
        let source = Source::compile(&name, &settings, &Presets::shipped().unwrap()).unwrap();
        let body = br#"{"email": "ina@quillfeather.example", "message": "a quote, please"}"#;
        let post = Post { batch: false, content_type: "application/json", body };
        // By a clock that is ahead: it holds for longer than the tolerance.
        let ahead = stage.app.clock.now().after(Duration::from_secs(500));
        let proved = source.prove(post, "", ahead).unwrap();
        let mut ids = Vec::new();
        for key in ["first", "second", "third"] {
            let mut headers: Vec<(&str, &str)> = proved
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            headers.push(("idempotency-key", key));
            let url = format!("{}/v1/acme/inquiries/portal", stage.app.public);
            let body = String::from_utf8(proved.body.clone()).unwrap();
            let answer = stage.app.ask(reqwest::Method::POST, &url, &headers, body).await;
            assert_eq!(answer.status, 202, "{answer:?}");
            ids.push(answer.at("/inquiry_id").to_owned());
            stage.app.clock.pass(Duration::from_mins(8));
        }
        assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
        let metrics = stage.app.get("/metrics").await.text;
        let held =
            metrics.lines().find(|line| line.starts_with("leadrouter_signed_forms_held_total{"));
        assert!(held.is_some_and(|line| line.contains("{timestamp}.{body}")), "{held:?}");
        stage.ends_well().await;
    }
}
