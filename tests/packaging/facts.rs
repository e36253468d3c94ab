//! Closed lists in the code stand whole in the guides.

use lead_router::config::Scope;
use lead_router::domain::{EventType, Outcome, Status};
use lead_router::http::PROBLEMS;
use lead_router::telemetry::{Metric, MetricKind};

use super::markdown::{Page, pages, read, source};

/// Panics with everything that is missing.
fn holds(page: &str, wanted: impl IntoIterator<Item = String>) {
    let text = read(page);
    let missing: Vec<String> = wanted.into_iter().filter(|row| !text.contains(row)).collect();
    assert!(missing.is_empty(), "{page} lacks:\n{}", missing.join("\n"));
}

#[test]
fn metrics() {
    let rows = Metric::ALL.iter().map(|metric| {
        let (end, kind) = match metric.kind() {
            MetricKind::Counter => ("_total", "counter"),
            MetricKind::Gauge => ("", "gauge"),
            MetricKind::Seconds => ("", "histogram"),
        };
        format!("| `leadrouter_{}{end}` | {kind} | {} |", metric.name(), metric.help())
    });
    holds("docs/operations.md", rows);
}

#[test]
fn events_scopes_problems_and_statuses() {
    let cell = |word: &str| format!("| `{word}` |");
    holds("docs/receivers.md", EventType::ALL.iter().map(|event| cell(event.as_str())));
    holds("docs/operations.md", Scope::ALL.iter().map(|scope| cell(scope.as_str())));
    let problems = PROBLEMS.iter().map(|(code, ..)| format!("`{code}`"));
    holds("docs/troubleshooting.md", problems);
    let refusals = Status::ALL.iter().filter(|status| status.outcome() != Outcome::Success);
    holds("docs/web-developer.md", refusals.map(|status| format!("`{}`", status.as_str())));
}

/// The members of the Settings in a file of source, as written in YAML.
fn settings(path: &str) -> Vec<String> {
    let text = read(path);
    let members = text.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("    pub ")?.split_once(':')?;
        name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_').then(|| name.to_owned())
    });
    let yaml = |name: String| match name.as_str() {
        "otherwise" => "else".to_owned(),
        "policy" => "match".to_owned(),
        _ => name,
    };
    members.map(yaml).collect()
}

#[test]
fn keys_of_the_configuration() {
    let guide = read("docs/revops.md");
    let mut missing = Vec::new();
    for path in [
        "src/qualify/settings.rs",
        "src/assign/settings.rs",
        "src/capture/settings.rs",
        "src/deliver/settings.rs",
        "src/config/server.rs",
    ] {
        let names = settings(path);
        assert!(names.len() > 5, "only {} members were read from {path}", names.len());
        let words = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let stands = |name: &String| guide.split(words).any(|word| word == name);
        missing.extend(names.into_iter().filter(|name| !stands(name)).map(|name| (path, name)));
    }
    assert!(missing.is_empty(), "docs/revops.md lacks {missing:?}");
}

#[test]
fn the_tests_of_the_invariants_exist() {
    let page = pages().into_iter().find(|page| page.path.ends_with("architecture.md")).unwrap();
    let start = page.text.find("## Invariants").unwrap();
    let end = start + page.text[start..].find("## Walkthroughs").unwrap();
    let part = Page { path: page.path, text: page.text[start..end].to_owned() };
    let source = source("src") + &source("tests");
    // A test's name has many words; `webhook-id` and the like have not.
    let names: Vec<&str> =
        part.code_words().filter(|word| word.matches('_').count() >= 2).collect();
    assert!(names.len() > 30, "only {} tests are named", names.len());
    for name in names {
        let stands = [
            format!("fn {name}("),
            format!(" {name} = "),
            format!(" {name}: "),
            format!(": {name};"),
        ];
        assert!(stands.iter().any(|form| source.contains(form)), "there is no test `{name}`");
    }
}

#[test]
fn every_room_is_on_the_map() {
    let rooms = read("src/lib.rs");
    let rooms = rooms.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let rooms: Vec<&str> = rooms.collect();
    assert!(rooms.len() > 15);
    holds("docs/architecture.md", rooms.iter().map(|room| format!("`{room}`")));
    holds("src/lib.rs", rooms.iter().map(|room| format!("[`{room}`]")));
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let start = manifest.find("[dependencies]").unwrap();
    let end = manifest.find("[lints.rust]").unwrap();
    let names = manifest[start..end].lines().filter_map(|line| line.split_once(" = "));
    let names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
    assert!(names.len() > 40);
    holds("docs/dependencies.md", names);
}
