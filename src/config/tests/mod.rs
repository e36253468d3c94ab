//! The generic part: trees, shapes, filling in, hashes, reload.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::*;
use crate::domain::Name;

mod lists;
mod mistakes;
mod schemas;
mod shown;
mod workspaces;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text);
    }
    dir
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// An environment with what [`complete`] needs.
fn no_env(name: &str) -> Option<String> {
    (name == "CRM_SECRET").then(|| DemoValues::SIGNING_SECRET.to_owned())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    zone: Option<String>,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it fits is asked")]
struct Rule {
    name: Name,
    weight: u8,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    kind: Option<RuleKind>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "only whether it fits is asked")]
enum RuleKind {
    Hold,
    Queue,
    Wait { minutes: u16 },
}

fn shaped(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Rules, Vec<String>> {
    let words = |found: Vec<ConfigError>| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut tree = tree::parse("f", text.as_bytes()).map_err(words)?;
    let mut found = Vec::new();
    let mut values =
        interpolate::Values { env, dir: Path::new("/nonexistent"), files: BTreeSet::new() };
    interpolate::fill("f", &mut tree, &mut values, &mut found);
    if !found.is_empty() {
        return Err(words(found));
    }
    shape::read("f", &tree).map_err(words)
}

#[test]
fn broken_files_say_what_where_and_what_was_meant() {
    let table: &[(&str, &[&str])] = &[
        ("rules: []\nzoen: x\n", &["f:2:1: unknown key `zoen` (did you mean `zone`?)"]),
        ("zone: x\n", &["f:1:1: `rules` is missing"]),
        ("rules: 5\n", &["f:1:8: expected a list, found whole number (put `[` and `]` around it)"]),
        (
            "rules:\n",
            &[
                "f:1:1: expected a list, found nothing (indent its elements below it, each with `- `; `[]` is none)",
            ],
        ),
        (
            "rules:\n  - name: a\n    weight: 300\n  - {name: B, weight: 1}\n  - wieght: 3\n    name: c\n",
            &[
                "f:3:13: this whole number is not accepted here: expected a whole number from 0 to 255",
                "f:4:12: a name begins with a lower-case letter or digit and goes on with those, '-', '_' or '.'",
                "f:5:5: unknown key `wieght` (did you mean `weight`?)",
            ],
        ),
        (
            "zone: [1]\nrules:\n  - {name: a, weight: x, on: maybe}\n",
            &[
                "f:1:1: expected text, found list",
                "f:3:23: expected a whole number from 0 to 255, found text",
                "f:3:30: expected true or false, found text",
            ],
        ),
        (
            "rules:\n  - {name: a, weight: 1, kind: hodl}\n  - {name: b, weight: 1, kind: {wait: {minutes: soon}}}\n",
            &[
                "f:2:32: this is not one of the known words (did you mean `hold`?)",
                "f:3:49: expected a whole number from 0 to 65535, found text",
            ],
        ),
        ("rules: []\nrules: []\n", &["f:2:1: key `rules` is given twice, first in line 1"]),
        ("rules: [\n", &["f:1:8: this is not the YAML it should be: unclosed bracket"]),
        ("rules: []\n---\nrules: []\n", &["f:3:1: a file holds one document"]),
        ("rules: []\nzone: ${env:NOPE}\n", &["f:2:7: environment variable `NOPE` is not set"]),
        (
            "rules: []\nzone: ${evn:X}\n",
            &["f:2:7: `${evn:…}` is not a place values come from (did you mean `env`?)"],
        ),
        (
            "rules: []\nzone: ${X}\n",
            &["f:2:7: `${X}` does not say where the value comes from (`${env:X}`"],
        ),
        ("rules: []\nzone: ${env:X\n", &["f:2:7: `${` without `}` (write `$${` for a plain `${`)"]),
        ("rules: []\n${env:X}: a\n", &["f:2:1: `${…}` stands in values only, never in keys"]),
        ("rules: []\nzone: ${file:nope}\n", &["f:2:7: file `nope` does not exist"]),
    ];
    for (text, expected) in table {
        let found = shaped(text, &no_env).expect_err(text);
        assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{text}\nfound    {found}\nexpected {expected}");
        }
    }
}

