//! Nobody answers: tries are counted, the next one is due, the list is in that order, and the last one recycles.

use std::time::Duration;

use serde_json::{Value, json};

use super::scene::{BANT, Scene, on_both};
use crate::harness::app::{Answer, eventually};

async fn waiting(scene: &Scene, email: &str) -> Value {
    scene
        .inquire(json!({
            "contact.email": email,
            "contact.country": "DE",
            "contact.title": "VP Operations",
            "need.need": "replace a system",
        }))
        .await
}

async fn in_vain(scene: &Scene, lead: &Value) -> Answer {
    let id = lead["lead_id"].as_str().unwrap();
    scene.app.post(&format!("/v1/acme/leads/{id}/no_answer"), json!({})).await
}

async fn order(scene: &Scene) -> Vec<String> {
    let list = scene.app.get("/v1/acme/worklists/qualify").await;
    let items = list.body["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_tries_in_vain_recycle_and_an_inquiry_begins_anew() {
    on_both(BANT, async |scene| {
        let first = waiting(&scene, "ida@brummelkamp.example").await;
        scene.app.clock.pass(Duration::from_secs(2));
        let second = waiting(&scene, "ottilie@fjordlund.example").await;
        let id = |lead: &Value| lead["lead_id"].as_str().unwrap().to_owned();
        assert_eq!(order(&scene).await, [id(&first), id(&second)], "whoever waits longest");

        let after = in_vain(&scene, &first).await;
        assert_eq!(
            (after.status, after.at("/queue"), after.at("/stage")),
            (200, "qualify", "inquiry")
        );
        assert_eq!(order(&scene).await, [id(&second), id(&first)], "due in four hours");
        let list = scene.app.get("/v1/acme/worklists/qualify").await;
        assert_eq!(list.body["items"][1]["tries"]["count"], 1);
        assert!(list.body["items"][1]["tries"]["next"].is_string());

        // An inquiry of the person: asked at once, counted anew.
        let more =
            json!({"contact.email": "ida@brummelkamp.example", "need.message": "please ring"});
        scene.inquire(more).await;
        assert!(scene.lead(&first).await.body.get("tries").is_none());
        for count in 1..=2 {
            in_vain(&scene, &first).await;
            assert_eq!(scene.lead(&first).await.body["tries"]["count"], count);
            scene.app.clock.pass(Duration::from_hours(4));
        }
        let given_up = in_vain(&scene, &first).await;
        assert_eq!(
            (given_up.at("/stage"), given_up.at("/queue"), given_up.at("/category")),
            ("recycled", "nurture", "nurture"),
            "{given_up:?}"
        );
        assert_eq!(order(&scene).await, [id(&second)]);
        assert_eq!(in_vain(&scene, &first).await.status, 422, "nobody is asked any more");
        eventually("both sides told", || async {
            let told = scene.events("mailer", &first) == ["lead.recycled"];
            (told && scene.events("inbox", &first).last()? == "lead.recycled").then_some(())
        })
        .await;
        // The next inquiry begins the next cycle.
        let more = json!({"contact.email": "ida@brummelkamp.example", "need.budget": "70000"});
        let again = scene.inquire(more).await;
        assert_eq!(
            (again["stage"].as_str(), again["queue"].as_str()),
            (Some("lead"), Some("sales"))
        );
        assert_eq!(scene.lead(&first).await.body["cycle"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_who_waits_too_long() {
    on_both(BANT, async |scene| {
        let clock = "sla:\n  - { name: ask, queues: [qualify], first_touch_within: 2h }\n";
        scene.files.write("workspaces/acme/follow-up.yaml", clock);
        let scene = scene.again(Duration::ZERO).await;
        let lead = waiting(&scene, "ida@brummelkamp.example").await;
        let listed = async || {
            let list = scene.app.get("/v1/acme/worklists/qualify").await;
            list.body["items"][0]["clock"].clone()
        };
        let early = listed().await;
        assert_eq!((&early["name"], early.get("overdue")), (&json!("ask"), None), "{early}");
        scene.app.clock.pass(Duration::from_hours(3));
        assert_eq!(listed().await["overdue"], json!(["first_touch"]));
        in_vain(&scene, &lead).await;
        assert_eq!(listed().await.get("overdue"), None, "somebody tried");
    })
    .await;
}
