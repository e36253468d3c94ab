//! Somebody's desk: a configuration folder, a service that runs it, a receiver, and a shell in which
//! commands are typed as the guides have them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use lead_router::http::keys::{Scope, fingerprint};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::process::{Service, client};
use crate::harness::receiver::Receiver;
use crate::harness::wait::eventually;

/// How long anything may take that the service does by itself.
pub const WITHIN: Duration = Duration::from_secs(30);
/// An API key of this desk that may do everything.
pub const KEY: &str = "lrk_journeys-journeys-journeys-journeys-journeys";
/// The secret of its CRM.
pub const SIGNING: &str = "whsec_am91cm5leXMtam91cm5leXMtam91cm5leXMtISE=";

/// A service under a configuration folder, with the workspace of the guides, `acme`.
pub struct Desk {
    pub service: Service,
    pub receiver: Receiver,
    home: TempDir,
}

/// What a shell said.
#[derive(Debug)]
pub struct Said {
    pub good: bool,
    pub out: String,
    pub err: String,
}

/// The folder before anything was changed: whoever can be reached is worth selling to.
pub fn write_acme(home: &Path, receiver: &Receiver, sources: &[(&str, &str)]) {
    let keys = format!(
        "keys:\n  - {{ name: riva, sha256: \"{}\", scopes: {:?} }}\n",
        fingerprint(KEY),
        Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()
    );
    let crm = format!("url: {}\nsecrets: [{SIGNING}]\nretry: [0s, 200ms]\n", receiver.url("crm"));
    let base = [
        ("server.yaml", "egress: { allow: [\"127.0.0.1/32:*\"], http: true }\n"),
        ("keys.yaml", &keys),
        ("workspaces/acme/workspace.yaml", "zone: Europe/Berlin\ncountry: DE\ncoalesce: 500ms\n"),
        ("workspaces/acme/qualification.yaml", QUALIFICATION),
        ("workspaces/acme/routing.yaml", ROUTING),
        ("workspaces/acme/pools.yaml", "pools:\n  reps: { members: [ada, ben] }\n"),
        ("workspaces/acme/destinations/crm.yaml", &crm),
    ];
    for (path, text) in base {
        put(&home.join(path), text);
    }
    for (name, text) in sources {
        put(&home.join(format!("workspaces/acme/sources/{name}.yaml")), text);
    }
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    std::fs::write(path, text).expect("the file");
}

const QUALIFICATION: &str = "
contact:
  - name: reachable
    when: { any: [ { field: contact.email_valid, is: true }, { field: contact.phone_valid, is: true } ] }
    points: 60
thresholds: { sell: 50, nurture: 0 }
";

const ROUTING: &str = "\
queues:
  sales: { destinations: [crm] }
  nurture: { destinations: [crm] }
  triage: { destinations: [crm] }
rules:
  - name: sell
    when: { field: category, is: sell }
    assign: { queue: sales, pool: reps }
fallback: { queue: triage }
";

impl Desk {
    /// Sits down: writes the folder and starts the service on an embedded store.
    pub async fn sit(receiver: Receiver, sources: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let store = format!("embedded:{}", home.path().join("data").display());
        Self::sit_on(home, receiver, sources, &store).await
    }

    /// The same on any store.
    pub async fn sit_on(
        home: TempDir,
        receiver: Receiver,
        sources: &[(&str, &str)],
        store: &str,
    ) -> Self {
        let folder = home.path().join("configuration");
        write_acme(&folder, &receiver, sources);
        let service = Service::start(&folder, store, None).await;
        Self { service, receiver, home }
    }

    /// A path in the configuration folder.
    pub fn file(&self, path: &str) -> PathBuf {
        self.home.path().join("configuration").join(path)
    }

    /// Writes a file of the configuration.
    pub fn write(&self, path: &str, text: &str) {
        put(&self.file(path), text);
    }

