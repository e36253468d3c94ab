//! Scenario 14, the decision part: a dry run counts what would change and ends with 1, sends nothing and moves no
//! turn; a configuration is taken over and rolled back in one step each; records name the rules they were made by.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use super::assignment_away::count;
use super::engines::engines;
use super::processes::{On, SOON, Stage};
use crate::harness::app::{Files, KEY, Running};
use crate::harness::receiver::Receiver;
use crate::harness::wait::eventually;

async fn diff(app: &Running, a: &Path, b: &Path) -> (Option<i32>, String) {
    let (url, a, b) = (app.private.clone(), a.to_owned(), b.to_owned());
    let run = move || {
        let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .arg("diff")
            .args([a, b])
            .args([
                "--recorded",
                "2020-01-01T00:00:00Z",
                "--limit",
                "20000",
                "--exit-code",
                "--url",
                &url,
                "--key",
                KEY,
            ])
            .env_clear()
            .output()
            .unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn inquiry(number: usize, country: &str, budget: &str) -> Value {
    json!({"email": format!("p{number}@zanzotter.example"), "country": country, "budget": budget})
}

/// Nine for the team, four to nurture, two that no rule takes; gives one of the team's.
async fn some_of_each(app: &Running) -> String {
    let mut first = String::new();
    for number in 0..9 {
        let answer = app.inquire("form", inquiry(number, "DE", "20000")).await;
        assert_eq!(answer.at("/status"), "routed", "{answer:?}");
        answer.at("/inquiry_id").clone_into(&mut first);
    }
    for number in 9..13 {
        let answer = app.inquire("form", inquiry(number, "DE", "2000")).await;
        assert_eq!(answer.at("/category"), "nurture", "{answer:?}");
    }
    for number in 13..15 {
        let answer = app.inquire("form", inquiry(number, "FR", "20000")).await;
        assert_eq!(answer.at("/status"), "held", "{answer:?}");
    }
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_what_would_change_and_changes_nothing() {
    for engine in engines() {
        let receiver = Receiver::start();
        let (files, other) = (Files::new(&receiver), Files::new(&receiver));
        let app = Running::start(&files, engine.url.clone(), None).await;
        let first = some_of_each(&app).await;
        let pools = app.get("/v1/acme/pools").await.text;
        let same = diff(&app, files.0.path(), other.0.path()).await;
        assert_eq!(
            same,
            (Some(0), "15 inquiries decided by both, 0 decisions change\n".to_owned())
        );

        // Another team, another threshold, and a country less.
        let routing =
            std::fs::read_to_string(files.0.path().join("workspaces/acme/routing.yaml")).unwrap();
        let taken = routing.replace("name: german", "name: swiss").replace("is: DE", "is: CH");
        other.write("workspaces/acme/routing.yaml", &taken);
        let (code, out) = diff(&app, files.0.path(), other.0.path()).await;
        assert_eq!(code, Some(1), "{out}");
        assert!(out.contains("9 change owner, 9 change queue, 9 become unroutable"), "{out}");
        let qualification =
            std::fs::read_to_string(files.0.path().join("workspaces/acme/qualification.yaml"))
                .unwrap();
        other.write("workspaces/acme/routing.yaml", &routing);
        let stricter = qualification.replace("nurture: 10", "nurture: 15");
        other.write("workspaces/acme/qualification.yaml", &stricter);
        let (code, out) = diff(&app, files.0.path(), other.0.path()).await;
        assert_eq!(code, Some(1), "{out}");
        assert!(out.contains("4 change category, 4 change queue"), "{out}");
        assert!(!out.contains("zanzotter"), "{out}");
        assert_eq!(app.get("/v1/acme/pools").await.text, pools, "no turn was used");

        // Taken over and rolled back: one step each, for the files are the truth.
        let before = app.get("/v1/configuration").await;
        files.write("workspaces/acme/routing.yaml", &taken);
        let swapped = app.as_key(KEY, Method::POST, "/v1/configuration/reload", None).await;
        assert_eq!((swapped.status, &swapped.body["changed"]), (200, &json!(true)), "{swapped:?}");
        let answer = app.inquire("form", inquiry(15, "DE", "20000")).await;
        assert_eq!(answer.at("/status"), "held");
        // What was decided before keeps the names of its own rules, and can be decided by either.
        let path = format!("/v1/acme/inquiries/{first}/explanation");
        let explained = app.get(&path).await;
        assert_eq!(explained.at("/rules/1/rule"), "german", "{explained:?}");
        assert_eq!(explained.body["configuration_is_current"], json!(false));
        let again = app.get(&format!("{path}?at=current")).await;
        let differences = again.body["at"]["differences"].as_array().unwrap();
        let what: Vec<&str> = differences.iter().map(|it| it["what"].as_str().unwrap()).collect();
        assert_eq!(what, ["rule", "queue", "pool"], "{again:?}");
        assert_eq!(app.get(&format!("{path}?at=0000")).await.status, 404);

        files.write("workspaces/acme/routing.yaml", &routing);
        app.as_key(KEY, Method::POST, "/v1/configuration/reload", None).await;
        let after = app.get("/v1/configuration").await;
        assert_eq!(after.body["hash"], before.body["hash"]);
        let path = format!("/v1/acme/inquiries/{}/explanation", answer.at("/inquiry_id"));
        let explained = app.get(&format!("{path}?at={}", before.at("/workspaces/acme"))).await;
        assert_eq!(explained.at("/rules/1/rule"), "swiss");
        assert_eq!(
            explained.at("/rules/1/because/0/part"),
            "contact.country is CH",
            "{explained:?}"
        );
        assert_eq!(explained.at("/at/differences/0/would_be"), "german", "{explained:?}");
        app.stop().await;
    }
}

/// A change and its rollback leave what is under way alone: who waits waits as long, and a clock runs out when it would have.
async fn under_way(on: On) {
    const POOLS: &str = "
pools:
  open: { members: [ana] }
  shut: { members: [ { name: bo, paused: true } ] }
";
    const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  triage: { destinations: [crm] }
rules:
  - { name: spain, when: { field: contact.country, is: ES }, assign: { queue: sales, pool: shut, else: { hold: 20d, queue: triage } } }
  - { name: others, when: { field: category, is: sell }, assign: { queue: sales, pool: open } }
fallback: { queue: triage }
";
    const FOLLOW_UP: &str =
        "sla: [ { name: first-call, queues: [sales], first_touch_within: 30m } ]";
    let files = [("pools.yaml", POOLS), ("routing.yaml", ROUTING), ("follow-up.yaml", FOLLOW_UP)];
    let mut stage = Stage::begin(on, "2026-03-04T15:00:00Z", &files).await;
    let held = stage.somebody(&[("country", "ES")]).await;
    let given = stage.somebody(&[("country", "DE")]).await;
    assert_eq!((held.text("status"), given.text("owner")), ("held", "ana"));
    let (inquiry, lead) = (held.text("inquiry_id").to_owned(), given.text("lead_id").to_owned());
    let due = stage.lead(&lead).await["clock"]["first_touch_due_at"].clone();
    assert_eq!(due, "2026-03-04T15:30:00.000Z");
    let record = format!("/inquiries/{inquiry}/record");
    let before = stage.ask(&record).await["configuration"].clone();
    for (routing, is_back) in [(ROUTING.replace("others", "rest"), false), (ROUTING.into(), true)] {
        stage.rewrite("routing.yaml", &routing).await;
        // Who waits is tried once by what is new, and waits on. (Whoever goes through them does so for three seconds.)
        stage.at(if is_back { "2026-03-04T15:00:10Z" } else { "2026-03-04T15:00:05Z" });
        eventually("decided by the new one", SOON, async || {
            let by = stage.ask(&record).await["configuration"].clone();
            ((by == before) == is_back).then_some(())
        })
        .await;
        let words = stage.words(&inquiry).await;
        assert!(words.contains("is tried again at 2026-03-24T15:00:00.000Z"), "{words}");
        assert_eq!(count(&stage.ask("/worklists").await, "held"), 1);
        assert_eq!(stage.lead(&lead).await["clock"]["first_touch_due_at"], due);
    }
    stage.at("2026-03-04T15:30:00Z");
    stage.told("lead.sla_breached", 1).await;
    stage.at("2026-03-24T15:00:00Z");
    eventually("triage", SOON, async || {
        (count(&stage.ask("/worklists").await, "triage") == 1).then_some(())
    })
    .await;
    stage.ends_clean().await;
}

#[tokio::test]
async fn what_is_under_way_survives_a_rollback_embedded() {
    under_way(On::Embedded).await;
}

#[tokio::test]
async fn what_is_under_way_survives_a_rollback_redis() {
    under_way(On::Redis).await;
}

/// How many are recorded; the scenario has 10,000 (`make year`).
fn recorded() -> usize {
    std::env::var("RECORDED_INQUIRIES").map_or(1000, |count| count.parse().unwrap())
}

/// What a change does to 37, 5 and 2 of them is said, and of nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_recorded_inquiries_those_that_change_are_counted() {
    const ROUTING: &str = "
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [mailer] }
  triage: { destinations: [inbox] }
rules:
  - { name: home, when: { all: [ { field: category, is: sell }, { field: contact.country, is: DE } ] }, assign: { queue: sales, pool: team } }
  - { name: alps, when: { all: [ { field: category, is: sell }, { field: contact.country, in: [CH, LI] } ] }, assign: { queue: sales, pool: team } }
  - { name: nurture, when: { field: category, is: nurture }, assign: { queue: nurture } }
fallback: { queue: triage }
";
    const POOLS: &str = "pools: { team: { members: [ada] }, alps: { members: [eve] } }\n";
    for engine in engines() {
        let receiver = Receiver::start();
        let (files, other) = (Files::new(&receiver), Files::new(&receiver));
        for (files, routing) in [
            (&files, ROUTING.to_owned()),
            (
                &other,
                ROUTING.replace(
                    "[CH, LI] } ] }, assign: { queue: sales, pool: team }",
                    "[CH] } ] }, assign: { queue: sales, pool: alps }",
                ),
            ),
        ] {
            files.write("workspaces/acme/routing.yaml", &routing);
            files.write("workspaces/acme/pools.yaml", POOLS);
        }
        let path = "workspaces/acme/qualification.yaml";
        let qualification = std::fs::read_to_string(other.0.path().join(path)).unwrap();
        other.write(path, &qualification.replace("nurture: 10", "nurture: 15"));
        let app = Running::start(&files, engine.url.clone(), None).await;
        let bearer = format!("Bearer {KEY}");
        let headers = [
            ("x-api-key", "scanner-secret"),
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
        ];
        let url = format!("{}/v1/acme/inquiries/scanner/batch", app.public);
        let numbers: Vec<usize> = (0..recorded()).collect();
        for part in numbers.chunks(5000) {
            let mut csv = "badge_id,email,country,budget\n".to_owned();
            for n in part {
                let (country, budget) = match n {
                    0..35 => ("CH", 20_000),
                    35..37 => ("LI", 20_000),
                    37..42 => ("DE", 2000),
                    _ => ("DE", 20_000),
                };
                writeln!(csv, "B{n},p{n}@zanzotter-{n}.example,{country},{budget}").unwrap();
            }
            let answer = app.ask(Method::POST, &url, &headers, csv).await;
            assert_eq!(answer.body["results"].as_array().unwrap().len(), part.len(), "{answer:?}");
        }
        let (code, out) = diff(&app, files.0.path(), other.0.path()).await;
        assert_eq!(code, Some(1), "{out}");
        assert!(out.contains(&format!("{} inquiries decided by both", recorded())), "{out}");
        assert!(out.contains("37 change owner"), "{out}");
        assert!(out.contains("5 change category") && out.contains("2 become unroutable"), "{out}");
        app.stop().await;
    }
}
