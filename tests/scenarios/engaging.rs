//! What people do counts: told by tools, once each, whatever the order; it promotes, and it is no inquiry. Who wants to
//! hear no more is left alone at once.

use std::time::Duration;

use lead_router::http::keys::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Scene, on_both};
use crate::harness::app::{Answer, eventually, key_for};
use crate::harness::receiver::Reply;

const QUALIFICATION: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 52 }
engagement:
  - name: interest
    half_life: 14d
    max: 80
    lines:
      - { name: pricing, kind: page_viewed, when: { field: engagement.page, starts_with: /pricing }, points: 15 }
      - { name: webinar, kind: [webinar_attended, event_attended], points: 20 }
thresholds: { sell: 70, demote: 60, nurture: 40 }
";

async fn told(scene: &Scene, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", key_for(Scope::EngagementsWrite));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let url = format!("{}/v1/acme/engagements", scene.app.public);
    scene.app.ask(Method::POST, &url, &headers, body.to_string()).await
}

async fn nurtured(scene: &Scene, email: &str) -> Value {
    let fields = json!({"contact.email": email, "contact.title": "VP", "contact.country": "DE"});
    let answer = scene.inquire(fields).await;
    assert_eq!(answer["category"], "nurture", "{answer}");
    answer
}

async fn consent(scene: &Scene, lead: &Value, body: Value) -> Answer {
    let id = lead["lead_id"].as_str().unwrap();
    scene.app.post(&format!("/v1/acme/leads/{id}/consents"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_promotes_once_and_strangers_are_not_kept() {
    on_both(QUALIFICATION, async |scene| {
        let lead = nurtured(&scene, "ida@brummelkamp.example").await;
        let seen = json!({
            "id": "hit-1", "kind": "page_viewed", "email": "Ida@Brummelkamp.example",
            "page": "https://www.acme.example/pricing?for=teams",
        });
        let stranger = json!({"kind": "replied", "email": "nobody@zanzotter.example"});
        let all = json!([seen, stranger, {"kind": "unheard_of"}, seen]);
        let answer = told(&scene, &all).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let words: Vec<&Value> = (0..4).map(|at| &answer.body["results"][at]["status"]).collect();
        assert_eq!(words, [&json!("noted"), &json!("unknown"), &json!(400), &json!("duplicate")]);
        assert_eq!(answer.at("/results/0/lead/category"), "nurture", "52 + 15");
        assert_eq!(scene.lead(&lead).await.body["score"], 67.0);

        let came = json!({"kind": "webinar_attended", "lead_id": lead["lead_id"], "id": "w-1"});
        let answer = told(&scene, &came).await;
        assert_eq!((answer.at("/status"), answer.at("/lead/queue")), ("noted", "sales"), "52 + 35");
        assert_eq!(told(&scene, &came).await.at("/status"), "duplicate");
        let shown = scene.lead(&lead).await;
        assert_eq!((shown.at("/category"), shown.body["score"].clone()), ("sell", json!(87)));
        assert_eq!(
            (shown.body["inquiries"].clone(), shown.body["cycle"].clone()),
            (json!(1), json!(1))
        );
        let lines = shown.body["qualification"]["lines"].as_array().unwrap();
        let because = lines.iter().find(|line| line["criterion"] == "webinar").unwrap();
        assert_eq!(because["because"][0]["value"], "webinar_attended, event_attended");
        eventually("both sides told", || async {
            let told = scene.events("crm", &lead) == ["lead.promoted"];
            (told && scene.events("mailer", &lead) == ["lead.nurtured", "lead.promoted"])
                .then_some(())
        })
        .await;
        let metrics = scene.app.get("/metrics").await.text;
        let line = "leadrouter_engagements_told_total{workspace=\"acme\",status=\"unknown\"} 1";
        assert!(metrics.contains(line), "{metrics}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_of_one_lead_are_two_commits_and_stay_small() {
    on_both(QUALIFICATION, async |scene| {
        let lead = nurtured(&scene, "ida@brummelkamp.example").await;
        let before = scene.lead(&lead).await;
        let now = lead_router::domain::ports::Clock::now(scene.app.clock.as_ref());
        for half in 0..2_u64 {
            // The later ones first, and all of them mixed up: within a request the order does not matter.
            let all: Vec<Value> = (0..5_000_u64)
                .map(|at| {
                    let minute = half * 5_000 + (at * 2_371) % 5_000;
                    let at = now.before(Duration::from_mins(10_000 - minute)).to_string();
                    json!({"kind": "page_viewed", "lead_id": lead["lead_id"], "page": "/jobs", "at": at})
                })
                .collect();
            let answer = told(&scene, &Value::Array(all)).await;
            let results = answer.body["results"].as_array().unwrap();
            assert!(results.iter().all(|one| one["status"] == "noted"));
        }
        let after = scene.lead(&lead).await;
        let version = |answer: &Answer| answer.body["version"].as_u64().unwrap();
        assert_eq!(version(&after) - version(&before), 2);
        assert_eq!(after.body["nurture"]["engagements"]["count"], 10_000);
        let newest = after.body["nurture"]["engagements"]["newest"].as_array().unwrap();
        assert!(newest.len() <= 50 && newest[0]["kind"] == "page_viewed");
        assert_eq!(after.at("/category"), "nurture", "that page counts nothing");
        let old = now.before(Duration::from_mins(9_999)).to_string();
        let late = json!({"kind": "page_viewed", "lead_id": lead["lead_id"], "page": "/a", "at": old});
        assert_eq!(told(&scene, &late).await.at("/status"), "too_old");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_be_left_alone_is_and_nothing_that_waited_goes_out() {
    on_both(QUALIFICATION, async |scene| {
        let crm = format!(
            "url: {}\nsecrets: [whsec_aGFybmVzcy1oYXJuZXNzLWhhcm5lc3MtaGFybmVzcy0hIQ==]\nretry: [0s, 1h]\n",
            scene.receiver.url("crm")
        );
        scene.files.write("workspaces/acme/destinations/crm.yaml", &crm);
        assert_eq!(scene.app.post("/v1/configuration/reload", json!({})).await.status, 200);
        scene.receiver.always("crm", Reply::status(503));
        let lead = nurtured(&scene, "ida@brummelkamp.example").await;
        let came = json!({"kind": "webinar_attended", "lead_id": lead["lead_id"]});
        assert_eq!(told(&scene, &came).await.at("/lead/queue"), "sales");
        eventually("a try in vain", || async {
            (!scene.events("crm", &lead).is_empty()).then_some(())
        })
        .await;

        let alone = json!({"purpose": "any", "channel": "any", "granted": false});
        let stopped = consent(&scene, &lead, alone.clone()).await;
        assert_eq!(
            (stopped.status, stopped.at("/stage"), stopped.at("/category")),
            (200, "discarded", "discard"),
            "{stopped:?}"
        );
        assert_eq!(consent(&scene, &lead, alone).await.status, 200, "said again, later");
        let tried = scene.events("crm", &lead).len();
        scene.receiver.always("crm", Reply::status(200));
        scene.app.clock.pass(Duration::from_hours(2));
        eventually("all who had it are told", || async {
            let told = |destination| {
                scene.events(destination, &lead).last().is_some_and(|it| it == "lead.unsubscribed")
            };
            (told("crm") && told("mailer")).then_some(())
        })
        .await;
        let shown = scene.lead(&lead).await;
        let deliveries = shown.body["deliveries"].as_array().unwrap();
        assert!(deliveries.iter().any(|one| one["state"] == "stopped"), "{deliveries:?}");
        let later = scene.events("crm", &lead).split_off(tried);
        assert!(later.iter().all(|kind| kind == "lead.unsubscribed"), "{later:?}");

        // What the person does brings nobody back, and neither does an inquiry without a yes to it.
        let more = json!({"kind": "event_attended", "lead_id": lead["lead_id"]});
        assert_eq!(told(&scene, &more).await.at("/lead/stage"), "discarded");
        let fields = json!({"contact.email": "ida@brummelkamp.example", "need.message": "hello"});
        let again = scene.inquire(fields).await;
        assert_eq!(again["stage"], "discarded", "{again}");
        assert!(scene.words(&again).await.contains("do_not_contact"));

        scene.app.clock.pass(Duration::from_mins(1));
        let bare = json!({"purpose": "any", "channel": "any", "granted": true});
        assert_eq!(consent(&scene, &lead, bare).await.status, 422, "no words: it proves nothing");
        let proved = json!({
            "purpose": "any", "channel": "any", "granted": true, "text": "Yes, you may ring me.",
        });
        assert_eq!(consent(&scene, &lead, proved).await.status, 200);
        let fields =
            json!({"contact.email": "ida@brummelkamp.example", "need.message": "now then"});
        assert_eq!(scene.inquire(fields).await["category"], "sell");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsubscription_takes_leads_out_as_configured() {
    on_both(QUALIFICATION, async |scene| {
        let first = nurtured(&scene, "ida@brummelkamp.example").await;
        let gone = json!({"kind": "unsubscribed", "email": "ida@brummelkamp.example"});
        let answer = told(&scene, &gone).await;
        assert_eq!((answer.at("/status"), answer.at("/lead/stage")), ("noted", "discarded"));
        let shown = scene.lead(&first).await;
        assert_eq!(
            (&shown.body["consents"][0]["purpose"], shown.at("/queue")),
            (&json!("marketing"), "none")
        );
        // Too little for sales is not nurtured any more.
        let fields = json!({"contact.email": "ida@brummelkamp.example", "need.message": "hello"});
        assert_eq!(scene.inquire(fields).await["category"], "discard");

        // Whoever is being sold to stays, where that is the rule.
        let rule = "nurture: { unsubscribe_stops: nurture }\n";
        scene.files.write("workspaces/acme/follow-up.yaml", rule);
        assert_eq!(scene.app.post("/v1/configuration/reload", json!({})).await.status, 200);
        let second = nurtured(&scene, "ottilie@fjordlund.example").await;
        let came = json!({"kind": "webinar_attended", "lead_id": second["lead_id"]});
        assert_eq!(told(&scene, &came).await.at("/lead/queue"), "sales");
        let gone = json!({"kind": "unsubscribed", "lead_id": second["lead_id"]});
        assert_eq!(told(&scene, &gone).await.at("/lead/queue"), "sales");
        eventually("both sides told", || async {
            let told = |destination| {
                scene
                    .events(destination, &second)
                    .last()
                    .is_some_and(|it| it == "lead.unsubscribed")
            };
            (told("crm") && told("mailer")).then_some(())
        })
        .await;
    })
    .await;
}
