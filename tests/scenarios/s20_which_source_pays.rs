//! Scenario 20: what a fair and ads cost for each inquiry, lead, prospect and sale; blank where nothing was sold; a
//! late sale corrects it at once; who was not followed up.

use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::stage::{ENGINES, Stage};
use crate::harness::app::{KEY, eventually};
use crate::packaging::markdown::root;

const FAIR: &str = "preset: html-form\nchannel: trade_show\ncountry: DE\n";
const ADS: &str = "preset: html-form\nchannel: ad\ncountry: DE\n";
const REPORTS: &str =
    "zone: Europe/Berlin\ncoalesce: 1s\nreports: { currency: EUR, goals: { leads: 90 } }\n";

/// So many, of which the first are first-level qualified; gives the ids of those.
async fn inquiries(stage: &Stage, source: &str, count: usize, leads: usize) -> Vec<Value> {
    let mut qualified = Vec::new();
    for number in 0..count {
        let budget = if number < leads { "20000" } else { "2000" };
        let email = format!("n{number}@{source}-{number}.example");
        let body = json!({ "email": email, "country": "DE", "budget": budget });
        let answer = stage.inquire(source, body).await;
        if number < leads {
            assert_eq!(answer["stage"], "lead", "{answer}");
            qualified.push(answer["lead_id"].clone());
        } else {
            assert_eq!(answer["stage"], "inquiry", "{answer}");
        }
    }
    qualified
}

async fn say(stage: &Stage, said: Value) {
    let url = format!("{}/v1/acme/dispositions", stage.app.public);
    let bearer = format!("Bearer {KEY}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let answer = stage.app.ask(Method::POST, &url, &headers, said.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.text.contains("\"failure\""), "{answer:?}");
}

fn all(leads: &[Value], disposition: &str) -> Value {
    let one = |lead: &Value| json!({ "lead_id": lead, "disposition": disposition });
    leads.iter().map(one).collect()
}

