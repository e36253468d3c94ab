//! `lead-router diff --recorded`: what a running service has decided, decided again by two configurations.

use std::path::Path;
use std::process::Command;

use lead_router::app::StoreUrl;
use serde_json::json;

use super::change;
use crate::harness::app::{Files, KEY, Running};
use crate::harness::receiver::Receiver;

fn diff(url: &str, key: &str, a: &Path, b: &Path) -> (Option<i32>, String, String) {
    let (a, b) = (a.to_owned(), b.to_owned());
    let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
        .arg("diff")
        .args([a, b])
        .args(["--recorded", "2020-01-01T00:00:00Z", "--exit-code", "--url", url, "--key", key])
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_inquiries_are_decided_again() {
    let receiver = Receiver::start();
    let (files, other) = (Files::new(&receiver), Files::new(&receiver));
    let folder = tempfile::tempdir().unwrap();
    let store = StoreUrl::Embedded(folder.path().join("store"));
    let app = Running::start(&files, store, None).await;
    let inquiry = json!({"email": "carl@zanzotter.example", "country": "FR", "budget": "20000"});
    let answer = app.inquire("form", inquiry).await;
    let id = answer.at("/inquiry_id").to_owned();
    let url = app.private.clone();
    let (one, same) = (files.0.path().to_owned(), other.0.path().to_owned());
    let run = |key: &'static str| {
        let (url, one, same) = (url.clone(), one.clone(), same.clone());
        tokio::task::spawn_blocking(move || diff(&url, key, &one, &same))
    };
    let (code, out, complained) = run(KEY).await.unwrap();
    assert_eq!((code, complained.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out, "1 inquiries decided by both, 0 decisions change\n");
    change(other.0.path(), "workspaces/acme/routing.yaml", "queue: triage", "queue: nurture");
    let (code, out, _) = run(KEY).await.unwrap();
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("triage -> nurture") && out.contains(&id), "{out}");
    assert!(!out.contains("carl"), "{out}");
    let (code, _, complained) = run("lrk_of-nobody").await.unwrap();
    assert_eq!(code, Some(1));
    assert!(!complained.is_empty());
}
