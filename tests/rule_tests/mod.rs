//! `lead-router test` and `lead-router diff` as people and CI run them.

mod recorded;

use std::path::Path;

use clap::Parser as _;
use lead_router::cli::{Cli, Command, diff, test};
use serde_json::Value;

/// Runs a command line in this process: whether it was good, and what it wrote.
fn run(words: &[&str]) -> (bool, String) {
    let words = std::iter::once("lead-router").chain(words.iter().copied());
    let mut out = Vec::new();
    let good = match Cli::try_parse_from(words).unwrap().command.unwrap() {
        Command::Test(args) => test::run(&args, &|_| None, &mut out),
        Command::Diff(args) => diff::run(&args, &|_| None, &mut out),
        other => panic!("{other:?}"),
    };
    (good.unwrap(), String::from_utf8(out).unwrap())
}

fn root(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).to_str().unwrap().to_owned()
}

/// A copy of a configuration that may be changed.
fn copy(from: &str) -> tempfile::TempDir {
    fn walk(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                walk(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    walk(Path::new(&root(from)), folder.path());
    folder
}

fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn the_tests_that_are_shipped_pass() {
    for folder in ["config", "examples/minimal"] {
        let (good, text) = run(&["test", &root(folder)]);
        assert!(good, "{folder}: {text}");
        assert!(text.contains(" 0 failed"), "{text}");
    }
}

#[test]
fn what_failed_is_said_with_why() {
    let folder = copy("examples/minimal");
    let dir = folder.path().to_str().unwrap();
    let file = "workspaces/main/tests/routing.yaml";
    change(folder.path(), file, "owner: ada", "owner: ben");
    let (good, text) = run(&["test", dir]);
    assert!(!good);
    assert!(text.contains("  FAIL  whoever can be called is sold\n"), "{text}");
    assert!(text.contains("workspaces/main/tests/routing.yaml:3\n"), "{text}");
    assert!(text.contains("owner: expected ben, came ada\n"), "{text}");
    assert!(text.contains("`ada` was picked"), "{text}");
    assert!(text.ends_with("1 passed, 1 failed\n"), "{text}");
    let (good, text) = run(&["test", dir, "--filter", "NURTURED"]);
    assert!(good && text.ends_with("1 passed, 0 failed\n"), "{text}");
    let (good, text) = run(&["test", dir, "--filter", "nothing of the kind"]);
    assert!(!good && text.starts_with("there is no test that holds this text"), "{text}");
    let (good, text) = run(&["test", dir, "--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(!good);
    assert_eq!((&report["passed"], &report["failed"]), (&1.into(), &1.into()));
    assert_eq!(report["tests"][0]["mismatches"][0]["came"], "ada");
    let (_, text) = run(&["test", dir, "--format", "junit"]);
    assert!(text.contains(r#"<testsuites name="lead-router" tests="2" failures="1">"#), "{text}");
    assert!(text.contains(r#"<failure message="owner: expected ben, came ada">"#), "{text}");
}

#[test]
fn tests_that_are_wrong_say_where() {
    let folder = copy("examples/minimal");
    let dir = folder.path().to_str().unwrap();
    let write = |text: &str| {
        std::fs::write(folder.path().join("workspaces/main/tests/routing.yaml"), text).unwrap();
        let (good, text) = run(&["test", dir]);
        assert!(!good);
        text
    };
    let at = "workspaces/main/tests/routing.yaml";
    let text = write("cases:\n  - name: a\n    wen: { source: form }\n    then: {}\n");
    assert!(text.starts_with(&format!("{at}:3:5: unknown key `wen`")), "{text}");
    let text = write(
        "cases:\n  - name: a\n    when: { source: from, fields: { contact.emial: x } }\n    \
         then: { queue: saels, rule: sell, events: [lead.routed to cmr], criteria: { phon: yes } }\n",
    );
    for wanted in [
        "3:21: there is no source `from` (did you mean `form`?)",
        "4:20: there is no queue `saels` (did you mean `sales`?)",
        "there is no destination `cmr` (did you mean `crm`?)",
        "there is no criterion `phon` (did you mean `phone`?)",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let text = write(
        "cases:\n  - name: a\n    when: { source: form, at: noon, fields: { contact.emial: x } }\n    then: {}\n",
    );
    assert!(text.contains("`contact.emial` (did you mean `contact.email`?)"), "{text}");
    assert!(text.contains("this is no time"), "{text}");
}

#[test]
fn a_changed_rule_shows_in_the_diff() {
    let folder = copy("config");
    let dir = folder.path().to_str().unwrap();
    let (good, text) = run(&["diff", &root("config"), dir, "--exit-code"]);
    assert!(good, "{text}");
    assert!(text.contains("decided by both, 0 decisions change"), "{text}");
    let routing = "workspaces/demo/routing.yaml";
    change(folder.path(), routing, "company.employees, gte: 1000", "company.employees, gte: 3000");
    let (good, text) = run(&["diff", &root("config"), dir]);
    assert!(good, "without --exit-code a change is no failure: {text}");
    assert!(text.contains("rule      enterprise -> sell-elsewhere"), "{text}");
    assert!(text.contains("such as"), "{text}");
    let (good, text) = run(&["diff", &root("config"), dir, "--exit-code", "--format", "json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(!good && report["changed"].as_u64() >= Some(1), "{text}");
    let moves = report["moves"].as_array().unwrap();
    assert!(moves.iter().any(|m| m["what"] == "pool" && m["to"] == "international"), "{text}");
}

#[test]
fn given_inquiries_are_compared_line_by_line() {
    let folder = copy("config");
    change(folder.path(), "workspaces/demo/qualification.yaml", "sell: 50", "sell: 95");
    let file = folder.path().join("inquiries.ndjson");
    let line = r#"{"source":"form","at":"2026-03-02T09:00:00Z","fields":{"contact.email":"pia@quillfeather-foods.example","company.employees":1000,"need.product":"filler","need.budget":"80000","need.authority":"team"}}"#;
    let body = r#"{"source":"form","body":"email=only@zanzotter-mail.example"}"#;
    std::fs::write(&file, format!("{line}\n\n{body}\n")).unwrap();
    let (dir, file) = (folder.path().to_str().unwrap(), file.to_str().unwrap());
    let (good, text) = run(&["diff", &root("config"), dir, "--inquiries", file]);
    assert!(good, "{text}");
    assert!(text.starts_with("2 inquiries decided by both, 1 decisions change\n"), "{text}");
    assert!(text.contains("category  sell -> nurture"), "{text}");
    assert!(text.contains("line 1: "), "{text}");
    std::fs::write(file, "{\"source\": \"form\", \"feilds\": {}}\n").unwrap();
    let (good, text) = run(&["diff", &root("config"), dir, "--inquiries", file]);
    assert!(
        !good && text.contains("line 1: unknown key `feilds` (did you mean `fields`?)"),
        "{text}"
    );
}

const PEOPLE: &str = r#"
cases:
  - name: the same event again
    given:
      - inquiry: { source: form, event_id: e-1, fields: { contact.email: ina@quillfeather.example, contact.country: AT, need.budget: 30000 } }
    when: { source: form, event_id: e-1, fields: { contact.email: ina@quillfeather.example } }
    then: { status: duplicate, matched: 1, events: [] }
  - name: what people found out stands above the form
    given:
      - inquiry: { source: form, fields: { contact.email: ina@quillfeather.example, contact.country: AT } }
        answers: { criteria: { budget-fits: yes, decides: yes, has-a-need: yes }, fields: { need.timeline: now }, qualified: true }
    when: { source: form, fields: { contact.email: ina@quillfeather.example } }
    then: { status: repeat, matched: 1, queue: sales, criteria: { budget-fits: yes, within-a-year: yes } }
  - name: whoever passes back what was none gets the next one
    given:
      - inquiry: { source: form, fields: { contact.email: ina@quillfeather-foods.example, company.employees: 2500, need.product: filler, need.budget: 200000, need.authority: i decide } }
        said: [accepted, Not a fit]
    when: { source: form, fields: { contact.email: petra@zanzotter.example, company.employees: 2500, need.product: filler, need.budget: 200000, need.authority: i decide } }
    then: { pool: enterprise, candidates: [dora, emil], owner: dora }
  - name: what comes too early was a lead
    given:
      - inquiry: { source: form, fields: { contact.email: ina@quillfeather-foods.example, company.employees: 2500, need.product: filler, need.budget: 200000, need.authority: i decide } }
        said: [timeline_later]
    when: { source: form, fields: { contact.email: petra@zanzotter.example, company.employees: 2500, need.product: filler, need.budget: 200000, need.authority: i decide } }
    then: { pool: enterprise, owner: emil }
  - name: a record that went up in another one
    given:
      - inquiry: { source: form, fields: { contact.email: ina@quillfeather.example, contact.full_name: Ina Quillfeather } }
      - inquiry: { source: form, fields: { contact.phone: "+49 30 23125 017", contact.full_name: Ina Quillfeather } }
      - inquiry: { source: form, fields: { contact.email: ina@quillfeather.example, contact.phone: "+49 30 23125 017", contact.full_name: Ina Quillfeather } }
    when: { source: form, fields: { contact.phone: "+49 30 23125 017", contact.full_name: Ina Quillfeather } }
    then: { status: repeat, matched: 2 }
"#;

#[test]
fn what_people_answered_events_that_come_again_and_merged_records_are_followed() {
    let folder = copy("config");
    let dir = folder.path().to_str().unwrap();
    let file = folder.path().join("workspaces/demo/tests/people.yaml");
    std::fs::write(&file, PEOPLE).unwrap();
    let (good, text) = run(&["test", dir]);
    assert!(good, "{text}");
    std::fs::write(&file, PEOPLE.replace("decides: yes", "decidez: yes")).unwrap();
    let (good, text) = run(&["test", dir]);
    assert!(!good && text.contains("there is no criterion `decidez`"), "{text}");
    std::fs::write(&file, PEOPLE.replace("[timeline_later]", "[timeline_latter]")).unwrap();
    let (good, text) = run(&["test", dir]);
    let wanted = "nobody says `timeline_latter` (did you mean `timeline_later`?)";
    assert!(!good && text.contains(wanted), "{text}");
}
