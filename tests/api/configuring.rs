//! Changing the configuration of a running service: by SIGHUP, by the API, by the command; a bad one is
//! refused and the old one goes on. And showing what is in force.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::harness::deployment::{Deployment, Plan, WORKSPACE};
use crate::harness::process::Service;
use crate::harness::socket_receiver::SocketReceiver;
use crate::harness::wait::eventually;

const WITHIN: Duration = Duration::from_secs(30);
const ROUTING: &str = "workspaces/acme/routing.yaml";

/// A service process, its files, its receiver.
struct World {
    service: Service,
    deployment: Deployment,
    _receiver: SocketReceiver,
    _store: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let receiver = SocketReceiver::start(&[]);
        let deployment = Deployment::write(&receiver, &Plan::default());
        let store = tempfile::tempdir().unwrap();
        let url = format!("embedded:{}", store.path().display());
        let service = Service::start(deployment.path(), &url, None).await;
        Self { service, deployment, _receiver: receiver, _store: store }
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.deployment.path().join(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.deployment.path().join(path)).unwrap()
    }

    /// What the service says of its configuration.
    async fn state(&self) -> Value {
        let (status, body) = self.service.ask("/v1/configuration").await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn reload(&self) -> (u16, Value) {
        let (status, body) = self.service.act("/v1/configuration/reload").await;
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Lines of the log that say so.
    fn said(&self, message: &str, asked: &str) -> usize {
        let asked = format!("\"asked\":\"{asked}\"");
        let log = self.service.log();
        log.lines().filter(|line| line.contains(message) && line.contains(&asked)).count()
    }

    async fn command(&self, args: &[&str]) -> Output {
        let url = format!("http://{}", self.service.private);
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let run = move || {
            Command::new(env!("CARGO_BIN_EXE_lead-router"))
                .args(args)
                .env_clear()
                .env("LEAD_ROUTER_URL", url)
                .env("LEAD_ROUTER_API_KEY", crate::harness::deployment::API_KEY)
                .output()
                .unwrap()
        };
        tokio::task::spawn_blocking(run).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_egress_guard_is_opened_for_is_in_the_log_at_start() {
    let world = World::start().await;
    let log = world.service.log();
    let allowed = world.read("server.yaml");
    let allowed =
        allowed.split("allow: [\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let said = log.lines().find(|line| line.contains("addresses that the guard would refuse"));
    let said = said.unwrap_or_else(|| panic!("not said: {log}"));
    assert!(said.contains(&format!("\"opened\":\"{allowed}\"")), "{said}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_makes_it_look_at_once() {
    let world = World::start().await;
    let first = world.state().await["hash"].clone();
    let good = world.read(ROUTING);
    // The usual look may be faster than the signal: then it is tried with another change.
    let mut round = 0;
    eventually("a change taken over because of a signal", WITHIN, async || {
        round += 1;
        let before = world.state().await["hash"].clone();
        world.write(ROUTING, &format!("{good}# {round}\n"));
        world.service.signal("HUP");
        eventually("the change", WITHIN, async || {
            (world.state().await["hash"] != before).then_some(())
        })
        .await;
        (world.said("configuration reloaded", "signal") > 0).then_some(())
    })
    .await;
    let second = world.state().await;
    assert_ne!(second["hash"], first);

    // A bad one is refused, by the signal too; the old one goes on.
    world.write(ROUTING, &good.replace("fallback", "fallbakc"));
    world.service.signal("HUP");
    eventually("the refusal", WITHIN, async || {
        world.state().await.get("refused").is_some().then_some(())
    })
    .await;
    // Said again to whoever asks again.
    world.service.signal("HUP");
    eventually("the refusal, said because of a signal", WITHIN, async || {
        (world.said("configuration refused", "signal") > 0).then_some(())
    })
    .await;
    let third = world.state().await;
    assert_eq!((&third["hash"], &third["since"]), (&second["hash"], &second["since"]));
    let refused = third["refused"][0].as_str().unwrap();
    assert!(refused.contains("unknown key `fallbakc` (did you mean `fallback`?)"), "{refused}");
    let answer = world.service.form(&[("email", "hup@zanzotter.example")], None).await;
    assert_eq!(answer.status, 202, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_reloads_and_says_every_mistake() {
    let world = World::start().await;
    let first = world.state().await;
    let (status, body) = world.reload().await;
    assert_eq!((status, &body["changed"], &body["hash"]), (200, &false.into(), &first["hash"]));

    let good = world.read(ROUTING);
    world.write(ROUTING, &good.replace("queue: sales", "queue: slaes"));
    let (status, body) = world.reload().await;
    assert_eq!((status, &body["code"]), (422, &"configuration_refused".into()), "{body}");
    let error = &body["errors"][0];
    assert_eq!(error["file"], ROUTING);
    let line = 1 + good.lines().position(|line| line.contains("queue: sales")).unwrap();
    assert_eq!(error["line"], line, "{body}");
    assert!(error["column"].as_u64().unwrap() > 1);
    assert_eq!(error["suggestion"], "did you mean `sales`?");
    // Asked again, it says so again; and the old one is in force all the time.
    assert_eq!(world.reload().await.1["errors"], body["errors"]);
    assert_eq!(world.state().await["hash"], first["hash"]);

    let done = world.command(&["config", "reload"]).await;
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done.stdout).starts_with(&format!("{ROUTING}:{line}:")), "{done:?}");
    assert!(text(&done.stderr).contains("the running one stays"), "{done:?}");

    world.write(ROUTING, &format!("{good}# mended\n"));
    let done = world.command(&["config", "reload"]).await;
    assert!(done.status.success(), "{done:?}");
    let state = world.state().await;
    assert_ne!(state["hash"], first["hash"]);
    assert!(state.get("refused").is_none(), "{state}");
    assert!(text(&done.stdout).contains(state["hash"].as_str().unwrap()), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reloads_asked_at_once_come_one_after_the_other() {
    let world = World::start().await;
    let good = world.read(ROUTING);
    for round in 0..5 {
        world.write(ROUTING, &format!("{good}# {round}\n"));
        let all = futures_util::future::join_all((0..12).map(|_| world.reload())).await;
        assert!(all.iter().all(|(status, _)| *status == 200), "{all:?}");
        let changed = all.iter().filter(|(_, body)| body["changed"] == true).count();
        assert!(changed <= 1, "one look takes it over: {changed}");
        // Whoever looked, everybody who asked was answered with the files as they are.
        let hash = world.state().await["hash"].clone();
        assert!(all.iter().all(|(_, body)| body["hash"] == hash), "{all:?}");
    }
    let hash = world.state().await["hash"].clone();
    // Log lines are written together, a little after what they say.
    let reloaded = eventually("every change, in the log", WITHIN, async || {
        let asked = ["api", "poll"].map(|by| world.said("configuration reloaded", by));
        let sum = asked.iter().sum::<usize>();
        (sum >= 5).then_some(sum)
    })
    .await;
    assert_eq!(reloaded, 5, "every change exactly once");
    world.service.signal("HUP");
    eventually("a look that finds nothing new", WITHIN, async || {
        (world.said("configuration unchanged", "signal") > 0).then_some(())
    })
    .await;
    assert_eq!(world.state().await["hash"], hash);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_is_shown_without_secrets() {
    let world = World::start().await;
    let secrets = [
        crate::harness::deployment::SCANNER_KEY,
        crate::harness::socket_receiver::SIGNING_SECRET,
        crate::harness::deployment::API_KEY,
    ];
    let folder = world.deployment.path().display().to_string();
    for args in [
        vec!["config", "show"],
        vec!["config", "show", "--format", "json"],
        vec!["config", "show", "--workspace", WORKSPACE],
        vec!["config", "show", &folder],
        vec!["config", "show", &folder, "--format", "json"],
    ] {
        let done = world.command(&args).await;
        let out = text(&done.stdout);
        assert!(done.status.success(), "{args:?}: {done:?}");
        assert!(secrets.iter().all(|secret| !out.contains(secret)), "{args:?}: {out}");
        if args.contains(&"json") {
            let body: Value = serde_json::from_str(&out).unwrap();
            assert!(body["files"].as_array().unwrap().len() > 5, "{body}");
            continue;
        }
        let of = |path: &str| Path::new("workspaces").join(WORKSPACE).join(path);
        let at = |path: &str, line: u32| format!("{}:{line}", of(path).display());
        for line in [
            format!("zone: UTC  # {}", at("workspace.yaml", 1)),
            format!("country: DE  # {}", at("sources/form.yaml", 3)),
            format!("zone: UTC  # workspace {}", at("workspace.yaml", 1)),
            "verify: none  # preset (shipped) presets/sources/html-form.yaml:".to_owned(),
            "enabled: true  # default".to_owned(),
            format!("- (set)  # {}", at("destinations/crm.yaml", 2)),
            "concurrency: 16  # default".to_owned(),
        ] {
            assert!(out.contains(&line), "{args:?} lacks {line}:\n{out}");
        }
        assert_eq!(out.contains("# server.yaml"), !args.contains(&"--workspace"), "{out}");
        // The service was started with flags; a folder knows of none.
        let flag = format!("public_address: \"{}\"  # flag --public", world.service.public);
        assert_eq!(out.contains(&flag), args.len() == 2, "{args:?}: {out}");
    }
}
