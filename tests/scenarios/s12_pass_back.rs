//! Scenario 12: sales passes a lead back until later; what the person does brings it back earlier: 52 becomes 87, to whoever had
//! it, in its second cycle, and it is no inquiry. If nothing happens, it comes back at the time that was said, once. Whoever passed
//! it back is credited where that is configured.

use std::time::Duration;

use lead_router::http::keys::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Scene, on_both};
use crate::harness::app::{Answer, eventually, key_for};

const QUALIFICATION: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 52 }
engagement:
  - name: asked
    window: 10d
    lines:
      - { name: wrote, when: { field: channel, is: website }, points: 20 }
  - name: interest
    window: 60d
    lines:
      - { name: pricing, kind: page_viewed, when: { field: engagement.page, starts_with: /pricing }, points: 15 }
      - { name: webinar, kind: webinar_attended, points: 20 }
thresholds: { sell: 70, demote: 60, nurture: 40 }
";

const DAY: Duration = Duration::from_hours(24);

async fn post(scene: &Scene, path: &str, scope: Scope, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", key_for(scope));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let url = format!("{}/v1/acme/{path}", scene.app.public);
    scene.app.ask(Method::POST, &url, &headers, body.to_string()).await
}

async fn sold(scene: &Scene, email: &str) -> Value {
    let fields = json!({"contact.email": email, "contact.title": "VP", "contact.country": "DE"});
    let answer = scene.inquire(fields).await;
    assert_eq!((&answer["category"], &answer["score"]), (&json!("sell"), &json!(72)), "{answer}");
    answer
}

/// Passed back until so many days from now.
async fn later(scene: &Scene, lead: &Value, days: u32) -> Answer {
    let now = lead_router::domain::ports::Clock::now(scene.app.clock.as_ref());
    let said = json!({
        "lead_id": lead["lead_id"], "disposition": "timeline_later",
        "revisit_at": now.after(DAY * days).to_string(),
    });
    post(scene, "dispositions", Scope::DispositionsWrite, &said).await
}

async fn told(scene: &Scene, lead: &Value, kind: &str, page: Option<&str>) -> Answer {
    let mut body = json!({"lead_id": lead["lead_id"], "kind": kind});
    if let Some(page) = page {
        body["page"] = page.into();
    }
    post(scene, "engagements", Scope::EngagementsWrite, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_passed_back_comes_back_to_its_owner_by_what_the_person_does() {
    on_both(QUALIFICATION, async |scene| {
        let lead = sold(&scene, "ida@brummelkamp.example").await;
        let owner = lead["owner"].as_str().unwrap().to_owned();
        sold(&scene, "ottilie@fjordlund.example").await;
        let today = scene.app.get("/v1/acme/reports/costs").await.body["to"].clone();
        let spent = json!([{"id": "ads", "source": "form", "from": today, "amount": 100, "currency": "EUR"}]);
        assert_eq!(scene.app.post("/v1/acme/spend", spent).await.body["new"], 1);
        let back = later(&scene, &lead, 90).await;
        assert_eq!(back.status, 200, "{back:?}");
        let passed = scene.lead(&lead).await;
        assert_eq!(
            (passed.at("/category"), passed.at("/stage"), passed.at("/queue")),
            ("nurture", "recycled", "nurture")
        );
        assert_eq!(passed.at("/nurture/left_sales/reason"), "timeline_later");
        assert_eq!(passed.at("/nurture/left_sales/owner"), owner);

        // In peace for two weeks: enough points do not bring it back.
        assert_eq!(
            told(&scene, &lead, "webinar_attended", None).await.at("/lead/stage"),
            "recycled"
        );
        // Later: 52 + 20 from before would do, so that is gone first.
        scene.app.clock.pass(DAY * 61);
        assert_eq!(scene.lead(&lead).await.body["score"], 52);
        let seen = told(&scene, &lead, "page_viewed", Some("/pricing")).await;
        assert_eq!(
            (seen.at("/lead/stage"), seen.body["lead"]["score"].clone()),
            ("recycled", json!(67))
        );
        let came = told(&scene, &lead, "webinar_attended", None).await;
        assert_eq!((came.at("/lead/stage"), came.at("/lead/queue")), ("lead", "sales"), "{came:?}");
        let now = scene.lead(&lead).await;
        assert_eq!((now.body["score"].clone(), now.at("/owner")), (json!(87), owner.as_str()));
        assert_eq!(
            (now.body["cycle"].clone(), now.body["inquiries"].clone()),
            (json!(2), json!(1))
        );
        assert!(now.body["nurture"].get("left_sales").is_none());
        eventually("sales told", || async {
            let told = scene.events("crm", &lead);
            (told == ["lead.routed", "lead.recycled", "lead.promoted"]).then_some(())
        })
        .await;
        // It is no new inquiry, and no new lead, in reports.
        let path = format!("/v1/acme/reports/costs?by=source&from={}", today.as_str().unwrap());
        let report = scene.app.get(&path).await.body;
        let row = report["rows"].as_array().unwrap().iter().find(|row| row["value"] == "form");
        let row = row.unwrap();
        let figures = ["inquiries", "cost_per_inquiry", "leads", "cost_per_lead"].map(|of| &row[of]);
        assert_eq!(figures, [&json!(2), &json!(50.0), &json!(2), &json!(50.0)], "{row}");
        // The time that was said comes, and nothing happens any more.
        scene.app.clock.pass(DAY * 30);
        let scene = scene.again(DAY * 92).await;
        assert_eq!(scene.lead(&lead).await.body["cycle"], 2);
        assert_eq!(
            scene.events("crm", &lead).iter().filter(|it| *it == "lead.promoted").count(),
            1
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_time_that_was_said_it_comes_back_by_itself_once() {
    on_both(QUALIFICATION, async |scene| {
        let credit = "dispositions: { credit: [timeline_later] }\n";
        scene.files.write("workspaces/acme/follow-up.yaml", credit);
        let scene = scene.again(Duration::ZERO).await;
        let lead = sold(&scene, "ida@brummelkamp.example").await;
        let owner = lead["owner"].as_str().unwrap().to_owned();
        sold(&scene, "ottilie@fjordlund.example").await;
        assert_eq!(later(&scene, &lead, 90).await.status, 200);
        // Whoever passed it back gets the turn back, as it is configured.
        let next = sold(&scene, "petra@zanzotter.example").await;
        assert_eq!(next["owner"], owner);
        assert!(scene.words(&next).await.contains("by a turn that was owed"));
        scene.app.clock.pass(DAY * 89);
        assert_eq!(scene.lead(&lead).await.at("/stage"), "recycled");
        let scene = scene.again(DAY * 90 + Duration::from_mins(1)).await;
        let back = eventually("it is back", || async {
            let lead = scene.lead(&lead).await;
            (lead.at("/queue") == "sales").then_some(lead)
        })
        .await;
        assert_eq!((back.at("/owner"), back.body["cycle"].clone()), (owner.as_str(), json!(2)));
        assert_eq!(back.body["inquiries"], 1);
        let scene = scene.again(DAY * 95).await;
        eventually("sales told once", || async {
            let told = scene.events("crm", &lead);
            (told == ["lead.routed", "lead.recycled", "lead.promoted"]).then_some(())
        })
        .await;
    })
    .await;
}
