//! Defect S10 of a peer: an exception in a condition was shown once and swallowed as "no match". Here it is recorded, counted,
//! told, and the lead goes on.

use serde_json::json;

use super::scene::{BANT, on_both, replacing};

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_cannot_be_evaluated_is_recorded_counted_and_never_a_match() {
    on_both(BANT, async |scene| {
        scene.files.write(
            "workspaces/acme/routing.yaml",
            "queues:\n  sales: { destinations: [crm] }\n  triage: { destinations: [inbox] }\nrules:\n  - { name: large, when: { field: company.employees, gt: 500 }, assign: { queue: sales } }\n  - { name: budgets, when: { field: answers.seats, gt: 500 }, assign: { queue: sales } }\nfallback: { queue: triage }\n",
        );
        let reloaded = scene.app.post("/v1/configuration/reload", json!({})).await;
        assert_eq!(reloaded.status, 200, "{reloaded:?}");
        let fields = replacing("ida@brummelkamp.example", "DE");
        let body = json!({"fields": fields, "answers": [{"key": "seats", "value": "plenty of them"}]});
        let answer = scene.app.inquire("form", body).await.body;
        assert_eq!((answer["queue"].as_str(), answer["status"].as_str()), (Some("triage"), Some("held")));
        let words = scene.words(&answer).await;
        assert!(words.contains("Rule `large`: a field it asks for is missing."), "{words}");
        assert!(words.contains("Rule `budgets`: it could not be evaluated."), "{words}");
        let metrics = scene.app.get("/metrics").await.text;
        let counted = metrics
            .lines()
            .find(|line| line.contains("rule_errors") && !line.starts_with('#'))
            .unwrap_or_default();
        assert!(counted.ends_with(" 1"), "{counted}");
    })
    .await;
}