#[test]
fn a_good_file_has_its_text_as_written() {
    let rules = shaped("zone: NO\nrules:\n  - {name: 007, weight: 0x10, label: 1.10}\n", &no_env);
    let rules = rules.unwrap();
    assert_eq!(rules.zone.as_deref(), Some("NO"));
    assert_eq!(rules.rules[0].name.as_str(), "007");
    assert_eq!((rules.rules[0].weight, rules.rules[0].label.as_deref()), (16, Some("1.10")));
}

#[test]
fn aliases_and_merges_work_and_bombs_do_not() {
    let text =
        "zone: &z x\nrules:\n  - &r {name: a, weight: 1}\n  - {<<: *r, name: b, label: *z}\n";
    let rules = shaped(text, &no_env).unwrap();
    assert_eq!((rules.rules[1].weight, rules.rules[1].label.as_deref()), (1, Some("x")));
    let level = |n: u8| {
        let ten = vec![format!("*a{}", n - 1); 10].join(", ");
        format!("a{n}: &a{n} [{ten}]\n")
    };
    let bomb: String = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(1..9).map(level).collect::<String>();
    assert_eq!(tree::parse("f", bomb.as_bytes()).unwrap_err().len(), 1);
    let deep = "[".repeat(5000);
    assert!(tree::parse("f", deep.as_bytes()).is_err());
    assert!(tree::parse("f", b"a: \xff").is_err());
    assert!(tree::parse("f", &vec![b' '; tree::BYTES_MAX + 1]).is_err());
}

#[test]
fn values_are_filled_in_and_never_shown() {
    let env = |name: &str| match name {
        "W" => Some("7".to_owned()),
        "SECRET" => Some("hunter2-hunter2".to_owned()),
        "NESTED" => Some("${env:W}".to_owned()),
        "demo:receiver" => Some("http://127.0.0.1:9".to_owned()),
        _ => None,
    };
    let text = "zone: a-${env:W}-$${env:W}-${env:NESTED}\nrules:\n  - {name: x, weight: \"${env:W}\", label: \"${demo:receiver}/x\"}\n";
    let rules = shaped(text, &env).unwrap();
    assert_eq!(rules.zone.as_deref(), Some("a-7-${env:W}-${env:W}"));
    assert_eq!(rules.rules[0].weight, 7);
    assert_eq!(rules.rules[0].label.as_deref(), Some("http://127.0.0.1:9/x"));
    let bad = "rules:\n  - {name: \"${env:SECRET}!\", weight: \"${env:SECRET}\", kind: \"${env:SECRET}\"}\n";
    let found = shaped(bad, &env).unwrap_err().join("\n");
    assert_eq!(found.lines().count(), 3, "{found}");
    assert!(!found.contains("hunter2"), "{found}");
}

#[test]
fn paths_lead_to_places() {
    let text = "rules:\n  - name: a\n    when:\n      all:\n        - {field: contact.country, is: X}\nmap:\n  contact.email: y\n";
    let tree = tree::parse("f", text.as_bytes()).unwrap();
    let at = |path: &str| {
        let position = tree.position(path);
        (position.line, position.column)
    };
    assert_eq!(at(""), (1, 1));
    assert_eq!(at("rules"), (1, 1));
    assert_eq!(at("rules[0]"), (2, 5));
    assert_eq!(at("rules[0].name"), (2, 11));
    assert_eq!(at("rules[0].when"), (3, 5));
    assert_eq!(at("rules[0].when.all[0].field"), (5, 19));
    assert_eq!(at("rules[0].when.all[0].missing"), (5, 11));
    assert_eq!(at("rules[0].assign"), (2, 5));
    assert_eq!(at("map.contact.email"), (7, 18));
    assert_eq!(at("rules[9].name"), (1, 1));
}

