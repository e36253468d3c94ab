//! 19, consent: whoever has not agreed to be rung is not handed to those who ring, with the reason; who wants to be left
//! alone is, whatever they are worth. (Erasure is a scenario of its own.)

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
