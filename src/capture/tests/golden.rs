//! Golden pairs: `tests/fixtures/sources/<preset>/<case>.in` (a request: one line of words, headers, an
//! empty line, the body) and `<case>.expected.json`. `UPDATE_GOLDEN=1` writes what comes out; read the difference.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::*;

/// A request's first line: `single` or `batch`; `proved` = as the vendor signs it; `known` = with an API key; `get QUERY`;
/// `query QUERY`; `path SECRET`.
#[derive(Default)]
struct Words {
    batch: bool,
    proved: bool,
    known: bool,
    get: bool,
    query: Option<String>,
    path: Option<String>,
}

impl Words {
    fn read(line: &str) -> Self {
        let mut words = Self::default();
        let mut line = line.split(' ');
        while let Some(word) = line.next() {
            match word {
                "single" => {}
                "batch" => words.batch = true,
                "proved" => words.proved = true,
                "known" => words.known = true,
                "get" => (words.get, words.query) = (true, line.next().map(str::to_owned)),
                "query" => words.query = line.next().map(str::to_owned),
                "path" => words.path = line.next().map(str::to_owned),
                other => panic!("what is `{other}`?"),
            }
        }
        words
    }
}

fn request_of(bytes: &[u8]) -> (Words, Vec<(String, String)>, &[u8]) {
    let at =
        bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line before the body");
    let head = std::str::from_utf8(&bytes[..at]).unwrap();
    let mut lines = head.lines();
    let words = Words::read(lines.next().unwrap());
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    (words, lines.map(header).collect(), &bytes[at + 2..])
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
        Ok(Captured::Handshake(handshake)) => {
            json!({"handshake": {"type": handshake.content_type, "body": handshake.body}})
        }
        Err(refused) => json!({"refused": {
            "status": refused.status.as_str(),
            "code": refused.code,
            "message": refused.message,
        }}),
    }
}

pub(super) fn outcome_of(source: &Source, bytes: &[u8]) -> Result<Captured, Refused> {
    let (words, mut headers, body) = request_of(bytes);
    let mut body = body.to_vec();
    if words.proved {
        let content_type = headers[0].1.clone();
        let post = Post { batch: words.batch, content_type: &content_type, body: &body };
        let proved = source.prove(post, "msg_fixture", now()).unwrap();
        headers.extend(proved.headers.into_iter().skip(1));
        body = proved.body;
    }
    let request = Request {
        method: if words.get { Method::Get } else { Method::Post },
        batch: words.batch,
        caller_known: words.known,
        body: &body,
        headers: &headers,
        query: words.query.as_deref(),
        path_secret: words.path.as_deref(),
        ..post("", b"")
    };
    let content_type = request.header("content-type");
    capture(source, &Request { content_type, ..request }, now())
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
            let result = outcome_of(&source, &bytes);
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