    /// Where inquiries of a source are posted to.
    pub fn source_url(&self, source: &str) -> String {
        format!("http://{}/v1/acme/inquiries/{source}", self.service.public)
    }

    /// A text of the guides with the addresses of here.
    pub fn here(&self, text: &str) -> String {
        let public = format!("http://{}", self.service.public);
        text.replace("https://inquiries.example.com", &public)
            .replace("http://127.0.0.1:8080", &public)
    }

    /// Types a line into a shell. `values` are variables that stand for ids in the guides.
    pub async fn shell(&self, line: &str, values: &[(&str, &str)]) -> Said {
        let program = Path::new(env!("CARGO_BIN_EXE_lead-router"));
        let folder = program.parent().expect("its folder").display();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command
            .args(["-euo", "pipefail", "-c", &self.here(line)])
            .current_dir(self.home.path())
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("LEAD_ROUTER_RUNTIME_FILE", self.service.runtime_file())
            .env("no_proxy", "127.0.0.1")
            .envs(values.iter().copied());
        let done = tokio::task::spawn_blocking(move || command.output().expect("bash"));
        let done = done.await.expect("the shell's end");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { good: done.status.success(), out: text(&done.stdout), err: text(&done.stderr) }
    }

    /// Types a line that must do well; gives what it printed.
    pub async fn well(&self, line: &str, values: &[(&str, &str)]) -> String {
        let said = self.shell(line, values).await;
        assert!(said.good, "{line}: {said:?}");
        said.out
    }

    /// Types it again and again until it prints this.
    pub async fn until_printed(&self, line: &str, part: &str) -> String {
        eventually(part, WITHIN, async || {
            let said = self.shell(line, &[]).await;
            (said.good && said.out.contains(part)).then_some(said.out)
        })
        .await
    }

    /// Asks the private API, with the key that commands on this machine use.
    pub async fn ask(&self, path: &str) -> Value {
        self.request(path, None).await
    }

    /// Asks where somebody's lead is.
    pub async fn find(&self, what: &str) -> Value {
        self.request("/v1/acme/find", Some(serde_json::json!({"q": what}))).await
    }

    async fn request(&self, path: &str, body: Option<Value>) -> Value {
        let text = std::fs::read_to_string(self.service.runtime_file()).expect("the runtime file");
        let found: Value = serde_json::from_str(&text).expect("the runtime file");
        let key = found["key"].as_str().expect("a key");
        let url = format!("http://{}{path}", self.service.private);
        let request = match body {
            Some(body) => client(WITHIN)
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => client(WITHIN).get(url),
        };
        let response = request.bearer_auth(key).send().await.expect("an answer");
        serde_json::from_str(&response.text().await.expect("a body")).unwrap_or_default()
    }

    /// Waits until the CRM was told so many things; gives their types.
    pub async fn told(&self, count: usize) -> Vec<String> {
        eventually("the CRM's events", WITHIN, async || {
            let events = self.receiver.events("crm");
            (events.len() >= count).then_some(events)
        })
        .await
    }

    /// Statuses of everything that was decided, oldest first.
    pub async fn decided(&self) -> Vec<String> {
        let rows = self.ask("/v1/acme/find?from=2020-01-01T00:00:00Z&limit=200").await;
        let rows = rows["happened"].as_array().cloned().unwrap_or_default();
        let decided = rows.iter().filter(|row| row["fact"] == "inquiry_decided");
        decided.map(|row| row["status"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// The first id of that kind (`inq_`, `lead_`, `dlv_`) in a text.
///
/// # Panics
/// If there is none.
pub fn id(kind: &str, text: &str) -> String {
    let start = text.find(kind).unwrap_or_else(|| panic!("no {kind}… was printed"));
    let rest = &text[start + kind.len()..];
    let digits = rest.chars().take_while(char::is_ascii_alphanumeric);
    format!("{kind}{}", digits.collect::<String>())
}
