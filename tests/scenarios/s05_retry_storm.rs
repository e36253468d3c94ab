//! Scenario 5: a platform sends the same event a hundred times at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::stage::{ENGINES, Stage};
use crate::harness::app::KEY;

const TIMES: usize = 100;

fn lead_form() -> String {
    let column = |id: &str, value: &str| json!({ "column_id": id, "string_value": value });
    let columns = [
        column("EMAIL", "ida.fjordlund@zanzotter.example"),
        column("FULL_NAME", "Ida Fjordlund"),
        column("COUNTRY", "DE"),
    ];
    json!({
        "lead_id": "storm-1", "campaign_id": 7, "form_id": 8, "api_version": "1.0",
        "google_key": "google-secret", "user_column_data": columns,
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_identical_posts_are_one_lead_one_turn_and_one_delivery() {
    // Whoever can be reached is sold: the platform's form asks for no budget.
    let routing = "
queues: { sales: { destinations: [crm] } }
rules: [ { name: all, assign: { queue: sales, pool: team } } ]
fallback: { queue: sales }
";
    for engine in ENGINES {
        let stage = Stage::set(engine, &[("workspaces/acme/routing.yaml", routing)]).await;
        let bearer = format!("Bearer {KEY}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let url = format!("{}/v1/acme/inquiries/google", stage.app.public);
        let posts = (0..TIMES).map(|_| stage.app.ask(Method::POST, &url, &headers, lead_form()));
        let answers = join_all(posts).await;
        let failed: Vec<_> = answers.iter().filter(|answer| answer.status >= 300).collect();
        assert!(failed.is_empty(), "{engine}: {failed:?}");
        // The first page of what people find has one inquiry, and the pool made one turn.
        let pools = stage.app.get("/v1/acme/pools").await.body;
        let team = pools["pools"].as_array().unwrap().iter().find(|it| it["name"] == "team");
        assert_eq!(team.unwrap()["turns"], 1, "{engine}: {pools}");
        let leads: BTreeSet<&str> = answers.iter().map(|answer| answer.at("/lead_id")).collect();
        assert_eq!(leads.len(), 1, "{engine}: {leads:?}");
        let new = answers.iter().filter(|answer| answer.body["duplicate"].is_null());
        assert_eq!(new.count(), 1, "{engine}: the others are told what became of the first");
        let lead = answers[0].body["lead_id"].clone();
        stage.told("crm", "lead.routed", &lead).await;
        assert_eq!(stage.lead(&lead).await["inquiries"], 1, "{engine}");
        assert_eq!(stage.receiver.came("crm").len(), 1, "{engine}: one delivery");
        stage.ends_well().await;
    }
}
