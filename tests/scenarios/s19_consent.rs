//! 19, consent: whoever has not agreed to be rung is not handed to those who ring, with the reason, and neither is who stands on the
//! list of those who want to be left alone, whatever they are worth. An erasure changes no report. (That nothing is
//! left of the person is a scenario of its own, `forgotten`.)

use std::time::Duration;

use serde_json::{Value, json};

use super::scene::{Scene, on_both};

const QUALIFICATION: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 80 }
eligibility:
  - name: consent_missing
    when: { all: [ { field: contact.country, in: [DE, AT, FR] }, { not: { all: [ { field: consent.contact.phone, exists: true }, { field: consent.contact.phone, is: true } ] } } ] }
    reason: nobody in the EU is rung who has not agreed to it
thresholds: { sell: 70, nurture: 40 }
";

async fn inquire(scene: &Scene, email: &str, country: &str, agreed: Option<&str>) -> Value {
    let mut body = json!({"email": email, "title": "VP", "country": country});
    if let Some(agreed) = agreed {
        body["phone_consent"] = agreed.into();
        body["phone_consent_text"] = "You may ring me.".into();
    }
    let answer = scene.app.inquire("form", body).await;
    assert!(answer.status < 300, "{answer:?}");
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_agreed_is_not_rung_and_the_reason_is_said() {
    on_both(QUALIFICATION, async |scene| {
        for (email, country, agreed, stage) in [
            ("ida@brummelkamp.example", "DE", None, "discarded"),
            ("ottilie@fjordlund.example", "FR", Some("no"), "discarded"),
            ("petra@zanzotter.example", "AT", Some("yes"), "lead"),
            ("quentin@quillfeather.example", "US", None, "lead"),
        ] {
            let answer = inquire(&scene, email, country, agreed).await;
            assert_eq!(answer["stage"], stage, "{country}: {answer}");
        }
        let told = scene.receiver.came("crm");
        assert!(told.iter().all(|came| came.json()["data"]["lead"]["stage"] == "lead"));
        let again = inquire(&scene, "ida@brummelkamp.example", "DE", None).await;
        assert_eq!(again["category"], "discard", "{again}");
        assert!(scene.words(&again).await.contains("consent_missing"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_the_list_is_rung_by_nobody() {
    on_both(QUALIFICATION, async |scene| {
        scene.files.write("workspaces/acme/lists/dnc.csv", "phone\n+493023125111\n");
        let gate = "  - { name: dnc, when: { field: contact.phone, in_list: dnc }, reason: wants no calls }\nthresholds:";
        let listed = QUALIFICATION.replace("thresholds:", gate);
        scene.files.write("workspaces/acme/qualification.yaml", &listed);
        let scene = scene.again(Duration::ZERO).await;
        let mut lead = Value::Null;
        for (phone, stage) in [("030 23125222", "lead"), ("030 23125111", "discarded")] {
            let body = json!({
                "email": format!("n{}@fjordlund.example", &phone[7..]), "title": "VP", "country": "DE",
                "phone": phone, "phone_consent": "yes", "phone_consent_text": "You may ring me.",
            });
            lead = scene.app.inquire("form", body).await.body;
            assert_eq!(lead["stage"], stage, "{lead}");
        }
        assert!(scene.words(&lead).await.contains("dnc"));
        assert_eq!(scene.events("crm", &lead), Vec::<String>::new());
    })
    .await;
}

/// What the reports say.
async fn reported(scene: &Scene) -> Vec<Value> {
    let mut said = Vec::new();
    for report in ["funnel", "activity", "costs", "follow-up", "calibration"] {
        let answer = scene.app.get(&format!("/v1/acme/reports/{report}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        said.push(json!([answer.body["rows"], answer.body["totals"]]));
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_changes_no_report() {
    on_both(QUALIFICATION, async |scene| {
        let lead = inquire(&scene, "petra@zanzotter.example", "AT", Some("yes")).await;
        inquire(&scene, "ida@brummelkamp.example", "DE", None).await;
        let today = scene.app.get("/v1/acme/reports/costs").await.body["to"].clone();
        let spent = json!([{ "id": "ads", "source": "form", "from": today, "amount": 100, "currency": "EUR" }]);
        assert_eq!(scene.app.post("/v1/acme/spend", spent).await.body["new"], 1);
        let before = reported(&scene).await;
        assert_eq!(before[2][0][0]["cost_per_lead"], 100.0, "{}", before[2]);
        let gone = scene.app.post("/v1/acme/erasures", json!({"q": lead["lead_id"]})).await;
        assert_eq!(gone.body["leads"], json!([lead["lead_id"]]), "{gone:?}");
        assert_eq!(scene.lead(&lead).await.status, 410);
        assert_eq!(reported(&scene).await, before);
    })
    .await;
}
