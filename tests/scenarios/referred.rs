//! Who brought whom: a chain is followed both ways, a ring once, and the referrer's owner is asked before the rules.

use serde_json::{Value, json};

use super::scene::on_both;

const QUALIFICATION: &str = r"
contact:
  - { name: decides, text: decides, when: { field: contact.title, exists: true }, points: 70 }
thresholds: { sell: 70, nurture: 40 }
";

const ROUTING: &str = r"
owners: [existing_owner, referrer_owner]
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [mailer] }
  triage: { destinations: [inbox] }
rules:
  - { name: all, when: { field: category, is: sell }, assign: { queue: sales, pool: team } }
fallback: { queue: triage }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_shown_from_both_ends_and_the_owner_follows_it() {
    on_both(QUALIFICATION, async |scene| {
        scene.files.write("workspaces/acme/routing.yaml", ROUTING);
        let reloaded = scene.app.post("/v1/configuration/reload", json!({})).await;
        assert_eq!(reloaded.status, 200, "{reloaded:?}");

        let person = async |name: &str, by: Option<&str>| {
            let mut fields = json!({
                "contact.email": format!("{name}@brummelkamp.example"),
                "contact.full_name": format!("{name} Brummelkamp"),
                "contact.title": "VP",
                "contact.country": "DE",
            });
            if let Some(by) = by {
                fields["referral.referrer"] = by.into();
            }
            scene.inquire(fields).await
        };
        // Ida names Ada, who is known only later; Bo names Ida, Cleo names Bo, and Ada in the end names Cleo: a ring.
        let ida = person("ida", Some("Ada@Brummelkamp.example")).await;
        let bo = person("bo", Some("ida@brummelkamp.example")).await;
        let cleo = person("cleo", Some("bo@brummelkamp.example")).await;
        assert_eq!((&bo["owner"], &cleo["owner"]), (&ida["owner"], &ida["owner"]), "one owner");
        let shown = async |lead: &Value| {
            let id = lead["lead_id"].as_str().unwrap();
            scene.app.get(&format!("/v1/acme/leads/{id}/referrals")).await.body
        };
        assert_eq!(shown(&ida).await["by_stranger"], true);
        let ada = person("ada", Some("cleo@brummelkamp.example")).await;
        assert_eq!(ada["owner"], ida["owner"]);

        let of_ida = shown(&ida).await;
        let ids = |list: &Value| -> Vec<Value> {
            list.as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
        };
        let all = |leads: &[&Value]| -> Vec<Value> {
            leads.iter().map(|lead| lead["lead_id"].clone()).collect()
        };
        assert_eq!(ids(&of_ida["referred_by"]), all(&[&ada, &cleo, &bo]), "and no further round");
        assert_eq!(ids(&of_ida["people"]), all(&[&bo, &cleo, &ada]));
        let depths: Vec<&Value> =
            of_ida["by_depth"].as_array().unwrap().iter().map(|depth| &depth["people"]).collect();
        assert_eq!(depths, [&json!(1), &json!(1), &json!(1)]);
        assert_eq!(of_ida["brought"]["people"], 3);
        assert!(scene.words(&bo).await.contains("referrer"), "{}", scene.words(&bo).await);
    })
    .await;
}
