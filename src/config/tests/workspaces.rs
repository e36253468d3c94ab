//! Whole configurations: the demo loads, and broken ones say what is wrong in every file at once.

use super::*;
use crate::cli::check::{self, CheckArgs};
use crate::http::keys::Scope;

fn words(found: &[ConfigError]) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn the_demo_is_good_without_a_warning() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut out = Vec::new();
    let good = check::run(&CheckArgs { dir, strict: true }, &|_| None, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(good, "{text}");
    assert!(
        text.contains("workspace demo: 3 source(s), 4 rule(s), 3 pool(s), 3 destination(s)"),
        "{text}"
    );
}

#[test]
fn what_is_complete_loads() {
    let dir = folder(&[]);
    complete(dir.path(), "a");
    let loaded = load(dir.path(), &no_env).map_err(|found| words(&found)).unwrap();
    assert_eq!(words(&loaded.warnings), Vec::<String>::new());
    assert_eq!(loaded.workspaces.len(), 1);
    assert_eq!(loaded.server, ServerSettings::default());
}

/// What an editor cannot know: (file, text, findings, why the schema has nothing against it). Everything
/// else of the workspace is complete.
pub(super) const BROKEN: &[(&str, &str, &[&str], Option<&str>)] = &[
    (
        "server.yaml",
        "egress:\n  allow: [nonsense]\nlimits: {in_flight: 0}\npublic_url: ftp://a.example\npubilc_address: x\n",
        &["server.yaml:5:1: unknown key `pubilc_address` (did you mean `public_address`?)"],
        None,
    ),
    (
        "server.yaml",
        "egress:\n  allow: [nonsense]\nlimits: {in_flight: 0, threads: 0}\npublic_url: ftp://a.example\n",
        &[
            "server.yaml:2:11: ",
            "server.yaml:3:21: nothing would get through",
            "server.yaml:3:33: at least 1, at most 1024",
            "server.yaml:4:13: only http and https",
        ],
        None,
    ),
    (
        "keys.yaml",
        "keys:\n  - {name: a, sha256: abc, scopes: [metrics], workspaces: [b]}\n",
        &[
            "keys.yaml:2:23: expected 64 hexadecimal digits (`lead-router keys new` prints the row)",
            "keys.yaml:2:60: there is no workspace `b` (did you mean `a`?)",
        ],
        None,
    ),
    (
        "keys.yaml",
        "keys:\n  - {name: a, sha256: abc, scopes: [leads:raed]}\n",
        &["keys.yaml:2:37: this is not one of the known words (did you mean `leads:read`?)"],
        None,
    ),
    (
        "workspaces/a/workspace.yaml",
        "zone: Europe/Berlni\ncountry: Germany\nretention: {tests: 1s, leads: [{keep: 1h}, {stages: [won], keep: 9d}]}\nalerts: {destination: crn, source_silent: {from: 1d}}\n",
        &[
            "workspaces/a/workspace.yaml:1:7: this is not an IANA time zone",
            "workspaces/a/workspace.yaml:2:10: this is not a country code",
            "workspaces/a/workspace.yaml:3:20: expected between 1h and 3660d",
            "workspaces/a/workspace.yaml:3:39: expected between 1d and 36600d",
            "workspaces/a/workspace.yaml:3:44: the one above it is for every lead: this one is for none",
            "workspaces/a/workspace.yaml:4:23: there is no destination `crn` (did you mean `crm`?)",
            "workspaces/a/workspace.yaml:4:50: there is no source `from` (did you mean `form`?)",
        ],
        None,
    ),
    (
        "workspaces/a/routing.yaml",
        "queues:\n  sales: {destinations: [crn]}\nrules:\n  - name: x\n    when: {field: contact.contry, is: DE}\n    assign: {queue: slaes}\n",
        &[
            "workspaces/a/routing.yaml:1:1: ",
            "workspaces/a/routing.yaml:2:26: ",
            "workspaces/a/routing.yaml:5:19: ",
            "workspaces/a/routing.yaml:6:21: ",
        ],
        None,
    ),
    (
        "workspaces/a/pools.yaml",
        "pools:\n  dach: {method: rund_robin, members: []}\n",
        &["workspaces/a/pools.yaml:2:", "workspaces/a/pools.yaml:2:"],
        None,
    ),
    (
        "workspaces/a/qualification.yaml",
        "thresholds: {sell: 10, nurture: 50}\ncompany:\n  - {name: x, when: {field: company.employees, gte: many}, points: 5}\n",
        &["workspaces/a/qualification.yaml:1:", "workspaces/a/qualification.yaml:3:"],
        None,
    ),
    (
        "workspaces/a/sources/form.yaml",
        "preset: html-from\n",
        &[
            "workspaces/a/sources/form.yaml:1:9: there is no preset `html-from` (did you mean `html-form`?)",
        ],
        Some("that a preset exists"),
    ),
    (
        "workspaces/a/destinations/crm.yaml",
        "url: http://10.0.0.1/hook\nsecrets: [\"${env:CRM_SECRET}\"]\n",
        &["workspaces/a/destinations/crm.yaml:1:6: "],
        Some("which addresses the deployment lets out"),
    ),
    (
        "workspaces/a/destinations/crm.yaml",
        "url: https://crm.example.com/hook\nsecrets: [\"${env:CRM_SECRET}\"]\nfallback: {to: cmr, after: 5m}\n",
        &[
            "workspaces/a/destinations/crm.yaml:3:16: there is no destination `cmr` (did you mean `crm`?)",
        ],
        Some("that a destination exists"),
    ),
    (
        "workspaces/a/destinations/crm.yaml",
        "url: https://crm.example.com/hook\nsecrets: [whsec_dG9vLXNob3J0]\n",
        &[
            "workspaces/a/destinations/crm.yaml:2:11: ",
            "workspaces/a/destinations/crm.yaml:2:11: warning: ",
        ],
        Some("how many bytes a secret has"),
    ),
];

