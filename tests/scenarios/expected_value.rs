//! Members are scarce: who is worth more is served first, and told sooner.

use serde_json::Value;

use super::processes::{On, Stage};

const QUALIFICATION: &str = r"
contact:
  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 50 }
company:
  - { name: keen, when: { field: need.need, exists: true }, points: 20 }
expected_value:
  currency: EUR
  segments:
    - { name: enterprise, when: { field: company.employees, gte: 1000 }, deal: 60000 }
    - { name: everybody, deal: 4000 }
  chances: [ { from: 70, percent: 20 }, { from: 0, percent: 10 } ]
thresholds: { sell: 50, nurture: 20 }
";

const POOLS: &str = "pools: { reps: { members: [ { name: ada, caps: { day: 1 } } ] } }";

fn routing(served_first: &str) -> String {
    format!(
        r"
queues: {{ sales: {{ destinations: [crm], priority: 2, sooner_from: [5000] }} }}
served_first: {served_first}
rules: [ {{ name: all, assign: {{ queue: sales, pool: reps }} }} ]
fallback: {{ queue: triage }}
"
    )
}

/// Three days with one lead a day: in which order those who wait are served.
async fn order(on: On, served_first: &str) -> Vec<&'static str> {
    let files = [
        ("qualification.yaml", QUALIFICATION),
        ("pools.yaml", POOLS),
        ("routing.yaml", &routing(served_first)),
    ];
    let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
    assert_eq!(stage.somebody(&[]).await.text("owner"), "ada");
    let waiting = [
        ("plain", stage.somebody(&[]).await),
        ("keen", stage.somebody(&[("need", "a pump")]).await),
        ("large", stage.somebody(&[("employees", "5000")]).await),
    ];
    let large = &waiting[2].1;
    assert_eq!(large.text("status"), "held", "{large:?}");
    let record = stage.ask(&format!("/inquiries/{}/record", large.text("inquiry_id"))).await;
    let words = "Expected value: 10 % of 60000 EUR (segment enterprise), 6000 EUR.";
    assert!(record.to_string().contains(words), "{record}");
    let worth = record.pointer("/qualification/expected_value/value").and_then(Value::as_u64);
    assert_eq!(worth, Some(6000), "{record}");
    let mut served = Vec::new();
    for day in ["2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z"] {
        stage.at(day);
        stage.told("lead.routed", served.len() + 2).await;
        for (who, answer) in &waiting {
            let owner = stage.lead(answer.text("lead_id")).await["owner"].is_string();
            if owner && !served.contains(who) {
                served.push(*who);
            }
        }
    }
    stage.ends_clean().await;
    served
}

#[tokio::test]
async fn the_highest_expected_value_is_served_first_embedded() {
    assert_eq!(order(On::Embedded, "expected_value").await, ["large", "keen", "plain"]);
}

#[tokio::test]
async fn the_highest_expected_value_is_served_first_redis() {
    assert_eq!(order(On::Redis, "expected_value").await, ["large", "keen", "plain"]);
}

#[tokio::test]
async fn the_best_score_is_served_first_if_nothing_is_said() {
    assert_eq!(order(On::Embedded, "score").await, ["keen", "plain", "large"]);
}
