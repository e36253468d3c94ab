//! First-level qualification by people: questions that are open, answers by API and by disposition, what they lead to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use lead_router::http::keys::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::scene::{BANT, Scene, on_both};
use crate::harness::app::{Answer, eventually, key_for};

/// Promising, but neither budget nor timeline is known: 45 points.
async fn asked(scene: &Scene, email: &str) -> Value {
    let fields = json!({
        "contact.email": email,
        "contact.full_name": "Ida Brummelkamp",
        "contact.country": "DE",
        "contact.title": "VP Operations",
        "need.need": "replace a system",
    });
    let answer = scene.inquire(fields).await;
    assert_eq!(
        (answer["queue"].as_str(), answer["stage"].as_str()),
        (Some("qualify"), Some("inquiry"))
    );
    answer
}

async fn answers(scene: &Scene, lead: &Value, body: Value) -> Answer {
    let id = lead["lead_id"].as_str().unwrap();
    scene.app.post(&format!("/v1/acme/leads/{id}/answers"), body).await
}

async fn said_back(scene: &Scene, key: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let bearer = format!("Bearer {key}");
    let mut all = vec![("content-type", "application/json")];
    if !key.is_empty() {
        all.push(("authorization", bearer.as_str()));
    }
    all.extend(headers);
    let url = format!("{}/v1/acme/dispositions", scene.app.public);
    scene.app.ask(Method::POST, &url, &all, body.to_string()).await
}