#[test]
fn broken_configurations_point_at_the_mistakes() {
    for (file, text, expected, _) in BROKEN {
        let dir = folder(&[(file, text)]);
        complete(dir.path(), "a");
        let found = words(&load(dir.path(), &no_env).expect_err(text));
        assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{text}\nfound    {found}\nexpected {expected}");
            assert!(!found.contains("dG9vLXNob3J0") && !found.contains("10.0.0.1"), "{found}");
        }
    }
}

#[test]
fn an_editor_finds_what_has_a_wrong_shape() {
    for (file, text, _, beyond) in BROKEN {
        let found = super::schemas::objections(file, text);
        assert_eq!(found.is_empty(), beyond.is_some(), "{file}: {text}\n{found:#?}");
    }
}

#[test]
fn all_files_are_heard_at_once() {
    let dir = folder(&[]);
    for (file, text, ..) in BROKEN {
        write(dir.path(), file, text);
    }
    write(dir.path(), "workspaces/a/pool.yaml", "");
    complete(dir.path(), "a");
    let found = words(&load(dir.path(), &no_env).unwrap_err());
    assert!(found.contains(&"workspaces/a/pool.yaml: nothing looks for this here: it would silently do nothing (did you mean `pools.yaml`?)".to_owned()), "{found:#?}");
    for file in ["server", "keys", "workspace", "routing", "pools", "qualification", "form", "crm"]
    {
        assert!(found.iter().any(|f| f.contains(&format!("{file}.yaml:"))), "{file}: {found:#?}");
    }
}

#[test]
fn check_says_where_and_fails() {
    let dir = folder(&[("workspaces/a/workspace.yaml", "zoen: UTC\n")]);
    complete(dir.path(), "a");
    let args = |strict| CheckArgs { dir: dir.path().to_owned(), strict };
    let run = |strict| {
        let mut out = Vec::new();
        let good = check::run(&args(strict), &no_env, &mut out).unwrap();
        (good, String::from_utf8(out).unwrap())
    };
    let (good, text) = run(false);
    assert!(
        !good && text.starts_with("workspaces/a/workspace.yaml:1:1: unknown key `zoen`"),
        "{text}"
    );
    assert!(text.ends_with("not good: 1 error(s), 0 warning(s)\n"), "{text}");

    // A destination that nothing names: a warning, which only --strict refuses.
    write(dir.path(), "workspaces/a/workspace.yaml", "zone: UTC\n");
    write(dir.path(), "workspaces/a/destinations/idle.yaml", COMPLETE[3].1);
    let (good, text) = run(false);
    assert!(good && text.contains("destinations/idle.yaml: warning: no queue"), "{text}");
    assert!(!run(true).0);
}

