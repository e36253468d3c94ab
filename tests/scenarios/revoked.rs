//! LinkedIn says that somebody deleted what they gave: whoever came by it alone is forgotten, and those who were told are told. It
//! takes a signature; whoever came by other ways too is for people to judge; and it may be told before what it is about.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::stage::{ENGINES, Stage, good};
use crate::harness::app::{Answer, KEY, eventually};
use crate::harness::receiver::{Receiver, Reply};

const SECRET: &str = "client-secret";
const EMAIL: &str = "ina@quillfeather.example";

fn source(vendor: &Receiver) -> String {
    format!(
        "preset: linkedin-lead-gen\nsecrets: [{SECRET}]\nretrieval: {{ token: vendor-token, at: \"http://{}\", with: {{ version: \"202601\" }} }}\n",
        vendor.address
    )
}

/// What the webhook says of a response.
fn action(response: &str, action: &str) -> Value {
    json!({
        "type": "LEAD_ACTION", "leadAction": action, "occurredAt": 1_767_225_600_000_i64,
        "leadGenFormResponse": format!("urn:li:leadGenFormResponse:{response}"),
        "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:33, 1)",
    })
}

/// Posts as LinkedIn does.
async fn signed(stage: &Stage, body: &Value) -> Answer {
    let body = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("hmacsha256={body}").as_bytes());
    let mut digest = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(digest, "{byte:02x}").unwrap();
    }
    let headers = [("content-type", "application/json"), ("x-li-signature", digest.as_str())];
    let url = format!("{}/v1/acme/inquiries/linked", stage.app.public);
    stage.app.ask(reqwest::Method::POST, &url, &headers, body).await
}

