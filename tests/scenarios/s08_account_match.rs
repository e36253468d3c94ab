//! Scenario 8: whose account the company is comes before the territory; a free-mail address is nobody's account.

use serde_json::{Value, json};

use super::stage::{ENGINES, Stage, good};

const ROUTING: &str = "
owners: [existing_owner, account_owner]
queues: { sales: { destinations: [crm] } }
rules:
  - { name: france, when: { field: contact.country, is: FR }, assign: { queue: sales, pool: emea } }
  - { name: america, when: { field: contact.country, is: US }, assign: { queue: sales, pool: us } }
fallback: { queue: triage }
";

const POOLS: &str = "
pools:
  emea: { members: [ana, bo, cy] }
  us: { members: [dee] }
";

/// Dee owns an account, in the pool of the United States.
const FILES: [(&str, &str); 4] = [
    ("workspaces/acme/workspace.yaml", "zone: Europe/Madrid\naccounts: { list: named-accounts }\n"),
    ("workspaces/acme/lists/named-accounts.csv", "domain,owner\nzanzotter.example,dee\n"),
    ("workspaces/acme/routing.yaml", ROUTING),
    ("workspaces/acme/pools.yaml", POOLS),
];

fn french(email: &str, company: &str) -> Value {
    let mut body = good(email, "Ida Fjordlund");
    body["country"] = "FR".into();
    body["company"] = company.into();
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_owner_comes_before_the_territory_and_free_mail_is_no_account() {
    for engine in ENGINES {
        let stage = Stage::set(engine, &FILES).await;
        let known = stage.inquire("form", french("ida@zanzotter.example", "Zanzotter")).await;
        assert_eq!((&known["owner"], &known["status"]), (&json!("dee"), &json!("routed")));
        let path = format!("/v1/acme/inquiries/{}/record", known["inquiry_id"].as_str().unwrap());
        let record = stage.app.get(&path).await;
        let before = "account_owner: `dee` was asked before the rule's pool.";
        assert!(record.text.contains(before), "{engine}: {}", record.text);
        let turns = |pools: &Value| -> Vec<(String, u64)> {
            let pools = pools["pools"].as_array().unwrap().iter();
            pools
                .map(|it| (it["name"].as_str().unwrap().to_owned(), it["turns"].as_u64().unwrap()))
                .collect()
        };
        let pools = stage.app.get("/v1/acme/pools").await.body;
        assert_eq!(turns(&pools), [("emea".to_owned(), 0), ("us".to_owned(), 1)], "{engine}");
        // Nobody's account: the territory decides, in turn.
        let people = ["Ulf Brummelkamp", "Eva Zanzotter", "Ina Quillfeather"];
        for (owner, name) in ["ana", "bo", "cy"].into_iter().zip(people) {
            let mut body = french(&format!("visitor.{owner}@gmail.com"), "Gmail");
            body["name"] = name.into();
            let free = stage.inquire("form", body).await;
            assert_eq!(free["owner"], owner, "{engine}: {free}");
        }
        // Neither is a company that nobody owns.
        let other = stage.inquire("form", french("ulf@brummelkamp.example", "Brummelkamp")).await;
        assert_eq!(other["owner"], "ana", "{engine}: {other}");
        stage.ends_well().await;
    }
}