#[test]
fn lengths_of_time() {
    let ms = |text: &str| Period::parse(text).map(|period| period.0.as_millis());
    assert_eq!(ms("500ms"), Some(500));
    assert_eq!(ms("30 m"), Some(1_800_000));
    assert_eq!(ms("7d"), Some(604_800_000));
    for bad in ["", "5", "s", "-5s", "1.5h", "5 weeks", "99999999999999999999s", "9999999999d"] {
        assert_eq!(ms(bad), None, "{bad}");
    }
}

#[test]
fn hashes_are_of_names_and_bytes() {
    let files = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect::<BTreeMap<_, _>>()
    };
    let one = snapshot::hash(&files(&[("a", "bc"), ("d", "")]));
    assert_eq!(one, snapshot::hash(&files(&[("d", ""), ("a", "bc")])));
    assert_ne!(one, snapshot::hash(&files(&[("ab", "c"), ("d", "")])));
    assert_ne!(one, snapshot::hash(&files(&[("a", "bc")])));
    assert_eq!(one, "80b60b25a5b8483beb23b7143c98b9cc", "the hash is stable over versions");
    assert_eq!(snapshot::bundle(&files(&[("a", "b\n")])), br#"{"a":"b\n"}"#);
}

#[test]
fn a_folder_without_anything_is_refused() {
    let dir = folder(&[]);
    let found = load(dir.path(), &no_env).unwrap_err();
    assert!(found[0].message.contains("no configuration"), "{found:?}");
}

#[test]
fn the_demo_in_the_binary_is_the_demo_in_the_folder() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut folder = Snapshot::read(&dir);
    folder.files.retain(|path, _| !path.starts_with("presets/"));
    assert_eq!(Snapshot::demo(), folder);
    assert_eq!(folder.workspaces().len(), 1);
}

#[test]
fn files_that_nothing_looks_for_are_errors() {
    let dir = folder(&[
        ("server.yml", ""),
        ("sevrer.yaml", ""),
        ("README.md", "read me"),
        ("workspaces/a/routing.yaml", ""),
        ("workspaces/a/ruoting.yaml", ""),
        ("workspaces/a/sources/Form.yaml", ""),
        ("workspaces/a/destination/crm.yaml", ""),
        ("workspaces/a/.hidden.yaml", ""),
        ("workspaces/Big/pools.yaml", ""),
    ]);
    let found = Snapshot::read(dir.path()).errors;
    let words: Vec<String> = found.iter().map(ToString::to_string).collect();
    let expected = [
        "server.yml: nothing looks for `.yml` here: it would silently do nothing (call it `.yaml`)",
        "sevrer.yaml: nothing looks for this here: it would silently do nothing (did you mean `server.yaml`?)",
        "workspaces/Big: a workspace's folder must be a name",
        "workspaces/a/ruoting.yaml: nothing looks for this here: it would silently do nothing (did you mean `routing.yaml`?)",
        "workspaces/a/destination: nothing looks for this here: it would silently do nothing (did you mean `destinations`?)",
        "workspaces/a/sources/Form.yaml: the file's name must be a name",
    ];
    assert_eq!(words.len(), expected.len(), "{words:#?}");
    for (word, expected) in words.iter().zip(expected) {
        assert!(word.starts_with(expected), "{word}\n{expected}");
    }
}

