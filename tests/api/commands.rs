//! The commands that talk to a running service, as a person types them.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use lead_router::app::StoreUrl;
use serde_json::json;
use tempfile::TempDir;

use super::good;
use crate::harness::app::{Files, KEY, Running, eventually};
use crate::harness::receiver::{Receiver, Reply};

/// A terminal beside a running service.
struct Terminal {
    app: Running,
    receiver: Receiver,
    folder: TempDir,
    files: Files,
}

impl Terminal {
    async fn open() -> Self {
        let (receiver, folder) = (Receiver::start(), tempfile::tempdir().unwrap());
        let files = Files::new(&receiver);
        let runtime = folder.path().join("runtime.json");
        let store = StoreUrl::Embedded(folder.path().join("store"));
        let app = Running::start(&files, store, Some(&runtime)).await;
        Self { app, receiver, folder, files }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exit code, what it said, what it complained of.
    async fn run(&self, line: &str) -> (Option<i32>, String, String) {
        let (runtime, line) = (self.path("runtime.json"), line.to_owned());
        let done = tokio::task::spawn_blocking(move || {
            Command::new(env!("CARGO_BIN_EXE_lead-router"))
                .args(line.split_whitespace())
                .env_clear()
                .env("LEAD_ROUTER_RUNTIME_FILE", runtime)
                .output()
                .unwrap()
        })
        .await
        .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    }

    /// What it said, having gone well.
    async fn well(&self, line: &str) -> String {
        let (code, out, complained) = self.run(line).await;
        assert_eq!((code, complained.as_str()), (Some(0), ""), "{line}: {out}");
        out
    }

    /// What it complained of, having gone wrong.
    async fn badly(&self, line: &str) -> String {
        let (code, out, complained) = self.run(line).await;
        assert_eq!((code, out.as_str()), (Some(1), ""), "{line}: {complained}");
        assert!(!complained.is_empty(), "{line}");
        complained
    }

    /// A lead in triage: its inquiry and itself.
    async fn triaged(&self) -> (String, String) {
        let inquiry =
            json!({"email": "carl@zanzotter.example", "country": "FR", "budget": "20000"});
        let answer = self.app.inquire("form", inquiry).await;
        (answer.at("/inquiry_id").to_owned(), answer.at("/lead_id").to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_finds_and_moves_what_waits() {
    let terminal = Terminal::open().await;
    let (inquiry, lead) = terminal.triaged().await;
    assert_eq!(terminal.well("healthcheck").await, "alive\n");
    assert_eq!(terminal.well("healthcheck --ready").await, "ready\n");
    assert!(terminal.well("worklists --workspace acme").await.contains("triage  count=1"));
    let listed = terminal.well("worklists --workspace acme triage").await;
    assert!(listed.contains(&lead) && listed.contains("no_rule"), "{listed}");
    assert!(terminal.well("find --workspace acme carl@zanzotter.example").await.contains(&lead));
    let rows = terminal.well("find --workspace acme --from 2020-01-01T00:00:00Z").await;
    assert!(rows.contains("inquiry_decided"), "{rows}");
    let record = terminal.well(&format!("inquiries --workspace acme record {inquiry}")).await;
    assert!(record.contains("No rule won."), "{record}");
    let line = format!("leads --workspace acme assign {lead} --member cleo");
    assert!(terminal.well(&line).await.contains("\"owner\": \"cleo\""));
    let shown = terminal.well(&format!("leads --workspace acme show {lead}")).await;
    assert!(shown.contains("carl@zanzotter.example"), "{shown}");
    terminal.app.post_form(&[("colour", "green")]).await;
    let listed = terminal.well("worklists --workspace acme returned").await;
    let body = listed.split_whitespace().next().unwrap();
    assert!(
        terminal.well(&format!("inquiries --workspace acme body {body}")).await.contains("green")
    );
    let still = terminal.badly(&format!("inquiries --workspace acme reprocess {body}")).await;
    assert!(still.contains("no_contact"), "{still}");
    let line = format!("inquiries --workspace acme discard {body}");
    assert_eq!(terminal.well(&line).await, "done\n");
    assert_eq!(terminal.well("worklists --workspace acme returned").await, "nothing waits there\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_says_of_a_pair_what_is_so() {
    let terminal = Terminal::open().await;
    let mut leads = Vec::new();
    for name in ["Ida Fjordlund", "Tilo Quillfeather"] {
        let inquiry = json!({"phone": "+493023125700", "name": name, "country": "DE"});
        leads.push(terminal.app.inquire("form", inquiry).await.at("/lead_id").to_owned());
        terminal.app.clock.pass(std::time::Duration::from_mins(1));
    }
    let listed = terminal.well("worklists --workspace acme refused").await;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with(&leads[1]) && lines[0].contains("phone_other_name"), "{listed}");
    assert!(lines[1].starts_with(&format!("  and  {}", leads[0])), "{listed}");
    let line = format!("leads --workspace acme distinguish {} --from {}", leads[1], leads[0]);
    terminal.well(&line).await;
    assert_eq!(terminal.well("worklists --workspace acme refused").await, "nothing waits there\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_replays_drops_and_resumes() {
    let terminal = Terminal::open().await;
    let deliveries = |rest: &str| format!("deliveries --workspace acme {rest}");
    terminal.receiver.always("crm", Reply::status(500));
    for name in ["anna", "bert", "carl"] {
        terminal.app.inquire("form", good(name)).await;
    }
    let dead = eventually("the last attempts", || async {
        terminal.app.clock.pass(Duration::from_millis(50));
        let listed = terminal.well(&deliveries("list --destination crm")).await;
        // A list that is not complete yet may say so in a line of its own.
        (listed.lines().filter(|line| line.starts_with("dlv_")).count() == 3).then_some(listed)
    })
    .await;
    assert!(dead.contains("lead.routed") && dead.contains("last=500"), "{dead}");
    let listed = dead.lines().filter(|line| line.starts_with("dlv_"));
    let ids: Vec<&str> = listed.map(|line| line.split(' ').next().unwrap()).collect();
    let dropped = terminal.well(&deliveries(&format!("drop {} --reason by-phone", ids[0]))).await;
    assert_eq!(dropped, format!("{}  dropped\n", ids[0]));
    terminal.receiver.always("crm", Reply::status(200));
    let replayed = terminal.well(&deliveries(&format!("replay {}", ids[1]))).await;
    assert_eq!(replayed, format!("{}  replayed\n", ids[1]));
    let dry = terminal.well(&deliveries("replay --kind fault --destination crm --dry-run")).await;
    assert!(
        dry.contains("crm  fault  count=1") && dry.contains("\"type\": \"lead.routed\""),
        "{dry}"
    );
    assert!(dry.ends_with("would replay 1; nothing was sent\n"), "{dry}");
    let one = terminal.well(&deliveries(&format!("replay {} --dry-run", ids[2]))).await;
    assert!(one.contains("•••") && one.contains("nothing was sent"), "{one}");
    let counted = terminal.well(&deliveries("count")).await;
    assert!(
        counted.starts_with("crm  fault  count=1  20") && counted.ends_with("1 in all\n"),
        "{counted}"
    );
    assert_eq!(terminal.well(&deliveries("list --kind refusal")).await, "there is none\n");
    let exported = terminal.well(&deliveries("export --kind fault")).await;
    assert!(exported.lines().count() == 1 && exported.contains(ids[2]), "{exported}");
    let all = terminal.well(&deliveries("replay --all")).await;
    assert_eq!(all, format!("{}  replayed\n1 replayed in all\n", ids[2]));
    eventually("both", || async {
        let shown = terminal.well(&deliveries(&format!("show {}", ids[2]))).await;
        shown.contains("\"state\": \"delivered\"").then_some(())
    })
    .await;
    assert_eq!(terminal.well(&deliveries("list")).await, "there is none\n");

    terminal.receiver.always("crm", Reply::status(410));
    terminal.app.inquire("form", good("dirk")).await;
    let paused = eventually("the pause", || async {
        let out = terminal.well(&deliveries("destinations")).await;
        out.contains("crm  paused  gone").then_some(out)
    })
    .await;
    assert!(paused.contains("mailer  open"), "{paused}");
    terminal.receiver.always("crm", Reply::status(200));
    assert!(terminal.well(&deliveries("resume crm")).await.contains("crm  open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_and_is_no_success() {
    let terminal = Terminal::open().await;
    let (_, lead) = terminal.triaged().await;
    terminal.well(&format!("leads --workspace acme assign {lead} --queue nurture")).await;
    let said = terminal.badly(&format!("leads --workspace acme release {lead}")).await;
    assert!(said.contains("does not wait in triage"), "{said}");
    let said = terminal.badly(&format!("leads --workspace nowhere show {lead}")).await;
    assert!(said.contains("There is no such thing"), "{said}");
    for usage in [
        "leads --workspace acme show not-an-id",
        "worklists --workspace acme others",
        "find --workspace acme",
    ] {
        assert_eq!(terminal.run(usage).await.0, Some(2), "{usage}");
    }
    let private = &terminal.app.private;
    let said =
        terminal.badly(&format!("worklists --url {private} --key wrong --workspace acme")).await;
    assert!(said.contains("No valid API key") && !said.contains("wrong"), "{said}");
    terminal.well(&format!("worklists --url {private} --key {KEY} --workspace acme")).await;
    let said = terminal.badly("healthcheck --url http://127.0.0.1:1").await;
    assert!(said.contains("no running service"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_copied_and_audited() {
    let terminal = Terminal::open().await;
    terminal.triaged().await;
    let (store, copy, second) =
        (terminal.path("store"), terminal.path("copy"), terminal.path("second"));
    let line = format!("backup {}", copy.display());
    assert!(terminal.well(&line).await.contains("master key"));
    assert!(terminal.badly(&line).await.contains("there is a store in"));
    let audit =
        |store: &PathBuf| format!("audit --workspace acme --store embedded:{}", store.display());
    let said = terminal.badly(&audit(&store)).await;
    assert!(said.contains("in use by another process"), "{said}");
    let Terminal { app, receiver, folder, files } = terminal;
    let next = Running::embedded(&files, &copy).await;
    app.stop().await;
    let terminal = Terminal { app: next, receiver, folder, files };
    let offline = format!("backup --offline embedded:{} {}", store.display(), second.display());
    // The threads that served it let go of the store a moment after the service has ended.
    let said = eventually("the store's release", || async {
        let (code, said, _) = terminal.run(&offline).await;
        (code == Some(0)).then_some(said)
    })
    .await;
    assert!(said.contains("copied"), "{said}");
    for store in [&store, &second] {
        assert!(terminal.well(&audit(store)).await.ends_with("0 violations\n"));
    }
    assert!(terminal.badly(&audit(&terminal.path("none"))).await.contains("no store"));
    let dumped = terminal.well(&format!("{} --dump", audit(&store))).await;
    assert!(dumped.lines().any(|line| line.starts_with("journal ")), "{dumped}");
}
