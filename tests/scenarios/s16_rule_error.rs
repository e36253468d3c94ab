//! Scenario 16, and S10: a rule error is loud. A missing field and an error are told apart, neither is a match, the
//! next rule is tried, the error is counted and told, and the lead reaches triage.

use serde_json::json;

use super::engines::engines;
use crate::harness::app::{Files, Running, eventually};
use crate::harness::receiver::Receiver;

const QUALIFICATION: &str = "
contact:
  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 60 }
thresholds: { sell: 50, nurture: 10 }
";

const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [mailer] }
  triage: { destinations: [inbox] }
rules:
  - { name: large, when: { field: company.employees, gt: 500 }, assign: { queue: sales, pool: capped } }
  - { name: rich, when: { all: [ { field: contact.country, is: DE }, { field: need.budget, gte: 50000 } ] }, assign: { queue: sales, pool: capped } }
  - { name: french, when: { field: contact.country, is: FR }, assign: { queue: sales, pool: team } }
fallback: { queue: triage }
";

fn files(receiver: &Receiver) -> Files {
    let files = Files::new(receiver);
    files.write("workspaces/acme/qualification.yaml", QUALIFICATION);
    files.write("workspaces/acme/routing.yaml", ROUTING);
    files
}

async fn errors(app: &Running) -> u64 {
    let metrics = app.get("/metrics").await.text;
    let line = metrics.lines().find(|line| line.starts_with("leadrouter_rule_errors_total{"));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_field_tries_the_next_rule_and_an_error_reaches_triage() {
    for engine in engines() {
        let receiver = Receiver::start();
        let app = Running::start(&files(&receiver), engine.url.clone(), None).await;
        let french = json!({"email": "f@zanzotter.example", "country": "FR", "budget": "some"});
        let answer = app.inquire("form", french).await;
        assert_eq!((answer.at("/status"), answer.at("/owner")), ("routed", "ada"), "{answer:?}");
        let path = |id: &str| format!("/v1/acme/inquiries/{id}/explanation");
        let explained = app.get(&path(answer.at("/inquiry_id"))).await;
        assert_eq!(explained.at("/rules/0/says"), "missing", "{explained:?}");
        assert_eq!(explained.at("/rules/0/because/0/part"), "company.employees is more than 500");
        // One `no` is enough, whatever the rest of the rule lacks.
        assert_eq!(explained.at("/rules/1/says"), "no_match");
        assert_eq!(explained.at("/rules/2/says"), "match");
        assert_eq!(errors(&app).await, 0);

        let german = json!({"email": "g@zanzotter.example", "country": "DE", "budget": "some"});
        let answer = app.inquire("form", german).await;
        assert_eq!((answer.at("/status"), answer.at("/queue")), ("held", "triage"), "{answer:?}");
        assert_eq!(errors(&app).await, 1);
        let explained = app.get(&path(answer.at("/inquiry_id"))).await;
        let says: Vec<&str> = (0..3)
            .map(|n| explained.at(["/rules/0/says", "/rules/1/says", "/rules/2/says"][n]))
            .collect();
        assert_eq!(says, ["missing", "error", "no_match"]);
        assert_eq!(
            explained.body["rules"][1]["because"],
            json!([{"part": "need.budget is at least 50000", "says": "error"}])
        );
        let waiting = app.get("/v1/acme/worklists/triage").await;
        assert_eq!(waiting.body["items"].as_array().unwrap().len(), 1, "{waiting:?}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s10_a_rule_error_is_recorded_counted_and_told_to_operators() {
    let receiver = Receiver::start();
    let files = files(&receiver);
    let folder = tempfile::tempdir().unwrap();
    let app = Running::embedded(&files, folder.path()).await;
    for number in 0..3 {
        let email = format!("g{number}@zanzotter.example");
        app.inquire("form", json!({"email": email, "country": "DE", "budget": "some"})).await;
    }
    assert_eq!(errors(&app).await, 3);
    let told = eventually("the alert", || async {
        let all = receiver.came("inbox").into_iter().map(|came| came.json());
        all.into_iter().find(|body| body["type"] == "alert.rule_failed")
    })
    .await;
    assert_eq!(told["data"]["rule"], "rich", "{told}");
    assert_eq!(told["data"]["inquiries"], 3);
    // The hit counts show the rule that fails, clause by clause.
    let rules = app.get("/v1/acme/rules").await;
    assert_eq!((&rules.body["inquiries"], &rules.body["fallback"]), (&json!(3), &json!(3)));
    let rich = &rules.body["rules"][1];
    assert_eq!((&rich["won"], &rich["error"], &rich["missing"]), (&json!(0), &json!(3), &json!(0)));
    assert_eq!(rich["parts"][0]["match"], 3, "{rich}");
    assert_eq!(rich["parts"][1]["error"], 3, "{rich}");
    app.stop().await;
}