#[test]
fn a_bad_configuration_never_replaces_a_good_one() {
    let dir = folder(&[("server.yaml", "log: {level: \"${file:level}\"}\n"), ("level", "info\n")]);
    write(dir.path(), "workspaces/a/workspace.yaml", "zone: UTC\n");
    complete(dir.path(), "a");
    let place = Place::Dir(dir.path().to_owned());
    let reloader = Reloader::start(place, Box::new(no_env)).unwrap();
    let current = reloader.current();
    let first = current.load().hash.clone();
    assert!(matches!(reloader.poll(), Reload::Unchanged));

    write(dir.path(), "workspaces/a/workspace.yaml", "zone: Nowhere/Never\ncoalesce: 5\n");
    let Reload::Refused(errors) = reloader.poll() else { panic!("refused") };
    let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(
        words[0].starts_with("workspaces/a/workspace.yaml:2:11: expected a length of time"),
        "{words:?}"
    );
    assert_eq!(current.load().hash, first, "the running one stays");
    assert_eq!(reloader.last_error().as_deref(), Some(&*errors));
    assert!(matches!(reloader.poll(), Reload::Unchanged), "said once");

    write(dir.path(), "workspaces/a/workspace.yaml", "zone: Nowhere/Never\n");
    assert!(matches!(reloader.poll(), Reload::Refused(_)));
    write(dir.path(), "workspaces/a/workspace.yaml", "zone: Europe/Berlin\n");
    let Reload::Swapped(loaded) = reloader.poll() else { panic!("swapped") };
    assert_ne!(loaded.hash, first);
    assert_eq!(current.load().hash, loaded.hash);
    assert!(reloader.last_error().is_none());

    // A secret that changes is taken over, and changes no hash.
    write(dir.path(), "level", "warn\n");
    assert!(matches!(reloader.poll(), Reload::Swapped(_)));
    assert_eq!(current.load().server.log.level, "warn");
    assert_eq!(current.load().hash, loaded.hash);
    fs::remove_file(dir.path().join("level")).unwrap();
    assert!(matches!(reloader.poll(), Reload::Refused(_)));
    write(dir.path(), "level", "debug\n");
    assert!(
        matches!(reloader.poll(), Reload::Swapped(_)),
        "noticed though only the secret came back"
    );
}

/// What a workspace cannot be without.
fn complete(dir: &Path, workspace: &str) {
    for (path, text) in COMPLETE {
        let path = format!("workspaces/{workspace}/{path}");
        if !dir.join(&path).exists() {
            write(dir, &path, text);
        }
    }
}

const COMPLETE: &[(&str, &str)] = &[
    (
        "qualification.yaml",
        "thresholds: {sell: 50, nurture: 10}\ncontact:\n  - {name: phone, when: {field: contact.phone_valid, is: true}, points: 60}\n",
    ),
    (
        "routing.yaml",
        "queues:\n  sales: {destinations: [crm]}\n  triage: {destinations: [crm]}\n  nurture: {destinations: [crm]}\nfallback: {queue: triage}\n",
    ),
    ("sources/form.yaml", "preset: html-form\n"),
    (
        "destinations/crm.yaml",
        "url: https://crm.example.com/hook\nsecrets: [\"${env:CRM_SECRET}\"]\nevents: [\"lead.*\", \"alert.*\"]\n",
    ),
];

#[test]
fn hashes_of_workspaces_do_not_know_secrets_or_each_other() {
    let dir = folder(&[
        ("workspaces/a/workspace.yaml", "zone: ${env:ZONE}\n"),
        ("workspaces/b/workspace.yaml", "zone: UTC\n"),
    ]);
    complete(dir.path(), "a");
    complete(dir.path(), "b");
    let hashes = |zone: &'static str| {
        let loaded =
            load(dir.path(), &|name| no_env(name).or_else(|| Some(zone.to_owned()))).unwrap();
        loaded.workspaces.values().map(|w| w.hash.clone()).collect::<Vec<_>>()
    };
    let first = hashes("UTC");
    assert_eq!(first, hashes("Europe/Berlin"));
    assert_ne!(first[0], first[1]);
    let loaded = load(dir.path(), &|name| no_env(name).or_else(|| Some("UTC".to_owned()))).unwrap();
    let bundle = &loaded.workspaces[&Name::parse("a").unwrap()].bundle;
    assert!(String::from_utf8_lossy(bundle).contains("${env:ZONE}"));
    write(dir.path(), "workspaces/b/workspace.yaml", "zone: UTC \n");
    assert_eq!(hashes("UTC")[0], first[0]);
    assert_ne!(hashes("UTC")[1], first[1]);
}
