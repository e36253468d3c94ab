//! Commands and samples for a folder with a configuration; no service runs.

use std::path::Path;

use serde_json::Value;

use super::table::{By, block, lines};
use crate::firstuse::newcomer::Newcomer;
use crate::packaging::markdown::root;

const RULES: &str = "docs/rules.md";
const ROUTING: &str = "config/workspaces/demo/routing.yaml";
const POOLS: &str = "config/workspaces/demo/pools.yaml";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Somebody beside a clone's `config`, and the same as it is on the main branch.
pub fn with_configuration() -> Newcomer {
    let somebody = Newcomer::new();
    for folder in ["config", "main-branch/config", "base/config"] {
        copy(&root().join("config"), &somebody.path(folder));
        // What `init` copies; no part of this configuration.
        std::fs::remove_dir_all(somebody.path(folder).join("starter")).unwrap();
    }
    somebody
}

#[test]
fn what_is_typed_in_a_folder_works() {
    let somebody = with_configuration();
    let typed = lines(By::Folder);
    assert!(typed.len() >= 6, "{typed:?}");
    for (page, line) in typed {
        let said = somebody.run(&line);
        assert_eq!(said.code, Some(0), "{page}: {line}\n{}{}", said.out, said.complained);
        assert!(!said.out.is_empty(), "{line}");
    }
    assert!(somebody.path(".schemas").join("routing.json").exists());
}

/// Each line further to the right.
fn indented(text: &str, by: usize) -> String {
    let margin = " ".repeat(by);
    let lines: Vec<String> = text.trim_end().lines().map(|line| margin.clone() + line).collect();
    lines.join("\n") + "\n"
}

#[test]
fn conditions_load_as_shown() {
    let somebody = with_configuration();
    let lists = "config/workspaces/demo/lists";
    somebody.write(&format!("{lists}/competitors.csv"), &block(RULES, "domain,name"));
    somebody.write(&format!("{lists}/named-accounts.csv"), "domain\nquillfeather.example\n");
    somebody.write(&format!("{lists}/embargo.csv"), "country\nKP\n");
    let source = "preset: html-form\n";
    somebody.write("config/workspaces/demo/sources/partner-form.yaml", source);
    let tree = indented(&block(RULES, "when:"), 4);
    let queue = "    assign: { queue: nurture }\n";
    let mut rules = vec![format!("rules:\n  - name: tree\n{tree}{queue}")];
    for (name, begins) in [("lists", "- { field: company.domain"), ("expressions", "- expr:")] {
        let items = indented(&block(RULES, begins), 8);
        rules.push(format!("  - name: {name}\n    when:\n      any:\n{items}{queue}"));
    }
    let routing = somebody.read(ROUTING);
    somebody.write(ROUTING, &routing.replace("rules:\n", &rules.concat()));
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(0), "{rules:?}\n{}{}", said.out, said.complained);
    assert!(said.out.contains("7 rule(s)"), "{}", said.out);
}

#[test]
fn a_decision_table_loads_as_shown() {
    let somebody = with_configuration();
    let tables = "config/workspaces/demo/tables";
    std::fs::create_dir_all(somebody.path(tables)).unwrap();
    let table = block(RULES, "contact.country,contact.postal_code");
    somebody.write(&format!("{tables}/territories.csv"), &table);
    let pools = ["munich", "south", "alps", "key-accounts", "everybody"];
    let pools: Vec<String> =
        pools.iter().map(|pool| format!("  {pool}: {{ members: [ben] }}\n")).collect();
    somebody.write(POOLS, &format!("pools:\n  dach: {{ members: [mia] }}\n{}", pools.concat()));
    let queues = "queues:\n  sales: { destinations: [crm, nurture-tool, triage-inbox] }\n";
    let rules = block(RULES, "rules:");
    somebody.write(ROUTING, &format!("{queues}{rules}\nfallback: {{ queue: triage }}\n"));
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.complained);
}

#[test]
fn scoring_loads_as_shown() {
    const SCORING: &str = "docs/scoring.md";
    let somebody = with_configuration();
    let own = "contact:\n  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 10 }\n";
    let engagement = block(SCORING, "engagement:");
    let sum = "thresholds: { sell: 50, nurture: 10 }\n";
    let unresponsive = block(SCORING, "unresponsive:");
    let worth = block(SCORING, "expected_value:");
    let grades = block(SCORING, "grades:");
    let path = "config/workspaces/demo/qualification.yaml";
    for text in [
        format!("{own}{engagement}\n{sum}{unresponsive}\n{worth}\n"),
        format!("{own}{engagement}\n{grades}\n"),
    ] {
        somebody.write(path, &text);
        let said = somebody.run("lead-router check config");
        assert_eq!(said.code, Some(0), "{text}\n{}{}", said.out, said.complained);
    }
}