/// The row of a source.
async fn row(stage: &Stage, report: &str, source: &str) -> Value {
    let answer = stage.app.get(&format!("/v1/acme/reports/{report}?by=source")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let rows = answer.body["rows"].as_array().unwrap().clone();
    rows.into_iter().find(|row| row["value"] == source).unwrap_or_default()
}

fn costs(row: &Value) -> [Value; 4] {
    ["cost_per_inquiry", "cost_per_lead", "cost_per_prospect", "cost_per_sale"]
        .map(|name| row[name].clone())
}

async fn plays_on(engine: &str) {
    let files = [
        ("workspaces/acme/sources/fair.yaml", FAIR),
        ("workspaces/acme/sources/ads.yaml", ADS),
        ("workspaces/acme/workspace.yaml", REPORTS),
    ];
    let stage = Stage::set(engine, &files).await;
    let fair = inquiries(&stage, "fair", 200, 80).await;
    let ads = inquiries(&stage, "ads", 400, 60).await;
    stage.app.clock.pass(Duration::from_mins(10));
    say(&stage, all(&fair[..20], "qualified")).await;
    say(&stage, all(&ads[..6], "qualified")).await;
    let today = stage.app.get("/v1/acme/reports/costs").await.body["to"].clone();
    let spent = |id: &str, source: &str, amount: u32| json!({ "id": id, "source": source, "from": today, "amount": amount, "currency": "EUR" });
    let rows = json!([spent("fair", "fair", 9000), spent("ads", "ads", 4000)]);
    assert_eq!(stage.app.post("/v1/acme/spend", rows).await.body["new"], 2);
    // What was wrong is corrected, what was right is sent again.
    let rows = json!([spent("fair", "fair", 10_000), spent("ads", "ads", 4000)]);
    let taken = stage.app.post("/v1/acme/spend", rows).await.body;
    assert_eq!(taken, json!({ "new": 0, "corrected": 1, "unchanged": 1 }));

    for lead in &fair[..4] {
        let won =
            json!({ "lead_id": lead, "disposition": "won", "amount": "4000", "currency": "EUR" });
        say(&stage, won).await;
    }
    let (of_fair, of_ads) = (row(&stage, "costs", "fair").await, row(&stage, "costs", "ads").await);
    assert_eq!(costs(&of_fair), [json!(50.00), json!(125.00), json!(500.00), json!(2500.00)]);
    assert_eq!(costs(&of_ads), [json!(10.00), json!(66.67), json!(666.67), Value::Null]);
    // A sale that is told late.
    let late =
        json!({ "lead_id": fair[4], "disposition": "won", "amount": "4000", "currency": "EUR" });
    say(&stage, late).await;
    let of_fair = row(&stage, "costs", "fair").await;
    assert_eq!(costs(&of_fair), [json!(50.00), json!(125.00), json!(500.00), json!(2000.00)]);
    assert_eq!((&of_fair["revenue"], &of_fair["return"]), (&json!(20_000.00), &json!(2)));

    // Eighty leads, of which twenty were dealt with, ten minutes after they came.
    let follow_up = row(&stage, "follow-up", "fair").await;
    assert_eq!((&follow_up["never"], &follow_up["no_follow_up_rate"]), (&json!(60), &json!(0.75)));
    assert_eq!(row(&stage, "follow-up", "ads").await["no_follow_up_rate"], 0.9);
    assert_eq!(row(&stage, "speed", "fair").await["up_to_15m"], 20);
    let funnel = row(&stage, "funnel", "fair").await;
    let counts = ["inquiries", "leads", "prospects", "won"].map(|name| funnel[name].clone());
    assert_eq!(counts, [json!(200), json!(80), json!(20), json!(5)]);
    others_agree(&stage).await;
    typed(&stage).await;
    stage.ends_well().await;
}

/// CSV, page, export, and what is typed in the guide.
async fn others_agree(stage: &Stage) {
    let csv = stage.app.get("/v1/acme/reports/costs?by=source&format=csv").await.text;
    assert!(csv.contains("\r\nads,EUR,4000.00,400,10.00,60,66.67,6,666.67,0,,,0\r\n"), "{csv}");
    let page = stage.app.get("/v1/acme/reports/funnel?format=html").await.text;
    assert!(page.contains("<svg") && page.contains(">200<") && !page.contains("<script"), "{page}");
    let goals = stage.app.get("/v1/acme/reports/funnel").await.body["goals"]["leads"].clone();
    assert!((80..=100).contains(&goals.as_i64().unwrap()), "{goals}");
    exported(stage).await;
    let guide = std::fs::read_to_string(root().join("docs/reports.md")).unwrap();
    let sample = guide.split("```csv\n").nth(1).unwrap().split("```").next().unwrap().to_owned();
    let bearer = format!("Bearer {KEY}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let url = format!("{}/v1/acme/spend", stage.app.private);
    let taken = stage.app.ask(Method::POST, &url, &headers, sample).await;
    assert_eq!(taken.body["new"], 2, "{taken:?}");
    let report = stage.app.get("/v1/acme/reports/costs?from=2026-02-11&to=2026-02-12").await;
    let spent = |value: &str| {
        let rows = report.body["rows"].as_array().unwrap();
        rows.iter().find(|row| row["value"] == value).unwrap()["spent"].clone()
    };
    // The odd cents are on the first days.
    assert_eq!((spent("fair"), spent("ads")), (json!(6666.66), json!(285.72)));
    for wrong in [
        "/v1/acme/reports/sums",
        "/v1/acme/reports/funnel?by=colour",
        "/v1/acme/reports/funnel?from=2026-03-01&to=2026-02-01",
        "/v1/acme/export?after=yesterday",
    ] {
        let status = stage.app.get(wrong).await.status;
        assert!(status == 400 || status == 404, "{wrong}: {status}");
    }
}

async fn run(stage: &Stage, arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    let url = stage.app.private.clone();
    let typed = move || {
        let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .args(&arguments)
            .args(["--url", &url, "--key", KEY])
            .env_clear()
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    tokio::task::spawn_blocking(typed).await.unwrap()
}

/// The same at a command line.
async fn typed(stage: &Stage) {
    let table = run(stage, &["report", "costs"]).await;
    let ads = table.lines().find(|line| line.starts_with("ads")).unwrap();
    let words: Vec<&str> = ads.split_whitespace().collect();
    assert_eq!(
        words[..8],
        ["ads", "EUR", "4000.00", "400", "10.00", "60", "66.67", "6"],
        "{table}"
    );
    assert_eq!(words[10], "–", "{table}");
    assert!(ads.ends_with('█'), "{table}");
    let csv = run(stage, &["report", "costs", "--by", "source", "--csv"]).await;
    assert!(csv.starts_with("source,currency,spent,") && csv.contains("\r\nfair,EUR,"), "{csv}");
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    run(stage, &["report", "speed", "--html", page.to_str().unwrap()]).await;
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!doctype html>"));
    let file = folder.path().join("spend.json");
    let row = json!([{ "id": "more", "campaign": "Brand ", "from": "2026-01-01", "amount": 5, "currency": "usd" }]);
    std::fs::write(&file, row.to_string()).unwrap();
    let said = run(stage, &["spend", file.to_str().unwrap()]).await;
    assert_eq!(said, "1 new, 0 corrected, 0 unchanged\n");
    let by_campaign = "/v1/acme/reports/costs?by=campaign&from=2026-01-01&to=2026-01-01";
    let rows = stage.app.get(by_campaign).await.body["rows"].clone();
    assert_eq!((&rows[0]["value"], &rows[0]["currency"]), (&json!("brand"), &json!("USD")));
    let exported = run(stage, &["export", "--limit", "3"]).await;
    assert_eq!(exported.lines().count(), 3);
    assert!(run(stage, &["report", "rebuild"]).await.starts_with("begun"));
    eventually("the sums made anew", || async {
        let report = stage.app.get("/v1/acme/reports/funnel?by=all").await.body;
        (report["as_of"]["complete"] == true && report["rows"][0]["inquiries"] == 600).then_some(())
    })
    .await;
}

/// Every row once, whole, however it is cut into pages.
async fn exported(stage: &Stage) {
    let schema = std::fs::read_to_string(root().join("schemas/export.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let whole = stage.app.get("/v1/acme/export").await.text;
    let mut pages = String::new();
    let mut after = String::new();
    loop {
        let page = stage.app.get(&format!("/v1/acme/export?limit=100{after}")).await.text;
        let Some(last) = page.lines().last() else { break };
        let last: Value = serde_json::from_str(last).unwrap();
        after = format!("&after={}", last["position"].as_str().unwrap());
        pages.push_str(&page);
    }
    assert!(whole == pages && whole.lines().count() > 600);
    for line in whole.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(schema.is_valid(&event), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_known_which_source_pays() {
    for engine in ENGINES {
        plays_on(engine).await;
    }
}