/// Where the vendor has the answers of a response.
fn has(vendor: &Receiver, response: &str) {
    let answers = json!([
        {"questionId": 1, "answerDetails": {"textQuestionAnswer": {"answer": EMAIL}}},
        {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": "Ina"}}},
        {"questionId": 3, "answerDetails": {"textQuestionAnswer": {"answer": "Quillfeather"}}},
    ]);
    let given = json!({"id": response, "submittedAt": 1_767_225_600_000_i64, "formResponse": {"answers": answers}});
    let said = |body: Value| Reply { body: body.to_string(), ..Reply::status(200) };
    vendor.always(&format!("rest/leadFormResponses/{response}"), said(given));
    let field = |id: u32, name: &str| json!({"questionId": id, "predefinedField": name});
    let questions = json!([field(1, "EMAIL"), field(2, "FIRST_NAME"), field(3, "LAST_NAME")]);
    vendor.always("rest/leadForms/33", said(json!({"content": {"questions": questions}})));
}

async fn found(stage: &Stage) -> Value {
    let found = stage.app.post("/v1/acme/find", json!({"q": EMAIL})).await;
    found.body["found"].clone()
}

async fn lead_of(stage: &Stage, response: &str) -> Value {
    assert_eq!(signed(stage, &action(response, "CREATED")).await.status, 200);
    eventually("the lead", || async {
        let found = found(stage).await;
        found[0]["lead"].get("id").or_else(|| found[0].get("id")).cloned()
    })
    .await
}

async fn set(engine: &str) -> (Stage, Receiver) {
    let vendor = Receiver::start();
    has(&vendor, "1a2b");
    let source = source(&vendor);
    let stage = Stage::set(engine, &[("workspaces/acme/sources/linked.yaml", &source)]).await;
    (stage, vendor)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_what_they_gave_is_forgotten() {
    for engine in ENGINES {
        let (stage, vendor) = set(engine).await;
        let lead = lead_of(&stage, "1a2b").await;
        stage.told("inbox", "lead.qualifying", &lead).await;
        // Longer ago than events are usually remembered.
        stage.app.clock.pass(Duration::from_hours(24 * 120));
        for again in [false, true] {
            let answer = signed(&stage, &action("1a2b", "DELETED")).await;
            assert_eq!((answer.status, answer.text.as_str()), (200, "{}"), "{again}");
            assert_eq!(found(&stage).await, json!([]), "{engine}");
            let path = format!("/v1/acme/leads/{}", lead.as_str().unwrap());
            assert_eq!(stage.app.get(&path).await.status, 410);
        }
        let told = stage.told("inbox", "lead.erased", &lead).await;
        assert_eq!(told["data"]["lead"], json!({"id": lead}));
        let rows = stage.app.get("/v1/acme/export?limit=100").await.text;
        let erased: Vec<&str> = rows.lines().filter(|row| row.contains("lead_erased")).collect();
        assert_eq!(erased.len(), 1, "{rows}");
        assert!(erased[0].contains("erasure_requested") && erased[0].contains("linked"));
        assert!(stage.waiting("unreadable").await.is_empty());
        // A late retry of what created it brings nobody back.
        assert_eq!(signed(&stage, &action("1a2b", "CREATED")).await.status, 200);
        assert_eq!(stage.waiting("retrieving").await, Vec::<Value>::new());
        assert_eq!(vendor.came("rest/leadFormResponses/1a2b").len(), 1);
        assert_eq!(found(&stage).await, json!([]));
        let metrics = stage.app.get("/metrics").await.text;
        assert!(metrics.contains("status=\"erased\"} 2"), "{metrics}");
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_before_it_comes_is_never_fetched() {
    for engine in ENGINES {
        let (stage, vendor) = set(engine).await;
        assert_eq!(signed(&stage, &action("1a2b", "DELETED")).await.status, 200);
        assert_eq!(signed(&stage, &action("1a2b", "CREATED")).await.status, 200);
        assert_eq!(stage.waiting("retrieving").await, Vec::<Value>::new());
        assert_eq!(vendor.came("rest/leadFormResponses/1a2b").len(), 0);
        // One that is still being fetched goes too.
        vendor.always("rest/leadFormResponses/7f", Reply::status(503));
        assert_eq!(signed(&stage, &action("7f", "CREATED")).await.status, 200);
        assert_eq!(stage.waiting("retrieving").await.len(), 1);
        assert_eq!(signed(&stage, &action("7f", "DELETED")).await.status, 200);
        assert_eq!(stage.waiting("retrieving").await, Vec::<Value>::new());
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_by_other_ways_too_is_for_people_to_judge() {
    for engine in ENGINES {
        let (stage, _vendor) = set(engine).await;
        let lead = lead_of(&stage, "1a2b").await;
        let form = stage.inquire("form", good(EMAIL, "Ina Quillfeather")).await;
        assert_eq!(form["lead_id"], lead, "{form}");
        assert_eq!(signed(&stage, &action("1a2b", "DELETED")).await.status, 200);
        let waiting = stage.waiting("unreadable").await;
        assert_eq!(waiting[0]["reason"], "erasure_requested", "{waiting:?}");
        assert_eq!(stage.lead(&lead).await["inquiries"], 2);
        let id = waiting[0]["id"].as_str().unwrap();
        let read = stage.app.post(&format!("/v1/acme/unreadable/{id}/reprocess"), json!({})).await;
        assert_eq!(read.at("/reason"), "erasure_requested", "{read:?}");
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_signature_erases() {
    for engine in ENGINES {
        let (stage, _vendor) = set(engine).await;
        let lead = lead_of(&stage, "1a2b").await;
        let bearer = format!("Bearer {KEY}");
        let url = format!("{}/v1/acme/inquiries/linked", stage.app.public);
        let wrong = "0".repeat(64);
        for (name, value, status) in
            [("authorization", bearer.as_str(), 422), ("x-li-signature", wrong.as_str(), 401)]
        {
            let headers = [("content-type", "application/json"), (name, value)];
            let body = action("1a2b", "DELETED").to_string();
            let answer = stage.app.ask(reqwest::Method::POST, &url, &headers, body).await;
            assert_eq!(answer.status, status, "{name}: {answer:?}");
        }
        assert_eq!(stage.lead(&lead).await["id"], lead);
        assert_eq!(stage.waiting("returned").await[0]["reason"], "erasure_requested");
        stage.ends_well().await;
    }
}