#[test]
fn fallbacks_in_a_circle_are_refused() {
    let dir = folder(&[]);
    complete(dir.path(), "a");
    for (name, to) in [("one", "two"), ("two", "one")] {
        let text = format!("{}fallback: {{to: {to}, after: 5m}}\n", COMPLETE[3].1);
        write(dir.path(), &format!("workspaces/a/destinations/{name}.yaml"), &text);
    }
    let found = words(&load(dir.path(), &no_env).unwrap_err());
    assert!(
        found.iter().any(|f| f.contains("destinations/one.yaml:4:16: the fallbacks lead back")),
        "{found:#?}"
    );
}

#[test]
fn own_presets_lie_over_the_shipped_ones_and_count_in_the_hash() {
    let dir = folder(&[]);
    complete(dir.path(), "a");
    let hash = || {
        let loaded = load(dir.path(), &no_env).map_err(|found| words(&found)).unwrap();
        loaded.workspaces.values().next().unwrap().hash.clone()
    };
    let before = hash();
    let preset = "title: Ours\nchannel: partner\nsingle: [json]\nverification: {default: none, schemes: {none: {kind: none}}}\n";
    write(dir.path(), "presets/sources/ours.yaml", preset);
    write(dir.path(), "workspaces/a/sources/partner.yaml", "preset: ours\n");
    assert_ne!(hash(), before);
    write(dir.path(), "presets/sources/ours.yaml", &format!("{preset}titel: x\n"));
    let found = words(&load(dir.path(), &no_env).unwrap_err());
    assert!(
        found[0].starts_with("presets/sources/ours.yaml:5:1: unknown key `titel`"),
        "{found:?}"
    );
}

#[test]
fn only_the_demo_runs_the_demo() {
    let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
    let started = Reloader::start(Place::Demo, Box::new(move |name| demo.get(name)));
    let loaded = started.map_err(|found| words(&found)).unwrap().current().load_full();
    assert!(loaded.keys.find(DemoValues::API_KEY).unwrap().has(Scope::Operate));
    let found = words(&Reloader::start(Place::Demo, Box::new(|_| None)).unwrap_err());
    assert!(found.iter().all(|f| f.contains("`${demo:")), "{found:#?}");
}

#[test]
fn the_examples_are_good() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/minimal");
    let loaded = load(&dir, &|name| {
        ["CRM_SECRET"].contains(&name).then(|| DemoValues::SIGNING_SECRET.to_owned())
    });
    assert_eq!(words(&loaded.map_err(|found| words(&found)).unwrap().warnings), [""; 0]);
    // `config/starter` is what `init` writes, but for a key and a secret.
    let dir = tempfile::tempdir().unwrap();
    for name in ["main", "acme"] {
        let name = Name::parse(name).unwrap();
        let folder = crate::cli::init::write(&dir.path().join(name.as_str()), &name, &no_env);
        assert_eq!(words(&folder.unwrap().loaded.warnings), [""; 0]);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    /// However a file is mutilated: no panic, and every finding lies within its file.
    #[test]
    fn every_finding_is_somewhere(pick in 0usize..100, from in 0.0f64..1.0, to in 0.0f64..1.0, with in "[\\[\\]{}:,#&*!|>'\"%@` \n\ta-z0-9-]{0,6}") {
        let mut snapshot = Snapshot::demo();
        let name = snapshot.files.keys().nth(pick % snapshot.files.len()).unwrap().clone();
        let text = String::from_utf8(snapshot.files[&name].clone()).unwrap();
        let chars: Vec<char> = text.chars().collect();
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a small file")]
        let place = |part: f64| (part * chars.len() as f64) as usize;
        let (from, to) = (place(from.min(to)), place(from.max(to)));
        let broken: String = chars[..from].iter().chain(&with.chars().collect::<Vec<_>>()).chain(&chars[to.min(from + 40)..]).collect();
        let lines = broken.lines().count() + 1;
        snapshot.files.insert(name.clone(), broken.into_bytes());
        let demo = DemoValues { receiver: "http://127.0.0.1:9".to_owned() };
        let (loaded, _) = super::super::load::load_snapshot(&snapshot, Path::new("."), &|name| demo.get(name));
        for finding in loaded.err().unwrap_or_default() {
            let max = if finding.file == name { lines } else { 1000 };
            proptest::prop_assert!(finding.line as usize <= max, "{}", finding);
            proptest::prop_assert!(!finding.message.is_empty() && !finding.message.contains('\n'));
        }
    }
}
