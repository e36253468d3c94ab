//! Vendors whose tokens last an hour: one is had when it is needed, for all that is fetched with it, and another one when it is
//! not taken any more. The vendor's API and its token endpoint are a real server.

use serde_json::{Value, json};

use super::fetched::{decided, lead, said};
use super::stage::{ENGINES, Stage};
use crate::harness::app::eventually;
use crate::harness::receiver::{Receiver, Reply};

/// A badge's attendee as Cvent's API gives it.
fn attendee(name: &str, email: &str) -> Value {
    json!({"firstName": name, "lastName": "Fjordlund", "email": email, "company": "Fjordlund Yards", "title": "VP"})
}

/// Badges whose token lasts an hour, and ads of the same client.
fn by_oauth(vendor: &Receiver) -> [(&'static str, String); 2] {
    let at = format!("http://{}", vendor.address);
    let oauth = format!(
        "oauth: {{ token_url: \"{at}/token\", client_id: c-1, client_secret: client-secret }}"
    );
    let source = |preset: &str, with: &str| {
        format!(
            "preset: {preset}\nsecrets: [vendor-secret]\nretrieval: {{ at: \"{at}\", with: {with}, {oauth} }}\n"
        )
    };
    [
        (
            "workspaces/acme/sources/badges.yaml",
            source("cvent-badgekit", "{ event: e1, exhibitor: x1 }"),
        ),
        ("workspaces/acme/sources/ads.yaml", source("meta-lead-ads", "{ form: \"22\" }")),
    ]
}

async fn set_by_oauth(engine: &str, vendor: &Receiver) -> Stage {
    let files = by_oauth(vendor);
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    Stage::set(engine, &files).await
}

fn badge_path(badge: &str) -> String {
    format!("onsite/v1/events/e1/exhibitors/x1/attendees/{badge}")
}

/// A token as an endpoint gives it.
fn token(text: &str) -> Reply {
    said(200, &json!({"access_token": text, "expires_in": 3600}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_hour_is_had_once_and_renewed_when_it_is_not_taken() {
    for engine in ENGINES {
        let vendor = Receiver::start();
        vendor.always("token", token("the-first-token"));
        for badge in ["R-1", "R-2", "R-3"] {
            let email = format!("{}@fjordlund.example", badge.to_lowercase());
            vendor.always(&badge_path(badge), said(200, &attendee("Freya", &email)));
        }
        let stage = set_by_oauth(engine, &vendor).await;
        for badge in ["R-1", "R-2"] {
            let scan = json!({"referenceId": badge, "notes": "wants oars"});
            let answer = stage.inquire("badges", scan).await;
            assert_eq!(answer["status"], "retrieving", "{answer}");
            decided(&stage, answer["inquiry_id"].as_str().unwrap()).await;
            let came = vendor.came(&badge_path(badge));
            assert_eq!(came[0].header("authorization"), "Bearer the-first-token");
        }
        let asked = vendor.came("token");
        assert_eq!(asked.len(), 1, "{engine}: once for both");
        assert!(asked[0].header("authorization").starts_with("Basic "));
        let form = String::from_utf8(asked[0].body.clone()).unwrap();
        assert_eq!(form, "grant_type=client_credentials&client_id=c-1");

        // It is not taken any more: another one is had, and the scan is fetched with that.
        vendor.always("token", token("the-second-token"));
        vendor.then(&badge_path("R-3"), [Reply::status(401)]);
        let answer = stage.inquire("badges", json!({"referenceId": "R-3"})).await;
        decided(&stage, answer["inquiry_id"].as_str().unwrap()).await;
        let came = vendor.came(&badge_path("R-3"));
        let used: Vec<&str> = came.iter().map(|came| came.header("authorization")).collect();
        assert_eq!(used, ["Bearer the-first-token", "Bearer the-second-token"], "{engine}");

        // So with a list that is pulled.
        let ina = lead(91, "Ina Quillfeather", "ina@quillfeather.example");
        let list = said(200, &json!({"data": [ina]}));
        vendor.then("v25.0/22/leads", [Reply::status(401), list]);
        let since = json!({"since": "2026-01-01"});
        let page = stage.app.post("/v1/acme/sources/ads/backfill", since).await;
        assert_eq!((page.status, &page.body["taken"]), (200, &json!(1)), "{page:?}");
        assert_eq!(vendor.came("v25.0/22/leads").len(), 2);
        stage.ends_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_refused_is_told_and_nothing_is_lost() {
    let vendor = Receiver::start();
    vendor.always("token", said(401, &json!({"error": "invalid_client"})));
    vendor.always(&badge_path("R-4"), said(200, &attendee("Freya", "r-4@fjordlund.example")));
    let stage = set_by_oauth("embedded", &vendor).await;
    let answer = stage.inquire("badges", json!({"referenceId": "R-4"})).await;
    let alert = eventually("the alert", || async {
        let came = stage.receiver.came("inbox").into_iter().map(|came| came.json());
        came.into_iter().find(|body| body["type"] == "alert.credentials_broken")
    })
    .await;
    assert_eq!(
        (&alert["data"]["source"], &alert["data"]["http_status"]),
        (&json!("badges"), &json!(401))
    );
    let since = json!({"since": "2h"});
    let pulled = stage.app.post("/v1/acme/sources/ads/backfill", since).await;
    assert!(pulled.status == 422 && pulled.text.contains("does not take the token"), "{pulled:?}");
    assert!(vendor.came(&badge_path("R-4")).is_empty(), "the API is not asked without a token");
    // Mended there: it goes on by itself.
    vendor.always("token", token("the-first-token"));
    stage.app.clock.pass(std::time::Duration::from_mins(6));
    let inquiry = decided(&stage, answer["inquiry_id"].as_str().unwrap()).await;
    assert_eq!(inquiry["contact"]["email"]["value"], "r-4@fjordlund.example");
    stage.ends_well().await;
}
