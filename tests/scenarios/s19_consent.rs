//! 19, consent: whoever has not agreed to be rung is not handed to those who ring, with the reason, and neither is who stands on the
//! list of those who want to be left alone, whatever they are worth; or only by mail, if the rules say so. What certifies a consent is
//! marked when it is older than 90 days. An erasure changes no report. (That nothing is left of the person is a
//! scenario of its own, `forgotten`.)

use std::time::Duration;

use serde_json::{Value, json};

use super::scene::{Scene, on_both};
use crate::harness::app::eventually;

const QUALIFICATION: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 80 }
eligibility:
  - name: consent_missing
    when: { all: [ { field: contact.country, in: [DE, AT, FR] }, { not: { all: [ { field: consent.contact.phone, exists: true }, { field: consent.contact.phone, is: true } ] } } ] }
    reason: nobody in the EU is rung who has not agreed to it
thresholds: { sell: 70, nurture: 40 }
";

const BY_MAIL: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 80 }
thresholds: { sell: 70, nurture: 40 }
";

const CERTIFIED: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 80 }
  - { name: certificate-stale, text: the certificate of consent is older than 90 days, when: { field: answers.trustedform_age_days, gt: 90 }, points: -5 }
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

/// Whoever may be rung goes to those who ring, everybody else is written to.
const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [mailer] }
  triage: { destinations: [inbox] }
rules:
  - name: rung
    when: { all: [ { field: category, is: sell }, { field: consent.contact.phone, is: true } ] }
    assign: { queue: sales, pool: team }
  - { name: written-to, assign: { queue: nurture } }
fallback: { queue: triage }
";

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_agreed_to_be_rung_may_be_written_to() {
    on_both(BY_MAIL, async |scene| {
        scene.files.write("workspaces/acme/routing.yaml", ROUTING);
        let scene = scene.again(Duration::ZERO).await;
        for (email, agreed, queue) in [
            ("ida@brummelkamp.example", None, "nurture"),
            ("ottilie@fjordlund.example", Some("no"), "nurture"),
            ("petra@zanzotter.example", Some("yes"), "sales"),
        ] {
            let answer = inquire(&scene, email, "DE", agreed).await;
            assert_eq!((&answer["category"], &answer["queue"]), (&json!("sell"), &json!(queue)));
            let (one, other) = if queue == "sales" { ("crm", "mailer") } else { ("mailer", "crm") };
            eventually("whose it is is told", || async {
                (!scene.events(one, &answer).is_empty()).then_some(())
            })
            .await;
            assert_eq!(scene.events(other, &answer), Vec::<String>::new());
        }
    })
    .await;
}

/// The address of a certificate does not say how old it is; whoever verified it sends that along.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_certificate_of_consent_is_marked() {
    on_both(CERTIFIED, async |scene| {
        for (email, days, score) in
            [("petra@zanzotter.example", "90", 80), ("ida@brummelkamp.example", "91", 75)]
        {
            let certificate = format!("https://cert.trustedform.com/{days}");
            let body = json!({
                "email": email, "title": "VP", "country": "DE", "trustedform_age_days": days,
                "phone_consent": "yes", "phone_consent_text": "You may ring me.",
                "xxTrustedFormCertUrl": certificate,
            });
            let answer = scene.app.inquire("form", body).await.body;
            assert_eq!((&answer["category"], &answer["score"]), (&json!("sell"), &json!(score)));
            let words = scene.words(&answer).await;
            let said = words.contains("the certificate of consent is older than 90 days");
            assert_eq!(said, days == "91", "{words}");
            let id = answer["inquiry_id"].as_str().unwrap();
            let kept = scene.app.get(&format!("/v1/acme/inquiries/{id}")).await;
            assert!(kept.text.contains(&certificate), "{}", kept.text);
        }
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
