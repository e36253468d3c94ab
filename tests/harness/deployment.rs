//! A small configuration folder of the tests' own: a form, a scanner with a key, a few members, and
//! destinations at the tests' receiver.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::socket_receiver::{SIGNING_SECRET, SocketReceiver};

/// An API key that may do everything.
pub const API_KEY: &str = "lrk_the-tests-own-key-which-may-do-everything-ok";
/// The scanner's secret.
pub const SCANNER_KEY: &str = "the-scanners-own-secret";
/// The one workspace.
pub const WORKSPACE: &str = "acme";

/// What differs from test to test.
pub struct Plan<'a> {
    /// YAML of the members of the one pool.
    pub members: &'a str,
    /// Name, URL and further YAML lines of each destination of the sales queue.
    pub destinations: Vec<(&'a str, String, &'a str)>,
    /// Repeats within this time are told in one event.
    pub coalesce: &'a str,
    /// Directives of the log.
    pub log: &'a str,
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self { members: "[ada, ben, cleo]", destinations: Vec::new(), coalesce: "60s", log: "info" }
    }
}

/// Retries soon and long, for receivers that are only away for a moment.
pub const PATIENT: &str =
    "timeout_ms: 1000\nretry: [0s, 1s, 1s, 1s, 2s, 2s, 2s, 5s, 5s, 5s, 10s, 10s, 30s]\n";

/// The folder; gone when dropped.
pub struct Deployment {
    dir: TempDir,
}

impl Deployment {
    /// Writes the folder. Without destinations: one, `crm`, at the receiver.
    pub fn write(receiver: &SocketReceiver, plan: &Plan<'_>) -> Self {
        let deployment = Self { dir: tempfile::tempdir().expect("a directory") };
        let usual = vec![("crm", receiver.url("crm"), PATIENT)];
        let destinations = if plan.destinations.is_empty() { &usual } else { &plan.destinations };
        let port = receiver.address().port();
        deployment.put("server.yaml", &format!(
            "egress: {{allow: [\"127.0.0.1/32:{port}\"]}}\nlog: {{format: json, level: \"{}\"}}\nlimits: {{per_client_minute: 0}}\n",
            plan.log
        ));
        let digest =
            Sha256::digest(API_KEY.as_bytes()).iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
        deployment.put("keys.yaml", &format!(
            "keys:\n  - name: tests\n    sha256: \"{digest}\"\n    scopes: [inquiries:write, inquiries:read, leads:read, leads:write, operate, dispositions:write, deliveries:read, deliveries:write, reports:read, config:read, config:write, metrics]\n"
        ));
        let home = format!("workspaces/{WORKSPACE}");
        let workspace = format!("zone: UTC\ncountry: DE\ncoalesce: {}\n", plan.coalesce);
        deployment.put(&format!("{home}/workspace.yaml"), &workspace);
        deployment.put(&format!("{home}/qualification.yaml"), QUALIFICATION);
        let names: Vec<&str> = destinations.iter().map(|(name, ..)| *name).collect();
        deployment.put(&format!("{home}/routing.yaml"), &routing(&names.join(", ")));
        let pools =
            format!("pools:\n  reps:\n    method: round_robin\n    members: {}\n", plan.members);
        deployment.put(&format!("{home}/pools.yaml"), &pools);
        let form = "preset: html-form\nchannel: website\ncountry: DE\n";
        deployment.put(&format!("{home}/sources/form.yaml"), form);
        let scanner = format!(
            "preset: scanner-batch\nchannel: trade_show\nsecrets: [\"{SCANNER_KEY}\"]\ncountry: DE\nzone: Europe/Berlin\n"
        );
        deployment.put(&format!("{home}/sources/scanner.yaml"), &scanner);
        for (name, url, more) in destinations {
            let text = format!("url: \"{url}\"\nsecrets: [\"{SIGNING_SECRET}\"]\n{more}");
            deployment.put(&format!("{home}/destinations/{name}.yaml"), &text);
        }
        deployment
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(path, text).expect("the file");
    }
}

/// Whoever can be reached is worth selling to.
const QUALIFICATION: &str = r"
contact:
  - name: reachable
    when:
      any:
        - { field: contact.email_valid, is: true }
        - { field: contact.phone_valid, is: true }
    points: 60
thresholds: { sell: 50, nurture: 0 }
";

fn routing(destinations: &str) -> String {
    format!(
        r"
queues:
  sales: {{ destinations: [{destinations}] }}
  nurture: {{ destinations: [{destinations}] }}
  triage: {{ destinations: [{destinations}] }}
rules:
  - name: sell
    when: {{ field: category, is: sell }}
    assign: {{ queue: sales, pool: reps }}
  - name: nurture
    when: {{ field: category, is: nurture }}
    assign: {{ queue: nurture }}
fallback: {{ queue: triage }}
"
    )
}