/// As the specification of Standard Webhooks has it.
fn signed_with(secret: &str, id: &str, stamp: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{stamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_the_questions_and_answers_make_it_a_lead() {
    on_both(BANT, async |scene| {
        let lead = asked(&scene, "ida@brummelkamp.example").await;
        let list = scene.app.get("/v1/acme/worklists/qualify").await;
        assert_eq!(list.body["items"][0]["open"], json!(["has-budget", "soon"]), "{list:?}");
        let shown = scene.lead(&lead).await;
        let open = &shown.body["qualification"]["open"];
        assert_eq!(open[1]["question"], "When is it to run?");
        assert_eq!(open[1]["fields"][0]["field"], "need.timeline");
        assert_eq!(open[1]["fields"][0]["known"], json!(["now", "1-3 months", "later"]));

        // One known-no and a note: still not enough, and still to be asked.
        let body = json!({"criteria": {"soon": "unknown"}, "note": "rings back on Friday"});
        let after = answers(&scene, &lead, body).await;
        assert_eq!((after.status, after.at("/queue")), (200, "qualify"), "{after:?}");
        // A criterion and a field: sold, picked, promoted.
        let body = json!({"criteria": {"has-budget": "yes"}, "fields": {"need.timeline": "now"}});
        let after = answers(&scene, &lead, body).await;
        assert_eq!(
            (after.at("/stage"), after.at("/category"), after.at("/queue")),
            ("lead", "sell", "sales")
        );
        let body = json!({"criteria": {"soon": "yes"}});
        let after = answers(&scene, &lead, body).await;
        assert_eq!(after.body["score"], 90, "{after:?}");
        let owner = after.at("/owner").to_owned();
        assert!(!owner.is_empty());
        eventually("sales told once", || async {
            (scene.events("crm", &lead) == ["lead.promoted"]).then_some(())
        })
        .await;

        let shown = scene.lead(&lead).await;
        let found = shown.body["findings"].as_array().unwrap();
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(
            (found[0]["name"].as_str(), found[0]["says"].as_str()),
            (Some("soon"), Some("yes"))
        );
        assert_eq!(found[0]["by"], "harness");
        let words = scene.words(&lead).await;
        assert!(words.contains("+25 points, because a person found it out."), "{words}");

        // A later inquiry says something else about a field and nothing about the criterion.
        let repeat = json!({"contact.email": "ida@brummelkamp.example", "need.budget": "10"});
        scene.inquire(repeat).await;
        let shown = scene.lead(&lead).await;
        let line = &shown.body["qualification"]["lines"][0];
        assert_eq!(
            (line["criterion"].as_str(), line["by_person"].as_bool()),
            (Some("has-budget"), Some(true))
        );
        assert_eq!((line["answer"].as_str(), shown.at("/owner")), (Some("yes"), owner.as_str()));
        assert!(scene.app.get("/v1/acme/worklists/qualify").await.body["items"] == json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_make_no_sense_change_nothing() {
    on_both(BANT, async |scene| {
        let lead = asked(&scene, "ida@brummelkamp.example").await;
        for (body, status, part) in [
            (json!({"criteria": {"has-budgt": "yes"}}), 422, "Did you mean `has-budget`?"),
            (json!({"criteria": {"has-budget": "maybe"}}), 400, "another form"),
            (json!({"fields": {"contact.email": "eve@zanzotter.example"}}), 422, "not asked"),
            (json!({"fields": {"company.employees": "plenty"}}), 422, "does not fit"),
            (json!({}), 422, ""),
            (json!({"unheard": 1}), 400, ""),
        ] {
            let answer = answers(&scene, &lead, body.clone()).await;
            assert_eq!(answer.status, status, "{body} {answer:?}");
            assert!(answer.at("/detail").contains(part), "{body} {answer:?}");
            assert!(!answer.text.contains("zanzotter") && !answer.text.contains("plenty"));
        }
        assert_eq!(scene.lead(&lead).await.at("/queue"), "qualify");
        assert!(scene.lead(&lead).await.body.get("findings").is_none());
        let not_eligible = answers(&scene, &lead, json!({"eligible": "no"})).await;
        assert_eq!(not_eligible.at("/stage"), "discarded");
        let eligible =
            answers(&scene, &lead, json!({"eligible": "yes", "criteria": {"has-budget": "yes"}}))
                .await;
        assert_eq!((eligible.at("/stage"), eligible.body["cycle"].as_u64()), ("lead", Some(2)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disposition_qualifies_once_by_key_or_signature() {
    on_both(BANT, async |scene| {
        let secret = "whsec_ZGlzcG9zaXRpb25zLWRpc3Bvc2l0aW9ucy1kaXNwbw==";
        let workspace = format!("zone: Europe/Berlin\ndispositions: {{ secrets: [\"{secret}\"] }}\n");
        scene.files.write("workspaces/acme/workspace.yaml", &workspace);
        let reloaded = scene.app.post("/v1/configuration/reload", json!({})).await;
        assert_eq!(reloaded.status, 200, "{reloaded:?}");
        let lead = asked(&scene, "ida@brummelkamp.example").await;
        let said = json!({
            "id": "call-1", "lead_id": lead["lead_id"], "disposition": "first_level_qualified",
            "criteria": {"has-budget": "yes", "soon": "no"},
        });
        assert_eq!(said_back(&scene, "", &[], &said).await.status, 401);
        let wrong = [("webhook-id", "m1"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")];
        assert_eq!(said_back(&scene, "", &wrong, &said).await.status, 401);
        assert_eq!(said_back(&scene, &key_for(Scope::Operate), &[], &said).await.status, 403);

        // 45 + 25 - 10: not enough to sell, but a lead, and nobody asks any further.
        let key = key_for(Scope::DispositionsWrite);
        let done = said_back(&scene, &key, &[], &said).await;
        assert_eq!((done.status, done.at("/status")), (200, "done"), "{done:?}");
        assert_eq!(
            (done.at("/lead/stage"), done.at("/lead/category"), done.at("/lead/queue")),
            ("lead", "nurture", "nurture")
        );
        let again = said_back(&scene, &key, &[], &said).await;
        assert_eq!((again.status, again.at("/status")), (200, "duplicate"), "{again:?}");
        let other = json!({"id": "call-1", "lead_id": lead["lead_id"], "disposition": "no_answer"});
        assert_eq!(said_back(&scene, &key, &[], &other).await.status, 409);

        // Signed, several at once, each answered for itself.
        let second = asked(&scene, "ottilie@fjordlund.example").await;
        let several = json!([
            {"lead_id": second["lead_id"], "disposition": "first_level_qualified", "fields": {"need.budget": 70000}},
            {"lead_id": second["lead_id"], "disposition": "unheard_of"},
            {"lead_id": "lead_00000000000000000000000000000000", "disposition": "no_answer"},
        ]);
        let at = lead_router::domain::ports::Clock::now(scene.app.clock.as_ref());
        let stamp = at.as_secs().to_string();
        let signature = signed_with(secret, "msg_1", &stamp, several.to_string().as_bytes());
        let signed = [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", stamp.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        let done = said_back(&scene, "", &signed, &several).await;
        assert_eq!(done.status, 200, "{done:?}");
        assert_eq!(done.at("/results/0/lead/queue"), "sales");
        assert_eq!(done.body["results"][1]["status"], 400);
        assert_eq!(done.body["results"][2]["status"], 404);
        let again = said_back(&scene, "", &signed, &several).await;
        assert_eq!(again.at("/results/0/status"), "duplicate", "{again:?}");
        let shown = scene.lead(&second).await;
        assert_eq!(shown.body["findings"][0]["by"], "dispositions");
    })
    .await;
}
