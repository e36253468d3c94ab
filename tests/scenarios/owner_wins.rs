//! Scenario 6: whoever owns an open lead keeps it when the person comes again elsewhere.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{ENGINES, Stage, good};

#[tokio::test(flavor = "multi_thread")]
async fn a_known_persons_badge_scan_goes_to_the_owner() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let first = stage.inquire("form", good("ida@zanzotter.example", "Ida Fjordlund")).await;
        assert_eq!((&first["status"], &first["owner"]), (&json!("routed"), &json!("ada")));
        stage.app.clock.pass(Duration::from_hours(72));
        let turns = stage.app.get("/v1/acme/pools").await.body;
        let fair =
            stage.scan(json!({ "email": "ida@zanzotter.example", "name": "Ida Fjordlund" })).await;
        assert_eq!(fair["status"], "repeat", "{engine}: {fair}");
        assert_eq!((&fair["lead_id"], &fair["owner"]), (&first["lead_id"], &json!("ada")));
        assert_eq!(fair["score"], first["score"], "computed anew, never added");
        let lead = stage.lead(&first["lead_id"]).await;
        assert_eq!((&lead["owner"], &lead["inquiries"]), (&json!("ada"), &json!(2)));
        assert_eq!(lead["first_touch"]["source"], "form", "never rewritten");
        assert_eq!(lead["touches"][1]["source"], "scanner");
        assert_eq!(stage.app.get("/v1/acme/pools").await.body["pools"], turns["pools"], "no turn");
        // The fair has its inquiry, and nobody a new person.
        let funnel = stage.app.get("/v1/acme/reports/funnel?by=source").await.body;
        let rows = funnel["rows"].as_array().unwrap().iter();
        let count = |row: &Value| (row["value"].clone(), row["inquiries"].clone());
        let counts: Vec<_> = rows.map(count).collect();
        for source in ["form", "scanner"] {
            assert!(counts.contains(&(json!(source), json!(1))), "{engine}: {funnel}");
        }
        stage.app.clock.pass(Duration::from_mins(2));
        let told = stage.told("crm", "lead.inquired_again", &first["lead_id"]).await;
        assert_eq!(told["data"]["assignment"]["owner"], "ada");
        stage.ends_well().await;
    }
}
