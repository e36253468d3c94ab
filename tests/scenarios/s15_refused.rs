//! Scenario 15: a configuration that would lose leads is refused with file, line and rule; the running one stays.

use reqwest::Method;
use serde_json::json;

use super::engines::engines;
use crate::harness::app::{Files, KEY, Running};
use crate::harness::receiver::Receiver;

/// File, what is replaced, by what, and what is said.
const BROKEN: &[(&str, &str, &str, &str)] = &[
    (
        "routing.yaml",
        "fallback: { queue: triage }",
        "",
        "workspaces/acme/routing.yaml:2:1: it is missing: `fallback: { queue: triage }`",
    ),
    ("pools.yaml", "[ada, ben, cleo]", "[]", "workspaces/acme/pools.yaml:3:"),
    (
        "qualification.yaml",
        "sell: 50, nurture: 10",
        "sell: 50",
        "workspaces/acme/qualification.yaml:15:1: a threshold is missing: some scores would have no category",
    ),
    ("routing.yaml", "pool: team", "pool: taem", "workspaces/acme/routing.yaml:11:"),
    ("routing.yaml", "gte: 1000", "gte: many", "workspaces/acme/routing.yaml:9:"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_would_lose_leads_does_not_load_and_the_running_one_stays() {
    for engine in engines() {
        let receiver = Receiver::start();
        let files = Files::new(&receiver);
        let app = Running::start(&files, engine.url.clone(), None).await;
        let before = app.get("/v1/configuration").await.at("/hash").to_owned();
        for (file, from, to, said) in BROKEN {
            let path = format!("workspaces/acme/{file}");
            let text = std::fs::read_to_string(files.0.path().join(&path)).unwrap();
            assert!(text.contains(from), "{file}: {from}");
            files.write(&path, &text.replace(from, to));
            let refused = app.as_key(KEY, Method::POST, "/v1/configuration/reload", None).await;
            assert_eq!((refused.status, refused.at("/code")), (422, "configuration_refused"));
            assert!(refused.text.contains(said), "{said}\n{}", refused.text);
            assert_eq!(app.get("/v1/configuration").await.at("/hash"), before);
            let inquiry = json!({"email": format!("{}@zanzotter.example", to.len()), "country": "DE", "budget": "20000"});
            let answer = app.inquire("form", inquiry).await;
            assert!(["routed", "repeat"].contains(&answer.at("/status")), "{answer:?}");
            files.write(&path, &text);
            app.as_key(KEY, Method::POST, "/v1/configuration/reload", None).await;
        }
        app.stop().await;
    }
}

/// Rule 7 shadowed by rule 3: loads with a warning that names both; `--strict` refuses it.
#[tokio::test]
async fn a_rule_that_can_never_win_is_named_with_the_one_before_it() {
    use clap::Parser as _;
    use lead_router::cli::{Cli, Command, check};
    let receiver = Receiver::start();
    let files = Files::new(&receiver);
    let rules: String = ["FR", "ES", "", "IT", "PT", "NL"]
        .iter()
        .map(|country| match *country {
            "" => "  - { name: dach, when: { field: contact.country, in: [DE, AT, CH] }, assign: { queue: sales, pool: team } }\n".to_owned(),
            country => format!("  - {{ name: {}, when: {{ field: contact.country, is: {country} }}, assign: {{ queue: sales, pool: capped }} }}\n", country.to_lowercase()),
        })
        .collect();
    let routing = format!(
        "queues: {{ sales: {{ destinations: [crm] }}, nurture: {{ destinations: [mailer] }} }}\nrules:\n{rules}  - {{ name: vienna, when: {{ all: [ {{ field: contact.country, is: AT }}, {{ field: contact.city, is: Wien }} ] }}, assign: {{ queue: sales, pool: team }} }}\nfallback: {{ queue: triage }}\n"
    );
    files.write("workspaces/acme/routing.yaml", &routing);
    let run = |more: &[&str]| {
        let folder = files.0.path().to_str().unwrap();
        let words = ["lead-router", "check", folder].into_iter().chain(more.iter().copied());
        let Some(Command::Check(args)) = Cli::try_parse_from(words).unwrap().command else {
            panic!("check")
        };
        let mut out = Vec::new();
        let good = check::run(&args, &|_| None, &mut out).unwrap();
        (good, String::from_utf8(out).unwrap())
    };
    let said = "workspaces/acme/routing.yaml:9:5: warning: `vienna` can never win: `dach` (rule 3) before it takes all it would take";
    let (good, out) = run(&[]);
    assert!(good && out.contains(said), "{out}");
    let (good, out) = run(&["--strict"]);
    assert!(!good && out.contains(said), "{out}");
}
