//! Vendors that post a reference in the data's place: it is taken at once, fetched by a job, and becomes the inquiry of the
//! id that was answered. What cannot be had is kept where people see it, with the reason. The vendor's API is a real server.

use std::process::Command;

use serde_json::{Value, json};

use super::stage::{ENGINES, Stage};
use crate::harness::app::{KEY, eventually};
use crate::harness::receiver::{Receiver, Reply};

/// Where the API of the played vendor has the lead of a number.
fn lead_path(id: u64) -> String {
    format!("v25.0/{id}")
}

pub(super) fn said(status: u16, body: &Value) -> Reply {
    Reply { body: body.to_string(), ..Reply::status(status) }
}

/// A lead as the Graph API gives it.
pub(super) fn lead(id: u64, name: &str, email: &str) -> Value {
    json!({
        "id": id.to_string(),
        "created_time": "2026-01-01T00:00:00+0000",
        "ad_id": "77",
        "field_data": [
            {"name": "full_name", "values": [name]},
            {"name": "email", "values": [email]},
            {"name": "country", "values": ["DE"]},
            {"name": "budget", "values": ["20000"]},
        ],
    })
}

/// What the webhook posts about it.
fn posted(id: u64) -> Value {
    let value =
        json!({"leadgen_id": id, "page_id": 11, "form_id": 22, "created_time": 1_767_225_600});
    let changes = json!([{"field": "leadgen", "value": value}]);
    json!({"object": "page", "entry": [{"id": 11, "time": 1_767_225_600, "changes": changes}]})
}

fn sources(vendor: &Receiver) -> [(&'static str, String); 2] {
    let at = format!("http://{}", vendor.address);
    let token = "vendor-token";
    [
        (
            "workspaces/acme/sources/ads.yaml",
            format!(
                "preset: meta-lead-ads\nsecrets: [app-secret]\nretrieval: {{ token: {token}, at: \"{at}\", with: {{ form: \"22\" }} }}\n"
            ),
        ),
        (
            "workspaces/acme/sources/linked.yaml",
            format!(
                "preset: linkedin-lead-gen\nsecrets: [client-secret]\nretrieval: {{ token: {token}, at: \"{at}\", with: {{ version: \"202601\" }} }}\n"
            ),
        ),
    ]
}

async fn set(engine: &str, vendor: &Receiver) -> Stage {
    let files = sources(vendor);
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    Stage::set(engine, &files).await
}

/// What the command prints.
async fn backfill_by_command(stage: &Stage) -> String {
    let url = stage.app.private.clone();
    let typed = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lead-router"));
        let line = "backfill ads --workspace acme --since 2026-01-01 --key";
        command.args(line.split_whitespace()).args([KEY, "--url", &url]).env_clear();
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    });
    typed.await.unwrap()
}

