//! What a source's policy makes of somebody who is known: merge, link, allow, reject.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{ENGINES, Stage, good};

async fn second(engine: &str, policy: &str) -> (Stage, Value, Value) {
    let form = format!("preset: html-form\ncountry: DE\nknown_person: {policy}\n");
    let stage = Stage::set(engine, &[("workspaces/acme/sources/vendor.yaml", &form)]).await;
    let known = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
    stage.app.clock.pass(Duration::from_hours(1));
    let mut body = good("ida@zanzotter.example", "Ida Fjordlund");
    body["message"] = "Asked at the vendor's".into();
    let again = stage.inquire("vendor", body).await;
    (stage, known, again)
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_is_the_policy_if_nothing_is_said() {
    let (stage, known, again) = second("embedded", "merge").await;
    assert_eq!((&again["status"], &again["lead_id"]), (&json!("repeat"), &known["lead_id"]));
    stage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_records_know_each_other_and_are_never_joined() {
    for engine in ENGINES {
        let (stage, known, again) = second(engine, "link").await;
        assert_eq!(again["status"], "routed", "{engine}: {again}");
        assert_ne!(again["lead_id"], known["lead_id"]);
        assert_eq!(again["matched_on"], json!(["email"]), "who it is, is said");
        assert_eq!(stage.lead(&known["lead_id"]).await["linked"], json!([again["lead_id"]]));
        assert_eq!(stage.lead(&again["lead_id"]).await["linked"], json!([known["lead_id"]]));
        // A source that merges finds the older one, and joins nothing.
        let third = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        assert_eq!(third["lead_id"], known["lead_id"]);
        assert_eq!(stage.lead(&again["lead_id"]).await["id"], again["lead_id"]);
        assert!(stage.waiting("review").await.is_empty());
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowed_record_is_flagged_and_shown_to_people() {
    for engine in ENGINES {
        let (stage, known, again) = second(engine, "allow").await;
        assert_ne!(again["lead_id"], known["lead_id"], "{engine}");
        let path = format!("/v1/acme/inquiries/{}", again["inquiry_id"].as_str().unwrap());
        assert!(stage.app.get(&path).await.text.contains("known_person"));
        let pair = stage.waiting("review").await.remove(0);
        assert_eq!((&pair["id"], &pair["other"]["id"]), (&again["lead_id"], &known["lead_id"]));
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_inquiry_is_kept_and_told_and_changes_nothing() {
    for engine in ENGINES {
        let (stage, known, again) = second(engine, "reject").await;
        assert_eq!((&again["outcome"], &again["status"]), (&json!("failure"), &json!("repeat")));
        assert_eq!(
            (&again["reason"], &again["lead_id"]),
            (&json!("known_person"), &known["lead_id"])
        );
        let lead = stage.lead(&known["lead_id"]).await;
        assert_eq!(
            (&lead["inquiries"], &lead["touches"][1]["source"]),
            (&json!(2), &json!("vendor"))
        );
        assert!(!lead["answers"].to_string().contains("vendor's"), "{engine}: {lead}");
        assert_eq!(lead["score"], known["score"]);
        let path = format!("/v1/acme/inquiries/{}", again["inquiry_id"].as_str().unwrap());
        assert!(
            stage.app.get(&path).await.text.contains("Asked at the vendor's"),
            "nothing is lost"
        );
        let deliveries = lead["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 1, "nobody is told: {deliveries:?}");
        // A stranger does not learn who is known.
        let url = format!("{}/v1/acme/inquiries/vendor", stage.app.public);
        let headers = [("content-type", "application/json")];
        let body = good("ida@zanzotter.example", "Ida Fjordlund").to_string();
        let told = stage.app.ask(reqwest::Method::POST, &url, &headers, body).await;
        assert_eq!((told.at("/status"), told.at("/outcome")), ("received", "success"));
        assert!(told.body.get("reason").is_none());
        stage.ends_well().await;
    }
}
