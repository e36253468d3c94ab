//! Leads are kept as long as is configured for their category and stage, from the last thing that happened with them; then they
//! go by themselves as if their people had asked for it, and reports go on counting them.

use std::time::Duration;

use lead_router::http::keys::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Scene, on_both};
use crate::harness::app::{eventually, key_for};

const QUALIFICATION: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, is: VP }, points: 80 }
  - { name: curious, text: curious, when: { field: contact.title, is: Student }, points: 50 }
engagement:
  - { name: interest, half_life: 14d, lines: [ { name: pricing, kind: page_viewed, points: 1 } ] }
thresholds: { sell: 70, nurture: 40 }
";
const KEPT: &str = r"
retention:
  leads:
    - { stages: [won], keep: 400d }
    - { categories: [discard], keep: 30d }
    - { categories: [nurture], keep: 90d }
";
const DAY: Duration = Duration::from_hours(24);

async fn inquire(scene: &Scene, name: &str, title: &str) -> Value {
    let email = format!("{name}@brummelkamp.example");
    let fields = json!({"contact.email": email, "contact.title": title, "contact.country": "DE"});
    scene.inquire(fields).await
}

async fn post(scene: &Scene, path: &str, scope: Scope, body: Value) {
    let bearer = format!("Bearer {}", key_for(scope));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let url = format!("{}/v1/acme/{path}", scene.app.public);
    let answer = scene.app.ask(Method::POST, &url, &headers, body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Waits until some are gone, and says that the others are there.
async fn are_left(scene: &Scene, gone: &[&Value], left: &[&Value]) {
    for lead in gone {
        eventually("it goes", || async { (scene.lead(lead).await.status == 410).then_some(()) })
            .await;
    }
    for lead in left {
        assert_eq!(scene.lead(lead).await.status, 200, "{}: {lead}", scene.engine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_go_when_their_time_is_over() {
    on_both(QUALIFICATION, async |scene| {
        scene.files.write("workspaces/acme/workspace.yaml", KEPT);
        let scene = scene.again(Duration::ZERO).await;
        let today = scene.app.get("/v1/acme/reports/funnel").await.body["to"].clone();
        let won = inquire(&scene, "ada", "VP").await;
        let sold = inquire(&scene, "bea", "VP").await;
        let nurtured = inquire(&scene, "cleo", "Student").await;
        let keen = inquire(&scene, "dora", "Student").await;
        let discarded = inquire(&scene, "eva", "").await;
        let ends = json!({"lead_id": won["lead_id"], "disposition": "won", "amount": "900", "currency": "EUR"});
        post(&scene, "dispositions", Scope::DispositionsWrite, ends).await;
        eventually("the mailer is told", || async {
            (scene.events("mailer", &nurtured) == ["lead.nurtured"]).then_some(())
        })
        .await;

        let scene = scene.again(DAY * 32).await;
        are_left(&scene, &[&discarded], &[&won, &sold, &nurtured, &keen]).await;
        scene.app.clock.pass(DAY * 48);
        let seen = json!({"kind": "page_viewed", "lead_id": keen["lead_id"], "page": "/pricing"});
        post(&scene, "engagements", Scope::EngagementsWrite, seen).await;
        let scene = scene.again(DAY * 92).await;
        are_left(&scene, &[&nurtured], &[&won, &sold, &keen]).await;
        eventually("whoever was told is told", || async {
            (scene.events("mailer", &nurtured) == ["lead.nurtured", "lead.erased"]).then_some(())
        })
        .await;
        let scene = scene.again(DAY * 172).await;
        are_left(&scene, &[&keen], &[&won, &sold]).await;
        let scene = scene.again(DAY * 402).await;
        are_left(&scene, &[&won], &[&sold]).await;

        // What is configured anew holds for those who are there.
        scene.files.write("workspaces/acme/workspace.yaml", "retention: { leads: [ { keep: 300d } ] }\n");
        let scene = scene.again(DAY * 403).await;
        are_left(&scene, &[&sold], &[]).await;

        let rows = scene.app.get("/v1/acme/export?limit=1000").await.text;
        let erased: Vec<&str> = rows.lines().filter(|row| row.contains("lead_erased")).collect();
        assert_eq!(erased.len(), 5, "{rows}");
        assert!(erased.iter().all(|row| row.contains("\"retention\"")), "{erased:?}");
        let path = format!("/v1/acme/reports/funnel?from={}", today.as_str().unwrap());
        let report = scene.app.get(&path).await.body;
        assert_eq!((&report["totals"][0]["inquiries"], &report["totals"][0]["won"]), (&json!(5), &json!(1)));
        let list = scene.app.post("/v1/acme/find", json!({"q": "bea@brummelkamp.example"})).await;
        assert_eq!(list.body["found"], json!([]));
    })
    .await;
}
