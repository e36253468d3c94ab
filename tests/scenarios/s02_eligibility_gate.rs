//! 2. Whoever is not eligible is discarded whatever the score, and still counted for its source.

use crate::harness::app::eventually;

use super::scene::{BANT, on_both, replacing};

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_discards_with_its_reason_and_the_score_is_still_shown() {
    on_both(BANT, async |scene| {
        let answer = scene.inquire(replacing("x@gmail.com", "KP")).await;
        assert_eq!(
            (answer["score"].as_i64(), answer["category"].as_str(), answer["status"].as_str()),
            (Some(85), Some("discard"), Some("discarded"))
        );
        let lead = scene.lead(&answer).await;
        assert_eq!(lead.at("/qualification/ineligible"), "ineligible_country");
        assert!(scene.words(&answer).await.contains("Not eligible (ineligible_country)"));
        // Somebody after it reaches sales; it never did.
        let good = scene.inquire(replacing("ida@brummelkamp.example", "DE")).await;
        eventually("the good one at sales", || async {
            (!scene.events("crm", &good).is_empty()).then_some(())
        })
        .await;
        assert!(scene.events("crm", &answer).is_empty());
        let counted = eventually("the count", || async {
            let source = scene.app.get("/v1/acme/sources/form").await;
            let day = source.body["counts"]["day"].clone();
            (day["discarded"] == 1).then_some(day)
        })
        .await;
        assert!(counted["discarded"] == 1, "{counted}");
        let funnel = scene.app.get("/v1/acme/reports/funnel?by=source").await;
        let rows = funnel.body["rows"].as_array().unwrap();
        let form = rows.iter().find(|row| row["value"] == "form").unwrap();
        assert_eq!(form["inquiries"], 2, "{} {form}", scene.engine);
    })
    .await;
}
