//! Decision tables through HTTP: the row that wins says who gets the lead, and the record says which row it was.

use serde_json::json;

use super::engines::engines;
use crate::harness::app::{Files, KEY, Running};
use crate::harness::receiver::Receiver;

const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [mailer] }
  triage: { destinations: [inbox] }
rules:
  - name: accounts
    when: { field: category, is: sell }
    table: accounts
    assign: { queue: sales }
  - name: territories
    when: { field: category, is: sell }
    table: { name: territories, match: most_specific }
    assign: { queue: sales, pool: team }
fallback: { queue: triage }
";

const ACCOUNTS: &str = "company.domain,member\nbrummelkamp.example,cleo\n";
const TERRITORIES: &str = "contact.country,contact.postal_code starts_with,member,pool
DE,,,
DE,8,ben,
DE,803,,capped
";

/// What a command says that asks the service.
async fn said(app: &Running, words: &[&str]) -> (Option<i32>, String) {
    let (url, words) = (app.private.clone(), words.join(" "));
    let run = move || {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .args(words.split(' '))
            .args(["--url", &url, "--key", KEY, "--workspace", "acme"])
            .env_clear()
            .output()
            .unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn explained_on_the_command_line(app: &Running) {
    let inquiry = json!({"email": "f@zanzotter.example", "country": "FR", "budget": "20000", "postal_code": "75001"});
    let answer = app.inquire("form", inquiry).await;
    for id in [answer.at("/inquiry_id"), answer.at("/lead_id")] {
        let (code, out) = said(app, &["explain", id, "--at", "current"]).await;
        assert_eq!(code, Some(0), "{out}");
        let row = "Rule `territories`: no match (a row of tables/territories fits: no).";
        assert!(out.contains(row), "{out}");
        assert!(out.ends_with("on what is known now:\n  the same.\n"), "{out}");
        assert!(!out.contains("zanzotter"), "{out}");
    }
    let (code, out) = said(app, &["explain", "somebody"]).await;
    assert_eq!(code, Some(1), "{out}");
    let (code, out) = said(app, &["rules", "--clauses"]).await;
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("      3       5         1        0      0  territories\n"), "{out}");
    assert!(out.contains("category is sell"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_that_fits_best_decides_and_is_recorded() {
    for engine in engines() {
        let receiver = Receiver::start();
        let files = Files::new(&receiver);
        files.write("workspaces/acme/routing.yaml", ROUTING);
        files.write("workspaces/acme/tables/accounts.csv", ACCOUNTS);
        files.write("workspaces/acme/tables/territories.csv", TERRITORIES);
        let app = Running::start(&files, engine.url.clone(), None).await;
        for (number, domain, postal, owner, rule, row) in [
            (0, "brummelkamp.example", "80331", "cleo", "accounts", 2),
            (1, "eu.brummelkamp.example", "", "cleo", "accounts", 2),
            (2, "zanzotter.example", "80331", "dora", "territories", 4),
            (3, "zanzotter.example", "86150", "ben", "territories", 3),
            (4, "zanzotter.example", "10115", "ada", "territories", 2),
        ] {
            let inquiry = json!({
                "email": format!("p{number}@{domain}"), "country": "DE", "budget": "20000",
                "postal_code": postal,
            });
            let answer = app.inquire("form", inquiry).await;
            assert_eq!(answer.at("/owner"), owner, "{number}: {answer:?}");
            let path = format!("/v1/acme/inquiries/{}", answer.at("/inquiry_id"));
            let record = app.get(&format!("{path}/record")).await;
            assert_eq!(record.at("/rule"), rule, "{record:?}");
            assert_eq!(record.body["row"], row, "{record:?}");
            let file = format!("line {row} of tables/{rule}");
            let said = record.body["sentences"].to_string();
            assert!(said.contains(&file), "{said}");
        }
        explained_on_the_command_line(&app).await;
        let rules = app.get("/v1/acme/rules?last=10").await;
        let won: Vec<&serde_json::Value> =
            rules.body["rules"].as_array().unwrap().iter().map(|rule| &rule["won"]).collect();
        assert_eq!(won, [&json!(2), &json!(3)], "{rules:?}");
        app.stop().await;
    }
}
