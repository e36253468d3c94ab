//! The shape of the tree, guarded: import direction, vendor rooms, file and function size, banned
//! words. Each guard is shown to fail on a violation.

mod rules;
mod source;

use std::path::Path;

use rules::{Finding, check};
use source::read_tree;

#[test]
fn the_tree_is_tidy() {
    let files = read_tree(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(files.len() > 100, "only {} files were read", files.len());
    let findings: Vec<Finding> = files.iter().flat_map(check).collect();
    let report: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), report.join("\n"));
}

/// The rule names that one invented file breaks.
fn broken(path: &str, text: &str) -> Vec<&'static str> {
    let file = source::File { path: path.to_owned(), text: text.to_owned() };
    let mut rules: Vec<_> = check(&file).iter().map(|finding| finding.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn imports_against_the_direction_are_found() {
    let importing =
        |path: &str, room: &str| broken(path, &format!("//! Doc.\nuse crate::{room}::Thing;\n"));
    for (path, room) in [
        ("src/domain/lead.rs", "rules"),
        ("src/rules/parse.rs", "qualify"),
        ("src/identify/keys.rs", "assign"),
        ("src/qualify/score.rs", "decide"),
        ("src/assign/pick.rs", "store"),
        ("src/decide/mod.rs", "flow"),
        ("src/capture/take.rs", "deliver"),
        ("src/flow/inquiry.rs", "http"),
        ("src/flow/inquiry.rs", "config"),
        ("src/store/step/commit.rs", "flow"),
        ("src/deliver/courier.rs", "config"),
        ("src/http/state.rs", "config"),
        ("src/telemetry/fact.rs", "flow"),
    ] {
        assert_eq!(importing(path, room), ["direction"], "{path} -> {room}");
    }
    for (path, room) in [
        ("src/decide/mod.rs", "assign"),
        ("src/flow/inquiry.rs", "decide"),
        ("src/http/state.rs", "flow"),
        ("src/app/app.rs", "config"),
        ("src/store/step/commit.rs", "assign"),
    ] {
        assert!(importing(path, room).is_empty(), "{path} -> {room}");
    }
    let new_room = "//! Doc.\nuse crate::domain::Lead;\n";
    assert_eq!(broken("src/sundries/x.rs", new_room), ["direction"]);
    let full_path = "//! Doc.\nfn f() { crate::http::bind(); }\n";
    assert_eq!(broken("src/flow/inquiry.rs", full_path), ["direction"]);
}

#[test]
fn vendor_crates_stay_in_their_rooms() {
    for (path, vendor) in [
        ("src/flow/inquiry.rs", "redis"),
        ("src/store/step/mod.rs", "redb"),
        ("src/deliver/courier.rs", "reqwest"),
        ("src/flow/inquiry.rs", "actix_web"),
        ("src/rules/check.rs", "jsonschema"),
    ] {
        let text = format!("//! Doc.\nuse {vendor}::Thing;\n");
        assert_eq!(broken(path, &text), ["vendor"], "{path} uses {vendor}");
    }
    assert!(broken("src/store/redis/mod.rs", "//! Doc.\nuse redis::Script;\n").is_empty());
}

#[test]
fn pure_rooms_ask_nobody() {
    for asked in [
        "std::env::var(\"X\")",
        "std::fs::read(\"x\")",
        "tracing::info!(\"x\")",
        "rand::random::<u8>()",
        "tokio::spawn(f)",
    ] {
        let text = format!("//! Doc.\nfn f() {{ {asked}; }}\n");
        assert_eq!(broken("src/decide/inquiry.rs", &text), ["pure"], "{asked}");
    }
    let named_alike = "//! Doc.\nfn f() { Operand::new(); }\n";
    assert!(broken("src/rules/check.rs", named_alike).is_empty());
    let asynchronous = "//! Doc.\npub async fn f() {}\n";
    assert!(broken("src/domain/ports.rs", asynchronous).is_empty());
    assert_eq!(broken("src/assign/plan.rs", asynchronous), ["pure"]);
}

#[test]
fn large_files_and_functions_are_found() {
    let lines = |count: usize| "// line\n".repeat(count);
    assert_eq!(broken("src/domain/x.rs", &format!("//! Doc.\n{}", lines(401))), ["file_size"]);
    assert!(broken("src/domain/tests.rs", &format!("//! Doc.\n{}", lines(401))).is_empty());
    let function =
        |count: usize| format!("//! Doc.\nfn f() {{\n{}}}\n", "    g();\n".repeat(count));
    assert_eq!(broken("src/domain/x.rs", &function(71)), ["function_size"]);
    assert!(broken("src/domain/x.rs", &function(70)).is_empty());
    let spread = |count: usize| {
        let body = "        g();\n\n        // why\n".repeat(count);
        format!(
            "//! Doc.\nimpl X {{\n    pub(in crate::y) async fn f(\n        a: u8,\n    ) -> u8 {{\n{body}    }}\n}}\n"
        )
    };
    assert_eq!(broken("src/flow/x.rs", &spread(71)), ["function_size"]);
    assert!(broken("src/flow/x.rs", &spread(70)).is_empty());
    let excused =
        function(71).replace("fn f", "#[expect(clippy::too_many_lines, reason = \"r\")]\nfn f");
    assert!(broken("src/domain/x.rs", &excused).is_empty());
}

#[test]
fn banned_words_names_and_marks_are_found() {
    for (text, rule) in [
        ("//! Doc.\nstruct LeadManager;\n", "banned_name"),
        ("//! Doc.\nstruct HttpSink;\n", "banned_name"),
        ("//! Doc.\nmod helpers;\n", "banned_name"),
        ("//! Doc.\nfn f() { todo!() }\n", "banned_mark"),
        ("//! Doc.\n#[ignore]\nfn f() {}\n", "banned_mark"),
        ("//! Doc.\n// FIXME later\n", "banned_mark"),
        ("struct NoDoc;\n", "file_doc"),
    ] {
        assert_eq!(broken("src/domain/x.rs", text), [rule], "{text}");
    }
    assert_eq!(broken("src/domain/utils.rs", "//! Doc.\n"), ["banned_name"]);
    let logic = "//! Doc.\npub fn f() -> u8 {\n    let a = 1;\n    a\n}\n";
    assert_eq!(broken("src/domain/mod.rs", logic), ["mod_logic"]);
    let routes = "//! Doc.\npub fn configure(config: &mut web::ServiceConfig) {\n    config.service(x);\n}\n";
    assert!(broken("src/http/private/mod.rs", routes).is_empty());
    let elsewhere = format!("//! As in {}design.md.\n", concat!("/wo", "rk/"));
    assert_eq!(broken("src/domain/x.rs", &elsewhere), ["outside"]);
    let waiting = "//! Doc.\nfn f() { std::thread::sleep(d); }\n";
    assert_eq!(broken("tests/flow/x.rs", waiting), ["sleep"]);
    assert_eq!(broken("src/jobs/tests/x.rs", waiting), ["sleep"]);
    let asking = waiting.replace("fn f()", "fn until(holds: impl Fn() -> bool)");
    assert!(broken("tests/flow/x.rs", &asking).is_empty());
}