#[test]
fn nurture_loads_as_shown() {
    const NURTURE: &str = "docs/nurture.md";
    let somebody = with_configuration();
    let own = "contact:\n  - { name: reachable, when: { field: contact.email_valid, is: true }, points: 10 }\n";
    let engagement = block(NURTURE, "engagement:");
    let text = format!("{own}{engagement}\nthresholds: {{ sell: 50, nurture: 10 }}\n");
    somebody.write("config/workspaces/demo/qualification.yaml", &text);
    let follow_up = block(NURTURE, "nurture:");
    somebody.write("config/workspaces/demo/follow-up.yaml", &format!("{follow_up}\n"));
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.complained);
}

#[test]
fn the_retention_of_the_guide_loads() {
    let somebody = with_configuration();
    let retention = block("docs/privacy.md", "retention:");
    somebody.write("config/workspaces/demo/workspace.yaml", &format!("{retention}\n"));
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.complained);
}

#[test]
fn the_clocks_of_the_guide_load() {
    let somebody = with_configuration();
    // The demo has no queue of that name.
    let clocks = block("docs/revops.md", "# follow-up.yaml").replace("managers", "triage");
    somebody.write("config/workspaces/demo/follow-up.yaml", &clocks);
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.complained);
}

#[test]
fn the_order_of_a_way_loads_as_shown() {
    let somebody = with_configuration();
    somebody.write(ROUTING, &block("docs/revops.md", "do_not_route:"));
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.complained);
}

#[test]
fn a_mistake_is_said_as_shown() {
    let somebody = with_configuration();
    let shown = block(RULES, "workspaces/demo/routing.yaml:14:17");
    let expression = shown.lines().nth(1).unwrap().trim();
    let routing = somebody.read(ROUTING);
    let wrong: Vec<String> = routing
        .lines()
        .enumerate()
        .map(
            |(at, line)| {
                if at == 13 { format!("        - expr: {expression}") } else { line.to_owned() }
            },
        )
        .collect();
    somebody.write(ROUTING, &wrong.join("\n"));
    let said = somebody.run("lead-router check config");
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains(shown.trim_end()), "shown\n{shown}\nsaid\n{}", said.out);
}

#[test]
fn rule_tests_pass_as_shown() {
    let somebody = with_configuration();
    let tests = "config/workspaces/demo/tests";
    std::fs::remove_dir_all(somebody.path(tests)).unwrap();
    std::fs::create_dir(somebody.path(tests)).unwrap();
    somebody.write(&format!("{tests}/shown.yaml"), &block(RULES, "cases:"));
    let said = somebody.run("lead-router test config");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.complained);
}

#[test]
fn the_steps_of_github_actions_run() {
    let somebody = with_configuration();
    let told: Value = serde_saphyr::from_str(&block(RULES, "on: pull_request")).unwrap();
    // The image runs the program under its name (tests/packaging/image.rs); here it is on the path.
    let image = told["env"]["LEAD_ROUTER"].as_str().unwrap();
    let version = format!("/lead-router:{}", env!("CARGO_PKG_VERSION"));
    assert!(image.starts_with("docker run ") && image.ends_with(&version), "{image}");
    let steps = told["jobs"]["rules"]["steps"].as_array().unwrap();
    let (runs, uses): (Vec<&Value>, Vec<&Value>) =
        steps.iter().partition(|step| step["run"].is_string());
    // Checked out: the branch here, what it is to be merged into beside it.
    let places: Vec<&str> = uses.iter().filter_map(|step| step["with"]["path"].as_str()).collect();
    assert_eq!((uses.len(), places), (2, vec!["base"]));
    assert_eq!(runs.len(), 2);
    for step in runs {
        let line = step["run"].as_str().unwrap();
        somebody.well(&format!(
            "export LEAD_ROUTER=lead-router GITHUB_STEP_SUMMARY=summary.md; {line}"
        ));
    }
    assert!(somebody.read("rule-tests.xml").starts_with("<?xml"));
    assert!(somebody.read("summary.md").contains("0 decisions change"));
}
