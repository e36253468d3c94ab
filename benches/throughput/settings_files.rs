//! The configuration of the service under the bench: one form source, twenty rules of which nearly
//! all are asked, two pools of eight weighted members with daily caps that nobody reaches, two
//! destinations at the bench's receiver.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;

use crate::Outcome;

pub const WORKSPACE: &str = "bench";
pub const SOURCE: &str = "form";
/// Where leads to be sold go.
pub const DESTINATIONS: [&str; 2] = ["crm", "nurture-tool"];
/// The variable that holds the signing secret.
pub const SECRET_NAME: &str = "BENCH_SIGNING_SECRET";
/// Made up, as everything here.
pub const SECRET: &str = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=";
/// Requests under way per destination.
const CONCURRENCY: u32 = 32;

/// The folder; gone when dropped.
pub struct Folder(TempDir);

impl Folder {
    /// Writes it.
    pub fn write(receiver: SocketAddr) -> Outcome<Self> {
        let folder = Self(tempfile::tempdir()?);
        let workspace = folder.path().join("workspaces").join(WORKSPACE);
        std::fs::create_dir_all(workspace.join("sources"))?;
        std::fs::create_dir_all(workspace.join("destinations"))?;
        std::fs::write(folder.path().join("server.yaml"), SERVER)?;
        std::fs::write(workspace.join("workspace.yaml"), WORKSPACE_FILE)?;
        std::fs::write(workspace.join("qualification.yaml"), QUALIFICATION)?;
        std::fs::write(workspace.join("routing.yaml"), routing())?;
        std::fs::write(workspace.join("pools.yaml"), pools())?;
        let source = workspace.join("sources").join(format!("{SOURCE}.yaml"));
        std::fs::write(source, "preset: html-form\nchannel: website\ncountry: DE\nlanguage: de\n")?;
        for name in DESTINATIONS {
            let text = format!(
                "url: http://{receiver}/{name}\nsecrets: [\"${{env:{SECRET_NAME}}}\"]\nconcurrency: {CONCURRENCY}\n"
            );
            let file = workspace.join("destinations").join(format!("{name}.yaml"));
            std::fs::write(file, text)?;
        }
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

const SERVER: &str = "egress: { allow: [\"127.0.0.1/32:*\"] }
limits: { per_client_minute: 0 }
";

const WORKSPACE_FILE: &str = "zone: Europe/Berlin
country: DE
language: de
coalesce: 2s
";

const QUALIFICATION: &str = r#"
criteria:
  budget:
    - name: budget-fits
      text: a budget of at least 10,000 euros
      yes: { field: need.budget, gte: 10000 }
      points: { yes: 20, no: -5 }
      ask: What budget is planned?
  authority:
    - name: decides
      text: decides, or prepares the decision
      yes:
        any:
          - { field: need.authority, in: [decision maker, i decide, team] }
          - { field: contact.title, matches: "\\b(ceo|coo|cto|chief|owner|managing|head of|director)" }
      no: { field: need.authority, in: [no influence, student] }
      points: { yes: 15, no: -5 }
      ask: Who decides?
  need:
    - name: has-a-need
      text: needs one of our machines
      yes: { field: need.product, in: [filler, capper, labeller, palletiser] }
      no: { field: need.product, in: [none, just looking] }
      points: { yes: 15, no: -10 }
      ask: What is to be packed?
  timeline:
    - name: within-a-year
      text: wants it within a year
      yes: { field: need.timeline, in: [now, this quarter, this year] }
      no: { field: need.timeline, in: [later, no plans] }
      points: { yes: 10, no: -15 }
      ask: When is it to run?
company:
  - { name: fifty-people, text: fifty people or more, when: { field: company.employees, gte: 50 }, points: 10 }
  - { name: thousand-people, text: a thousand or more, when: { field: company.employees, gte: 1000 }, points: 10 }
  - { name: our-industries, text: our industries, when: { field: company.industry, in: [food, beverages, pharma] }, points: 5 }
contact:
  - { name: phone, text: can be called, when: { field: contact.phone_valid, is: true }, points: 5 }
approach:
  - { name: referred, text: somebody sent them, when: { field: referral.referrer, exists: true }, points: 10 }
  - { name: may-be-written-to, text: agreed to be written to, when: { field: consent.marketing, is: true }, points: 5 }
eligibility:
  - { name: competitor, when: { field: company.domain, in: [packrival.example] }, reason: works for a competitor }
  - { name: throw-away-address, when: { field: contact.email_disposable, is: true }, reason: a throw-away address }
thresholds:
  sell: 50
  nurture: 10
"#;

/// Eighteen rules that ask for what nobody of the load has, then one for each kind.
fn routing() -> String {
    let mut text = String::from(
        "queues:
  sales: { destinations: [crm], priority: 1 }
  qualify: { destinations: [nurture-tool], priority: 3 }
  triage: { destinations: [nurture-tool], priority: 3 }
  nurture: { destinations: [nurture-tool], priority: 7 }
rules:
",
    );
    let countries = ["JP", "KR", "CN", "IN", "BR", "MX", "CA", "US", "ZA"];
    for (number, country) in countries.iter().enumerate() {
        let people = 500 + 100 * number;
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "  - name: far-{number}
    when: {{ all: [{{ field: category, is: sell }}, {{ field: contact.country, in: [{country}] }}] }}
    assign: {{ queue: sales, pool: overseas }}
  - name: large-{number}
    when: {{ all: [{{ field: category, is: sell }}, {{ field: company.employees, gte: {people} }}, {{ field: need.product, is: palletiser }}] }}
    assign: {{ queue: sales, pool: overseas }}
"
        );
    }
    text.push_str(
        "  - name: nurture
    when: { field: category, is: nurture }
    assign: { queue: nurture }
  - name: sell
    when: { all: [{ field: category, is: sell }, { field: contact.email_valid, is: true }] }
    assign: { queue: sales, pool: home }
fallback: { queue: triage }
",
    );
    text
}

fn pools() -> String {
    let mut text = String::from("pools:\n");
    for pool in ["home", "overseas"] {
        let _ = write!(text, "  {pool}:\n    method: weighted\n    members:\n");
        for (number, name) in
            ["ada", "ben", "cleo", "dora", "emil", "fay", "gina", "hugo"].iter().enumerate()
        {
            let weight = 1 + number % 3;
            let _ = writeln!(
                text,
                "      - {{ name: {name}, weight: {weight}, caps: {{ day: 1000000 }} }}"
            );
        }
    }
    text
}
