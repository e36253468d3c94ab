//! Golden pairs: `tests/fixtures/sources/<preset>/<case>.in` (a request: one line `single` or `batch`, headers, an
//! empty line, the body) and `<case>.expected.json`. `UPDATE_GOLDEN=1` writes what comes out; read the difference.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::*;

fn request_of(bytes: &[u8]) -> (bool, Vec<(String, String)>, &[u8]) {
    let at =
        bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line before the body");
    let head = std::str::from_utf8(&bytes[..at]).unwrap();
    let mut lines = head.lines();
    let batch = match lines.next().unwrap() {
        "single" => false,
        "batch" => true,
        other => panic!("`single` or `batch`, not `{other}`"),
    };
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    (batch, lines.map(header).collect(), &bytes[at + 2..])
}

fn violations(violations: &[Violation]) -> Value {
    violations.iter().map(|v| json!({"pointer": v.pointer, "message": v.message})).collect()
}

fn submission(submission: &Submission) -> Value {
    serde_json::to_value(submission).unwrap()
}

fn row(row: &Result<Submission, RowProblem>) -> Value {
    match row {
        Ok(taken) => submission(taken),
        Err(problem) => json!({
            "row": problem.row,
            "reason": problem.reason,
            "violations": violations(&problem.violations),
            "kept": String::from_utf8_lossy(&problem.row_redacted),
        }),
    }
}

fn outcome(result: &Result<Captured, Refused>) -> Value {
    match result {
        Ok(Captured::Inquiry { submission: taken, thanks_page }) => {
            json!({"inquiry": submission(taken), "thanks_page": thanks_page})
        }
        Ok(Captured::Batch(rows)) => json!({"batch": rows.iter().map(row).collect::<Vec<_>>()}),
        Ok(Captured::Unreadable(unreadable)) => json!({"unreadable": {
            "reason": unreadable.reason,
            "violations": violations(&unreadable.violations),
            "kept": String::from_utf8_lossy(&unreadable.body_redacted),
        }}),
        Ok(Captured::Ping) => json!("ping"),
        Err(refused) => json!({"refused": {
            "status": refused.status.as_str(),
            "code": refused.code,
            "message": refused.message,
        }}),
    }
}

#[test]
fn every_fixture_comes_out_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sources");
    let (mut cases, mut wrong) = (0, Vec::new());
    for preset in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        let source = source(&fs::read_to_string(preset.join("source.yaml")).unwrap());
        for path in fs::read_dir(&preset).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "in") {
                continue;
            }
            cases += 1;
            let bytes = fs::read(&path).unwrap();
            let (batch, headers, body) = request_of(&bytes);
            let request = Request { batch, body, headers: &headers, ..post("", b"") };
            let content_type = request.header("content-type");
            let result = capture(&source, &Request { content_type, ..request }, now());
            let given = serde_json::to_string_pretty(&outcome(&result)).unwrap() + "\n";
            let expected = path.with_extension("expected.json");
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&expected, &given).unwrap();
            } else if fs::read_to_string(&expected).unwrap_or_default() != given {
                wrong.push(format!("{}:\n{given}", path.display()));
            }
        }
    }
    assert!(cases >= 30, "only {cases} cases found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
