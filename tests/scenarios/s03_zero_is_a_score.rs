//! 3. A lead that matches nothing has 0 points, not none.

use serde_json::json;

use super::scene::{BANT, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn matching_nothing_is_worth_zero_and_zero_is_found() {
    // A rule that asks for the score finds it like any other number.
    on_both(&BANT.replace(", ask: { completeness_below: 0.8, min_score: 20 }", ""), async |scene| {
        scene.files.write(
            "workspaces/acme/routing.yaml",
            "queues:\n  nurture: { destinations: [mailer] }\n  low: { destinations: [inbox] }\nrules:\n  - { name: low-scores, when: { all: [ { field: score, lte: 40 }, { field: category, in: [discard, nurture] } ] }, assign: { queue: low } }\nfallback: { queue: triage }\n",
        );
        let reloaded = scene.app.post("/v1/configuration/reload", json!({})).await;
        assert_eq!(reloaded.status, 200, "{reloaded:?}");
        let answer = scene.inquire(json!({"contact.email": "ida@brummelkamp.example"})).await;
        assert!(answer["score"].is_number(), "{answer}");
        assert_eq!((answer["score"].as_i64(), answer["category"].as_str()), (Some(0), Some("discard")));
        assert_eq!(answer["queue"], "low", "{} {answer}", scene.engine);
        let lead = scene.lead(&answer).await;
        assert_eq!(lead.body["score"], 0);
        assert_eq!(lead.body["qualification"]["score"], 0);
    })
    .await;
}
