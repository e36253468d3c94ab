//! Scenario 4: the same person writes differently; normalised, matched, appended, kept as sent.

use serde_json::json;

use super::stage::{ENGINES, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_is_the_same_person() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &[]).await;
        let first = stage
            .inquire(
                "form",
                json!({
                    "email": "ida.fjordlund@zanzotter.example", "phone": "+442079460123",
                    "name": "Ida Fjordlund", "budget": "20000",
                }),
            )
            .await;
        let again = stage
            .inquire(
                "form",
                json!({
                    "email": " Ida.Fjordlund@ZANZOTTER.example", "phone": "020 7946 0123",
                    "country": "United Kingdom", "name": "Ida Fjordlund",
                }),
            )
            .await;
        assert_eq!(again["status"], "repeat", "{engine}: {again}");
        assert_eq!(again["lead_id"], first["lead_id"]);
        assert_eq!(again["matched_on"], json!(["email", "phone"]));
        let lead = stage.lead(&first["lead_id"]).await;
        assert_eq!(lead["inquiries"], 2);
        assert_eq!(lead["touches"].as_array().unwrap().len(), 2);
        let path = format!("/v1/acme/inquiries/{}", again["inquiry_id"].as_str().unwrap());
        let kept = stage.app.get(&path).await;
        assert!(kept.text.contains("Ida.Fjordlund@ZANZOTTER.example"), "as sent: {}", kept.text);
        assert!(kept.text.contains("020 7946 0123"));
        stage.ends_well().await;
    }
}
