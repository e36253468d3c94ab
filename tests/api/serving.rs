//! `lead-router serve` as an orchestrator runs it: ports file, health, SIGTERM, exit codes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lead_router::app::{StoreUrl, open_store, wait_for_store};
use lead_router::domain::ports::StoreError;
use serde_json::Value;

use crate::harness::app::{Files, eventually};
use crate::harness::receiver::Receiver;
use crate::harness::redis::Server;

fn serve(files: &Path, folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lead-router"))
        .args(["serve", "--public", "127.0.0.1:0", "--private", "127.0.0.1:0"])
        .arg("--config")
        .arg(files)
        .arg("--store")
        .arg(format!("embedded:{}", folder.join("store").display()))
        .arg("--ports-file")
        .arg(folder.join("ports.json"))
        .env_clear()
        .env("LEAD_ROUTER_RUNTIME_FILE", folder.join("runtime.json"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finished(child: Child) -> (Option<i32>, String, String) {
    let done = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

/// Threads of both listeners: how many of the process's have the name that actix gives them.
fn threads_that_answer(id: u32) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let named = tasks.filter_map(|task| std::fs::read(task.ok()?.path().join("comm")).ok());
    named.filter(|name| name.starts_with(b"actix-server wo")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_threads_answer_as_the_configuration_says() {
    let half = std::thread::available_parallelism().unwrap().get().div_ceil(2);
    for (threads, expected) in [(None, half), (Some(5), 5)] {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(&Receiver::start());
        if let Some(threads) = threads {
            let server = files.0.path().join("server.yaml");
            let text = std::fs::read_to_string(&server).unwrap();
            let text = text.replace("limits: {", &format!("limits: {{ threads: {threads},"));
            std::fs::write(server, text).unwrap();
        }
        let mut child = serve(files.0.path(), folder.path());
        let id = child.id();
        eventually("the ports file", || async {
            folder.path().join("ports.json").exists().then_some(())
        })
        .await;
        // The private listener has one.
        eventually("all threads", || async {
            (threads_that_answer(id) == expected + 1).then_some(())
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_found_by_its_files_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new(&Receiver::start());
    let child = serve(files.0.path(), folder.path());
    let ports: Value = eventually("the ports file", || async {
        serde_json::from_slice(&std::fs::read(folder.path().join("ports.json")).ok()?).ok()
    })
    .await;
    assert!(ports["public"].as_str().unwrap().starts_with("127.0.0.1:"), "{ports}");
    let healthy = eventually("its health", || async {
        let done = Command::new(env!("CARGO_BIN_EXE_lead-router"))
            .args(["healthcheck", "--ready"])
            .env_clear()
            .env("LEAD_ROUTER_RUNTIME_FILE", folder.path().join("runtime.json"))
            .output()
            .unwrap();
        done.status.success().then_some(done.stdout)
    })
    .await;
    assert_eq!(healthy, b"ready\n");
    // A second process on the same embedded store is refused, and says what to do.
    let second = finished(serve(files.0.path(), folder.path()));
    assert_eq!(second.0, Some(1));
    assert!(second.2.contains("in use by another process"), "{}", second.2);

    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let (code, out, log) = finished(child);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
    assert!(
        log.contains("\"started\"") && log.contains("\"draining\"") && log.contains("\"stopped\""),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_at_the_start_is_said_and_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let bare =
        Command::new(env!("CARGO_BIN_EXE_lead-router")).arg("serve").env_clear().output().unwrap();
    assert_eq!(bare.status.code(), Some(2), "usage");
    assert!(String::from_utf8_lossy(&bare.stderr).contains("--config"));
    let files = Files::new(&Receiver::start());
    files.write("workspaces/acme/routing.yaml", "fallback: { queue: nowhere }\n");
    let (code, _, complained) = finished(serve(files.0.path(), folder.path()));
    assert_eq!(code, Some(1));
    assert!(
        complained.contains("routing.yaml:1:") && complained.contains("nowhere"),
        "{complained}"
    );
    assert!(!folder.path().join("ports.json").exists() && !folder.path().join("store").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_starts_later_is_waited_for() {
    let mut server = Server::start();
    let url = StoreUrl::Redis(server.url());
    server.kill();
    let waiting = wait_for_store(&url);
    let mut waiting = std::pin::pin!(waiting);
    let early = tokio::time::timeout(Duration::from_millis(700), &mut waiting).await;
    assert!(early.is_err(), "it gave up on a store that is not there yet");
    server.restart();
    let store = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
    store.time().await.unwrap();

    // What will not get better by waiting is said at once.
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::Embedded(folder.path().to_path_buf());
    let held = open_store(&url).await.unwrap();
    let refused = tokio::time::timeout(Duration::from_secs(5), wait_for_store(&url)).await;
    assert!(matches!(refused, Ok(Err(StoreError::Refused(_)))), "it waits for what is in use");
    drop(held);
}
