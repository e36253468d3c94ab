//! The commands that talk to a running service, as a person types them.

use std::path::Path;
use std::process::Command;

use lead_router::app::StoreUrl;
use serde_json::json;

use super::good;
use crate::harness::app::{Files, KEY, Running, eventually};
use crate::harness::receiver::{Receiver, Reply};

/// Whether it went well, what it said, what it complained of.
fn said(runtime_file: &Path, line: &str) -> (Option<i32>, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
        .args(line.split_whitespace())
        .env_clear()
        .env("LEAD_ROUTER_RUNTIME_FILE", runtime_file)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_finds_and_moves_what_waits() {
    let (receiver, folder) = (Receiver::start(), tempfile::tempdir().unwrap());
    let files = Files::new(&receiver);
    let runtime = folder.path().join("runtime.json");
    let app =
        Running::start(&files, StoreUrl::Embedded(folder.path().join("store")), Some(&runtime))
            .await;
    let run = async |line: &str| {
        let (runtime, line) = (runtime.clone(), line.to_owned());
        tokio::task::spawn_blocking(move || said(&runtime, &line)).await.unwrap()
    };
    let good_run = async |line: &str| {
        let (code, out, complained) = run(line).await;
        assert_eq!((code, complained.as_str()), (Some(0), ""), "{line}: {out}");
        out
    };
    let answer = app
        .inquire(
            "form",
            json!({"email": "carl@zanzotter.example", "country": "FR", "budget": "20000"}),
        )
        .await;
    let (inquiry, lead) = (answer.at("/inquiry_id").to_owned(), answer.at("/lead_id").to_owned());

    assert_eq!(good_run("healthcheck").await, "alive\n");
    assert_eq!(good_run("healthcheck --ready").await, "ready\n");
    assert!(good_run("worklists --workspace acme").await.contains("triage  count=1"));
    let listed = good_run("worklists --workspace acme triage").await;
    assert!(listed.contains(&lead) && listed.contains("no_rule"), "{listed}");
    assert!(good_run("find --workspace acme carl@zanzotter.example").await.contains(&lead));
    assert!(
        good_run("find --workspace acme --from 2020-01-01T00:00:00Z")
            .await
            .contains("inquiry_decided")
    );
    let record = good_run(&format!("inquiries --workspace acme record {inquiry}")).await;
    assert!(record.contains("No rule won."), "{record}");
    let assigned = good_run(&format!("leads --workspace acme assign {lead} --member cleo")).await;
    assert!(assigned.contains("\"owner\": \"cleo\""), "{assigned}");
    assert!(
        good_run(&format!("leads --workspace acme show {lead}"))
            .await
            .contains("carl@zanzotter.example")
    );

    receiver.always("crm", Reply::status(410));
    app.inquire("form", good("anna")).await;
    let paused = eventually("the pause", || async {
        let out = good_run("deliveries --workspace acme destinations").await;
        out.contains("crm  paused  gone").then_some(out)
    })
    .await;
    assert!(paused.contains("mailer  open"), "{paused}");
    receiver.always("crm", Reply::status(200));
    assert!(good_run("deliveries --workspace acme resume crm").await.contains("crm  open"));
    assert_eq!(good_run("deliveries --workspace acme list").await, "");
    assert_eq!(good_run("deliveries --workspace acme replay --all").await, "");
    let copy = folder.path().join("copy");
    assert!(good_run(&format!("backup {}", copy.display())).await.contains("master key"));

    // What goes wrong is said, and is no success.
    let (code, _, complained) = run(&format!("leads --workspace acme release {lead}")).await;
    assert_eq!(code, Some(1));
    assert!(complained.contains("does not wait in triage"), "{complained}");
    let (code, _, complained) = run(&format!("leads --workspace nowhere show {lead}")).await;
    assert!(code == Some(1) && complained.contains("There is no such thing"), "{complained}");
    let (code, _, _) = run("leads --workspace acme show not-an-id").await;
    assert_eq!(code, Some(2), "usage");
    let (code, _, complained) =
        run(&format!("--url {} worklists --workspace acme", app.private)).await;
    assert_eq!(code, Some(2), "{complained}");
    let line = format!("worklists --url {} --key wrong --workspace acme", app.private);
    let (code, _, complained) = run(&line).await;
    assert!(code == Some(1) && complained.contains("No valid API key"), "{complained}");
    assert!(!complained.contains("wrong"));
    let line = format!("worklists --url {} --key {KEY} --workspace acme", app.private);
    assert!(good_run(&line).await.contains("triage"));

    app.stop().await;
    let (code, _, complained) = run("healthcheck").await;
    assert!(code == Some(1) && !complained.is_empty(), "{complained}");
    let offline = format!(
        "backup --offline embedded:{} {}",
        folder.path().join("store").display(),
        folder.path().join("copy2").display()
    );
    assert!(good_run(&offline).await.contains("copied"));
    for store in ["store", "copy", "copy2"] {
        let line = format!(
            "audit --workspace acme --store embedded:{}",
            folder.path().join(store).display()
        );
        assert!(good_run(&line).await.ends_with("0 violations\n"), "{store}");
    }
    let line =
        format!("audit --workspace acme --store embedded:{}", folder.path().join("none").display());
    let (code, _, complained) = run(&line).await;
    assert!(code == Some(1) && complained.contains("no store"), "{complained}");
}