/// The inquiry of that id, once it is there.
pub(super) async fn decided(stage: &Stage, id: &str) -> Value {
    eventually("the inquiry", || async {
        let answer = stage.app.get(&format!("/v1/acme/inquiries/{id}")).await;
        (answer.status == 200).then_some(answer.body)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_becomes_the_inquiry_that_was_promised() {
    for engine in ENGINES {
        let vendor = Receiver::start();
        let stage = set(engine, &vendor).await;
        let body = said(200, &lead(71, "Ina Quillfeather", "ina@quillfeather.example"));
        vendor.always(&lead_path(71), body);
        let answer = stage.inquire("ads", posted(71)).await;
        assert_eq!(answer["status"], "retrieving", "{answer}");
        let id = answer["inquiry_id"].as_str().unwrap().to_owned();
        let inquiry = decided(&stage, &id).await;
        assert_eq!(inquiry["status"], "routed", "{inquiry}");
        stage.told("crm", "lead.routed", &inquiry["lead"]).await;
        let asked = vendor.came(&lead_path(71));
        assert_eq!(asked.len(), 1);
        assert!(asked[0].query.contains("access_token=vendor-token"));
        // The same again, and the lead itself from a connector: nothing new.
        for again in [posted(71), lead(71, "Ina Quillfeather", "ina@quillfeather.example")] {
            let again = stage.inquire("ads", again).await;
            assert_eq!(
                (&again["inquiry_id"], &again["duplicate"]),
                (&answer["inquiry_id"], &json!(true))
            );
        }
        assert_eq!(vendor.came(&lead_path(71)).len(), 1);
        assert_eq!(stage.waiting("retrieving").await, Vec::<Value>::new());
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_token_is_told_and_nothing_is_lost() {
    for engine in ENGINES {
        let vendor = Receiver::start();
        let stage = set(engine, &vendor).await;
        let broken = json!({"error": {"type": "OAuthException", "code": 190}});
        vendor.always(&lead_path(72), said(400, &broken));
        let answer = stage.inquire("ads", posted(72)).await;
        let id = answer["inquiry_id"].as_str().unwrap().to_owned();
        let alert = eventually("the alert", || async {
            let came = stage.receiver.came("inbox").into_iter().map(|came| came.json());
            came.into_iter().find(|body| body["type"] == "alert.credentials_broken")
        })
        .await;
        assert_eq!(
            (&alert["data"]["source"], &alert["data"]["http_status"]),
            (&json!("ads"), &json!(400))
        );
        let waiting = stage.waiting("retrieving").await;
        assert_eq!(waiting.len(), 1);
        assert_eq!((&waiting[0]["id"], &waiting[0]["source"]), (&json!(id), &json!("ads")));
        eventually("what keeps it", || async {
            (stage.waiting("retrieving").await[0]["reason"] == "credentials").then_some(())
        })
        .await;
        let found = stage.app.get(&format!("/v1/acme/find?q={id}")).await;
        assert!(
            found.text.contains("its data are being fetched from the vendor"),
            "{}",
            found.text
        );
        // Its retry is answered the same.
        let again = stage.inquire("ads", posted(72)).await;
        assert_eq!((&again["inquiry_id"], &again["status"]), (&json!(id), &json!("retrieving")));
        // Mended: a person need not wait until it is tried by itself.
        let body = said(200, &lead(72, "Oda Zanzotter", "oda@zanzotter.example"));
        vendor.always(&lead_path(72), body);
        let taken = stage.app.post(&format!("/v1/acme/unreadable/{id}/reprocess"), json!({})).await;
        assert_eq!((taken.status, taken.at("/status")), (200, "retrieving"), "{taken:?}");
        assert_eq!(decided(&stage, &id).await["status"], "routed");
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_mended_later_is_tried_by_itself() {
    let vendor = Receiver::start();
    let stage = set("embedded", &vendor).await;
    vendor.then(&lead_path(73), [Reply::status(401), Reply::status(503), Reply::status(429)]);
    let body = said(200, &lead(73, "Ina Quillfeather", "ina@quillfeather.example"));
    vendor.always(&lead_path(73), body);
    let answer = stage.inquire("ads", posted(73)).await;
    // Each try is followed by a wait of some minutes.
    eventually("the fourth try", || async {
        stage.app.clock.pass(std::time::Duration::from_mins(1));
        (vendor.came(&lead_path(73)).len() >= 4).then_some(())
    })
    .await;
    let inquiry = decided(&stage, answer["inquiry_id"].as_str().unwrap()).await;
    assert_eq!(inquiry["status"], "routed");
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_or_read_is_kept_with_the_reason() {
    for engine in ENGINES {
        let vendor = Receiver::start();
        let stage = set(engine, &vendor).await;
        vendor.always(&lead_path(74), Reply::status(404));
        vendor.always(&lead_path(75), Reply { body: "sorry".into(), ..Reply::status(200) });
        vendor.always(&lead_path(76), said(200, &json!({"id": "76", "field_data": []})));
        for (id, reason) in [(74, "retrieval_gone"), (75, "bad_json"), (76, "no_contact")] {
            let answer = stage.inquire("ads", posted(id)).await;
            let found = eventually(reason, || async {
                let waiting = stage.waiting("unreadable").await;
                waiting.into_iter().find(|it| it["id"] == answer["inquiry_id"])
            })
            .await;
            assert_eq!(found["reason"], reason);
        }
        // It was there after all: a person has it fetched again.
        vendor
            .always(&lead_path(74), said(200, &lead(74, "Oda Zanzotter", "oda@zanzotter.example")));
        let gone = stage.waiting("unreadable").await;
        let gone = gone.iter().find(|it| it["reason"] == "retrieval_gone").unwrap()["id"].clone();
        let id = gone.as_str().unwrap();
        stage.app.post(&format!("/v1/acme/unreadable/{id}/reprocess"), json!({})).await;
        assert_eq!(decided(&stage, id).await["status"], "routed");
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_two_requests_are_laid_together() {
    let vendor = Receiver::start();
    let stage = set("embedded", &vendor).await;
    let answers = json!([
        {"questionId": 1, "answerDetails": {"textQuestionAnswer": {"answer": "ina@quillfeather.example"}}},
        {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": "Ina"}}},
    ]);
    let response = json!({"id": "1a2b", "submittedAt": 1_767_225_600_000_i64, "formResponse": {"answers": answers}});
    let questions = json!([{"questionId": 1, "predefinedField": "EMAIL"}, {"questionId": 2, "predefinedField": "FIRST_NAME"}]);
    vendor.always("rest/leadFormResponses/1a2b", said(200, &response));
    vendor.always("rest/leadForms/33", said(200, &json!({"content": {"questions": questions}})));
    let webhook = json!({
        "type": "LEAD_ACTION", "leadAction": "CREATED", "occurredAt": 1_767_225_600_000_i64,
        "leadGenFormResponse": "urn:li:leadGenFormResponse:1a2b",
        "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:33, 1)",
    });
    let answer = stage.inquire("linked", webhook).await;
    let inquiry = decided(&stage, answer["inquiry_id"].as_str().unwrap()).await;
    assert_eq!(inquiry["contact"]["email"]["value"], "ina@quillfeather.example", "{inquiry}");
    assert_eq!(vendor.came("rest/leadForms/33")[0].header("linkedin-version"), "202601");
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_webhook_missed_is_pulled_once() {
    for engine in ENGINES {
        let vendor = Receiver::start();
        let stage = set(engine, &vendor).await;
        let ina = lead(81, "Ina Quillfeather", "ina@quillfeather.example");
        vendor.always(&lead_path(81), said(200, &ina));
        let first = stage.inquire("ads", posted(81)).await;
        decided(&stage, first["inquiry_id"].as_str().unwrap()).await;
        let more = json!({"cursors": {"after": "c1"}, "next": "https://graph.facebook.com/next"});
        let pages = || {
            let oda = lead(82, "Oda Zanzotter", "oda@zanzotter.example");
            let ole = lead(83, "Ole Fjordlund", "ole@fjordlund.example");
            [
                said(200, &json!({"data": [ina, oda], "paging": more})),
                said(200, &json!({"data": [ole], "paging": {"cursors": {"after": "c2"}}})),
            ]
        };
        for (round, taken) in [[1, 1], [0, 0]].iter().enumerate() {
            vendor.then("v25.0/22/leads", pages());
            let mut asking = json!({"since": "2026-01-01"});
            let mut sums = Vec::new();
            loop {
                let page = stage.app.post("/v1/acme/sources/ads/backfill", asking).await;
                assert_eq!(page.status, 200, "{page:?}");
                sums.push(page.body["taken"].as_u64().unwrap());
                let Some(next) = page.body["next"].as_str() else { break };
                asking =
                    json!({"since": page.body["since"], "until": page.body["until"], "page": next});
            }
            assert_eq!(sums, taken, "round {round}");
        }
        let asked = vendor.came("v25.0/22/leads");
        assert!(asked[1].query.contains("after=c1") && !asked[0].query.contains("after="));
        // By the command, which walks all pages itself.
        vendor.then("v25.0/22/leads", pages());
        let printed = backfill_by_command(&stage).await;
        assert_eq!(printed, "2 found, 0 taken, 2 known\n3 found, 0 taken, 3 known\ndone\n");
        // A vendor that wants to be left alone is left alone; one whose token is broken is told of.
        let alone = Reply { headers: vec![("retry-after", "7".into())], ..Reply::status(429) };
        vendor.then("v25.0/22/leads", [alone, Reply::status(401)]);
        let since = json!({"since": "2h"});
        let waits = stage.app.post("/v1/acme/sources/ads/backfill", since.clone()).await;
        assert_eq!(waits.body["wait_seconds"], 7);
        let broken = stage.app.post("/v1/acme/sources/ads/backfill", since).await;
        assert!(
            broken.status == 422 && broken.text.contains("does not take the token"),
            "{broken:?}"
        );
        stage.ends_well().await;
    }
}
